/* SPDX-License-Identifier: GPL-3.0-or-later */

/* status: one running lab with its nodes and processes, or the list of labs that run. */

#include "backend/cli/cli.h"
#include "backend/engine/runtime.h"

/* How long a lab may take to say which one it is. */
#define ANSWER_MS 3000

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value != NULL ? value : "");
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_nodes (JsonBuilder *builder, GPtrArray *nodes)
{
  json_builder_set_member_name (builder, "nodes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < nodes->len; i++) {
    LoomClientNode *node = g_ptr_array_index (nodes, i);

    json_builder_begin_object (builder);
    add_string (builder, "name", node->name);
    add_string (builder, "state", loom_node_state_to_id (node->state));
    add_string (builder, "detail", node->detail);
    json_builder_set_member_name (builder, "progress");
    if (node->progress >= 0)
      json_builder_add_double_value (builder, node->progress);
    else
      json_builder_add_null_value (builder);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_processes (JsonBuilder *builder, GPtrArray *processes)
{
  json_builder_set_member_name (builder, "processes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < processes->len; i++) {
    LoomClientProcess *process = g_ptr_array_index (processes, i);

    json_builder_begin_object (builder);
    add_string (builder, "role", process->role);
    json_builder_set_member_name (builder, "node");
    if (process->node[0] != '\0')
      json_builder_add_string_value (builder, process->node);
    else
      json_builder_add_null_value (builder);
    add_int (builder, "pid", process->host_pid);
    add_int (builder, "lab_pid", process->pid);
    add_int (builder, "resident_kib", (gint64) process->resident_kib);
    add_int (builder, "cpu_ms", (gint64) process->cpu_ms);
    json_builder_set_member_name (builder, "stopped");
    json_builder_add_boolean_value (builder, process->is_stopped);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

/* What does not answer: an item and a sentence each. */
static void
add_hangs (JsonBuilder *builder, GHashTable *hangs)
{
  GHashTableIter iter;
  gpointer item, sentence;

  json_builder_set_member_name (builder, "hangs");
  json_builder_begin_object (builder);
  g_hash_table_iter_init (&iter, hangs);
  while (g_hash_table_iter_next (&iter, &item, &sentence))
    add_string (builder, item, sentence);
  json_builder_end_object (builder);
}

static void
print_hangs (GHashTable *hangs)
{
  GHashTableIter iter;
  gpointer sentence;

  g_hash_table_iter_init (&iter, hangs);
  while (g_hash_table_iter_next (&iter, NULL, &sentence))
    g_print ("%s\n", (const char *) sentence);
  if (g_hash_table_size (hangs) > 0)
    g_print ("\n");
}

static void
print_status_json (LoomClient *client, LoomDBusEngine *proxy, GPtrArray *nodes,
                   GPtrArray *processes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "file", loom_client_get_file (client));
  add_string (builder, "runtime", loom_client_get_runtime_dir (client));
  add_string (builder, "state", loom_lab_state_to_id (loom_client_get_lab_state (client)));
  add_string (builder, "accelerator", loom_dbus_engine_get_accelerator (proxy));
  add_string (builder, "version", loom_dbus_engine_get_version (proxy));
  add_int (builder, "generation", (gint64) loom_client_get_generation (client));
  add_int (builder, "started_unix_us", loom_dbus_engine_get_started_unix_us (proxy));
  add_hangs (builder, loom_client_get_hangs (client));
  add_nodes (builder, nodes);
  add_processes (builder, processes);
  json_builder_end_object (builder);
  loom_cli_print_json (builder, TRUE);
}

static void
print_status_text (LoomClient *client, LoomDBusEngine *proxy, GPtrArray *nodes,
                   GPtrArray *processes)
{
  g_print ("%s: %s (%s)\n\n", loom_client_get_file (client),
           loom_lab_state_to_id (loom_client_get_lab_state (client)),
           loom_dbus_engine_get_accelerator (proxy));
  print_hangs (loom_client_get_hangs (client));
  g_print ("%-20s %-10s %s\n", _ ("NODE"), _ ("STATE"), _ ("DETAIL"));
  for (guint i = 0; i < nodes->len; i++) {
    LoomClientNode *node = g_ptr_array_index (nodes, i);

    g_print ("%-20s %-10s %s\n", node->name, loom_node_state_to_label (node->state), node->detail);
  }
  g_print ("\n%8s %10s %8s %-15s %s\n", _ ("PID"), _ ("MEMORY"), _ ("CPU"), _ ("ROLE"), _ ("NODE"));
  for (guint i = 0; i < processes->len; i++) {
    LoomClientProcess *process = g_ptr_array_index (processes, i);

    g_print ("%8u %6.1f MiB %6.1f s %-15s %s%s\n", process->host_pid,
             (double) process->resident_kib / 1024, (double) process->cpu_ms / 1000, process->role,
             process->node,
             /* Translators: of a process that somebody stopped by a signal. */
             process->is_stopped ? _ (" (stopped)") : "");
  }
}

static int
show_lab (LoomCli *cli, const char *file)
{
  g_autoptr (LoomClient) client = NULL;
  g_autoptr (LoomDBusEngine) proxy = NULL;
  g_autoptr (GPtrArray) nodes = NULL;
  g_autoptr (GPtrArray) processes = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  int code;

  client = loom_cli_attach (cli, file, &code);
  if (client == NULL)
    return code;
  loom_client_processes_async (client, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  processes = loom_client_processes_finish (client, result, &error);
  if (processes == NULL || (proxy = loom_cli_ref_engine (cli, client, &error)) == NULL)
    return loom_cli_fail (cli, error);
  nodes = loom_client_list_nodes (client);
  if (cli->json)
    print_status_json (client, proxy, nodes, processes);
  else
    print_status_text (client, proxy, nodes, processes);
  return LOOM_EXIT_OK;
}

static gboolean
on_patience_over (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE; /* whoever waits removes it */
}

static void
on_signal (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* (transfer full) (nullable) */
static LoomDBusEngine *
call_engine (const char *address, GCancellable *cancellable)
{
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GAsyncResult) connected = NULL;
  g_autoptr (GAsyncResult) called = NULL;
  GAsyncResult *slot = NULL;

  g_dbus_connection_new_for_address (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                     cancellable, loom_cli_on_ready, &slot);
  connected = loom_cli_wait (&slot);
  connection = g_dbus_connection_new_for_address_finish (connected, NULL);
  if (connection == NULL)
    return NULL;
  loom_dbus_engine_proxy_new (connection, G_DBUS_PROXY_FLAGS_NONE, NULL, "/org/lanloom/Engine",
                              cancellable, loom_cli_on_ready, &slot);
  called = loom_cli_wait (&slot);
  return loom_dbus_engine_proxy_new_finish (called, NULL);
}

/* (transfer full) (nullable): the file of the lab that runs in @folder. NULL if its engine does not
 * answer: one that was stopped or hangs must not keep the others from being listed. */
static char *
ask_for_file (LoomCli *cli, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, LOOM_RUNTIME_SOCKET, NULL);
  g_autofree char *escaped = g_dbus_address_escape_value (path);
  g_autofree char *address = g_strdup_printf ("unix:path=%s", escaped);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LoomDBusEngine) proxy = NULL;
  guint timer = g_timeout_add (ANSWER_MS, on_patience_over, cancellable);
  gulong handler = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_signal), cancellable,
                                          NULL);

  proxy = call_engine (address, cancellable);
  g_cancellable_disconnect (cli->cancellable, handler);
  g_source_remove (timer);
  return proxy != NULL ? loom_dbus_engine_dup_file (proxy) : NULL;
}

static int
list_labs (LoomCli *cli)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_auto (GStrv) folders = NULL;
  g_autoptr (GError) error = NULL;

  folders = loom_runtime_list (&error);
  if (folders == NULL)
    return loom_cli_fail (cli, error);
  json_builder_begin_array (builder);
  for (char **folder = folders; *folder != NULL && cli->signal_number == 0; folder++) {
    g_autofree char *file = ask_for_file (cli, *folder);

    json_builder_begin_object (builder);
    add_string (builder, "file", file);
    add_string (builder, "runtime", *folder);
    json_builder_end_object (builder);
    if (!cli->json)
      g_print ("%s\n", file != NULL ? file : *folder);
  }
  json_builder_end_array (builder);
  if (cli->signal_number != 0)
    return 128 + cli->signal_number;
  if (cli->json)
    loom_cli_print_json (builder, TRUE);
  return LOOM_EXIT_OK;
}

int
loom_cli_status (LoomCli *cli, int argc, char **argv)
{
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, TRUE, FALSE, 0, 1, &code))
    return code;
  return argc > 1 ? show_lab (cli, argv[1]) : list_labs (cli);
}
