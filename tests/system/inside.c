/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See inside.h. */

#include "tests/system/inside.h"

#include "tests/scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Set inside the namespaces: the folder for everything that the tests make. */
#define INSIDE "LOOM_TEST_INSIDE"

/* Runs this program again in new namespaces, with a folder for all it makes, and removes that
 * whatever became of it. Returns its exit status, or -1 when there can be no namespaces. */
static int
run_inside (char **argv)
{
  static const char *const UNSHARE[] = {"unshare", "-Urnmpf", "--mount-proc", "--kill-child", "--"};
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autofree char *folder = scratch_new ("switch");
  int status = -1;

  for (guint i = 0; i < G_N_ELEMENTS (UNSHARE); i++)
    g_ptr_array_add (arguments, (gpointer) UNSHARE[i]);
  for (guint i = 0; argv[i] != NULL; i++)
    g_ptr_array_add (arguments, argv[i]);
  g_ptr_array_add (arguments, NULL);
  g_setenv (INSIDE, folder, TRUE);
  if (!g_spawn_sync (NULL, (char **) arguments->pdata, NULL,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL,
                     &status, NULL))
    status = -1;
  else
    status = WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
  scratch_remove (folder);
  return status;
}

/* The first process of a pid namespace cannot be ended by its own abort (), which then crashes
 * instead: the tests are its child. Returns in the child; the parent reaps, and takes the switch
 * along by its end when the child did not. */
static void
leave_pid_1 (void)
{
  pid_t child = fork ();
  pid_t ended;
  int status = 0;

  g_assert_no_errno (child);
  if (child == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    return;
  }
  while ((ended = waitpid (-1, &status, 0)) != child)
    if (ended < 0 && errno != EINTR)
      break;
  _exit (WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status));
}

gboolean
inside_enter (char **argv, int *ret_status)
{
  if (g_getenv (INSIDE) == NULL) {
    *ret_status = run_inside (argv);
    if (*ret_status == -1)
      g_print ("1..0 # SKIP unshare cannot be run\n");
    *ret_status = MAX (*ret_status, 0);
    return FALSE;
  }
  leave_pid_1 ();
  g_setenv ("TMPDIR", g_getenv (INSIDE), TRUE);
  return TRUE;
}
