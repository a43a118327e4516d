/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measures a running lab as its clients see it: what a reading of all counters costs, and how long
 * an edit takes from the call to the cable being there. Prints one JSON object; bench.py makes rows
 * of it.
 *
 *   bench-lab FILE counters RATE COUNT     COUNT readings, RATE a second
 *   bench-lab FILE edit OTHER COUNT        COUNT times the document OTHER and back */

#include "backend/engine/client.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  GMainLoop *loop;
  LoomClient *client;
  GArray *times_ms; /* of double */
  GError *error;
  int n_left;
  int rate;
  gint64 began_us;
  char *documents[2];
  guint n_links[2]; /* as counted when that document was in force */
  int wanted;       /* which of the two is being applied */
} Bench;

static void
fail (Bench *bench, GError *error)
{
  if (bench->error == NULL)
    bench->error = error;
  else
    g_error_free (error);
  g_main_loop_quit (bench->loop);
}

static void
add_time (Bench *bench)
{
  double ms = (g_get_monotonic_time () - bench->began_us) / 1000.0;

  g_array_append_val (bench->times_ms, ms);
}

static double
cpu_now_s (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void
on_counters_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray)
      counters = loom_client_counters_finish (bench->client, result, NULL, &error);

  if (counters == NULL) {
    fail (bench, error);
    return;
  }
  add_time (bench);
  if (--bench->n_left == 0)
    g_main_loop_quit (bench->loop);
}

static gboolean
on_tick (gpointer user_data)
{
  Bench *bench = user_data;

  bench->began_us = g_get_monotonic_time ();
  loom_client_counters_async (bench->client, NULL, on_counters_ready, bench);
  return bench->n_left > 1 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void apply_next (Bench *bench);

static void
on_edit_counters_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray)
      counters = loom_client_counters_finish (bench->client, result, NULL, &error);

  if (counters == NULL) {
    fail (bench, error);
  } else if (counters->len != bench->n_links[bench->wanted]
             && g_get_monotonic_time () - bench->began_us < 10 * G_USEC_PER_SEC) {
    loom_client_counters_async (bench->client, NULL, on_edit_counters_ready, bench);
  } else {
    add_time (bench);
    if (--bench->n_left == 0)
      g_main_loop_quit (bench->loop);
    else
      apply_next (bench);
  }
}

static void
on_apply_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  GError *error = NULL;

  if (!loom_client_apply_finish (bench->client, result, NULL, &error))
    fail (bench, error);
  else
    loom_client_counters_async (bench->client, NULL, on_edit_counters_ready, bench);
}

static void
apply_next (Bench *bench)
{
  bench->wanted = 1 - bench->wanted;
  bench->began_us = g_get_monotonic_time ();
  loom_client_apply_async (bench->client, bench->documents[bench->wanted],
                           loom_client_get_generation (bench->client), NULL, NULL, on_apply_ready,
                           bench);
}

static void
on_attached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  GError *error = NULL;

  if (!loom_client_attach_finish (bench->client, result, &error))
    fail (bench, error);
  else if (bench->rate > 0)
    g_timeout_add (1000 / bench->rate, on_tick, bench);
  else
    apply_next (bench);
}

/* The number of cables in the text of a project file, one "ends" each. */
static guint
count_links (const char *document)
{
  guint n = 0;

  for (const char *at = document; (at = strstr (at, "\"ends\"")) != NULL; at++)
    n++;
  return n;
}

static gboolean
load_documents (Bench *bench, const char *file, const char *other, GError **error)
{
  const char *files[] = {file, other};

  for (int i = 0; i < 2; i++) {
    if (!g_file_get_contents (files[i], &bench->documents[i], NULL, error))
      return FALSE;
    bench->n_links[i] = count_links (bench->documents[i]);
  }
  return TRUE;
}

static void
print_report (Bench *bench, double cpu_percent)
{
  g_print ("{\"cpu_percent\": %.2f, \"call_ms\": [", cpu_percent);
  for (guint i = 0; i < bench->times_ms->len; i++)
    g_print ("%s%.3f", i == 0 ? "" : ", ", g_array_index (bench->times_ms, double, i));
  g_print ("]}\n");
}

int
main (int argc, char **argv)
{
  Bench bench = {0};
  gint64 started_us;
  double cpu_s;

  if (argc != 5) {
    g_printerr ("usage: bench-lab FILE counters RATE COUNT | bench-lab FILE edit OTHER COUNT\n");
    return 2;
  }
  bench.loop = g_main_loop_new (NULL, FALSE);
  bench.times_ms = g_array_new (FALSE, FALSE, sizeof (double));
  bench.n_left = MAX (1, atoi (argv[4]));
  if (strcmp (argv[2], "counters") == 0)
    bench.rate = CLAMP (atoi (argv[3]), 1, 1000);
  else
    load_documents (&bench, argv[1], argv[3], &bench.error);
  if (bench.error == NULL)
    bench.client = loom_client_new (argv[1], &bench.error);
  if (bench.error == NULL) {
    loom_client_attach_async (bench.client, NULL, on_attached, &bench);
    started_us = g_get_monotonic_time ();
    cpu_s = cpu_now_s ();
    g_main_loop_run (bench.loop);
    if (bench.error == NULL)
      print_report (&bench, 100 * (cpu_now_s () - cpu_s) * G_USEC_PER_SEC
                                / (g_get_monotonic_time () - started_us));
  }
  if (bench.error != NULL)
    g_printerr ("%s\n", bench.error->message);

  int status = bench.error == NULL ? 0 : 1;
  g_clear_error (&bench.error);
  g_clear_object (&bench.client);
  g_array_unref (bench.times_ms);
  g_main_loop_unref (bench.loop);
  g_free (bench.documents[0]);
  g_free (bench.documents[1]);
  return status;
}
