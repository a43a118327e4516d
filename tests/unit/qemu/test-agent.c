/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The agent's frames and the host's side of commands, against a scripted guest. */

#include "backend/qemu/agent-client.h"
#include "backend/qemu/agent-codec.h"
#include "backend/qemu/error.h"
#include "tests/unit/proto/pair.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  LoomAgentClient *client;
  int peer;
  GByteArray *heard;
  GString *states;
  GError *closed;
  int status; /* of the command that ended; -1: none */
  GError *error;
} Fixture;

static void
on_state (LoomAgentClient *client, guint state, guint note, guint value, const char *text,
          Fixture *f)
{
  g_string_append_printf (f->states, "%u %u %u %s;", state, note, value, text);
}

static void
on_closed (LoomAgentClient *client, GError *error, Fixture *f)
{
  f->closed = g_error_copy (error);
}

static void
on_exec_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;

  g_clear_error (&f->error);
  loom_agent_client_exec_finish (LOOM_AGENT_CLIENT (source), result, &f->status, &f->error);
}

static void
spin (Fixture *f)
{
  guint8 buffer[65536];
  gssize n;

  for (int i = 0; i < 20; i++) {
    while (g_main_context_iteration (NULL, FALSE))
      ;
    while ((n = read (f->peer, buffer, sizeof buffer)) > 0)
      g_byte_array_append (f->heard, buffer, (guint) n);
    g_usleep (500);
  }
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GSocketConnection) connection = pair_new (SOCK_NONBLOCK, &f->peer);

  f->heard = g_byte_array_new ();
  f->states = g_string_new (NULL);
  f->status = -1;
  f->client = loom_agent_client_new (loom_channel_new (G_IO_STREAM (connection), 1 << 20));
  g_signal_connect (f->client, "state", G_CALLBACK (on_state), f);
  g_signal_connect (f->client, "closed", G_CALLBACK (on_closed), f);
  spin (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  loom_agent_client_close (f->client);
  spin (f);
  g_object_unref (f->client);
  g_byte_array_unref (f->heard);
  g_string_free (f->states, TRUE);
  g_clear_error (&f->closed);
  g_clear_error (&f->error);
  close (f->peer);
}

static void
say (Fixture *f, GBytes *frame)
{
  g_assert_cmpint (write (f->peer, g_bytes_get_data (frame, NULL), g_bytes_get_size (frame)), ==,
                   g_bytes_get_size (frame));
  g_bytes_unref (frame);
  spin (f);
}

/* Takes the next frame of the host; returns its type, 0: none. */
static guint
hear (Fixture *f, guint32 *ret_id, GBytes **ret_data)
{
  guint type;
  guint32 size;

  if (f->heard->len < LOOM_AGENT_HEADER)
    return 0;
  size = loom_agent_get_u32 (f->heard->data);
  type = loom_agent_get_u32 (f->heard->data + 4);
  *ret_id = loom_agent_get_u32 (f->heard->data + 8);
  g_assert_cmpuint (f->heard->len, >=, LOOM_AGENT_HEADER + size);
  if (ret_data != NULL)
    *ret_data = g_bytes_new (f->heard->data + LOOM_AGENT_HEADER, size);
  g_byte_array_remove_range (f->heard, 0, LOOM_AGENT_HEADER + size);
  return type;
}

static void
answer_hello (Fixture *f)
{
  g_autoptr (GBytes) cookie = NULL;
  guint8 reply[LOOM_AGENT_COOKIE + 16] = {0};
  guint32 id;

  g_assert_cmpuint (hear (f, &id, &cookie), ==, LOOM_AGENT_HELLO);
  g_assert_cmpuint (g_bytes_get_size (cookie), ==, LOOM_AGENT_COOKIE);
  memcpy (reply, g_bytes_get_data (cookie, NULL), LOOM_AGENT_COOKIE);
  reply[LOOM_AGENT_COOKIE] = LOOM_AGENT_VERSION;
  reply[LOOM_AGENT_COOKIE + 4] = LOOM_AGENT_READY;
  say (f, loom_agent_encode (LOOM_AGENT_HELLO, 0, reply, sizeof reply));
  g_assert_true (loom_agent_client_is_ready (f->client));
}

static guint32
exec (Fixture *f, int in_fd, int out_fd, GCancellable *cancellable)
{
  const char *argv[] = {"echo", "a b", "", NULL};
  g_autoptr (GBytes) payload = NULL;
  guint32 id;

  loom_agent_client_exec_async (f->client, argv, in_fd, out_fd, -1, cancellable, on_exec_ready, f);
  spin (f);
  g_assert_cmpuint (hear (f, &id, &payload), ==, LOOM_AGENT_EXEC);
  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), "echo\0a b\0", 10);
  return id;
}

/* What a predecessor's connection left over does not disturb. */
static void
test_noise (Fixture *f, gconstpointer data)
{
  g_autofree char *noise = g_strnfill (5000, 'n');

  g_assert_cmpint (write (f->peer, noise, 5000), ==, 5000);
  spin (f);
  g_assert_false (loom_agent_client_is_ready (f->client));
  answer_hello (f);
  g_assert_cmpstr (f->states->str, ==, "2 0 0 ;");
}

static void
test_exec (Fixture *f, gconstpointer data)
{
  int in[2], out[2];
  char buffer[100];
  guint32 id, other;
  g_autoptr (GBytes) sent = NULL;

  g_assert_cmpint (pipe2 (in, O_CLOEXEC) + pipe2 (out, O_CLOEXEC), ==, 0);
  answer_hello (f);
  id = exec (f, in[0], out[1], NULL);
  g_assert_cmpint (write (in[1], "input", 5), ==, 5);
  spin (f);
  g_assert_cmpuint (hear (f, &other, &sent), ==, LOOM_AGENT_STDIN);
  g_assert_cmpmem (g_bytes_get_data (sent, NULL), g_bytes_get_size (sent), "input", 5);
  close (in[1]);
  spin (f);
  g_clear_pointer (&sent, g_bytes_unref);
  g_assert_cmpuint (hear (f, &other, &sent), ==, LOOM_AGENT_STDIN);
  g_assert_cmpuint (g_bytes_get_size (sent), ==, 0);
  g_assert_cmpuint (other, ==, id);
  say (f, loom_agent_encode (LOOM_AGENT_STDOUT, id, "output", 6));
  g_assert_cmpint (read (out[0], buffer, sizeof buffer), ==, 6);
  g_assert_cmpint (f->status, ==, -1);
  say (f, loom_agent_encode_u32 (LOOM_AGENT_EXIT, id, 42));
  g_assert_cmpint (f->status, ==, 42);
  close (in[0]);
  close (out[0]);
  close (out[1]);
}

/* Stdin stops at the window until the guest gives credit. */
static void
test_credit (Fixture *f, gconstpointer data)
{
  g_autofree char *block = g_strnfill (LOOM_AGENT_MAX_PAYLOAD, 'x');
  int zero = open ("/dev/zero", O_RDONLY | O_CLOEXEC);
  gsize n_sent = 0;
  guint32 id, other;
  guint type;

  answer_hello (f);
  id = exec (f, zero, -1, NULL);
  for (int i = 0; i < 3; i++)
    spin (f);
  while (f->heard->len > 0) {
    g_autoptr (GBytes) sent = NULL;

    g_assert_cmpuint (hear (f, &other, &sent), ==, LOOM_AGENT_STDIN);
    n_sent += g_bytes_get_size (sent);
  }
  g_assert_cmpuint (n_sent, ==, LOOM_AGENT_WINDOW);
  say (f, loom_agent_encode_u32 (LOOM_AGENT_CREDIT, id, 1000));
  g_assert_cmpuint (hear (f, &other, NULL), ==, LOOM_AGENT_STDIN);
  /* Output that nobody wants is credited, so that the guest goes on. */
  say (f, loom_agent_encode (LOOM_AGENT_STDERR, id, block, LOOM_AGENT_MAX_PAYLOAD));
  say (f, loom_agent_encode (LOOM_AGENT_STDERR, id, block, LOOM_AGENT_MAX_PAYLOAD));
  type = hear (f, &other, NULL);
  g_assert_cmpuint (type, ==, LOOM_AGENT_CREDIT);
  close (zero);
}

/* A guest that ignores its credit is not listened to any longer. */
static void
test_flood (Fixture *f, gconstpointer data)
{
  g_autofree char *block = g_strnfill (LOOM_AGENT_MAX_PAYLOAD, 'x');
  int out[2];
  guint32 id;

  g_assert_cmpint (pipe2 (out, O_CLOEXEC), ==, 0);
  answer_hello (f);
  id = exec (f, -1, out[1], NULL);
  for (int i = 0; i < 6 && f->closed == NULL; i++)
    say (f, loom_agent_encode (LOOM_AGENT_STDOUT, id, block, LOOM_AGENT_MAX_PAYLOAD));
  g_assert_error (f->closed, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL);
  g_assert_error (f->error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL);
  close (out[0]);
  close (out[1]);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint32 id, other;

  answer_hello (f);
  id = exec (f, -1, -1, cancellable);
  g_assert_cmpuint (hear (f, &other, NULL), ==, LOOM_AGENT_STDIN); /* no input: its end */
  g_cancellable_cancel (cancellable);
  spin (f);
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (hear (f, &other, NULL), ==, LOOM_AGENT_END);
  g_assert_cmpuint (other, ==, id);
  say (f, loom_agent_encode_u32 (LOOM_AGENT_EXIT, id, 129)); /* comes late, harms nobody */
  g_assert_true (loom_agent_client_is_ready (f->client));
}

static void
test_hang_up (Fixture *f, gconstpointer data)
{
  answer_hello (f);
  exec (f, -1, -1, NULL);
  shutdown (f->peer, SHUT_RDWR);
  spin (f);
  g_assert_error (f->error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED);
  g_assert_error (f->closed, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED);
}

static void
test_nonsense (Fixture *f, gconstpointer data)
{
  static const guint8 huge[LOOM_AGENT_HEADER] = {0xff, 0xff, 0xff, 0xff, 5};

  answer_hello (f);
  say (f, g_bytes_new_static (huge, sizeof huge));
  g_assert_error (f->closed, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL);
}

/* Frames of a running command that hold too little. */
static void
test_short (Fixture *f, gconstpointer data)
{
  static const guint8 SHORT[3] = {0};
  guint type = GPOINTER_TO_UINT (data);

  answer_hello (f);
  say (f, loom_agent_encode (type, exec (f, -1, -1, NULL), SHORT, sizeof SHORT));
  g_assert_error (f->closed, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL);
  g_assert_error (f->error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL);
}

/* Text of a guest is made fit to be shown. */
static void
test_text (Fixture *f, gconstpointer data)
{
  static const guint8 state[] = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 'a', 0x1b, '[', 0xff, '\n'};

  answer_hello (f);
  g_string_truncate (f->states, 0);
  say (f, loom_agent_encode (LOOM_AGENT_STATE, 0, state, sizeof state));
  g_assert_cmpstr (f->states->str, ==, "1 2 3 a [\xef\xbf\xbd;");
}

static void
test_too_long (void)
{
  g_autofree char *word = g_strnfill (LOOM_AGENT_MAX_PAYLOAD, 'x');
  const char *argv[] = {"echo", word, NULL};

  g_assert_null (loom_agent_encode_argv (1, argv));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add ("/agent/noise", Fixture, NULL, set_up, test_noise, tear_down);
  g_test_add ("/agent/exec", Fixture, NULL, set_up, test_exec, tear_down);
  g_test_add ("/agent/credit", Fixture, NULL, set_up, test_credit, tear_down);
  g_test_add ("/agent/flood", Fixture, NULL, set_up, test_flood, tear_down);
  g_test_add ("/agent/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/agent/hang-up", Fixture, NULL, set_up, test_hang_up, tear_down);
  g_test_add ("/agent/nonsense", Fixture, NULL, set_up, test_nonsense, tear_down);
  g_test_add ("/agent/short-credit", Fixture, GUINT_TO_POINTER (LOOM_AGENT_CREDIT), set_up,
              test_short, tear_down);
  g_test_add ("/agent/short-exit", Fixture, GUINT_TO_POINTER (LOOM_AGENT_EXIT), set_up, test_short,
              tear_down);
  g_test_add ("/agent/text", Fixture, NULL, set_up, test_text, tear_down);
  g_test_add_func ("/agent/too-long", test_too_long);
  return g_test_run ();
}
