/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "backend/qemu/process.h"

#include "backend/qemu/confine.h"

#include <glib/gstdio.h>

#include <signal.h>
#include <string.h>
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
      "echo x > %s/new && echo leaked; echo y > %s || echo lost; rm %s || echo lost; exit 7",
      secret, secrets, given, given, secrets, made, made);
  const char *argv[] = {"sh", "-c", script, NULL};
  const char *readable[] = {given, "/no/such/file", NULL};
  const char *writable[] = {own, NULL};
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomProcess) process = NULL;
  int confinement;

  g_assert_true (g_file_set_contents (secret, "hidden\n", -1, NULL));
  g_assert_true (g_file_set_contents (given, "shown\n", -1, NULL));
  confinement = loom_confine_open (readable, writable);
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
  g_assert_cmpint (g_rmdir (secrets), ==, 0);
  g_assert_cmpint (g_rmdir (own), ==, 0);
}

static void
test_missing (Fixture *f, gconstpointer data)
{
  const char *argv[] = {"no-such-program-at-all", NULL};
  g_autoptr (GError) error = NULL;

  g_assert_null (loom_process_spawn (argv, f->log, NULL, 0, -1, &error));
  g_assert_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/process/log", Fixture, NULL, set_up, test_log, tear_down);
  g_test_add ("/process/exit", Fixture, NULL, set_up, test_exit, tear_down);
  g_test_add ("/process/confined", Fixture, NULL, set_up, test_confined, tear_down);
  g_test_add ("/process/missing", Fixture, NULL, set_up, test_missing, tear_down);
  g_test_add ("/process/oom-score", Fixture, NULL, set_up, test_oom_score, tear_down);
  return g_test_run ();
}
