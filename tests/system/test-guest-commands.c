/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Commands in the guest that ships, booted for real: all their streams, floods, readers that go;
 * and what it is configured with. */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/guest-fixture.h"

#define BIG_SIZE (10 * 1000 * 1000)

static void
check_streams (GuestFixture *f)
{
  g_autofree char *text = NULL;
  gint64 begin_us;

  guest_check_output (f, "hostname", 0, "pc1");
  guest_check_output (f, "exit 7", 7, "");
  guest_check_output (f, "kill -9 $$", 137, "");
  guest_check_output (f, "no-such-program", 127, "sh: 1: no-such-program: not found");
  guest_check_output (f, "echo out; echo err >&2", 0, "out\nerr");
  guest_check_output (f, "grep -w pc2 /etc/hosts", 0, "10.0.0.2 pc2");
  guest_check_output (f, "sleep 100 & echo gone", 0, "gone");
  guest_check_output (f, "for t in ip ping tcpdump iperf3 ethtool; do command -v $t; done | wc -l",
                      0, "5");
  begin_us = g_get_monotonic_time ();
  g_assert_cmpint (guest_run (f, "cat", BIG_SIZE, &text), ==, 0);
  g_assert_cmpuint (strlen (text), ==, BIG_SIZE);
  g_test_message ("%d bytes in and out in %.2f s", BIG_SIZE,
                  (double) (g_get_monotonic_time () - begin_us) / 1e6);
  guest_check_output (f, "wc -c", 0, "0");
}

static gsize
get_resident_kib (void)
{
  g_autofree char *text = NULL;
  const char *found;

  g_file_get_contents ("/proc/self/status", &text, NULL, NULL);
  found = strstr (text, "VmRSS:");
  return found != NULL ? g_ascii_strtoull (found + strlen ("VmRSS:"), NULL, 10) : 0;
}

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* A guest that writes without end to somebody who does not read: it has to wait. */
static void
check_flood (GuestFixture *f)
{
  const char *argv[] = {"yes", "a flood of words", NULL};
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gsize before = get_resident_kib ();
  gboolean over = FALSE;
  guint source;
  int pipe_fds[2], status;

  g_assert_cmpint (pipe2 (pipe_fds, O_CLOEXEC), ==, 0);
  loom_guest_exec_async (f->guest, argv, -1, pipe_fds[1], -1, cancellable, guest_on_result, f);
  source = g_timeout_add (2000, on_timeout, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_null (f->result);
  g_assert_cmpuint (get_resident_kib () - MIN (before, get_resident_kib ()), <, 8 * 1024);
  guest_check_output (f, "pidof yes | wc -w", 0, "1"); /* others go on beside it */
  g_cancellable_cancel (cancellable);
  result = guest_wait_result (f);
  loom_guest_exec_finish (f->guest, result, &status, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  guest_check_output (f, "sleep 1.5; pidof yes | wc -w", 0, "0");
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

/* As `command | head`: when the reader goes, the command ends. */
static void
check_reader_gone (GuestFixture *f)
{
  const char *argv[] = {"yes", NULL};
  g_autoptr (GAsyncResult) result = NULL;
  int pipe_fds[2], status = -1;

  g_assert_cmpint (pipe2 (pipe_fds, O_CLOEXEC), ==, 0);
  loom_guest_exec_async (f->guest, argv, -1, pipe_fds[1], -1, NULL, guest_on_result, f);
  close (pipe_fds[1]);
  close (pipe_fds[0]);
  result = guest_wait_result (f);
  g_assert_true (loom_guest_exec_finish (f->guest, result, &status, NULL));
  g_assert_cmpint (status, ==, 128 + SIGHUP);
}

static void
test_commands (GuestFixture *f, gconstpointer data)
{
  guest_start (f);
  check_streams (f);
  check_flood (f);
  check_reader_gone (f);
  guest_check_output (f, "echo fine", 0, "fine");
  guest_stop (f, 2000);
}

static void
test_configure (GuestFixture *f, gconstpointer data)
{
  g_autoptr (LoomGuestSpec) spec = guest_make_spec (f);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  spec->boot_script = g_strdup ("echo hello > /tmp/boot\necho what a pity >&2\nexit 3\n");
  loom_guest_set_spec (f->guest, spec);
  guest_start (f);
  g_assert_nonnull (strstr (loom_guest_get_detail (f->guest), "3: what a pity"));
  guest_check_output (f, "cat /tmp/boot", 0, "hello");
  g_clear_pointer (&spec, loom_guest_spec_unref);
  spec = guest_make_spec (f);
  g_free (spec->name);
  spec->name = g_strdup ("router");
  loom_guest_spec_add_host (spec, "fd00::3", "pc3");
  loom_guest_configure_async (f->guest, spec, NULL, guest_on_result, f);
  result = guest_wait_result (f);
  loom_guest_configure_finish (f->guest, result, &error);
  g_assert_no_error (error);
  guest_check_output (f, "hostname; grep -c pc /etc/hosts; cat /tmp/boot", 0, "router\n2\nhello");
  guest_stop (f, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add ("/guest/commands", GuestFixture, NULL, guest_set_up, test_commands, guest_tear_down);
  g_test_add ("/guest/configure", GuestFixture, NULL, guest_set_up, test_configure,
              guest_tear_down);
  return g_test_run ();
}
