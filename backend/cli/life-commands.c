/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Commands that change what runs: start, apply, stop. */

#include "backend/cli/cli.h"

#include <string.h>

#include "backend/cli/life.h"
#include "backend/engine/runtime.h"

static void
on_progress (LoomClient *client, const char *sentence, gpointer user_data)
{
  g_printerr ("%s\n", sentence);
}

LoomClient *
loom_cli_start_lab (LoomCli *cli, const char *file, const char *document, gboolean force,
                    gboolean *ret_was_running, int *ret_code)
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
  loom_client_start_async (client, document, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  if (loom_client_start_finish (client, result, ret_was_running, &error))
    return g_steal_pointer (&client);
  *ret_code = loom_cli_fail (cli, error);
  if (g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_TOO_LARGE))
    loom_cli_say (_ ("“--force” starts it all the same."));
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
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (LoomLab) running = NULL;
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *document = NULL;
  gboolean was_running = FALSE;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 1, 1, &code))
    return code;
  lab = loom_cli_load (cli, argv[1], &document, &code);
  if (lab == NULL)
    return code;
  client = loom_cli_start_lab (cli, argv[1], document, force, &was_running, &code);
  if (client == NULL)
    return code;
  if (was_running) {
    loom_cli_say (_ ("The lab of “%s” runs already; “lanloomctl apply” brings it in step with the "
                     "file."),
                  argv[1]);
    if (!repair (cli, client, &error))
      return loom_cli_fail (cli, error);
    running = loom_cli_read_document (cli, loom_client_get_document (client));
  }
  if (no_wait)
    return LOOM_EXIT_OK;
  code = loom_cli_wait_ready (cli, client, running != NULL ? running : lab, timeout_s);
  if (cli->signal_number != 0 && !was_running)
    loom_cli_stop_lab (cli, client);
  return code;
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
