/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guest that ships, booted for real: to ready, commands with all their streams, floods, a
 * killed QEMU, and nothing left over. No network card: those need a switch. */

#include "backend/proto/pulse.h"
#include "backend/qemu/guest.h"

#include "lanloom-config.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG_SIZE (10 * 1000 * 1000)
#define BOOT_TIMEOUT_S 120

typedef struct {
  char *folder;
  LoomGuest *guest;
  GAsyncResult *result;
  gboolean timed_out;
} Fixture;

typedef struct {
  int in[2];
  int out[2];
  GString *output;
  GThread *reader;
  GThread *writer;
  gsize to_write;
} Streams;

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Fixture *) user_data)->result = g_object_ref (result);
}

static GAsyncResult *
wait_result (Fixture *f)
{
  while (f->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&f->result);
}

static void
wait_state (Fixture *f, LoomGuestState state)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds (BOOT_TIMEOUT_S, on_timeout, &late);

  while (loom_guest_get_state (f->guest) != state && !late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_cmpstr (loom_guest_state_to_id (loom_guest_get_state (f->guest)), ==,
                   loom_guest_state_to_id (state));
}

static LoomGuestSpec *
make_spec (Fixture *f)
{
  LoomGuestSpec *spec = loom_guest_spec_new ("m1", "pc1", f->folder);

  spec->kernel = g_build_filename (LOOM_BUILD_ROOT, "data", "guest", "tiny-vmlinuz", NULL);
  spec->initrd = g_build_filename (LOOM_BUILD_ROOT, "data", "guest", "tiny-initrd", NULL);
  spec->has_agent = TRUE;
  loom_guest_spec_add_host (spec, "10.0.0.2", "pc2");
  return spec;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomGuestSpec) spec = NULL;

  f->folder = g_dir_make_tmp ("lanloom-guest-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
  spec = make_spec (f);
  f->guest = loom_guest_new (spec);
}

static void
start (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin_us = g_get_monotonic_time ();

  loom_guest_start_async (f->guest, NULL, on_ready, f);
  result = wait_result (f);
  loom_guest_start_finish (f->guest, result, &error);
  g_assert_no_error (error);
  wait_state (f, LOOM_GUEST_READY);
  g_test_message ("ready after %.2f s", (double) (g_get_monotonic_time () - begin_us) / 1e6);
}

static void
stop (Fixture *f, guint grace_ms)
{
  g_autoptr (GAsyncResult) result = NULL;
  gint64 begin_us = g_get_monotonic_time ();

  loom_guest_stop_async (f->guest, grace_ms, NULL, on_ready, f);
  result = wait_result (f);
  g_assert_true (loom_guest_stop_finish (f->guest, result, NULL));
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_OFF);
  g_test_message ("off after %.2f s", (double) (g_get_monotonic_time () - begin_us) / 1e6);
}

/* The folder is empty, and so is the list of our children. */
static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) folder = g_dir_open (f->folder, 0, NULL);

  g_assert_cmpstr (g_dir_read_name (folder), ==, NULL);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_object_unref (f->guest);
  g_free (f->folder);
}

static gpointer
read_all (gpointer user_data)
{
  Streams *streams = user_data;
  char buffer[65536];
  gssize n;

  while ((n = read (streams->out[0], buffer, sizeof buffer)) > 0)
    g_string_append_len (streams->output, buffer, n);
  return NULL;
}

static gpointer
write_all (gpointer user_data)
{
  Streams *streams = user_data;
  char buffer[50000];

  memset (buffer, 'x', sizeof buffer);
  for (gsize at = 0; at < streams->to_write; at += sizeof buffer)
    if (write (streams->in[1], buffer, sizeof buffer) < 0)
      break;
  close (streams->in[1]);
  return NULL;
}

/* Runs a shell command; its output and errors go to *@ret_output (optional). */
static int
run (Fixture *f, const char *command, gsize to_write, char **ret_output)
{
  const char *argv[] = {"sh", "-c", command, NULL};
  Streams streams = {.output = g_string_new (NULL), .to_write = to_write};
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_assert_cmpint (pipe2 (streams.in, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (streams.out, O_CLOEXEC), ==, 0);
  streams.reader = g_thread_new ("reader", read_all, &streams);
  streams.writer = g_thread_new ("writer", write_all, &streams);
  loom_guest_exec_async (f->guest, argv, streams.in[0], streams.out[1], streams.out[1], NULL,
                         on_ready, f);
  close (streams.in[0]);
  close (streams.out[1]);
  result = wait_result (f);
  loom_guest_exec_finish (f->guest, result, &status, &error);
  g_assert_no_error (error);
  g_thread_join (streams.reader);
  g_thread_join (streams.writer);
  close (streams.out[0]);
  if (ret_output != NULL)
    *ret_output = g_string_free (streams.output, FALSE);
  else
    g_string_free (streams.output, TRUE);
  return status;
}

static void
check_output (Fixture *f, const char *command, int status, const char *output)
{
  g_autofree char *text = NULL;

  g_assert_cmpint (run (f, command, 0, &text), ==, status);
  g_assert_cmpstr (g_strstrip (text), ==, output);
}

static void
check_streams (Fixture *f)
{
  g_autofree char *text = NULL;
  gint64 begin_us;

  check_output (f, "hostname", 0, "pc1");
  check_output (f, "exit 7", 7, "");
  check_output (f, "kill -9 $$", 137, "");
  check_output (f, "no-such-program", 127, "sh: 1: no-such-program: not found");
  check_output (f, "echo out; echo err >&2", 0, "out\nerr");
  check_output (f, "grep -w pc2 /etc/hosts", 0, "10.0.0.2 pc2");
  check_output (f, "sleep 100 & echo gone", 0, "gone");
  check_output (f, "for t in ip ping tcpdump iperf3 ethtool; do command -v $t; done | wc -l", 0,
                "5");
  begin_us = g_get_monotonic_time ();
  g_assert_cmpint (run (f, "cat", BIG_SIZE, &text), ==, 0);
  g_assert_cmpuint (strlen (text), ==, BIG_SIZE);
  g_test_message ("%d bytes in and out in %.2f s", BIG_SIZE,
                  (double) (g_get_monotonic_time () - begin_us) / 1e6);
  check_output (f, "wc -c", 0, "0");
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

/* A guest that writes without end to somebody who does not read: it has to wait. */
static void
check_flood (Fixture *f)
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
  loom_guest_exec_async (f->guest, argv, -1, pipe_fds[1], -1, cancellable, on_ready, f);
  source = g_timeout_add (2000, on_timeout, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_null (f->result);
  g_assert_cmpuint (get_resident_kib () - MIN (before, get_resident_kib ()), <, 8 * 1024);
  check_output (f, "pidof yes | wc -w", 0, "1"); /* others go on beside it */
  g_cancellable_cancel (cancellable);
  result = wait_result (f);
  loom_guest_exec_finish (f->guest, result, &status, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  check_output (f, "sleep 1.5; pidof yes | wc -w", 0, "0");
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

/* As `command | head`: when the reader goes, the command ends. */
static void
check_reader_gone (Fixture *f)
{
  const char *argv[] = {"yes", NULL};
  g_autoptr (GAsyncResult) result = NULL;
  int pipe_fds[2], status = -1;

  g_assert_cmpint (pipe2 (pipe_fds, O_CLOEXEC), ==, 0);
  loom_guest_exec_async (f->guest, argv, -1, pipe_fds[1], -1, NULL, on_ready, f);
  close (pipe_fds[1]);
  close (pipe_fds[0]);
  result = wait_result (f);
  g_assert_true (loom_guest_exec_finish (f->guest, result, &status, NULL));
  g_assert_cmpint (status, ==, 128 + SIGHUP);
}

static void
test_commands (Fixture *f, gconstpointer data)
{
  start (f);
  check_streams (f);
  check_flood (f);
  check_reader_gone (f);
  check_output (f, "echo fine", 0, "fine");
  stop (f, 2000);
}

static void
test_configure (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomGuestSpec) spec = make_spec (f);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  spec->boot_script = g_strdup ("echo hello > /tmp/boot\necho what a pity >&2\nexit 3\n");
  loom_guest_set_spec (f->guest, spec);
  start (f);
  g_assert_nonnull (strstr (loom_guest_get_detail (f->guest), "3: what a pity"));
  check_output (f, "cat /tmp/boot", 0, "hello");
  g_clear_pointer (&spec, loom_guest_spec_unref);
  spec = make_spec (f);
  g_free (spec->name);
  spec->name = g_strdup ("router");
  loom_guest_spec_add_host (spec, "fd00::3", "pc3");
  loom_guest_configure_async (f->guest, spec, NULL, on_ready, f);
  result = wait_result (f);
  loom_guest_configure_finish (f->guest, result, &error);
  g_assert_no_error (error);
  check_output (f, "hostname; grep -c pc /etc/hosts; cat /tmp/boot", 0, "router\n2\nhello");
  stop (f, 0);
}

/* As an engine that was killed and started again. */
static void
attach_anew (Fixture *f)
{
  g_autoptr (GAsyncResult) attached = NULL;
  g_autoptr (GError) error = NULL;
  LoomGuest *first = f->guest;

  g_object_run_dispose (G_OBJECT (first));
  f->guest = loom_guest_new (loom_guest_get_spec (first));
  g_object_unref (first);
  loom_guest_attach_async (f->guest, NULL, on_ready, f);
  attached = wait_result (f);
  loom_guest_attach_finish (f->guest, attached, &error);
  g_assert_no_error (error);
}

static void
order_pause (Fixture *f)
{
  g_autoptr (GAsyncResult) paused = NULL;

  loom_guest_pause_async (f->guest, NULL, on_ready, f);
  paused = wait_result (f);
  g_assert_true (loom_guest_pause_finish (f->guest, paused, NULL));
  wait_state (f, LOOM_GUEST_PAUSED);
}

static void
order_resume (Fixture *f)
{
  g_autoptr (GAsyncResult) resumed = NULL;

  loom_guest_resume_async (f->guest, NULL, on_ready, f);
  resumed = wait_result (f);
  g_assert_true (loom_guest_resume_finish (f->guest, resumed, NULL));
  wait_state (f, LOOM_GUEST_READY);
}

static void
test_pause_and_attach (Fixture *f, gconstpointer data)
{
  GPid pid;

  start (f);
  order_pause (f);
  order_resume (f);
  pid = loom_guest_get_pid (f->guest);
  attach_anew (f);
  wait_state (f, LOOM_GUEST_READY);
  g_assert_cmpint (loom_guest_get_pid (f->guest), ==, pid);
  check_output (f, "echo still here", 0, "still here");
  stop (f, 2000);
}

static gboolean
on_look (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* The word of /proc, and not only the guest's. */
static void
wait_dozing (Fixture *f)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds (20, on_timeout, &late);
  guint look = g_timeout_add (20, on_look, NULL);

  while (!loom_process_is_stopped (loom_guest_get_pid (f->guest)) && !late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (look);
  g_source_remove (source);
  g_assert_true (loom_process_is_stopped (loom_guest_get_pid (f->guest)));
  g_assert_true (loom_guest_is_dozing (f->guest));
}

static void
assert_awake (Fixture *f)
{
  g_assert_false (loom_guest_is_dozing (f->guest));
  g_assert_false (loom_process_is_stopped (loom_guest_get_pid (f->guest)));
}

/* Left alone while paused it is stopped; an order, an engine that takes over and the end each let
 * it go on. */
static void
test_doze (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) pinged = NULL;

  start (f);
  order_pause (f);
  wait_dozing (f);
  loom_guest_ping_async (f->guest, NULL, on_ready, f);
  pinged = wait_result (f);
  g_assert_true (loom_guest_ping_finish (f->guest, pinged, NULL));
  assert_awake (f);

  wait_dozing (f);
  attach_anew (f);
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_PAUSED);
  assert_awake (f);

  loom_guest_rouse (f->guest);
  wait_dozing (f);
  order_resume (f);
  assert_awake (f);
  check_output (f, "echo still here", 0, "still here");

  order_pause (f);
  wait_dozing (f);
  stop (f, 2000);
}

static void
test_killed (Fixture *f, gconstpointer data)
{
  start (f);
  kill (loom_guest_get_pid (f->guest), SIGKILL);
  wait_state (f, LOOM_GUEST_FAILED);
  g_assert_nonnull (strstr (loom_guest_get_detail (f->guest), "pc1"));
  g_assert_nonnull (strstr (loom_guest_get_detail (f->guest), "signal 9"));
  start (f);
  stop (f, 2000);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomGuestSpec) spec = make_spec (f);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_free (spec->kernel);
  spec->kernel = g_strdup ("/nonexistent/kernel");
  loom_guest_set_spec (f->guest, spec);
  loom_guest_start_async (f->guest, NULL, on_ready, f);
  result = wait_result (f);
  g_assert_false (loom_guest_start_finish (f->guest, result, &error));
  g_assert_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START);
  g_assert_true (g_str_has_prefix (error->message, "pc1 was not started. QEMU said: "));
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_FAILED);
  g_test_message ("%s", error->message);
  stop (f, 0);
}

static void
test_too_large (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomGuestSpec) spec = make_spec (f);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  spec->memory_mib = 1024 * 1024;
  loom_guest_set_spec (f->guest, spec);
  loom_guest_start_async (f->guest, NULL, on_ready, f);
  result = wait_result (f);
  g_assert_false (loom_guest_start_finish (f->guest, result, &error));
  g_assert_nonnull (strstr (error->message, "1048576 MiB"));
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_FAILED);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  loom_guest_start_async (f->guest, cancellable, on_ready, f);
  g_cancellable_cancel (cancellable);
  result = wait_result (f);
  g_assert_false (loom_guest_start_finish (f->guest, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_OFF);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add ("/guest/commands", Fixture, NULL, set_up, test_commands, tear_down);
  g_test_add ("/guest/configure", Fixture, NULL, set_up, test_configure, tear_down);
  g_test_add ("/guest/pause-and-attach", Fixture, NULL, set_up, test_pause_and_attach, tear_down);
  g_test_add ("/guest/doze", Fixture, NULL, set_up, test_doze, tear_down);
  g_test_add ("/guest/killed", Fixture, NULL, set_up, test_killed, tear_down);
  g_test_add ("/guest/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/guest/too-large", Fixture, NULL, set_up, test_too_large, tear_down);
  g_test_add ("/guest/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  return g_test_run ();
}
