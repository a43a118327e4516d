/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See testpmd.h. */

#include "tests/bench/testpmd.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "dpdk-testpmd"

/* For DPDK's environment, and behind "--" for the program. A period of statistics makes it run
 * without a terminal. */
static const char *const OPTIONS[] = {
    "--lcores=0@(0-1),1@(0-1)",
    "--no-huge",
    "-m256",
    "--no-pci",
    "--no-telemetry",
    "--single-file-segments",
    "--iova-mode=va",
    "--log-level=error",
    "--",
    "--auto-start",
    "--forward-mode=io",
    "--nb-cores=1",
    "--txd=1024",
    "--rxd=1024",
    "--total-num-mbufs=16384",
    "--no-numa",
    "--stats-period=3600",
};

static void
on_child_set_up (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* (transfer full) */
static GPtrArray *
build_argv (Testpmd *self)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup (PROGRAM));
  for (int i = 0; i < 2; i++)
    g_ptr_array_add (
        argv, g_strdup_printf ("--vdev=net_virtio_user%d,path=%s,server=1,queues=1,queue_size=1024",
                               i, self->paths[i]));
  for (guint i = 0; i < G_N_ELEMENTS (OPTIONS); i++)
    g_ptr_array_add (argv, g_strdup (OPTIONS[i]));
  g_ptr_array_add (argv, NULL);
  return argv;
}

static gboolean
start (Testpmd *self, const char *folder)
{
  g_autoptr (GPtrArray) argv = build_argv (self);
  g_auto (GStrv)
      environment = g_environ_setenv (g_get_environ (), "RUNTIME_DIRECTORY", folder, TRUE);

  return g_spawn_async (folder, (char **) argv->pdata, environment,
                        G_SPAWN_SEARCH_PATH_FROM_ENVP | G_SPAWN_DO_NOT_REAP_CHILD
                            | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                        on_child_set_up, NULL, &self->pid, NULL);
}

Testpmd *
testpmd_new (const char *folder, const char *name, char **ret_reason)
{
  g_autofree char *program = g_find_program_in_path (PROGRAM);
  Testpmd *self;

  if (program == NULL) {
    *ret_reason = g_strdup ("it is not installed (Debian: dpdk-dev)");
    return NULL;
  }
  self = g_new0 (Testpmd, 1);
  for (int i = 0; i < 2; i++)
    self->paths[i] = g_strdup_printf ("%s/%s.%d", folder, name, i);
  if (start (self, folder))
    return self;
  *ret_reason = g_strdup ("it does not start");
  testpmd_free (self);
  return NULL;
}

void
testpmd_free (Testpmd *self)
{
  if (self == NULL)
    return;
  if (self->pid > 0) {
    kill (self->pid, SIGKILL);
    waitpid (self->pid, NULL, 0);
  }
  for (int i = 0; i < 2; i++) {
    g_unlink (self->paths[i]);
    g_free (self->paths[i]);
  }
  g_free (self);
}

gboolean
testpmd_has_ended (Testpmd *self)
{
  siginfo_t info = {0};

  return waitid (P_PID, (id_t) self->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
         || info.si_pid != 0;
}

void
testpmd_pause (Testpmd *self)
{
  kill (self->pid, SIGSTOP);
}

void
testpmd_resume (Testpmd *self)
{
  kill (self->pid, SIGCONT);
}
