/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Commands whose engine ends between two of their calls. */

#include "backend/cli/cli.h"
#include "tests/unit/engine/fake-engine.h"

static LoomClient *
attach_and_lose (FakeEngine *engine)
{
  LoomClient *client;
  GAsyncResult *slot = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  fake_engine_set_up (engine, "{}");
  fake_engine_take_lock (engine);
  fake_engine_start (engine);
  client = loom_client_new (engine->file, NULL);
  loom_client_attach_async (client, NULL, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  g_assert_true (loom_client_attach_finish (client, result, NULL));
  fake_engine_stop (engine);
  while (loom_client_get_state (client) != LOOM_CLIENT_RECONNECTING)
    g_main_context_iteration (NULL, TRUE);
  return client;
}

static void
test_comes_back (void)
{
  FakeEngine engine;
  LoomCli cli = {0};
  g_autoptr (LoomClient) client = attach_and_lose (&engine);
  g_autoptr (LoomDBusEngine) proxy = NULL;
  g_autoptr (GError) error = NULL;

  fake_engine_start (&engine);
  proxy = loom_cli_ref_engine (&cli, client, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (loom_dbus_engine_get_generation (proxy), ==, 1);
  fake_engine_tear_down (&engine);
}

static void
test_is_over (void)
{
  FakeEngine engine;
  LoomCli cli = {0};
  g_autoptr (LoomClient) client = attach_and_lose (&engine);
  g_autoptr (GError) error = NULL;

  fake_engine_release_lock (&engine);
  g_assert_null (loom_cli_ref_engine (&cli, client, &error));
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING);
  fake_engine_tear_down (&engine);
}

/* Ctrl+C while it is being started again. */
static void
test_interrupted (void)
{
  FakeEngine engine;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  LoomCli cli = {.cancellable = cancellable};
  g_autoptr (LoomClient) client = attach_and_lose (&engine);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (loom_cli_ref_engine (&cli, client, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  fake_engine_release_lock (&engine);
  fake_engine_tear_down (&engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/engine-away/comes-back", test_comes_back);
  g_test_add_func ("/cli/engine-away/is-over", test_is_over);
  g_test_add_func ("/cli/engine-away/interrupted", test_interrupted);
  return g_test_run ();
}
