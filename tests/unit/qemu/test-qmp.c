/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The QMP client against a scripted QEMU: a socket whose other end the test holds. */

#include "backend/qemu/error.h"
#include "backend/qemu/qmp-client.h"
#include "tests/unit/proto/pair.h"

#include <glib-unix.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char greeting[] = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n";

typedef struct {
  LoomQmpClient *client;
  int peer;
  GString *events;
  GError *closed;
  GString *answers; /* of all commands, in the order they came */
} Fixture;

static void
on_event (LoomQmpClient *client, const char *name, JsonObject *data, Fixture *f)
{
  g_string_append_printf (f->events, "%s %s;", name, loom_json_get_string (data, "device"));
}

static void
on_closed (LoomQmpClient *client, GError *error, Fixture *f)
{
  g_assert_null (f->closed);
  f->closed = g_error_copy (error);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);
  g_autoptr (GBytes) text = node != NULL ? loom_json_to_bytes (node) : NULL;

  if (text != NULL)
    g_string_append_len (f->answers, g_bytes_get_data (text, NULL),
                         (gssize) g_bytes_get_size (text));
  else
    g_string_append_printf (f->answers, "%d: %s", error->code, error->message);
  g_string_append_c (f->answers, ';');
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GSocketConnection) connection = pair_new (SOCK_NONBLOCK, &f->peer);

  f->client = loom_qmp_client_new (connection);
  f->events = g_string_new (NULL);
  f->answers = g_string_new (NULL);
  g_signal_connect (f->client, "event", G_CALLBACK (on_event), f);
  g_signal_connect (f->client, "closed", G_CALLBACK (on_closed), f);
}

static void
spin (void)
{
  for (int i = 0; i < 20; i++) {
    while (g_main_context_iteration (NULL, FALSE))
      ;
    g_usleep (500);
  }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  loom_qmp_client_close (f->client);
  spin ();
  g_object_unref (f->client);
  g_clear_error (&f->closed);
  g_string_free (f->events, TRUE);
  g_string_free (f->answers, TRUE);
  close (f->peer);
}

static void
say (Fixture *f, const char *text)
{
  g_assert_cmpint (write (f->peer, text, strlen (text)), ==, strlen (text));
  spin ();
}

static void
check_heard (Fixture *f, const char *expected)
{
  char buffer[4096];
  gssize n;

  spin ();
  n = read (f->peer, buffer, sizeof buffer - 1);
  buffer[MAX (n, 0)] = '\0';
  g_assert_cmpstr (buffer, ==, expected);
}

static void
execute (Fixture *f, const char *command)
{
  loom_qmp_client_execute_async (f->client, command, NULL, NULL, on_answer, f);
}

static void
greet_as (Fixture *f, int id)
{
  g_autofree char *question = g_strdup_printf ("{\"execute\":\"qmp_capabilities\",\"id\":%d}\n",
                                               id);
  g_autofree char *answer = g_strdup_printf ("{\"return\": {}, \"id\": %d}\r\n", id);

  say (f, greeting);
  check_heard (f, question);
  say (f, answer);
}

static void
greet (Fixture *f)
{
  greet_as (f, 1);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  greet (f);
  execute (f, "stop");
  execute (f, "cont");
  check_heard (f, "{\"execute\":\"stop\",\"id\":2}\n");
  say (f, "{\"event\": \"STOP\", \"data\": {\"device\": \"a\"}}\r\n{\"ret");
  say (f, "urn\": {\"x\": 1}, \"id\": 2}\r\n");
  g_assert_cmpstr (f->events->str, ==, "STOP a;");
  check_heard (f, "{\"execute\":\"cont\",\"id\":3}\n");
  say (f, "{\"id\": 3, \"error\": {\"class\": \"GenericError\", \"desc\": \"no way\"}}\r\n");
  g_assert_cmpstr (f->answers->str, ==, "{\"x\":1};5: no way;");
  g_assert_true (loom_qmp_client_is_open (f->client));
}

/* A command given before QEMU greets waits for it. */
static void
test_early (Fixture *f, gconstpointer data)
{
  execute (f, "quit");
  check_heard (f, "");
  greet_as (f, 2);
  check_heard (f, "{\"execute\":\"quit\",\"id\":1}\n");
}

static void
test_hang_up (Fixture *f, gconstpointer data)
{
  greet (f);
  execute (f, "stop");
  execute (f, "cont");
  spin ();
  shutdown (f->peer, SHUT_RDWR);
  spin ();
  g_assert_error (f->closed, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED);
  g_assert_true (g_str_has_prefix (f->answers->str, "2: "));
  g_assert_nonnull (strstr (f->answers->str, ";2: "));
  g_string_truncate (f->answers, 0);
  execute (f, "late");
  spin ();
  g_assert_true (g_str_has_prefix (f->answers->str, "2: "));
}

static void
test_nonsense (Fixture *f, gconstpointer data)
{
  const char *line = data;

  if (g_str_has_prefix (line, "+")) {
    greet (f);
    execute (f, "stop");
    spin ();
    line++;
  }
  say (f, line);
  g_assert_error (f->closed, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL);
  g_assert_false (loom_qmp_client_is_open (f->client));
}

static void
test_deep (Fixture *f, gconstpointer data)
{
  g_autofree char *brackets = g_strnfill (100 * 1000, '[');

  greet (f);
  g_assert_cmpint (write (f->peer, brackets, strlen (brackets)), >, 1000);
  spin ();
  g_assert_error (f->closed, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name, *line;
  } nonsense[] = {
      {"no-greeting", "{\"hello\": 1}\r\n"},
      {"not-json", "QMP 1.0\r\n"},
      {"array", "[1]\r\n"},
      {"broken", "+{\"return\": }\r\n"},
      {"wrong-id", "+{\"return\": {}, \"id\": 77}\r\n"},
      {"text-id", "+{\"return\": {}, \"id\": \"2\"}\r\n"},
      {"neither", "+{\"banana\": {}}\r\n"},
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/qmp/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/qmp/early", Fixture, NULL, set_up, test_early, tear_down);
  g_test_add ("/qmp/hang-up", Fixture, NULL, set_up, test_hang_up, tear_down);
  g_test_add ("/qmp/deep", Fixture, NULL, set_up, test_deep, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++) {
    g_autofree char *path = g_strconcat ("/qmp/nonsense/", nonsense[i].name, NULL);

    g_test_add (path, Fixture, nonsense[i].line, set_up, test_nonsense, tear_down);
  }
  return g_test_run ();
}
