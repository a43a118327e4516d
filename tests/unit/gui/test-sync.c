/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window's edits and the running lab's, while the engine comes and goes. */

#include "gui/sync.h"

#include "canvas/model/edit.h"
#include "canvas/model/writer.h"
#include "tests/unit/engine/fake-engine.h"
#include "tests/unit/gui/catalogue.h"

typedef struct {
  FakeEngine engine;
  LoomDocument *document;
  LoomClient *client;
  LoomSync *sync;
  GString *said;
} Fixture;

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomSync *sync)
{
  loom_sync_add_change (sync, change);
}

static void
on_document_changed (LoomClient *client, const char *document, guint64 generation,
                     GHashTable *renames, LoomSync *sync)
{
  loom_sync_take_over (sync, document, renames);
}

static void
on_reconnected (LoomClient *client, LoomSync *sync)
{
  loom_sync_begin (sync);
}

static void
on_message (LoomSync *sync, const char *severity, const char *text, Fixture *fixture)
{
  g_string_append_printf (fixture->said, "%s;", severity);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LoomCatalogue) catalogue = make_catalogue ();
  gboolean done = FALSE;

  fake_engine_set_up (&fixture->engine, TWO_MACHINES);
  g_free (fixture->engine.document);
  fixture->engine.document = g_strdup (TWO_MACHINES);
  fake_engine_take_lock (&fixture->engine);
  fake_engine_start (&fixture->engine);
  fixture->said = g_string_new (NULL);
  fixture->document = loom_document_new (catalogue, NULL);
  g_assert_true (loom_document_recover (fixture->document, fixture->engine.file, TWO_MACHINES,
                                        strlen (TWO_MACHINES), NULL));
  fixture->client = loom_client_new (fixture->engine.file, NULL);
  loom_client_set_force (fixture->client, TRUE);
  fixture->sync = loom_sync_new (fixture->document);
  loom_sync_set_client (fixture->sync, fixture->client);
  g_signal_connect (fixture->sync, "message", G_CALLBACK (on_message), fixture);
  g_signal_connect (fixture->client, "document-changed", G_CALLBACK (on_document_changed),
                    fixture->sync);
  g_signal_connect (fixture->client, "reconnected", G_CALLBACK (on_reconnected), fixture->sync);
  g_signal_connect (loom_document_get_lab (fixture->document), "changed",
                    G_CALLBACK (on_lab_changed), fixture->sync);
  loom_client_attach_async (fixture->client, NULL, on_ready, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_ATTACHED);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (fixture->client, fixture->sync);
  g_signal_handlers_disconnect_by_data (loom_document_get_lab (fixture->document), fixture->sync);
  loom_client_detach (fixture->client);
  g_object_unref (fixture->sync);
  g_object_unref (fixture->document);
  fake_engine_tear_down (&fixture->engine);
  g_object_unref (fixture->client);
  g_string_free (fixture->said, TRUE);
}

static void
wait_for_state (Fixture *fixture, LoomClientState state)
{
  while (loom_client_get_state (fixture->client) != state)
    g_main_context_iteration (NULL, TRUE);
}

/* Waits until the engine has @name, which is a node's, and nothing more is on its way. */
static void
wait_for_node (Fixture *fixture, const char *name)
{
  gint64 deadline_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (strstr (fixture->engine.document, name) == NULL
         || loom_client_get_generation (fixture->client) != fixture->engine.generation) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
}

static void
add_switch (Fixture *fixture)
{
  LoomLab *lab = loom_document_get_lab (fixture->document);
  g_autoptr (LoomChange) change = loom_edit_add_node (lab, "switch", 0, 0, NULL);

  loom_history_do (loom_document_get_history (fixture->document), change, NULL);
}

static gboolean
has_node (Fixture *fixture, const char *name)
{
  return loom_lab_get_node (loom_document_get_lab (fixture->document), name) != NULL;
}

/* An edit under way when the engine dies, and one made while there is none. */
static void
test_engine_dies (Fixture *fixture, gconstpointer data)
{
  fixture->engine.apply = (FakeEngineApply) GPOINTER_TO_INT (data);
  add_switch (fixture);
  wait_for_state (fixture, LOOM_CLIENT_RECONNECTING);
  fixture->engine.apply = FAKE_ENGINE_ANSWER;
  add_switch (fixture);
  fake_engine_start (&fixture->engine);
  wait_for_node (fixture, "sw2");
  g_assert_nonnull (strstr (fixture->engine.document, "sw1"));
  g_assert_true (has_node (fixture, "sw1") && has_node (fixture, "sw2"));
  g_assert_cmpstr (fixture->said->str, ==, "");
}

/* Somebody else was faster than an edit that waits to be sent: theirs is not overwritten. */
static void
test_others_are_faster (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LoomCatalogue) catalogue = make_catalogue ();
  g_autoptr (LoomLab) lab = read_lab (catalogue, TWO_MACHINES);
  g_autoptr (LoomChange) change = loom_edit_add_node (lab, "tiny", 0, 0, NULL);
  g_autofree char *theirs = NULL;

  loom_lab_apply (lab, change);
  theirs = loom_writer_write (lab, NULL);
  add_switch (fixture);
  fake_engine_edit (&fixture->engine, theirs);
  wait_for_node (fixture, "pc3");
  for (int i = 0; i < 500; i++) { /* longer than an edit waits */
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
  g_assert_true (has_node (fixture, "pc3"));
  g_assert_false (has_node (fixture, "sw1"));
  g_assert_nonnull (strstr (fixture->engine.document, "pc3"));
  g_assert_cmpstr (fixture->said->str, ==, "info;");
  loom_history_undo (loom_document_get_history (fixture->document));
  g_assert_true (has_node (fixture, "sw1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/gui/sync/engine-dies/not-taken", Fixture, GINT_TO_POINTER (FAKE_ENGINE_DIE), set_up,
              test_engine_dies, tear_down);
  g_test_add ("/gui/sync/engine-dies/taken", Fixture, GINT_TO_POINTER (FAKE_ENGINE_TAKE_DIE),
              set_up, test_engine_dies, tear_down);
  g_test_add ("/gui/sync/others-are-faster", Fixture, NULL, set_up, test_others_are_faster,
              tear_down);
  return g_test_run ();
}
