/* SPDX-License-Identifier: GPL-3.0-or-later */

/* console: the serial console of a machine in this terminal. The terminal is raw, so that every key
 * reaches the guest; Ctrl+] leaves. Without a terminal, bytes pass as they are until the input ends
 * and the guest has been silent for a moment. */

#include "backend/cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ESCAPE_KEY 0x1d /* Ctrl+] */
#define BUFFER_BYTES 4096
#define SILENCE_MS 1000

/* Writes all of @data. FALSE: the other side is gone. */
static gboolean
write_all (int fd, const char *data, gsize size)
{
  while (size > 0) {
    gssize n = write (fd, data, size);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN) {
      struct pollfd wait = {.fd = fd, .events = POLLOUT};

      poll (&wait, 1, -1);
      continue;
    }
    if (n <= 0)
      return FALSE;
    data += n;
    size -= (gsize) n;
  }
  return TRUE;
}

/* Takes what was typed. FALSE: leave. @ret_ended: the input has no more. */
static gboolean
take_input (int console_fd, gboolean is_terminal, gboolean *ret_ended)
{
  char buffer[BUFFER_BYTES];
  gssize n = read (STDIN_FILENO, buffer, sizeof buffer);
  const char *escape;

  if (n < 0 && errno == EINTR)
    return TRUE;
  if (n <= 0) {
    *ret_ended = TRUE;
    return !is_terminal;
  }
  escape = is_terminal ? memchr (buffer, ESCAPE_KEY, (gsize) n) : NULL;
  if (escape != NULL) {
    write_all (console_fd, buffer, (gsize) (escape - buffer));
    return FALSE;
  }
  return write_all (console_fd, buffer, (gsize) n);
}

/* Takes what the guest said. FALSE: the console closed. */
static gboolean
take_output (int console_fd)
{
  char buffer[BUFFER_BYTES];
  gssize n = read (console_fd, buffer, sizeof buffer);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return TRUE;
  return n > 0 && write_all (STDOUT_FILENO, buffer, (gsize) n);
}

static void
pass_bytes (LoomCli *cli, int console_fd, gboolean is_terminal)
{
  gboolean ended = FALSE;

  for (;;) {
    struct pollfd fds[] = {
        {.fd = ended ? -1 : STDIN_FILENO, .events = POLLIN},
        {.fd = console_fd, .events = POLLIN},
        {.fd = g_cancellable_get_fd (cli->cancellable), .events = POLLIN},
    };
    int n = poll (fds, G_N_ELEMENTS (fds), ended ? SILENCE_MS : -1);

    g_cancellable_release_fd (cli->cancellable);
    /* Signals are turned into the cancellable by the main loop. */
    g_main_context_iteration (NULL, FALSE);
    if (n == 0 || cli->signal_number != 0)
      return;
    if (n < 0)
      continue;
    if (fds[1].revents != 0 && !take_output (console_fd))
      return;
    if (fds[0].revents != 0 && !take_input (console_fd, is_terminal, &ended))
      return;
  }
}

int
loom_cli_console (LoomCli *cli, int argc, char **argv)
{
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (GSocketConnection) console = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  struct termios saved;
  struct termios raw;
  gboolean is_terminal;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, FALSE, FALSE, 2, 2, &code))
    return code;
  client = loom_cli_attach (cli, argv[1], &code);
  if (client == NULL)
    return code;
  loom_client_open_console_async (client, argv[2], "serial", cli->cancellable, loom_cli_on_ready,
                                  &slot);
  result = loom_cli_wait (&slot);
  console = loom_client_open_console_finish (client, result, &error);
  if (console == NULL)
    return loom_cli_fail (cli, error);

  is_terminal = isatty (STDIN_FILENO) && tcgetattr (STDIN_FILENO, &saved) == 0;
  if (is_terminal) {
    g_printerr (_ ("Console of “%s”. Ctrl+] leaves it.\n"), argv[2]);
    raw = saved;
    cfmakeraw (&raw);
    tcsetattr (STDIN_FILENO, TCSANOW, &raw);
  }
  pass_bytes (cli, g_socket_get_fd (g_socket_connection_get_socket (console)), is_terminal);
  if (is_terminal) {
    tcsetattr (STDIN_FILENO, TCSANOW, &saved);
    g_printerr ("\n");
  }
  return LOOM_EXIT_OK;
}
