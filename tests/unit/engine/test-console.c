/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The console hub between a scripted QEMU and clients on real sockets. */

#include "backend/engine/console.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/engine/scrollback.h"
#include "tests/unix-client.h"

typedef struct {
  char *folder;
  char *serial_path;
  char *console_path;
  int listener; /* QEMU's */
  int qemu;
  LoomConsole *console;
} Fixture;

static int
connect_client (Fixture *fixture)
{
  int fd = unix_client_new (fixture->console_path);

  g_assert_cmpint (fcntl (fd, F_SETFL, O_NONBLOCK), ==, 0);
  return fd;
}

static void
spin (int ms)
{
  gint64 until = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < until) {
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (200);
  }
}

/* Reads @size bytes, giving the hub time. (transfer full). */
static char *
read_bytes (int fd, gsize size)
{
  char *bytes = g_malloc0 (size + 1);
  gsize n = 0;

  for (int tries = 0; n < size && tries < 5000; tries++) {
    ssize_t r = read (fd, bytes + n, size - n);
    if (r > 0)
      n += (gsize) r;
    else
      spin (1);
  }
  g_assert_cmpuint (n, ==, size);
  return bytes;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("lcn-XXXXXX", NULL);
  fixture->serial_path = g_build_filename (fixture->folder, "m1.serial", NULL);
  fixture->console_path = g_build_filename (fixture->folder, "m1.console", NULL);
  g_assert_cmpuint (strlen (fixture->serial_path), <, sizeof address.sun_path);
  strcpy (address.sun_path, fixture->serial_path);
  fixture->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (fixture->listener, (const struct sockaddr *) &address, sizeof address), ==,
                   0);
  g_assert_cmpint (listen (fixture->listener, 1), ==, 0);

  fixture->console = loom_console_new (fixture->console_path, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (loom_console_connect (fixture->console, fixture->serial_path, &error));
  g_assert_no_error (error);
  fixture->qemu = accept (fixture->listener, NULL, NULL);
  g_assert_cmpint (fcntl (fixture->qemu, F_SETFL, O_NONBLOCK), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->console);
  g_assert_false (g_file_test (fixture->console_path, G_FILE_TEST_EXISTS));
  if (fixture->qemu >= 0)
    close (fixture->qemu);
  close (fixture->listener);
  g_unlink (fixture->serial_path);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->serial_path);
  g_free (fixture->console_path);
}

static void
test_replay (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (write (fixture->qemu, "login: ", 7), ==, 7);
  spin (20);
  int one = connect_client (fixture);
  int other = connect_client (fixture);
  g_autofree char *first = read_bytes (one, 7);
  g_assert_cmpstr (first, ==, "login: ");
  g_assert_cmpint (write (fixture->qemu, "again", 5), ==, 5);
  g_autofree char *all = read_bytes (other, 12);
  g_assert_cmpstr (all, ==, "login: again");
  close (one);
  close (other);
  spin (20);
}

static void
test_input (Fixture *fixture, gconstpointer data)
{
  int one = connect_client (fixture);
  int other = connect_client (fixture);

  g_assert_cmpint (write (one, "ab", 2), ==, 2);
  spin (20);
  g_assert_cmpint (write (other, "cd", 2), ==, 2);
  g_autofree char *typed = read_bytes (fixture->qemu, 4);
  g_assert_cmpstr (typed, ==, "abcd");
  close (one);
  close (other);
}

/* 3 MiB past a client that reads nothing: the hub goes on, and the client gets the end of it. */
static void
test_slow_client (Fixture *fixture, gconstpointer data)
{
  int slow = connect_client (fixture);
  g_autofree char *chunk = g_strnfill (32768, 'x');
  gsize written = 0;

  while (written < 3 * 1024 * 1024) {
    ssize_t n = write (fixture->qemu, chunk, 32768);
    if (n > 0)
      written += (gsize) n;
    spin (1);
  }
  while (write (fixture->qemu, "THE END", 7) != 7)
    spin (1);
  spin (50);

  GString *got = g_string_new (NULL);
  for (int quiet = 0; quiet < 50; quiet++) {
    char bytes[65536];
    ssize_t n = read (slow, bytes, sizeof bytes);
    if (n > 0) {
      g_string_append_len (got, bytes, n);
      quiet = 0;
    }
    spin (1);
  }
  g_assert_cmpuint (got->len, <, written);
  g_assert_cmpuint (got->len, >=, LOOM_SCROLLBACK_SIZE_BYTES);
  g_assert_true (g_str_has_suffix (got->str, "THE END"));
  g_string_free (got, TRUE);
  close (slow);
}

/* 4 MiB typed at a guest that takes nothing: what the socket does not hold is lost, not kept. */
static void
test_deaf_guest (Fixture *fixture, gconstpointer data)
{
  int client = connect_client (fixture);
  g_autofree char *chunk = g_strnfill (4096, 'x');
  char bytes[65536];
  gsize taken = 0;

  for (int i = 0; i < 1024; i++) {
    while (write (client, chunk, 4096) != 4096)
      spin (1);
    spin (0);
  }
  spin (20);
  for (int quiet = 0; quiet < 50; quiet++) {
    ssize_t n = read (fixture->qemu, bytes, sizeof bytes);
    if (n > 0) {
      taken += (gsize) n;
      quiet = 0;
    }
    spin (1);
  }
  g_test_message ("%u octets arrive", (guint) taken);
  g_assert_cmpuint (taken, >=, 4096);
  g_assert_cmpuint (taken, <, 2 * 1024 * 1024);
  close (client);
}

/* QEMU ends and another one comes: clients stay. */
static void
test_reconnect (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int client = connect_client (fixture);

  g_assert_cmpint (write (fixture->qemu, "one ", 4), ==, 4);
  g_autofree char *one = read_bytes (client, 4);
  close (fixture->qemu);
  spin (20);
  g_assert_cmpint (write (client, "lost", 4), ==, 4);
  spin (20);
  g_assert_true (loom_console_connect (fixture->console, fixture->serial_path, &error));
  g_assert_no_error (error);
  fixture->qemu = accept (fixture->listener, NULL, NULL);
  g_assert_cmpint (write (fixture->qemu, "two", 3), ==, 3);
  g_autofree char *two = read_bytes (client, 3);
  g_assert_cmpstr (two, ==, "two");
  close (client);
}

static void
test_many_clients (Fixture *fixture, gconstpointer data)
{
  int clients[24];
  int n_open = 0;

  for (int i = 0; i < 24; i++) {
    clients[i] = connect_client (fixture);
    spin (2); /* we are the hub, too: the queue of those who wait is short */
  }
  spin (50);
  for (int i = 0; i < 24; i++) {
    char byte;
    n_open += read (clients[i], &byte, 1) < 0 && errno == EAGAIN ? 1 : 0;
    close (clients[i]);
  }
  g_assert_cmpint (n_open, ==, 16);
  spin (50);
  int client = connect_client (fixture);
  g_assert_cmpint (write (fixture->qemu, "x", 1), ==, 1);
  g_autofree char *byte = read_bytes (client, 1);
  close (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/console/replay", Fixture, NULL, set_up, test_replay, tear_down);
  g_test_add ("/console/input", Fixture, NULL, set_up, test_input, tear_down);
  g_test_add ("/console/deaf-guest", Fixture, NULL, set_up, test_deaf_guest, tear_down);
  g_test_add ("/console/slow-client", Fixture, NULL, set_up, test_slow_client, tear_down);
  g_test_add ("/console/reconnect", Fixture, NULL, set_up, test_reconnect, tear_down);
  g_test_add ("/console/many-clients", Fixture, NULL, set_up, test_many_clients, tear_down);
  return g_test_run ();
}
