/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guest that ships, booted for real: paused, taken over, killed, refused, and nothing left
 * over. No network card: those need a switch. Its commands are in test-guest-commands.c. */

#include "backend/proto/pulse.h"

#include <signal.h>
#include <string.h>

#include "tests/system/guest-fixture.h"

/* As an engine that was killed and started again. */
static void
attach_anew (GuestFixture *f)
{
  g_autoptr (GError) error = NULL;
  LoomGuest *first = f->guest;

  g_object_run_dispose (G_OBJECT (first));
  f->guest = loom_guest_new (loom_guest_get_spec (first));
  g_object_unref (first);
  loom_guest_attach (f->guest, &error);
  g_assert_no_error (error);
}

static void
order_pause (GuestFixture *f)
{
  g_autoptr (GAsyncResult) paused = NULL;

  loom_guest_pause_async (f->guest, NULL, guest_on_result, f);
  paused = guest_wait_result (f);
  g_assert_true (loom_guest_pause_finish (f->guest, paused, NULL));
  guest_wait_state (f, LOOM_GUEST_PAUSED);
}

static void
order_resume (GuestFixture *f)
{
  g_autoptr (GAsyncResult) resumed = NULL;

  loom_guest_resume_async (f->guest, NULL, guest_on_result, f);
  resumed = guest_wait_result (f);
  g_assert_true (loom_guest_resume_finish (f->guest, resumed, NULL));
  guest_wait_state (f, LOOM_GUEST_READY);
}

static void
test_pause_and_attach (GuestFixture *f, gconstpointer data)
{
  GPid pid;

  guest_start (f);
  order_pause (f);
  order_resume (f);
  pid = loom_guest_get_pid (f->guest);
  attach_anew (f);
  guest_wait_state (f, LOOM_GUEST_READY);
  g_assert_cmpint (loom_guest_get_pid (f->guest), ==, pid);
  guest_check_output (f, "echo still here", 0, "still here");
  guest_stop (f, 2000);
}

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
on_look (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* The word of /proc, and not only the guest's. */
static void
wait_dozing (GuestFixture *f)
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
assert_awake (GuestFixture *f)
{
  g_assert_false (loom_guest_is_dozing (f->guest));
  g_assert_false (loom_process_is_stopped (loom_guest_get_pid (f->guest)));
}

/* Left alone while paused it is stopped; an order, an engine that takes over and the end each let
 * it go on. */
static void
test_doze (GuestFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) pinged = NULL;

  guest_start (f);
  order_pause (f);
  wait_dozing (f);
  loom_guest_ping_async (f->guest, NULL, guest_on_result, f);
  pinged = guest_wait_result (f);
  g_assert_true (loom_guest_ping_finish (f->guest, pinged, NULL));
  assert_awake (f);

  wait_dozing (f);
  attach_anew (f);
  guest_wait_state (f, LOOM_GUEST_PAUSED);
  assert_awake (f);

  loom_guest_rouse (f->guest);
  wait_dozing (f);
  order_resume (f);
  assert_awake (f);
  guest_check_output (f, "echo still here", 0, "still here");

  order_pause (f);
  wait_dozing (f);
  guest_stop (f, 2000);
}

static void
test_killed (GuestFixture *f, gconstpointer data)
{
  guest_start (f);
  kill (loom_guest_get_pid (f->guest), SIGKILL);
  guest_wait_state (f, LOOM_GUEST_FAILED);
  g_assert_nonnull (strstr (loom_guest_get_detail (f->guest), "pc1"));
  g_assert_nonnull (strstr (loom_guest_get_detail (f->guest), "signal 9"));
  guest_start (f);
  guest_stop (f, 2000);
}

static void
test_refused (GuestFixture *f, gconstpointer data)
{
  g_autoptr (LoomGuestSpec) spec = guest_make_spec (f);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_free (spec->kernel);
  spec->kernel = g_strdup ("/nonexistent/kernel");
  loom_guest_set_spec (f->guest, spec);
  loom_guest_start_async (f->guest, NULL, guest_on_result, f);
  result = guest_wait_result (f);
  g_assert_false (loom_guest_start_finish (f->guest, result, &error));
  g_assert_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START);
  g_assert_true (g_str_has_prefix (error->message, "pc1 was not started. QEMU said: "));
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_FAILED);
  g_test_message ("%s", error->message);
  guest_stop (f, 0);
}

static void
test_too_large (GuestFixture *f, gconstpointer data)
{
  g_autoptr (LoomGuestSpec) spec = guest_make_spec (f);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  spec->memory_mib = 1024 * 1024;
  loom_guest_set_spec (f->guest, spec);
  loom_guest_start_async (f->guest, NULL, guest_on_result, f);
  result = guest_wait_result (f);
  g_assert_false (loom_guest_start_finish (f->guest, result, &error));
  g_assert_nonnull (strstr (error->message, "1048576 MiB"));
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_FAILED);
}

static void
test_cancelled (GuestFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  loom_guest_start_async (f->guest, cancellable, guest_on_result, f);
  g_cancellable_cancel (cancellable);
  result = guest_wait_result (f);
  g_assert_false (loom_guest_start_finish (f->guest, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_OFF);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add ("/guest/pause-and-attach", GuestFixture, NULL, guest_set_up, test_pause_and_attach,
              guest_tear_down);
  g_test_add ("/guest/doze", GuestFixture, NULL, guest_set_up, test_doze, guest_tear_down);
  g_test_add ("/guest/killed", GuestFixture, NULL, guest_set_up, test_killed, guest_tear_down);
  g_test_add ("/guest/refused", GuestFixture, NULL, guest_set_up, test_refused, guest_tear_down);
  g_test_add ("/guest/too-large", GuestFixture, NULL, guest_set_up, test_too_large,
              guest_tear_down);
  g_test_add ("/guest/cancelled", GuestFixture, NULL, guest_set_up, test_cancelled,
              guest_tear_down);
  return g_test_run ();
}
