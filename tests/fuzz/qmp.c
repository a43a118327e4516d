/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What QEMU says on its control connection, with two commands waiting. */

#include "backend/qemu/qmp-client.h"

#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, NULL);

  ++*(guint *) user_data;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (LoomQmpClient) client = NULL;
  guint n_answers = 0;
  int fds[2];

  if (size > 65536 || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
    return 0;
  socket = g_socket_new_from_fd (fds[0], NULL);
  connection = g_socket_connection_factory_create_connection (socket);
  client = loom_qmp_client_new (connection);
  loom_qmp_client_execute_async (client, "stop", NULL, NULL, on_answer, &n_answers);
  loom_qmp_client_execute_async (client, "cont", NULL, NULL, on_answer, &n_answers);
  if (write (fds[1], data, size) < 0)
    g_error ("write");
  close (fds[1]);
  while (n_answers < 2 || loom_qmp_client_is_open (client))
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
