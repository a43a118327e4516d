/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client against an engine played by the test. */

#include "backend/engine/client.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/engine/fake-engine.h"

typedef struct {
  FakeEngine engine;
  LoomClient *client;
  GString *log; /* what the client signalled */
} Fixture;

static void
on_node_changed (LoomClient *client, const char *name, int state, const char *detail,
                 double progress, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->log, "%s %s %s;", name, loom_node_state_to_id (state), detail);
}

static void
on_node_gone (LoomClient *client, const char *name, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->log, "%s gone;", name);
}

static void
on_document_changed (LoomClient *client, const char *document, guint64 generation,
                     GHashTable *renames, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->log, "document %s %u %u;", document, (guint) generation,
                          g_hash_table_size (renames));
}

static void
on_reconnected (LoomClient *client, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append (fixture->log, "reconnected;");
}

static void
on_closed (LoomClient *client, const GError *reason, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->log, "closed %s;", reason != NULL ? "unexpectedly" : "asked");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_engine_set_up (&fixture->engine, "{}");
  fixture->client = loom_client_new (fixture->engine.file, &error);
  g_assert_no_error (error);
  fixture->log = g_string_new (NULL);
  g_signal_connect (fixture->client, "node-changed", G_CALLBACK (on_node_changed), fixture);
  g_signal_connect (fixture->client, "node-gone", G_CALLBACK (on_node_gone), fixture);
  g_signal_connect (fixture->client, "document-changed", G_CALLBACK (on_document_changed), fixture);
  g_signal_connect (fixture->client, "reconnected", G_CALLBACK (on_reconnected), fixture);
  g_signal_connect (fixture->client, "closed", G_CALLBACK (on_closed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fake_engine_tear_down (&fixture->engine);
  g_object_add_weak_pointer (G_OBJECT (fixture->client), (gpointer *) &fixture->client);
  g_object_unref (fixture->client);
  while (fixture->client != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_string_free (fixture->log, TRUE);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **slot)
{
  while (*slot == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (slot);
}

static void
wait_for_log (Fixture *fixture, const char *wanted)
{
  gint64 deadline_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (g_strcmp0 (fixture->log->str, wanted) != 0) {
    if (g_get_monotonic_time () > deadline_us)
      g_error ("got “%s”, wanted “%s”", fixture->log->str, wanted);
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
  g_string_truncate (fixture->log, 0);
}

static gboolean
attach (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  loom_client_attach_async (fixture->client, NULL, on_ready, &slot);
  result = wait_for (&slot);
  return loom_client_attach_finish (fixture->client, result, error);
}

static void
begin_apply (Fixture *fixture, const char *document, GAsyncResult **slot)
{
  loom_client_apply_async (fixture->client, document, loom_client_get_generation (fixture->client),
                           NULL, NULL, on_ready, slot);
}

static guint64
end_apply (Fixture *fixture, GAsyncResult **slot, GError **error)
{
  g_autoptr (GAsyncResult) result = wait_for (slot);
  guint64 generation = 0;

  loom_client_apply_finish (fixture->client, result, &generation, error);
  return generation;
}

static guint64
apply (Fixture *fixture, const char *document, GError **error)
{
  GAsyncResult *slot = NULL;

  begin_apply (fixture, document, &slot);
  return end_apply (fixture, &slot, error);
}

/* An engine that runs, and the client at it. */
static void
attach_to_engine (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fake_engine_take_lock (&fixture->engine);
  fake_engine_start (&fixture->engine);
  g_assert_true (attach (fixture, &error));
  g_assert_no_error (error);
  wait_for_log (fixture, "pc2 ready ;pc1 booting kernel;");
}

/* --- tests ------------------------------------------------------------------------------------*/

static void
test_not_running (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (attach (fixture, &error));
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING);
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_DETACHED);
  g_clear_error (&error);
  g_assert_cmpuint (apply (fixture, "x", &error), ==, 0);
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING);
}

static void
test_missing_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (loom_client_new ("/no/such/file", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_attach (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) nodes = NULL;

  attach_to_engine (fixture);
  nodes = loom_client_list_nodes (fixture->client);
  g_assert_cmpuint (nodes->len, ==, 2);
  g_assert_cmpstr (((LoomClientNode *) nodes->pdata[0])->name, ==, "pc1");
  g_assert_cmpstr (loom_client_get_document (fixture->client), ==, "one");
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 1);
  g_assert_cmpint (loom_client_get_lab_state (fixture->client), ==, LOOM_LAB_RUNNING);

  loom_dbus_engine_emit_node_gone (fixture->engine.skeleton, "pc2");
  wait_for_log (fixture, "pc2 gone;");
}

static void
test_documents (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  attach_to_engine (fixture);

  /* What we apply ourselves is not reported back … */
  g_assert_cmpuint (apply (fixture, "two", &error), ==, 2);
  g_assert_no_error (error);
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 2);
  g_assert_cmpstr (loom_client_get_document (fixture->client), ==, "two");

  /* … and what others apply is. */
  loom_dbus_engine_emit_document_changed (fixture->engine.skeleton, "three", 3,
                                          g_variant_new_parsed ("{'pc1': 'pc9'}"));
  wait_for_log (fixture, "document three 3 1;");
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 3);
}

static void
test_conflict (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  attach_to_engine (fixture);
  fixture->engine.apply = FAKE_ENGINE_REFUSE;
  g_assert_cmpuint (apply (fixture, "two", &error), ==, 0);
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT);
  g_assert_cmpstr (error->message, ==, "Another client was faster.");
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 1);
}

static void
test_reconnect (Fixture *fixture, gconstpointer data)
{
  attach_to_engine (fixture);
  fake_engine_stop (&fixture->engine);
  while (loom_client_get_state (fixture->client) != LOOM_CLIENT_RECONNECTING)
    g_main_context_iteration (NULL, TRUE);
  fake_engine_start (&fixture->engine);
  wait_for_log (fixture, "pc2 ready ;pc1 booting kernel;reconnected;");
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_ATTACHED);
}

/* The lab is there all the while, and its engine does not come for longer than engines take. */
static void
test_engine_away (Fixture *fixture, gconstpointer data)
{
  gint64 begin_us = g_get_monotonic_time ();

  attach_to_engine (fixture);
  fake_engine_stop (&fixture->engine);
  while (!g_hash_table_contains (loom_client_get_hangs (fixture->client), LOOM_CLIENT_HANG_ENGINE))
    g_main_context_iteration (NULL, TRUE);
  while (g_get_monotonic_time () - begin_us < 16 * G_USEC_PER_SEC)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_RECONNECTING);
  fake_engine_start (&fixture->engine);
  wait_for_log (fixture, "pc2 ready ;pc1 booting kernel;reconnected;");
  g_assert_cmpuint (g_hash_table_size (loom_client_get_hangs (fixture->client)), ==, 0);
}

/* Gives an engine that dies over it the document "two"; returns when it is dead. */
static void
apply_and_die (Fixture *fixture, FakeEngineApply how, GAsyncResult **slot)
{
  attach_to_engine (fixture);
  fixture->engine.apply = how;
  begin_apply (fixture, "two", slot);
  while (loom_client_get_state (fixture->client) != LOOM_CLIENT_RECONNECTING)
    g_main_context_iteration (NULL, TRUE);
  fixture->engine.apply = FAKE_ENGINE_ANSWER;
}

/* The edit comes to be in force whether the engine that died had taken it or not, and once only. */
static void
test_apply_survives (Fixture *fixture, gconstpointer data)
{
  FakeEngineApply how = (FakeEngineApply) GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  apply_and_die (fixture, how, &slot);
  fake_engine_start (&fixture->engine);
  g_assert_cmpuint (end_apply (fixture, &slot, &error), ==, 2);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->engine.document, ==, "two");
  g_assert_cmpuint (fixture->engine.n_applies, ==, how == FAKE_ENGINE_DIE ? 2 : 1);
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 2);
  /* It is our own, and not told as somebody else's. */
  wait_for_log (fixture, "pc2 ready ;pc1 booting kernel;reconnected;");
}

/* Somebody was faster at the new engine. */
static void
test_apply_too_late (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  apply_and_die (fixture, FAKE_ENGINE_DIE, &slot);
  fake_engine_start (&fixture->engine);
  fake_engine_edit (&fixture->engine, "theirs");
  g_assert_cmpuint (end_apply (fixture, &slot, &error), ==, 0);
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT);
  g_assert_cmpstr (loom_client_get_document (fixture->client), ==, "theirs");
}

/* There is no other engine: the person is told. */
static void
test_apply_lost (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  apply_and_die (fixture, FAKE_ENGINE_DIE, &slot);
  fake_engine_release_lock (&fixture->engine);
  g_assert_cmpuint (end_apply (fixture, &slot, &error), ==, 0);
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CLOSED);
  wait_for_log (fixture, "closed unexpectedly;");
}

/* An engine that could not write its last edit down before it died. */
static void
test_engine_forgets (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  attach_to_engine (fixture);
  g_assert_cmpuint (apply (fixture, "two", &error), ==, 2);
  g_assert_cmpuint (apply (fixture, "three", &error), ==, 3);
  fake_engine_stop (&fixture->engine);
  g_free (fixture->engine.document);
  fixture->engine.document = g_strdup ("two");
  fixture->engine.generation = 2;
  fake_engine_start (&fixture->engine);
  wait_for_log (fixture, "document two 2 0;pc2 ready ;pc1 booting kernel;reconnected;");
  g_assert_cmpuint (apply (fixture, "three", &error), ==, 3);
  g_assert_no_error (error);
}

static void
test_closed (Fixture *fixture, gconstpointer data)
{
  attach_to_engine (fixture);
  fake_engine_stop (&fixture->engine);
  fake_engine_release_lock (&fixture->engine);
  wait_for_log (fixture, "closed unexpectedly;");
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_DETACHED);
  g_assert_null (loom_client_get_document (fixture->client));
}

static void
test_stopped_by_another (Fixture *fixture, gconstpointer data)
{
  attach_to_engine (fixture);
  loom_dbus_engine_set_state (fixture->engine.skeleton, "stopping");
  while (loom_client_get_lab_state (fixture->client) != LOOM_LAB_STOPPING)
    g_main_context_iteration (NULL, TRUE);
  fake_engine_stop (&fixture->engine);
  fake_engine_release_lock (&fixture->engine);
  wait_for_log (fixture, "closed asked;");
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  /* Locked, and no engine: attaching would wait for it. */
  fake_engine_take_lock (&fixture->engine);
  loom_client_attach_async (fixture->client, cancellable, on_ready, &slot);
  for (int i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  g_cancellable_cancel (cancellable);
  result = wait_for (&slot);
  g_assert_false (loom_client_attach_finish (fixture->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_DETACHED);
}

/* A start that is given up under a stop leaves nothing to stop. */
static void
test_stop_while_starting (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) started = NULL;
  g_autoptr (GAsyncResult) stopped = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *start_slot = NULL, *stop_slot = NULL;

  loom_client_start_async (fixture->client, "{}", cancellable, on_ready, &start_slot);
  loom_client_stop_async (fixture->client, NULL, on_ready, &stop_slot);
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_STARTING);
  g_cancellable_cancel (cancellable);
  started = wait_for (&start_slot);
  g_assert_false (loom_client_start_finish (fixture->client, started, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  stopped = wait_for (&stop_slot);
  g_assert_true (loom_client_stop_finish (fixture->client, stopped, &error));
  g_assert_no_error (error);
}

/* What a client hears of a capture's end when the wire writes @line and goes. (transfer full) */
static char *
hear (Fixture *fixture, const char *line, gboolean *ret_was_limit)
{
  g_autoptr (GUnixFDList) owner = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  char *why;
  int fds[2];

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  owner = g_unix_fd_list_new_from_array (fds, 1);
  loom_client_hear_capture_end_async (fixture->client, owner, NULL, on_ready, &slot);
  for (int i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (slot);
  g_assert_cmpint (write (fds[1], line, strlen (line)), ==, strlen (line));
  close (fds[1]);
  result = wait_for (&slot);
  why = loom_client_hear_capture_end_finish (fixture->client, result, ret_was_limit, &error);
  g_assert_no_error (error);
  return why;
}

static void
expect_to_hear (Fixture *fixture, const char *line, const char *wanted, gboolean wanted_limit)
{
  gboolean was_limit = !wanted_limit;
  g_autofree char *why = hear (fixture, line, &was_limit);

  g_assert_cmpstr (why, ==, wanted);
  g_assert_cmpint (was_limit, ==, wanted_limit);
}

/* In the wire's words, while there is no engine. */
static void
test_capture_ends (Fixture *fixture, gconstpointer data)
{
  attach_to_engine (fixture);
  fake_engine_stop (&fixture->engine);
  while (loom_client_get_state (fixture->client) != LOOM_CLIENT_RECONNECTING)
    g_main_context_iteration (NULL, TRUE);
  expect_to_hear (fixture, "limit\tIt is enough.\n", "It is enough.", TRUE);
  expect_to_hear (fixture, "full\tNo\troom.\n", "No\troom.", FALSE);
  expect_to_hear (fixture, "limits\tare others.\n", "are others.", FALSE);
  expect_to_hear (fixture, "\n", "", FALSE);
  expect_to_hear (fixture, "\xff", "\uFFFD", FALSE);
  expect_to_hear (fixture, "", "The wire ended: what it held is lost, and captures end here.",
                  FALSE);
}

/* The wire goes without a word. */
static void
test_capture_ends_with_lab (Fixture *fixture, gconstpointer data)
{
  attach_to_engine (fixture);
  loom_dbus_engine_set_state (fixture->engine.skeleton, "stopping");
  while (loom_client_get_lab_state (fixture->client) != LOOM_LAB_STOPPING)
    g_main_context_iteration (NULL, TRUE);
  expect_to_hear (fixture, "", "The lab has ended, and the capture with it.", FALSE);
  loom_client_detach (fixture->client);
  expect_to_hear (fixture, "", "The lab has ended, and the capture with it.", FALSE);
}

/* Nobody listens any more, and nobody has the pipe but who had it. */
static void
test_capture_not_heard (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  GAsyncResult *result;
  GUnixFDList *owner;
  gboolean was_limit = TRUE;
  int fds[2];

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  owner = g_unix_fd_list_new_from_array (fds, 1);
  loom_client_hear_capture_end_async (fixture->client, owner, cancellable, on_ready, &slot);
  g_object_unref (owner);
  g_cancellable_cancel (cancellable);
  result = wait_for (&slot);
  g_assert_null (loom_client_hear_capture_end_finish (fixture->client, result, &was_limit, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (was_limit);
  g_object_add_weak_pointer (G_OBJECT (owner), (gpointer *) &owner);
  g_object_unref (result);
  while (owner != NULL)
    g_main_context_iteration (NULL, FALSE);
  close (fds[1]);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/client/not-running", test_not_running);
  ADD ("/client/missing-file", test_missing_file);
  ADD ("/client/attach", test_attach);
  ADD ("/client/documents", test_documents);
  ADD ("/client/conflict", test_conflict);
  ADD ("/client/reconnect", test_reconnect);
  ADD ("/client/engine-away", test_engine_away);
  g_test_add ("/client/apply/not-taken", Fixture, GINT_TO_POINTER (FAKE_ENGINE_DIE), set_up,
              test_apply_survives, tear_down);
  g_test_add ("/client/apply/taken", Fixture, GINT_TO_POINTER (FAKE_ENGINE_TAKE_DIE), set_up,
              test_apply_survives, tear_down);
  ADD ("/client/apply/too-late", test_apply_too_late);
  ADD ("/client/apply/lost", test_apply_lost);
  ADD ("/client/engine-forgets", test_engine_forgets);
  ADD ("/client/closed", test_closed);
  ADD ("/client/stopped-by-another", test_stopped_by_another);
  ADD ("/client/cancelled", test_cancelled);
  ADD ("/client/stop-while-starting", test_stop_while_starting);
  ADD ("/client/capture/ends", test_capture_ends);
  ADD ("/client/capture/ends-with-lab", test_capture_ends_with_lab);
  ADD ("/client/capture/not-heard", test_capture_not_heard);
  return g_test_run ();
}
