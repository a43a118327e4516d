/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the commands share. A command waits for each answer before it goes on, so there is one main
 * loop, turned by loom_cli_wait () only. */

#include "backend/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "backend/engine/catalogue-load.h"
#include "backend/engine/project-file.h"
#include "canvas/model/reader.h"
#include "canvas/model/writer.h"

/* --- the command line -------------------------------------------------------------------------*/

/* The empty text is the header of the translations to gettext. */
static const char *
get_parameters (const LoomCli *cli)
{
  return cli->command->parameters[0] != '\0' ? _ (cli->command->parameters) : "";
}

static void
show_help (GOptionContext *context)
{
  g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

  g_print ("%s", help);
}

gboolean
loom_cli_parse (LoomCli *cli, int *argc, char ***argv, const GOptionEntry *entries,
                gboolean with_json, gboolean strict, int min, int max, int *ret_code)
{
  g_autofree char *parameters = g_strdup_printf ("%s — %s", get_parameters (cli),
                                                 _ (cli->command->summary));
  g_autofree char *program = g_strdup_printf ("lanloomctl %s", cli->command->name);
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  const GOptionEntry common[] = {
      {"help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL},
      {with_json ? "json" : NULL, 0, 0, G_OPTION_ARG_NONE, &cli->json,
       N_ ("Write JSON, for programs"), NULL},
      {NULL},
  };

  /* Our own --help, because GOption's would end the process from inside. */
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_strict_posix (context, strict);
  if (cli->command->details != NULL)
    g_option_context_set_summary (context, _ (cli->command->details));
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  g_set_prgname (program);
  *ret_code = LOOM_EXIT_USAGE;
  if (!g_option_context_parse (context, argc, argv, &error)) {
    loom_cli_say (_ ("%s. “lanloomctl %s --help” explains the command."), error->message,
                  cli->command->name);
    return FALSE;
  }
  if (help) {
    show_help (context);
    *ret_code = LOOM_EXIT_OK;
    return FALSE;
  }
  if (*argc - 1 < min || (max >= 0 && *argc - 1 > max)) {
    loom_cli_say (_ ("Usage: lanloomctl %s %s"), cli->command->name, get_parameters (cli));
    return FALSE;
  }
  return TRUE;
}

/* --- saying -----------------------------------------------------------------------------------*/

void
loom_cli_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("lanloomctl: %s\n", text);
}

int
loom_cli_fail (LoomCli *cli, const GError *error)
{
  if (cli->signal_number != 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return 128 + cli->signal_number;
  loom_cli_say ("%s", error->message);
  if (error->domain == LOOM_MODEL_ERROR)
    return LOOM_EXIT_PROBLEMS;
  if (error->domain != LOOM_ENGINE_ERROR)
    return LOOM_EXIT_FAILED;
  switch (error->code) {
  case LOOM_ENGINE_ERROR_NOT_RUNNING:
    return LOOM_EXIT_NOT_RUNNING;
  case LOOM_ENGINE_ERROR_HOST:
  case LOOM_ENGINE_ERROR_TOO_LARGE:
    return LOOM_EXIT_HOST;
  case LOOM_ENGINE_ERROR_INVALID:
    return LOOM_EXIT_PROBLEMS;
  case LOOM_ENGINE_ERROR_NO_NODE:
    return LOOM_EXIT_USAGE;
  default:
    return LOOM_EXIT_FAILED;
  }
}

void
loom_cli_print_json (JsonBuilder *builder, gboolean pretty)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, pretty);

  /* Not g_print (): JSON is UTF-8 whatever the locale. */
  fputs (text, stdout);
  fputc ('\n', stdout);
  fflush (stdout);
}

/* --- waiting ----------------------------------------------------------------------------------*/

void
loom_cli_on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

GAsyncResult *
loom_cli_wait (GAsyncResult **slot)
{
  while (*slot == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (slot);
}

static gboolean
on_slept (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

gboolean
loom_cli_sleep (LoomCli *cli, guint ms)
{
  gboolean slept = FALSE;
  guint source = g_timeout_add (ms, on_slept, &slept);

  while (!slept && cli->signal_number == 0)
    g_main_context_iteration (NULL, TRUE);
  if (!slept)
    g_source_remove (source);
  return cli->signal_number == 0;
}

/* --- labs -------------------------------------------------------------------------------------*/

LoomLab *
loom_cli_load (LoomCli *cli, const char *file, char **ret_text, int *ret_code)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  LoomLab *lab;

  *ret_code = LOOM_EXIT_PROBLEMS;
  if (cli->catalogue == NULL)
    cli->catalogue = loom_catalogue_load (&error);
  if (cli->catalogue == NULL) {
    *ret_code = loom_cli_fail (cli, error);
    return NULL;
  }
  lab = loom_project_file_load (cli->catalogue, file, &problems, &error);
  if (lab != NULL) {
    if (ret_text != NULL)
      *ret_text = loom_writer_write (lab, NULL);
    return lab;
  }
  if (problems == NULL || problems->len == 0)
    loom_cli_say ("%s", error->message);
  for (guint i = 0; problems != NULL && i < problems->len; i++) {
    LoomProblem *problem = g_ptr_array_index (problems, i);

    if (problem->line > 0)
      g_printerr ("%s:%d: %s\n", file, problem->line, problem->message);
    else
      g_printerr ("%s: %s\n", file, problem->message);
  }
  return NULL;
}

LoomLab *
loom_cli_read_document (LoomCli *cli, const char *document)
{
  if (document == NULL)
    return NULL;
  if (cli->catalogue == NULL)
    cli->catalogue = loom_catalogue_load (NULL);
  if (cli->catalogue == NULL)
    return NULL;
  return loom_reader_read (cli->catalogue, document, strlen (document), NULL, NULL);
}

LoomClient *
loom_cli_attach (LoomCli *cli, const char *file, int *ret_code)
{
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  client = loom_client_new (file, &error);
  if (client == NULL) {
    loom_cli_say ("%s", error->message);
    *ret_code = LOOM_EXIT_PROBLEMS;
    return NULL;
  }
  loom_client_attach_async (client, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  if (loom_client_attach_finish (client, result, &error))
    return g_steal_pointer (&client);
  *ret_code = loom_cli_fail (cli, error);
  return NULL;
}

static void
on_hangs_changed (LoomClient *client, gpointer user_data)
{
  GHashTableIter iter;
  gpointer sentence;

  g_hash_table_iter_init (&iter, loom_client_get_hangs (client));
  while (g_hash_table_iter_next (&iter, NULL, &sentence))
    loom_cli_say ("%s", (const char *) sentence);
}

LoomDBusEngine *
loom_cli_ref_engine (LoomCli *cli, LoomClient *client, GError **error)
{
  LoomDBusEngine *proxy;

  /* It may not come for long, which is told meanwhile. */
  if (loom_client_get_state (client) == LOOM_CLIENT_RECONNECTING)
    loom_cli_watch_hangs (client);
  while (loom_client_get_state (client) == LOOM_CLIENT_RECONNECTING
         && !g_cancellable_is_cancelled (cli->cancellable))
    g_main_context_iteration (NULL, TRUE);
  if (g_cancellable_set_error_if_cancelled (cli->cancellable, error))
    return NULL;
  proxy = loom_client_get_proxy (client);
  if (proxy != NULL)
    return g_object_ref (proxy);
  g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING,
               _ ("The lab of “%s” is not running. Start it first."),
               loom_client_get_file (client));
  return NULL;
}

void
loom_cli_watch_hangs (LoomClient *client)
{
  /* Once, whoever asks. */
  g_signal_handlers_disconnect_by_func (client, on_hangs_changed, NULL);
  g_signal_connect (client, "hangs-changed", G_CALLBACK (on_hangs_changed), NULL);
}

/* What loom_cli_wait_ready () watches for. */
typedef struct {
  GHashTable *told; /* of each node, the line that was printed last */
  GError *closed;   /* why the lab is over; or NULL */
} Watch;

static void
on_node_changed (LoomClient *client, const char *name, int state, const char *detail,
                 double progress, gpointer user_data)
{
  Watch *watch = user_data;
  const char *label = loom_node_state_to_label (state);
  g_autofree char *line = detail != NULL && detail[0] != '\0'
                              ? g_strdup_printf ("%s: %s: %s", name, label, detail)
                              : g_strdup_printf ("%s: %s", name, label);

  /* Progress alone changes more often than its words. */
  if (g_strcmp0 (g_hash_table_lookup (watch->told, name), line) == 0)
    return;
  g_printerr ("%s\n", line);
  g_hash_table_insert (watch->told, g_strdup (name), g_steal_pointer (&line));
}

static void
on_message (LoomClient *client, const char *severity, const char *text, gpointer user_data)
{
  if (g_strcmp0 (severity, "info") != 0)
    g_printerr ("%s: %s\n", severity, text);
}

static void
on_closed (LoomClient *client, const GError *reason, gpointer user_data)
{
  Watch *watch = user_data;

  g_clear_error (&watch->closed);
  watch->closed = reason != NULL ? g_error_copy (reason)
                                 : g_error_new (LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CLOSED,
                                                _ ("The lab of “%s” was stopped."),
                                                loom_client_get_file (client));
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Whether all nodes of @lab are ready; @ret_failed counts those that failed for good. */
static gboolean
count_nodes (LoomClient *client, LoomLab *lab, guint *ret_failed)
{
  g_autoptr (GPtrArray) nodes = loom_client_list_nodes (client);
  guint n_ready = 0;
  guint n_failed = 0;

  for (guint i = 0; i < nodes->len; i++) {
    LoomClientNode *node = g_ptr_array_index (nodes, i);

    if (loom_lab_get_node (lab, node->name) == NULL)
      continue;
    if (node->state == LOOM_NODE_READY || node->state == LOOM_NODE_PAUSED)
      n_ready++;
    else if (node->state == LOOM_NODE_FAILED)
      n_failed++;
  }
  *ret_failed = n_failed;
  return n_ready + n_failed == loom_lab_get_n_nodes (lab);
}

/* Says why each node that failed did: its signal may have come before anyone listened. */
static void
say_failures (LoomClient *client, LoomLab *lab)
{
  g_autoptr (GPtrArray) nodes = loom_client_list_nodes (client);

  for (guint i = 0; i < nodes->len; i++) {
    LoomClientNode *node = g_ptr_array_index (nodes, i);

    if (node->state == LOOM_NODE_FAILED && loom_lab_get_node (lab, node->name) != NULL)
      loom_cli_say (_ ("“%s” failed: %s"), node->name, node->detail);
  }
}

int
loom_cli_wait_ready (LoomCli *cli, LoomClient *client, LoomLab *lab, double timeout_s)
{
  gint64 deadline_us = g_get_monotonic_time () + (gint64) (timeout_s * G_USEC_PER_SEC);
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Watch watch = {.told = told};
  guint n_failed = 0;
  gboolean done = FALSE;
  int code = LOOM_EXIT_OK;
  guint tick = g_timeout_add (100, on_tick, NULL);

  g_signal_connect (client, "node-changed", G_CALLBACK (on_node_changed), &watch);
  g_signal_connect (client, "message", G_CALLBACK (on_message), &watch);
  g_signal_connect (client, "closed", G_CALLBACK (on_closed), &watch);
  while (!(done = count_nodes (client, lab, &n_failed)) && watch.closed == NULL
         && cli->signal_number == 0 && g_get_monotonic_time () < deadline_us)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick);
  g_signal_handlers_disconnect_by_data (client, &watch);

  if (cli->signal_number != 0) {
    code = 128 + cli->signal_number;
  } else if (watch.closed != NULL) {
    code = loom_cli_fail (cli, watch.closed);
  } else if (!done) {
    loom_cli_say (_ ("The lab was not ready after %.0f s. “lanloomctl status” shows what it waits "
                     "for."),
                  timeout_s);
    code = LOOM_EXIT_FAILED;
  } else if (n_failed > 0) {
    say_failures (client, lab);
    code = LOOM_EXIT_PROBLEMS;
  }
  g_clear_error (&watch.closed);
  return code;
}

int
loom_cli_stop_lab (LoomCli *cli, LoomClient *client)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  loom_client_stop_async (client, NULL, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  if (loom_client_stop_finish (client, result, &error))
    return LOOM_EXIT_OK;
  return loom_cli_fail (cli, error);
}

int
loom_cli_exec_in (LoomCli *cli, LoomClient *client, const char *node, const char *const *argv,
                  int in_fd, int out_fd, int err_fd, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  loom_client_exec_async (client, node, argv, in_fd, out_fd, err_fd, cli->cancellable,
                          loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  return loom_client_exec_finish (client, result, error);
}

/* --- numbers and places -----------------------------------------------------------------------*/

char *
loom_cli_dup_rate (double bps)
{
  static const char *const units[] = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"};
  gsize i = 0;

  /* 999.95 would round to a fourth digit. */
  while (bps >= 999.95 && i + 1 < G_N_ELEMENTS (units)) {
    bps /= 1000;
    i++;
  }
  return g_strdup_printf (i == 0 ? "%.0f %s" : "%.1f %s", bps, units[i]);
}

gboolean
loom_cli_split_location (const char *text, char **ret_node, char **ret_path)
{
  const char *colon = strchr (text, ':');
  g_autofree char *node = NULL;

  if (colon == NULL || colon[1] == '\0')
    return FALSE;
  node = g_strndup (text, (gsize) (colon - text));
  if (!loom_node_name_is_valid (node, NULL))
    return FALSE;
  *ret_node = g_steal_pointer (&node);
  *ret_path = g_strdup (colon + 1);
  return TRUE;
}
