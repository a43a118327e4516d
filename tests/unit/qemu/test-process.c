/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "backend/qemu/process.h"

#include "backend/qemu/confine.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  char *folder;
  char *log;
  int status;
  guint n_exits;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("lanloom-process-XXXXXX", NULL);
  f->log = g_build_filename (f->folder, "log", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->log);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->log);
  g_free (f->folder);
}

static void
on_exited (LoomProcess *process, int status, Fixture *f)
{
  f->status = status;
  f->n_exits++;
}

/* When memory runs out, guests go before all else. */
static void
test_oom_score (Fixture *f, gconstpointer data)
{
  const char *const argv[] = {"sleep", "100", NULL};
  g_autoptr (LoomProcess) process = loom_process_spawn (argv, f->log, NULL, 0, -1, NULL);
  g_autofree char *path = g_strdup_printf ("/proc/%d/oom_score_adj",
                                           (int) loom_process_get_pid (process));
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "300\n");
  g_signal_connect (process, "exited", G_CALLBACK (on_exited), f);
  loom_process_kill (process, SIGKILL);
  while (f->n_exits == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
check_log (Fixture *f, const char *text, const char *expected)
{
  g_autofree char *read = NULL;

  g_assert_true (g_file_set_contents (f->log, text, -1, NULL));
  read = loom_process_read_log (f->log);
  g_assert_cmpstr (read, ==, expected);
}

static void
test_log (Fixture *f, gconstpointer data)
{
  g_autofree char *missing = loom_process_read_log ("/nonexistent");
  g_autofree char *flood = g_strnfill (100000, 'x');
  g_autofree char *end = NULL;

  g_assert_cmpstr (missing, ==, "");
  check_log (f, "", "");
  check_log (f, "qemu: -x: invalid option\n", "qemu: -x: invalid option");
  check_log (f, "qemu: info: QEMU waiting for connection on: y\n", "");
  check_log (f, "qemu: warning: old\nqemu: bad\x1b[1m\n", "qemu: bad [1m");
  check_log (f, "1\n2\n3\n4\n5\n6\n", "3 4 5 6");
  g_assert_true (g_file_set_contents (f->log, flood, -1, NULL));
  end = loom_process_read_log (f->log);
  g_assert_cmpuint (strlen (end), ==, 300);
}

static void
run (Fixture *f, const char *script, int number)
{
  const char *argv[] = {"sh", "-c", script, NULL};
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomProcess) process = loom_process_spawn (argv, f->log, NULL, 0, -1, &error);

  g_assert_no_error (error);
  f->n_exits = 0;
  g_signal_connect (process, "exited", G_CALLBACK (on_exited), f);
  if (number != 0)
    loom_process_kill (process, number);
  while (f->n_exits == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (loom_process_is_running (process));
  loom_process_kill (process, SIGKILL); /* nobody is hit */
}

static void
test_exit (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  run (f, "echo oops >&2; exit 3", 0);
  g_assert_cmpint (WEXITSTATUS (f->status), ==, 3);
  text = loom_process_read_log (f->log);
  g_assert_cmpstr (text, ==, "oops");
  run (f, "sleep 100", SIGKILL);
  g_assert_cmpint (WTERMSIG (f->status), ==, SIGKILL);
}

/* Confined, a program sees the system and what it was given, and of that it writes only what it
 * may. */
static void
test_confined (Fixture *f, gconstpointer data)
{
  g_autofree char *secrets = g_dir_make_tmp ("llc-XXXXXX", NULL);
  g_autofree char *own = g_dir_make_tmp ("llc-XXXXXX", NULL);
  g_autofree char *secret = g_build_filename (secrets, "secret", NULL);
  g_autofree char *given = g_build_filename (secrets, "given", NULL);
  g_autofree char *made = g_build_filename (own, "made", NULL);
  g_autofree char *script = g_strdup_printf (
      "cat %s && echo leaked; ls %s && echo leaked; cat %s || echo lost; echo x > %s && echo "
      "leaked; "
      "echo x > %s/new && echo leaked; echo x > %s/new && echo leaked; echo y > %s || echo lost; "
      "echo > /dev/null || echo lost; echo > /dev/shm/lanloom-leak && echo leaked; ls /var && echo "
      "leaked; exit 7",
      secret, secrets, given, given, secrets, own, made);
  const char *argv[] = {"sh", "-c", script, NULL};
  const char *readable[] = {given, "/no/such/file", NULL};
  const char *writable[] = {made, NULL};
  const char *socket_folders[] = {own, NULL};
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomProcess) process = NULL;
  int confinement;

  g_assert_true (g_file_set_contents (secret, "hidden\n", -1, NULL));
  g_assert_true (g_file_set_contents (given, "shown\n", -1, NULL));
  g_assert_true (g_file_set_contents (made, "", -1, NULL));
  confinement = loom_confine_open (readable, writable, socket_folders);
  if (confinement < 0) {
    g_test_skip ("this kernel knows no Landlock");
  } else {
    process = loom_process_spawn (argv, f->log, NULL, 0, confinement, &error);
    g_assert_no_error (error);
    close (confinement);
    f->n_exits = 0;
    g_signal_connect (process, "exited", G_CALLBACK (on_exited), f);
    while (f->n_exits == 0)
      g_main_context_iteration (NULL, TRUE);
    g_assert_true (g_file_get_contents (f->log, &text, NULL, NULL));
    g_test_message ("%s", text);
    g_assert_cmpint (WEXITSTATUS (f->status), ==, 7);
    g_assert_nonnull (strstr (text, "shown\n"));
    g_assert_null (strstr (text, "hidden"));
    g_assert_null (strstr (text, "leaked"));
    g_assert_null (strstr (text, "lost"));
  }
  g_unlink (secret);
  g_unlink (given);
  g_unlink (made);
  g_assert_cmpint (g_rmdir (secrets), ==, 0);
  g_assert_cmpint (g_rmdir (own), ==, 0);
}

static int
make_socket (const char *path, int (*use) (int, const struct sockaddr *, socklen_t))
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (fd >= 0 && use (fd, (struct sockaddr *) &address, sizeof address) < 0) {
    close (fd);
    return -1;
  }
  return fd;
}

enum {
  MADE = 1,
  CONNECTED = 2,
  RING = 4,
  SIGNALLED = 8,
};

/* The confined process: what of all that is possible. */
static int
try_others (const char *own, const char *other, int confinement)
{
  struct io_uring_params params = {0};

  loom_confine_enter (&confinement);
  return (make_socket (own, bind) >= 0 && unlink (own) == 0 ? MADE : 0)
         | (make_socket (other, connect) >= 0 ? CONNECTED : 0)
         | (syscall (SYS_io_uring_setup, 1, &params) >= 0 ? RING : 0)
         | (kill (getppid (), 0) == 0 ? SIGNALLED : 0);
}

/* Confined, a program is spoken to, and speaks to nobody: not even to those in its own folder. */
static void
test_silent (Fixture *f, gconstpointer data)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  g_autofree char *own = g_build_filename (f->folder, "own", NULL);
  g_autofree char *other = g_build_filename (f->folder, "other", NULL);
  const char *socket_folders[] = {f->folder, NULL};
  int confinement = loom_confine_open (NULL, NULL, socket_folders);
  int listener = make_socket (other, bind);
  pid_t pid;
  int status;

  g_assert_cmpint (listen (listener, 4), ==, 0);
  if (confinement < 0) {
    g_test_skip ("this kernel knows no Landlock");
  } else {
    pid = fork ();
    if (pid == 0)
      _exit (try_others (own, other, confinement));
    g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
    g_assert_true (WIFEXITED (status));
    g_assert_cmpint (WEXITSTATUS (status) & ~(version < 6 ? SIGNALLED : 0), ==, MADE);
    close (confinement);
  }
  close (listener);
  g_unlink (other);
}

static void
test_missing (Fixture *f, gconstpointer data)
{
  const char *argv[] = {"no-such-program-at-all", NULL};
  g_autoptr (GError) error = NULL;

  g_assert_null (loom_process_spawn (argv, f->log, NULL, 0, -1, &error));
  g_assert_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
}

/* From now on this process gets no pidfd, as when it has too many descriptors. */
static void
refuse_pidfds (void)
{
  struct sock_filter code[] = {
      BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
      BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {G_N_ELEMENTS (code), code};

  g_assert_no_errno (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  g_assert_no_errno (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

/* What cannot be watched is not left running. */
static void
test_unwatchable (Fixture *f, gconstpointer data)
{
  const char *const argv[] = {"sleep", "100", NULL};
  g_autoptr (GError) error = NULL;

  if (!g_test_subprocess ()) {
    g_test_trap_subprocess (NULL, 0, 0);
    g_test_trap_assert_passed ();
    return;
  }
  refuse_pidfds ();
  g_assert_null (loom_process_spawn (argv, f->log, NULL, 0, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/process/log", Fixture, NULL, set_up, test_log, tear_down);
  g_test_add ("/process/exit", Fixture, NULL, set_up, test_exit, tear_down);
  g_test_add ("/process/confined", Fixture, NULL, set_up, test_confined, tear_down);
  g_test_add ("/process/silent", Fixture, NULL, set_up, test_silent, tear_down);
  g_test_add ("/process/missing", Fixture, NULL, set_up, test_missing, tear_down);
  g_test_add ("/process/unwatchable", Fixture, NULL, set_up, test_unwatchable, tear_down);
  g_test_add ("/process/oom-score", Fixture, NULL, set_up, test_oom_score, tear_down);
  return g_test_run ();
}
