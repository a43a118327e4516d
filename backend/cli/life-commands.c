/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Commands that change what runs: start, apply, stop. */

#include "backend/cli/cli.h"

#include <string.h>

#include "backend/cli/life.h"
#include "backend/engine/runtime.h"
#include "canvas/model/after.h"
#include "canvas/model/edit.h"

static void
on_progress (LoomClient *client, const char *sentence, gpointer user_data)
{
  g_printerr ("%s\n", sentence);
}

LoomClient *
loom_cli_start_lab (LoomCli *cli, const char *file, const char *document, const char *const *only,
                    gboolean force, gboolean *ret_was_running, int *ret_code)
{
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  client = loom_client_new (file, &error);
  if (client == NULL) {
    *ret_code = loom_cli_fail (cli, error);
    return NULL;
  }
  g_signal_connect (client, "progress", G_CALLBACK (on_progress), NULL);
  loom_client_set_force (client, force);
  loom_client_set_only (client, only);
  loom_client_start_async (client, document, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  if (loom_client_start_finish (client, result, ret_was_running, &error))
    return g_steal_pointer (&client);
  *ret_code = loom_cli_fail (cli, error);
  if (g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_TOO_LARGE))
    loom_cli_say (
        _ ("“lanloomctl start FILE NODE…” starts only the machines named; “--force” starts "
           "all the same."));
  return NULL;
}

/* Tries again what failed in a lab that ran already. */
static gboolean
repair (LoomCli *cli, LoomClient *client, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  loom_client_repair_async (client, NULL, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  return loom_client_repair_finish (client, result, error);
}

static const LoomNode *
look_up (gpointer data, const char *name)
{
  return loom_lab_get_node (data, name);
}

/* (transfer full): the machines called @names and those that they start after. NULL: one that there
 * is not was said. */
static GStrv
list_only (LoomLab *lab, char **names)
{
  for (char **name = names; *name != NULL; name++) {
    if (loom_lab_get_node (lab, *name) == NULL) {
      loom_cli_say (_ ("The lab has no node “%s”."), *name);
      return NULL;
    }
  }
  return loom_after_close (look_up, lab, (const char *const *) names);
}

/* Brings a lab that ran already to where a start would have: what was named is on, what failed is
 * tried again. */
static gboolean
catch_up (LoomCli *cli, LoomClient *client, const char *const *only, GError **error)
{
  for (; only != NULL && *only != NULL; only++) {
    if (!loom_cli_order (cli, client, *only, "start", error))
      return FALSE;
  }
  return repair (cli, client, error);
}

/* (transfer full): what of @lab is to become ready: the machines of @only (nullable: all), and what
 * is no machine. */
static LoomLab *
copy_awaited (LoomLab *lab, const char *const *only)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *node = nodes->pdata[i];

    if (only == NULL || g_strv_contains (only, node->name)
        || loom_lab_get_kind (lab, node)->role != LOOM_ROLE_MACHINE)
      g_ptr_array_add (names, node->name);
  }
  g_ptr_array_add (names, NULL);
  return loom_edit_copy_part (lab, (const char *const *) names->pdata);
}

/* Starts the lab of @file, or joins it, and waits. */
static int
start_file (LoomCli *cli, const char *file, char **names, gboolean force, gboolean no_wait,
            double timeout_s)
{
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (LoomLab) awaited = NULL;
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *document = NULL;
  g_auto (GStrv) list = NULL;
  const char *const *only = NULL;
  gboolean was_running = FALSE;
  int code;

  lab = loom_cli_load (cli, file, &document, &code);
  if (lab == NULL)
    return code;
  if (names[0] != NULL && (list = list_only (lab, names)) == NULL)
    return LOOM_EXIT_PROBLEMS;
  only = (const char *const *) list;
  client = loom_cli_start_lab (cli, file, document, only, force, &was_running, &code);
  if (client == NULL)
    return code;
  if (was_running) {
    loom_cli_say (_ ("The lab of “%s” runs already; “lanloomctl apply” brings it in step with the "
                     "file."),
                  file);
    if (!catch_up (cli, client, only, &error))
      return loom_cli_fail (cli, error);
    g_clear_object (&lab);
    lab = loom_cli_read_document (cli, loom_client_get_document (client));
  }
  if (no_wait)
    return LOOM_EXIT_OK;
  awaited = copy_awaited (lab, only);
  code = loom_cli_wait_ready (cli, client, awaited, timeout_s);
  if (cli->signal_number != 0 && !was_running)
    loom_cli_stop_lab (cli, client);
  return code;
}

int
loom_cli_start (LoomCli *cli, int argc, char **argv)
{
  gboolean no_wait = FALSE;
  gboolean force = FALSE;
  double timeout_s = 120;
  const GOptionEntry entries[] = {
      {"force", 'f', 0, G_OPTION_ARG_NONE, &force,
       N_ ("Start even if the lab needs more than this computer has"), NULL},
      {"no-wait", 0, 0, G_OPTION_ARG_NONE, &no_wait,
       N_ ("Return as soon as the engine has the lab"), NULL},
      {"timeout", 't', 0, G_OPTION_ARG_DOUBLE, &timeout_s,
       N_ ("Seconds to wait until all is ready (120)"), N_ ("SECONDS")},
      {NULL},
  };
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 1, -1, &code))
    return code;
  return start_file (cli, argv[1], argv + 2, force, no_wait, timeout_s);
}

/* "old=new" to a table. FALSE: @text is not of that form. */
static gboolean
add_rename (GHashTable *renames, const char *text)
{
  const char *equals = strchr (text, '=');

  if (equals == NULL || equals == text || equals[1] == '\0')
    return FALSE;
  g_hash_table_insert (renames, g_strndup (text, (gsize) (equals - text)), g_strdup (equals + 1));
  return TRUE;
}

GHashTable *
loom_cli_parse_renames (char **texts)
{
  g_autoptr (GHashTable) renames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (char **text = texts; text != NULL && *text != NULL; text++)
    if (!add_rename (renames, *text)) {
      loom_cli_say (_ ("“%s” is no renaming: write OLD=NEW."), *text);
      return NULL;
    }
  return g_steal_pointer (&renames);
}

int
loom_cli_apply (LoomCli *cli, int argc, char **argv)
{
  gboolean no_wait = FALSE;
  gboolean force = FALSE;
  double timeout_s = 120;
  g_auto (GStrv) rename_texts = NULL;
  const GOptionEntry entries[] = {
      {"force", 'f', 0, G_OPTION_ARG_NONE, &force,
       N_ ("Apply even what needs more than this computer has"), NULL},
      {"rename", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &rename_texts,
       N_ ("The node OLD is now called NEW and stays the same machine"), N_ ("OLD=NEW")},
      {"no-wait", 0, 0, G_OPTION_ARG_NONE, &no_wait,
       N_ ("Return as soon as the engine has the lab"), NULL},
      {"timeout", 't', 0, G_OPTION_ARG_DOUBLE, &timeout_s,
       N_ ("Seconds to wait until all is ready (120)"), N_ ("SECONDS")},
      {NULL},
  };
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (GHashTable) renames = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *document = NULL;
  GAsyncResult *slot = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 1, 1, &code))
    return code;
  renames = loom_cli_parse_renames (rename_texts);
  if (renames == NULL)
    return LOOM_EXIT_USAGE;
  lab = loom_cli_load (cli, argv[1], &document, &code);
  if (lab == NULL)
    return code;
  client = loom_cli_attach (cli, argv[1], &code);
  if (client == NULL)
    return code;
  loom_client_set_force (client, force);
  loom_cli_watch_hangs (client);
  loom_client_apply_async (client, document, loom_client_get_generation (client), renames,
                           cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  if (!loom_client_apply_finish (client, result, NULL, &error))
    return loom_cli_fail (cli, error);
  return no_wait ? LOOM_EXIT_OK : loom_cli_wait_ready (cli, client, lab, timeout_s);
}

/* Stops the lab of @file. */
static int
stop_file (LoomCli *cli, const char *file)
{
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (GError) error = NULL;

  client = loom_client_new (file, &error);
  if (client == NULL) {
    loom_cli_say ("%s", error->message);
    return LOOM_EXIT_PROBLEMS;
  }
  return loom_cli_stop_lab (cli, client);
}

int
loom_cli_stop (LoomCli *cli, int argc, char **argv)
{
  int worst = LOOM_EXIT_OK;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, FALSE, FALSE, 1, -1, &code))
    return code;
  for (int i = 1; i < argc; i++) {
    code = stop_file (cli, argv[i]);
    worst = MAX (worst, code);
  }
  return worst;
}
