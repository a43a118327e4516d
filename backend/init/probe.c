/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether this host lets an ordinary user make a lab's namespaces, found out by making them: exit
 * codes of unshare (1) and settings of the kernel do not tell (AppArmor lets them be made and
 * leaves them powerless), bringing lo up inside does. Everything ends with the process that did it.
 */

#include "backend/init/init.h"

#include <errno.h>
#include <libintl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lanloom-config.h"

#define _(text) dgettext (GETTEXT_PACKAGE, text)

int
init_report_no_namespaces (void)
{
  init_report (errno, _ ("This host does not let Lanloom make a lab's own namespaces. "
                         "Unprivileged user namespaces must be allowed "
                         "(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone)."));
  return INIT_EXIT_HOST;
}

int
init_probe (void)
{
  /* A runtime folder is only looked at where it lies below /run, which is covered inside. */
  const InitOptions options = {.runtime = "/tmp", .runtime_fd = -1};
  uid_t uid = geteuid ();
  gid_t gid = getegid ();
  struct clone_args arguments = {.flags = INIT_NAMESPACES, .exit_signal = SIGCHLD};
  int status;

  signal (SIGCHLD, SIG_DFL);
  pid_t pid = (pid_t) syscall (SYS_clone3, &arguments, sizeof arguments);
  if (pid < 0)
    return init_report_no_namespaces ();
  if (pid == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    _exit (init_enter_namespaces (&options, uid, gid));
  }
  while (waitpid (pid, &status, 0) < 0)
    if (errno != EINTR)
      return INIT_EXIT_FAILED;
  return WIFEXITED (status) ? WEXITSTATUS (status) : INIT_EXIT_FAILED;
}
