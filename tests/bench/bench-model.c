/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long the document takes, in a lab of 1,000 nodes and 2,000 cables: opening, writing, and
 * doing and undoing each kind of edit. Prints medians in ms, a line each for bench.py; gives no
 * verdict.
 *
 *   bench-model [RUNS] */

#include <stdio.h>
#include <stdlib.h>

#include "canvas/model/edit.h"
#include "canvas/model/history.h"
#include "canvas/model/reader.h"
#include "canvas/model/writer.h"
#include "tests/unit/model/fixture.h"

#define N_SWITCHES 100
#define N_MACHINES 900
#define N_LINKS 2000
#define SEED 1

typedef LoomChange *(*Edit) (LoomLab *lab);

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a;
  gint64 other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

static double
get_median_ms (GArray *times_us)
{
  g_array_sort (times_us, compare_times);
  return (double) g_array_index (times_us, gint64, times_us->len / 2) / 1000.0;
}

static void
take_time (GArray *times_us, gint64 since_us)
{
  gint64 time_us = g_get_monotonic_time () - since_us;

  g_array_append_val (times_us, time_us);
}

/* Machines with two NICs, 18 of them on each switch and the rest between switches. */
static char *
make_text (gsize *ret_size)
{
  GString *text = g_string_new ("{\"lanloom\": 1, \"nodes\": [");
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  int n_links = 0;

  for (int i = 0; i < N_MACHINES; i++)
    g_string_append_printf (text,
                            "%s{\"name\": \"pc%d\", \"kind\": \"tiny\", \"nics\": 2, "
                            "\"addresses\": [\"10.0.%d.%d/16\"]}",
                            i > 0 ? ", " : "", i, i / 250, i % 250 + 1);
  for (int i = 0; i < N_SWITCHES; i++)
    g_string_append_printf (
        text,
        ", {\"name\": \"sw%d\", \"kind\": \"switch\", \"ports\": 64, \"access\": {\"0\": 10}}", i);
  g_string_append (text, "], \"links\": [");
  for (int i = 0; i < 2 * N_MACHINES; i++, n_links++)
    g_string_append_printf (text, "%s{\"ends\": [\"pc%d:%d\", \"sw%d:%d\"]}", i > 0 ? ", " : "",
                            i / 2, i % 2, i / 18, i % 18);
  for (int i = 0; n_links < N_LINKS; i++, n_links++)
    g_string_append_printf (text, ", {\"ends\": [\"sw%d:%d\", \"sw%d:%d\"]}", i % N_SWITCHES,
                            20 + 2 * (i / N_SWITCHES), (i + 1) % N_SWITCHES,
                            21 + 2 * (i / N_SWITCHES));
  g_string_append (text, "], \"canvas\": {");
  for (int i = 0; i < N_MACHINES; i++)
    g_string_append_printf (text, "%s\"pc%d\": {\"x\": %d, \"y\": %d}", i > 0 ? ", " : "", i,
                            g_rand_int_range (random, 0, 5000), g_rand_int_range (random, 0, 5000));
  g_string_append (text, "}}");
  *ret_size = text->len;
  return g_string_free (text, FALSE);
}

static LoomChange *
edit_add (LoomLab *lab)
{
  return loom_edit_add_node (lab, "tiny", 1, 1, NULL);
}

static LoomChange *
edit_connect (LoomLab *lab)
{
  LoomEnd one = {(char *) "sw0", -1};
  LoomEnd other = {(char *) "sw50", -1};

  return loom_edit_connect (lab, &one, &other, NULL);
}

static LoomChange *
edit_rename (LoomLab *lab)
{
  return loom_edit_rename (lab, "sw1", "aardvark", NULL);
}

static LoomChange *
edit_set (LoomLab *lab)
{
  g_autoptr (LoomNode) node = loom_node_copy (loom_lab_get_node (lab, "pc500"));

  node->memory_mib = 512;
  return loom_edit_set_node (lab, node, NULL);
}

static LoomChange *
edit_title (LoomLab *lab)
{
  return loom_edit_set_title (lab, "A large lab", "", NULL);
}

static char **
list_names (LoomLab *lab)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  char **names = g_new0 (char *, nodes->len + 1);

  for (guint i = 0; i < nodes->len; i++)
    names[i] = g_strdup (((LoomNode *) nodes->pdata[i])->name);
  return names;
}

static LoomChange *
edit_move_all (LoomLab *lab)
{
  g_auto (GStrv) names = list_names (lab);

  return loom_edit_move (lab, (const char *const *) names, 10, 10, NULL);
}

static LoomChange *
edit_delete_all (LoomLab *lab)
{
  g_auto (GStrv) names = list_names (lab);

  return loom_edit_delete (lab, (const char *const *) names, NULL, NULL);
}

static LoomChange *
edit_paste_all (LoomLab *lab)
{
  return loom_edit_paste (lab, lab, 10, 10, NULL);
}

static void
bench_edit (LoomLab *lab, const char *name, Edit edit, int n_runs)
{
  g_autoptr (GArray) doing = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) undoing = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (int i = 0; i < n_runs; i++) {
    g_autoptr (LoomHistory) history = loom_history_new (lab);
    gint64 since_us = g_get_monotonic_time ();
    g_autoptr (LoomChange) change = edit (lab);

    loom_history_do (history, change, NULL);
    take_time (doing, since_us);
    since_us = g_get_monotonic_time ();
    loom_history_undo (history);
    take_time (undoing, since_us);
  }
  printf ("model, %s: %.3f ms, undo %.3f ms\n", name, get_median_ms (doing),
          get_median_ms (undoing));
}

static void
bench_file (LoomCatalogue *catalogue, const char *text, gsize size, int n_runs)
{
  g_autoptr (GArray) reading = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) writing = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (int i = 0; i < n_runs; i++) {
    gint64 since_us = g_get_monotonic_time ();
    g_autoptr (LoomLab) lab = loom_reader_read (catalogue, text, size, NULL, NULL);
    g_autofree char *written = NULL;

    take_time (reading, since_us);
    since_us = g_get_monotonic_time ();
    written = loom_writer_write (lab, NULL);
    take_time (writing, since_us);
  }
  printf ("model, open: %.3f ms\n", get_median_ms (reading));
  printf ("model, write: %.3f ms\n", get_median_ms (writing));
}

int
main (int argc, char **argv)
{
  int n_runs = argc > 1 ? MAX (1, atoi (argv[1])) : 21;
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  gsize size = 0;
  g_autofree char *text = make_text (&size);
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLab) lab = loom_reader_read (catalogue, text, size, NULL, &error);

  if (lab == NULL) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  printf ("# %u nodes, %u cables, %zu bytes, medians of %d\n", loom_lab_get_n_nodes (lab),
          loom_lab_get_n_links (lab), size, n_runs);
  bench_file (catalogue, text, size, n_runs);
  bench_edit (lab, "add a machine", edit_add, n_runs);
  bench_edit (lab, "connect two switches", edit_connect, n_runs);
  bench_edit (lab, "rename a switch", edit_rename, n_runs);
  bench_edit (lab, "set memory", edit_set, n_runs);
  bench_edit (lab, "set the title", edit_title, n_runs);
  bench_edit (lab, "move all", edit_move_all, n_runs);
  bench_edit (lab, "delete all", edit_delete_all, n_runs);
  bench_edit (lab, "paste all", edit_paste_all, n_runs);
  return 0;
}
