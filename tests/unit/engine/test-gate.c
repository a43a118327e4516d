/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "backend/engine/gate.h"
#include "tests/scratch.h"
#include "tests/unix-client.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define PATIENCE_S 20
#define LEAST_PATIENCE_S 4 /* the gate has at least, with who says nothing */
#define N_SILENT 8         /* as many as may say nothing at a time */

typedef struct {
  char *folder;
  char *path;
  LoomGate *gate;
  GPtrArray *guests; /* GDBusConnection that were let in */
  gboolean accepts;
  GDBusConnection *client;
  GError *error;
  gboolean answered;
  gboolean over;
} Fixture;

static gboolean
on_guest (GDBusConnection *connection, gpointer user_data)
{
  Fixture *f = user_data;

  if (f->accepts)
    g_ptr_array_add (f->guests, g_object_ref (connection));
  return f->accepts;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = scratch_new ("gate");
  f->path = g_build_filename (f->folder, "socket", NULL);
  f->guests = g_ptr_array_new_with_free_func (g_object_unref);
  f->accepts = TRUE;
  f->gate = loom_gate_new (f->path, on_guest, f, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->gate, loom_gate_free);
  g_assert_cmpint (g_access (f->path, F_OK), ==, -1);
  g_ptr_array_unref (f->guests);
  g_clear_object (&f->client);
  g_clear_error (&f->error);
  g_free (f->path);
  scratch_free (f->folder);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;

  f->client = g_dbus_connection_new_for_address_finish (result, &f->error);
}

static void
begin_client (Fixture *f)
{
  g_autofree char *address = g_strdup_printf ("unix:path=%s", f->path);

  g_dbus_connection_new_for_address (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                     NULL, on_connected, f);
}

static gboolean
on_time (gpointer user_data)
{
  ((Fixture *) user_data)->over = TRUE;
  return G_SOURCE_REMOVE;
}

/* Until the client is in, or is none, and as many are known at our side; @ms at most. */
static void
turn (Fixture *f, guint n_guests, guint ms)
{
  guint id = g_timeout_add (ms, on_time, f);

  f->over = FALSE;
  while (!f->over && ((f->client == NULL && f->error == NULL) || f->guests->len < n_guests))
    g_main_context_iteration (NULL, TRUE);
  if (!f->over)
    g_source_remove (id);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (GVariant)
      answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &f->error);

  f->answered = TRUE;
}

/* Messages are dispatched: GDBus answers this one itself. */
static void
test_lets_in (Fixture *f, gconstpointer data)
{
  begin_client (f);
  turn (f, 1, PATIENCE_S * 1000);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->guests->len, ==, 1);
  g_dbus_connection_call (f->client, NULL, "/", "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NONE, PATIENCE_S * 1000, NULL, on_answered, f);
  while (!f->answered)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (f->error);
  g_assert_false (g_dbus_connection_is_closed (f->guests->pdata[0]));
}

static void
test_turns_away (Fixture *f, gconstpointer data)
{
  f->accepts = FALSE;
  begin_client (f);
  turn (f, 0, PATIENCE_S * 1000);
  for (int i = 0; i < PATIENCE_S * 100 && f->client != NULL; i++) {
    if (g_dbus_connection_is_closed (f->client))
      break;
    g_main_context_iteration (NULL, FALSE);
    g_usleep (10000);
  }
  g_assert_true (f->client == NULL || g_dbus_connection_is_closed (f->client));
}

/* Who says nothing keeps others waiting for a while, and no longer. */
static void
test_silent (Fixture *f, gconstpointer data)
{
  gint64 begin_us = g_get_monotonic_time ();
  int fds[N_SILENT];

  for (int i = 0; i < N_SILENT; i++)
    fds[i] = unix_client_new (f->path);
  begin_client (f);
  turn (f, 1, 1000);
  if (g_get_monotonic_time () - begin_us < LEAST_PATIENCE_S * G_USEC_PER_SEC)
    g_assert_cmpuint (f->guests->len, ==, 0);
  turn (f, 1, PATIENCE_S * 1000);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->guests->len, ==, 1);
  for (int i = 0; i < N_SILENT; i++)
    close (fds[i]);
}

/* The gate goes while somebody is on the way in. */
static void
test_goes (Fixture *f, gconstpointer data)
{
  int fd = unix_client_new (f->path);

  begin_client (f);
  f->over = FALSE;
  turn (f, 0, 1);
  g_clear_pointer (&f->gate, loom_gate_free);
  close (fd);
  turn (f, 0, 500);
  g_assert_cmpuint (f->guests->len, <=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* That somebody was turned away is a warning. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
  g_test_add ("/gate/lets-in", Fixture, NULL, set_up, test_lets_in, tear_down);
  g_test_add ("/gate/turns-away", Fixture, NULL, set_up, test_turns_away, tear_down);
  g_test_add ("/gate/silent", Fixture, NULL, set_up, test_silent, tear_down);
  g_test_add ("/gate/goes", Fixture, NULL, set_up, test_goes, tear_down);
  return g_test_run ();
}
