/* SPDX-License-Identifier: GPL-3.0-or-later */

/* run: a lab as a test. Start, wait until ready, run one command (or watch the machines ping each
 * other), stop, pass the exit code on. Whatever happens, the lab that was started is stopped. */

#include "backend/cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "backend/cli/life.h"
#include "backend/cli/watch.h"

/* Takes off what follows the first "--". (nullable) */
static char **
split_command (int *argc, char **argv)
{
  for (int i = 1; i < *argc; i++)
    if (strcmp (argv[i], "--") == 0) {
      *argc = i;
      argv[i] = NULL;
      return argv + i + 1;
    }
  return NULL;
}

static int
run_in_lab (LoomCli *cli, LoomClient *client, char **command)
{
  g_autoptr (GError) error = NULL;
  int status;

  status = loom_cli_exec_in (cli, client, command[0], (const char *const *) command + 1,
                             STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, &error);
  return error != NULL ? loom_cli_fail (cli, error) : status;
}

int
loom_cli_run (LoomCli *cli, int argc, char **argv)
{
  gboolean watch = FALSE;
  gboolean force = FALSE;
  double timeout_s = 120;
  const GOptionEntry entries[] = {
      {"force", 'f', 0, G_OPTION_ARG_NONE, &force,
       N_ ("Start even if the lab needs more than this computer has"), NULL},
      {"watch", 'w', 0, G_OPTION_ARG_NONE, &watch,
       N_ ("Show states and counters until all machines have pinged each other"), NULL},
      {"timeout", 't', 0, G_OPTION_ARG_DOUBLE, &timeout_s,
       N_ ("Seconds to wait until all is ready (120)"), N_ ("SECONDS")},
      {NULL},
  };
  char **command = split_command (&argc, argv);
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (LoomClient) client = NULL;
  g_autofree char *document = NULL;
  gboolean was_running = FALSE;
  int stop_code;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 1, 1, &code))
    return code;
  if (command != NULL && (command[0] == NULL || command[1] == NULL)) {
    loom_cli_say (_ ("After “--” come a node and the command to run in it."));
    return LOOM_EXIT_USAGE;
  }
  lab = loom_cli_load (cli, argv[1], &document, &code);
  if (lab == NULL)
    return code;
  if (command != NULL && loom_lab_get_node (lab, command[0]) == NULL) {
    loom_cli_say (_ ("The lab of “%s” has no node “%s”."), argv[1], command[0]);
    return LOOM_EXIT_USAGE;
  }
  client = loom_cli_start_lab (cli, argv[1], document, NULL, force, &was_running, &code);
  if (client == NULL)
    return code;
  if (was_running) {
    loom_cli_say (_ ("The lab of “%s” runs already, and would be stopped at the end. Use "
                     "“lanloomctl exec”, or stop it first."),
                  argv[1]);
    return LOOM_EXIT_FAILED;
  }
  if (watch)
    code = loom_cli_watch_lab (cli, client, lab, timeout_s);
  else
    code = loom_cli_wait_ready (cli, client, lab, timeout_s);
  if (code == LOOM_EXIT_OK && command != NULL)
    code = run_in_lab (cli, client, command);
  stop_code = loom_cli_stop_lab (cli, client);
  if (cli->signal_number != 0)
    return 128 + cli->signal_number;
  return code != LOOM_EXIT_OK ? code : stop_code;
}
