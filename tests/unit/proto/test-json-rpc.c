/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A JSON-RPC peer over a socket pair whose other end says what the test tells it to. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/proto/json-rpc.h"
#include "tests/unit/proto/pair.h"

typedef struct {
  LoomJsonRpc *rpc;
  int other;
  GAsyncResult *result;
  gboolean closed;
} Fixture;

static void
on_closed (LoomJsonRpc *rpc, const GError *error, Fixture *f)
{
  f->closed = TRUE;
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Fixture *) user_data)->result = g_object_ref (result);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GSocketConnection) connection = pair_new (0, &f->other);
  g_autoptr (LoomChannel) channel = loom_channel_new (G_IO_STREAM (connection), 4096);

  f->rpc = loom_json_rpc_new (channel, 4096, 16);
  g_signal_connect (f->rpc, "closed", G_CALLBACK (on_closed), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->rpc);
  g_clear_object (&f->result);
  close (f->other);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
say (Fixture *f, const char *text)
{
  g_assert_cmpint (write (f->other, text, strlen (text)), ==, (gssize) strlen (text));
}

static void
call (Fixture *f, guint timeout_ms, GCancellable *cancellable)
{
  loom_json_rpc_call_async (f->rpc, "m", json_from_string ("[]", NULL), timeout_ms, cancellable,
                            on_ready, f);
}

static JsonNode *
finish (Fixture *f, GError **error)
{
  while (f->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return loom_json_rpc_call_finish (f->rpc, f->result, error);
}

static void
test_answer (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;

  call (f, 5000, NULL);
  say (f, "{\"id\":99,\"result\":1,\"error\":null}{\"id\":1,\"resu");
  say (f, "lt\":[7],\"error\":null}");
  answer = finish (f, &error);
  g_assert_no_error (error);
  g_assert_nonnull (loom_json_node_array (answer));
}

static void
test_echo (Fixture *f, gconstpointer data)
{
  char text[200] = {0};

  say (f, "{\"id\":\"e\",\"method\":\"echo\",\"params\":[5]}");
  while (recv (f->other, text, sizeof text - 1, MSG_DONTWAIT) <= 0)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (text, ==, "{\"id\":\"e\",\"result\":[5],\"error\":null}");
}

static void
test_failures (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) remote = NULL;
  g_autoptr (GError) timeout = NULL;
  g_autoptr (GError) cancelled = NULL;
  g_autoptr (GError) closed = NULL;

  call (f, 5000, NULL);
  say (f, "{\"id\":1,\"result\":null,\"error\":\"no\"}");
  g_assert_null (finish (f, &remote));
  g_assert_error (remote, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_REMOTE);
  g_clear_object (&f->result);

  call (f, 10, NULL);
  g_assert_null (finish (f, &timeout));
  g_assert_error (timeout, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_object (&f->result);

  call (f, 5000, cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_null (finish (f, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&f->result);

  call (f, 5000, NULL);
  say (f, "garbage");
  g_assert_null (finish (f, &closed));
  g_assert_error (closed, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX);
  g_assert_true (f->closed);
  g_assert_false (loom_json_rpc_is_open (f->rpc));
}

/* What is wrong stays text, however long it is and wherever it is cut. */
static void
test_long_failure (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("{\"id\":1,\"result\":null,\"error\":\"a");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 1500; i++)
    g_string_append (text, "é");
  g_string_append (text, "\"}");
  call (f, 5000, NULL);
  say (f, text->str);
  g_assert_null (finish (f, &error));
  g_assert_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_REMOTE);
  g_assert_cmpuint (strlen (error->message), <, 2100);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/json-rpc/long-failure", Fixture, NULL, set_up, test_long_failure, tear_down);
  g_test_add ("/json-rpc/answer", Fixture, NULL, set_up, test_answer, tear_down);
  g_test_add ("/json-rpc/echo", Fixture, NULL, set_up, test_echo, tear_down);
  g_test_add ("/json-rpc/failures", Fixture, NULL, set_up, test_failures, tear_down);
  return g_test_run ();
}
