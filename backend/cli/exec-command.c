/* SPDX-License-Identifier: GPL-3.0-or-later */

/* exec: a command inside a machine, its streams being ours. */

#include "backend/cli/cli.h"

#include <string.h>
#include <unistd.h>

int
loom_cli_exec (LoomCli *cli, int argc, char **argv)
{
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (GError) error = NULL;
  const char *const *command;
  int status;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, FALSE, TRUE, 3, -1, &code))
    return code;
  command = (const char *const *) argv + 3;
  if (strcmp (command[0], "--") == 0)
    command++;
  if (command[0] == NULL) {
    loom_cli_say (_ ("Which command shall run in “%s”?"), argv[2]);
    return LOOM_EXIT_USAGE;
  }
  client = loom_cli_attach (cli, argv[1], &code);
  if (client == NULL)
    return code;
  status = loom_cli_exec_in (cli, client, argv[2], command, STDIN_FILENO, STDOUT_FILENO,
                             STDERR_FILENO, &error);
  return error != NULL ? loom_cli_fail (cli, error) : status;
}
