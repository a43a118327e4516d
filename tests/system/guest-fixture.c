/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See guest-fixture.h. */

#include "tests/system/guest-fixture.h"

#include "lanloom-config.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOT_TIMEOUT_S 120

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

void
guest_on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((GuestFixture *) user_data)->result = g_object_ref (result);
}

GAsyncResult *
guest_wait_result (GuestFixture *f)
{
  while (f->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&f->result);
}

void
guest_wait_state (GuestFixture *f, LoomGuestState state)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds (BOOT_TIMEOUT_S, on_timeout, &late);

  while (loom_guest_get_state (f->guest) != state && !late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_cmpstr (loom_guest_state_to_id (loom_guest_get_state (f->guest)), ==,
                   loom_guest_state_to_id (state));
}

LoomGuestSpec *
guest_make_spec (GuestFixture *f)
{
  LoomGuestSpec *spec = loom_guest_spec_new ("m1", "pc1", f->folder);

  spec->kernel = g_build_filename (LOOM_BUILD_ROOT, "data", "guest", "tiny-vmlinuz", NULL);
  spec->initrd = g_build_filename (LOOM_BUILD_ROOT, "data", "guest", "tiny-initrd", NULL);
  spec->has_agent = TRUE;
  loom_guest_spec_add_host (spec, "10.0.0.2", "pc2");
  return spec;
}

void
guest_set_up (GuestFixture *f, gconstpointer data)
{
  g_autoptr (LoomGuestSpec) spec = NULL;

  f->folder = g_dir_make_tmp ("lanloom-guest-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
  spec = guest_make_spec (f);
  f->guest = loom_guest_new (spec);
}

void
guest_start (GuestFixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin_us = g_get_monotonic_time ();

  loom_guest_start_async (f->guest, NULL, guest_on_result, f);
  result = guest_wait_result (f);
  loom_guest_start_finish (f->guest, result, &error);
  g_assert_no_error (error);
  guest_wait_state (f, LOOM_GUEST_READY);
  g_test_message ("ready after %.2f s", (double) (g_get_monotonic_time () - begin_us) / 1e6);
}

void
guest_stop (GuestFixture *f, guint grace_ms)
{
  g_autoptr (GAsyncResult) result = NULL;
  gint64 begin_us = g_get_monotonic_time ();

  loom_guest_stop_async (f->guest, grace_ms, NULL, guest_on_result, f);
  result = guest_wait_result (f);
  g_assert_true (loom_guest_stop_finish (f->guest, result, NULL));
  g_assert_cmpint (loom_guest_get_state (f->guest), ==, LOOM_GUEST_OFF);
  g_test_message ("off after %.2f s", (double) (g_get_monotonic_time () - begin_us) / 1e6);
}

void
guest_tear_down (GuestFixture *f, gconstpointer data)
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

int
guest_run (GuestFixture *f, const char *command, gsize to_write, char **ret_output)
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
                         guest_on_result, f);
  close (streams.in[0]);
  close (streams.out[1]);
  result = guest_wait_result (f);
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

void
guest_check_output (GuestFixture *f, const char *command, int status, const char *output)
{
  g_autofree char *text = NULL;

  g_assert_cmpint (guest_run (f, command, 0, &text), ==, status);
  g_assert_cmpstr (g_strstrip (text), ==, output);
}
