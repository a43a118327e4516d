/* SPDX-License-Identifier: GPL-3.0-or-later */

/* link, plug, unplug: one cable of a lab. Where the lab runs, the running lab is changed, and the
 * file only if asked; where it does not, the file is. */

#include "backend/cli/link.h"

#include <string.h>

#include "backend/cli/link-edit.h"
#include "backend/engine/project-file.h"
#include "backend/engine/runtime.h"
#include "canvas/model/edit.h"
#include "canvas/model/writer.h"

#define MAX_TRIES 5
#define IN_FORCE_MS 15000
#define LEAVE_MS 1000
#define MEASURE_MS 250 /* as old as the engine lets measures become, and a round trip */
#define POLL_MS 50

/* What the command line asks for. */
typedef struct {
  const char *file;
  char **ends;        /* one or two */
  char **assignments; /* none: nothing is changed */
  char *from;         /* an end, or NULL for both directions */
  gboolean clear;
  gboolean save; /* to the file, too, where the lab runs */
} Order;

gboolean
loom_cli_find_cable (LoomCli *cli, const char *file, char **ends, const char *from,
                     LoomCliCable *ret_cable, int *ret_code)
{
  g_autoptr (LoomClient) client = loom_cli_attach (cli, file, ret_code);
  g_autoptr (GError) error = NULL;
  int end = 0;

  if (client == NULL)
    return FALSE;
  *ret_code = LOOM_EXIT_PROBLEMS;
  g_autoptr (LoomLab) lab = loom_cli_read_document (cli, loom_client_get_document (client));
  if (lab == NULL)
    return FALSE;
  g_autoptr (LoomLink) link = loom_link_edit_find (lab, (const char *const *) ends, &error);
  if (link == NULL || (from != NULL && !loom_link_edit_parse_end (link, from, &end, &error))) {
    loom_cli_say ("%s", error->message);
    return FALSE;
  }
  ret_cable->client = g_steal_pointer (&client);
  ret_cable->id = loom_link_dup_id (link);
  ret_cable->from = from != NULL ? loom_end_to_string (end == 0 ? &link->a : &link->b)
                                 : g_strdup ("");
  return TRUE;
}

void
loom_cli_cable_clear (LoomCliCable *cable)
{
  g_clear_object (&cable->client);
  g_free (cable->id);
  g_free (cable->from);
}

static gboolean
is_running (const char *file)
{
  g_autofree char *folder = loom_runtime_dup_folder (file, NULL);

  return folder != NULL && loom_runtime_is_locked (folder);
}

static gboolean
changes_anything (const Order *order)
{
  return order->clear || order->assignments[0] != NULL;
}

/* (transfer full): the cable as it is to be, with @order applied to @lab. */
static LoomLink *
edit (LoomLab *lab, const Order *order, GError **error)
{
  g_autoptr (LoomLink) before = loom_link_edit_find (lab, (const char *const *) order->ends, error);
  int from = -1;

  if (before == NULL
      || (order->from != NULL && !loom_link_edit_parse_end (before, order->from, &from, error)))
    return NULL;
  g_autoptr (LoomLink) after = loom_link_copy (before);
  if (order->clear)
    loom_link_edit_clear (after);
  for (char **assignment = order->assignments; *assignment != NULL; assignment++) {
    if (!loom_link_edit_set (after, *assignment, from, error))
      return NULL;
  }
  if (!changes_anything (order))
    return g_steal_pointer (&after);
  g_autoptr (LoomChange) change = loom_edit_set_link (lab, after, error);
  if (change == NULL)
    return NULL;
  loom_lab_apply (lab, change);
  g_autofree char *id = loom_link_dup_id (after);
  return loom_link_ref (loom_lab_get_link (lab, id));
}

static int
say_problem (const GError *error)
{
  loom_cli_say ("%s", error->message);
  return LOOM_EXIT_PROBLEMS;
}

static int
save_file (LoomCli *cli, const Order *order)
{
  int code;
  g_autoptr (LoomLab) lab = loom_cli_load (cli, order->file, NULL, &code);
  g_autoptr (GError) error = NULL;
  gsize size;

  if (lab == NULL)
    return code;
  g_autoptr (LoomLink) link = edit (lab, order, &error);
  if (link == NULL)
    return say_problem (error);
  if (changes_anything (order)) {
    g_autofree char *text = loom_writer_write (lab, &size);
    if (!loom_project_file_save (order->file, text, size, &error))
      return loom_cli_fail (cli, error);
  }
  if (cli->json)
    loom_cli_print_link_json (link, NULL);
  else if (!changes_anything (order))
    loom_cli_print_link (link, NULL);
  return LOOM_EXIT_OK;
}

static gboolean
apply (LoomCli *cli, LoomClient *client, const char *text, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  loom_cli_watch_hangs (client);
  loom_client_apply_async (client, text, loom_client_get_generation (client), NULL,
                           cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  return loom_client_apply_finish (client, result, NULL, error);
}

/* (transfer full): the cable as the running lab now has it. Another client that is faster only
 * makes it try again, on what that one made. */
static LoomLink *
change_running (LoomCli *cli, LoomClient *client, const Order *order, int *ret_code)
{
  for (int i = 0; i < MAX_TRIES; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (LoomLab) lab = loom_cli_read_document (cli, loom_client_get_document (client));
    g_autoptr (LoomLink) link = lab != NULL ? edit (lab, order, &error) : NULL;
    if (link == NULL) {
      *ret_code = error != NULL ? say_problem (error) : LOOM_EXIT_FAILED;
      return NULL;
    }
    if (!changes_anything (order))
      return g_steal_pointer (&link);
    g_autofree char *text = loom_writer_write (lab, NULL);
    if (apply (cli, client, text, &error))
      return g_steal_pointer (&link);
    if (i + 1 == MAX_TRIES
        || !g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT)
        || !loom_cli_sleep (cli, POLL_MS)) {
      *ret_code = loom_cli_fail (cli, error);
      return NULL;
    }
  }
  return NULL;
}

static const LoomClientCounters *
find_counters (GPtrArray *links, const char *id)
{
  for (guint i = 0; links != NULL && i < links->len; i++) {
    const LoomClientCounters *link = g_ptr_array_index (links, i);
    if (g_str_equal (link->id, id))
      return link;
  }
  return NULL;
}

/* Whether frames go the way that what is set on the cable asks for. One with nothing set on it
 * leaves the wire at once, unless somebody holds or captures it. */
static gboolean
is_in_force (const LoomLink *link, const LoomClientCounters *live, gint64 waited_us)
{
  gboolean is_through = g_str_equal (live->wire_state, "through");

  if (loom_link_needs_wire (link))
    return is_through && live->status.measured[0].known;
  return !is_through || waited_us > LEAVE_MS * 1000;
}

/* (transfer full): the counters of all cables, once @link is what it is to be (@wait FALSE: as it
 * is now); NULL with *@ret_code. What the wire measured is told as of the reading before, which
 * asked for it: one reading alone would tell old news. */
static GPtrArray *
wait_in_force (LoomCli *cli, LoomClient *client, const LoomLink *link, gboolean wait, int *ret_code)
{
  g_autofree char *id = loom_link_dup_id (link);
  gint64 began_us = g_get_monotonic_time ();
  gint64 waited_us;

  do {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) links = loom_cli_read_counters (cli, client, NULL, &error);
    const LoomClientCounters *live = find_counters (links, id);
    if (links == NULL) {
      *ret_code = loom_cli_fail (cli, error);
      return NULL;
    }
    waited_us = g_get_monotonic_time () - began_us;
    if (live != NULL && (live->wire_state[0] == '\0' || waited_us > MEASURE_MS * 1000)
        && (!wait || is_in_force (link, live, waited_us)))
      return g_steal_pointer (&links);
  } while (waited_us < IN_FORCE_MS * 1000 && loom_cli_sleep (cli, POLL_MS));
  loom_cli_say (_ ("%s: the wire has not taken the cable within %d s, so it carries frames as they "
                   "come. “lanloomctl doctor” says what is missing."),
                id, IN_FORCE_MS / 1000);
  *ret_code = LOOM_EXIT_FAILED;
  return NULL;
}

static int
change_lab (LoomCli *cli, const Order *order)
{
  int code;
  g_autoptr (LoomClient) client = loom_cli_attach (cli, order->file, &code);
  if (client == NULL)
    return code;
  g_autoptr (LoomLink) link = change_running (cli, client, order, &code);
  if (link == NULL)
    return code;
  g_autoptr (GPtrArray) links = wait_in_force (cli, client, link, changes_anything (order), &code);
  if (links == NULL)
    return code;
  g_autofree char *id = loom_link_dup_id (link);
  if (cli->json)
    loom_cli_print_link_json (link, find_counters (links, id));
  else if (!changes_anything (order))
    loom_cli_print_link (link, find_counters (links, id));
  return LOOM_EXIT_OK;
}

static int
carry_out (LoomCli *cli, const Order *order)
{
  gboolean running = is_running (order->file);

  if (running) {
    int code = change_lab (cli, order);
    if (code != LOOM_EXIT_OK || !order->save)
      return code;
    cli->json = FALSE;
  }
  return save_file (cli, order);
}

/* Splits what follows FILE into ends and assignments. */
static gboolean
split_arguments (char **arguments, Order *order)
{
  int n_ends = 0;

  while (arguments[n_ends] != NULL && strchr (arguments[n_ends], '=') == NULL)
    n_ends++;
  if (n_ends < 1 || n_ends > 2) {
    loom_cli_say (_ ("Which cable? Name one end or both: “pc1:0 pc2:0”."));
    return FALSE;
  }
  order->ends = g_new0 (char *, (gsize) n_ends + 1);
  for (int i = 0; i < n_ends; i++)
    order->ends[i] = g_strdup (arguments[i]);
  order->assignments = g_strdupv (arguments + n_ends);
  return TRUE;
}

static int
run_order (LoomCli *cli, Order *order, char **arguments)
{
  int code = split_arguments (arguments, order) ? carry_out (cli, order) : LOOM_EXIT_USAGE;

  g_strfreev (order->ends);
  g_strfreev (order->assignments);
  g_free (order->from);
  return code;
}

int
loom_cli_link (LoomCli *cli, int argc, char **argv)
{
  Order order = {NULL};
  const GOptionEntry entries[] = {
      {"from", 'f', 0, G_OPTION_ARG_STRING, &order.from, N_ ("Only for frames that leave this end"),
       N_ ("END")},
      {"clear", 'c', 0, G_OPTION_ARG_NONE, &order.clear,
       N_ ("Take off first whatever is set on the cable"), NULL},
      {"save", 's', 0, G_OPTION_ARG_NONE, &order.save,
       N_ ("Where the lab runs: change the file, too"), NULL},
      {NULL},
  };
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, TRUE, FALSE, 2, -1, &code))
    return code;
  order.file = argv[1];
  return run_order (cli, &order, argv + 2);
}

/* The command's name says which. */
int
loom_cli_plug (LoomCli *cli, int argc, char **argv)
{
  Order order = {NULL};
  const GOptionEntry entries[] = {
      {"save", 's', 0, G_OPTION_ARG_NONE, &order.save,
       N_ ("Where the lab runs: change the file, too"), NULL},
      {NULL},
  };
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 2, 3, &code))
    return code;
  g_auto (GStrv) arguments = g_new0 (char *, (gsize) argc);
  for (int i = 2; i < argc; i++)
    arguments[i - 2] = g_strdup (argv[i]);
  arguments[argc - 2] = g_strdup (g_str_equal (cli->command->name, "plug") ? "fault=none"
                                                                           : "fault=unplugged");
  order.file = argv[1];
  return run_order (cli, &order, arguments);
}
