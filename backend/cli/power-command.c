/* SPDX-License-Identifier: GPL-3.0-or-later */

/* pause, resume, restart: machines of a running lab, or all of them. */

#include "backend/cli/cli.h"

gboolean
loom_cli_order (LoomCli *cli, LoomClient *client, const char *node, const char *action,
                GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  loom_client_power_async (client, node, action, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  return loom_client_power_finish (client, result, error);
}

/* The command's name is the action. */
int
loom_cli_power (LoomCli *cli, int argc, char **argv)
{
  g_autoptr (LoomClient) client = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, FALSE, FALSE, 1, -1, &code))
    return code;
  client = loom_cli_attach (cli, argv[1], &code);
  if (client == NULL)
    return code;
  for (int i = 2; i < MAX (argc, 3); i++) {
    g_autoptr (GError) error = NULL;
    /* No node: "" stands for all machines. */
    if (!loom_cli_order (cli, client, i < argc ? argv[i] : "", cli->command->name, &error))
      return loom_cli_fail (cli, error);
  }
  return LOOM_EXIT_OK;
}
