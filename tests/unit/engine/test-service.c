/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A client that was stopped reads nothing of what the engine has to say: it is hung up on before
 * much of it has gathered, whatever it is. */

#include "backend/engine/service.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/scratch.h"
#include "tests/unix-client.h"

#define MAX_SIGNALS 20000

/* A client that says all of its part of the handshake, and nothing more. */
static int
open_client (const char *path)
{
  static const char hello[] = "\0AUTH ANONYMOUS\r\nBEGIN\r\n";
  int fd = unix_client_new (path);

  g_assert_cmpint (send (fd, hello, sizeof hello - 1, MSG_NOSIGNAL), ==, sizeof hello - 1);
  return fd;
}

static void
emit (LoomEngine *engine, const char *name)
{
  if (g_str_equal (name, "held-changed"))
    g_signal_emit_by_name (engine, name, "pc1:0 pc2:0", 7);
  else if (g_str_equal (name, "node-gone"))
    g_signal_emit_by_name (engine, name, "pc1");
  else
    g_signal_emit_by_name (engine, name, "warning", "Something is so.");
}

static void
test_never_reads (gconstpointer data)
{
  g_autofree char *folder = scratch_new ("service");
  g_autofree char *path = g_build_filename (folder, "engine.sock", NULL);
  g_autoptr (GError) error = NULL;
  /* It never begins, and so cannot end. */
  LoomEngine *engine = g_object_new (LOOM_TYPE_ENGINE, NULL);
  g_autoptr (LoomService) service = loom_service_new (engine, path, &error);

  g_assert_no_error (error);
  int fd = open_client (path);
  while (loom_service_get_n_clients (service) == 0)
    g_main_context_iteration (NULL, TRUE);
  int n = 0;
  while (n < MAX_SIGNALS && loom_service_get_n_clients (service) > 0) {
    emit (engine, data);
    n++;
    g_main_context_iteration (NULL, FALSE);
  }
  g_test_message ("%s: hung up after %d", (const char *) data, n);
  g_assert_cmpuint (loom_service_get_n_clients (service), ==, 0);
  close (fd);
  g_clear_object (&service); /* removes its socket */
  scratch_free (g_steal_pointer (&folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/service/never-reads/held-changed", "held-changed", test_never_reads);
  g_test_add_data_func ("/service/never-reads/node-gone", "node-gone", test_never_reads);
  g_test_add_data_func ("/service/never-reads/message", "message", test_never_reads);
  return g_test_run ();
}
