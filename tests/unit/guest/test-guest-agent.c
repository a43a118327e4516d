/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program inside the guest, run here as a process of the test, which is its host: what it says
 * to a host that asks for too much or sends nonsense. */

#include "backend/guest/guest.h"
#include "backend/qemu/agent-codec.h"
#include "tests/unit/guest/stand-ins.h"

#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 10000
#define SILENCE_MS 300

static const guint8 COOKIE[LOOM_AGENT_COOKIE] = "0123456789abcde";

typedef struct {
  pid_t agent;
  int fd;
  LoomAgentCodec *codec;
} Fixture;

static void
send_frame (Fixture *f, guint type, guint32 id, const void *data, gsize size)
{
  g_autoptr (GBytes) frame = loom_agent_encode (type, id, data, size);
  gsize left;
  const char *at = g_bytes_get_data (frame, &left);

  while (left > 0) {
    gssize n = send (f->fd, at, left, MSG_NOSIGNAL);

    g_assert_cmpint (n, >, 0);
    at += n;
    left -= (gsize) n;
  }
}

/* The next frame that is no state of the guest. FALSE: none came. */
static gboolean
receive (Fixture *f, int wait_ms, LoomAgentFrame *ret_frame)
{
  g_autoptr (GError) error = NULL;
  struct pollfd poll_fd = {.fd = f->fd, .events = POLLIN};
  guint8 buffer[4096];

  for (;;) {
    while (loom_agent_codec_pop (f->codec, ret_frame, &error))
      if (ret_frame->type != LOOM_AGENT_STATE && ret_frame->type != LOOM_AGENT_HELLO)
        return TRUE;
    g_assert_no_error (error);
    if (poll (&poll_fd, 1, wait_ms) != 1)
      return FALSE;
    gssize n = read (f->fd, buffer, sizeof buffer);
    if (n <= 0)
      return FALSE;
    loom_agent_codec_push (f->codec, buffer, (gsize) n);
  }
}

/* (transfer full): what the agent says when all of the configuration was sent. */
static char *
end_config (Fixture *f, guint32 id)
{
  LoomAgentFrame frame;

  send_frame (f, LOOM_AGENT_CONFIG, id, NULL, 0);
  g_assert_true (receive (f, PATIENCE_MS, &frame));
  g_assert_cmpuint (frame.type, ==, LOOM_AGENT_DONE);
  g_assert_cmpuint (frame.id, ==, id);
  return g_strndup ((const char *) frame.data, frame.size);
}

static gboolean
is_silent (Fixture *f)
{
  LoomAgentFrame frame;

  return !receive (f, SILENCE_MS, &frame);
}

static void
run_agent (int fd)
{
  int ready[2];

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  stand_in_port_fd = fd;
  if (pipe (ready) < 0)
    _exit (1);
  agent_run (ready[1]);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  f->agent = fork ();
  g_assert_cmpint (f->agent, >=, 0);
  if (f->agent == 0) {
    close (fds[0]);
    g_assert_cmpint (g_unix_set_fd_nonblocking (fds[1], TRUE, NULL), ==, TRUE);
    run_agent (fds[1]);
  }
  close (fds[1]);
  f->fd = fds[0];
  f->codec = loom_agent_codec_new (COOKIE);
  send_frame (f, LOOM_AGENT_HELLO, 0, COOKIE, sizeof COOKIE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  kill (f->agent, SIGKILL);
  g_assert_cmpint (waitpid (f->agent, NULL, 0), ==, f->agent);
  close (f->fd);
  loom_agent_codec_free (f->codec);
}

static void
send_config (Fixture *f, guint32 id, gsize size)
{
  g_autofree char *text = g_malloc (LOOM_AGENT_MAX_PAYLOAD);

  memset (text, '\n', LOOM_AGENT_MAX_PAYLOAD);
  for (gsize n; size > 0; size -= n) {
    n = MIN (size, LOOM_AGENT_MAX_PAYLOAD);
    send_frame (f, LOOM_AGENT_CONFIG, id, text, n);
  }
}

/* One that is too long changes nothing, is said to be, and is no part of the next. */
static void
test_config_too_long (Fixture *f, gconstpointer data)
{
  g_autofree char *longest = NULL;
  g_autofree char *longer = NULL;
  g_autofree char *next = NULL;

  send_config (f, 1, LOOM_AGENT_MAX_CONFIG);
  longest = end_config (f, 1);
  g_assert_cmpstr (longest, ==, "1048576");
  send_config (f, 2, LOOM_AGENT_MAX_CONFIG + 1);
  longer = end_config (f, 2);
  g_assert_nonnull (strstr (longer, "too long"));
  send_config (f, 3, 12);
  next = end_config (f, 3);
  g_assert_cmpstr (next, ==, "12");
}

/* Who sends what no host does is not listened to any more. */
static void
test_nonsense (Fixture *f, gconstpointer data)
{
  const guint32 header[3] = {*(const guint32 *) data, 0, 1};

  g_assert_true (is_silent (f));
  g_assert_cmpint (send (f->fd, header, sizeof header, MSG_NOSIGNAL), ==, sizeof header);
  send_frame (f, LOOM_AGENT_CONFIG, 1, NULL, 0);
  g_assert_true (is_silent (f));
}

/* A command that cannot be one is refused; the agent goes on. */
static void
test_bad_commands (Fixture *f, gconstpointer data)
{
  static const char *const BAD[] = {"", "no end"};
  LoomAgentFrame frame;
  g_autofree char *after = NULL;

  for (guint32 i = 0; i < G_N_ELEMENTS (BAD); i++) {
    send_frame (f, LOOM_AGENT_EXEC, i + 1, BAD[i], strlen (BAD[i]));
    do
      g_assert_true (receive (f, PATIENCE_MS, &frame));
    while (frame.type == LOOM_AGENT_STDERR);
    g_assert_cmpuint (frame.type, ==, LOOM_AGENT_EXIT);
    g_assert_cmpuint (frame.id, ==, i + 1);
    g_assert_cmpuint (loom_agent_get_u32 (frame.data), ==, 126);
  }
  after = end_config (f, 9);
  g_assert_cmpstr (after, ==, "0");
}

int
main (int argc, char **argv)
{
  static const guint32 too_long = LOOM_AGENT_MAX_PAYLOAD + 1;
  static const guint32 no_type = 0;

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/guest-agent/config-too-long", Fixture, NULL, set_up, test_config_too_long,
              tear_down);
  g_test_add ("/guest-agent/too-long", Fixture, &too_long, set_up, test_nonsense, tear_down);
  g_test_add ("/guest-agent/no-type", Fixture, &no_type, set_up, test_nonsense, tear_down);
  g_test_add ("/guest-agent/bad-commands", Fixture, NULL, set_up, test_bad_commands, tear_down);
  return g_test_run ();
}
