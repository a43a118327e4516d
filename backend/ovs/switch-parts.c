/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Paths, programs, and the end of a switch; its beginning is in switch-boot.c. */

#include "backend/ovs/switch-parts.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define GRACE_MS 1500
#define LOG_TAIL_BYTES (256 * 1024) /* each guest that connects leaves 5 KiB in it */
#define MAX_REASON_BYTES 120

static const char *const VSWITCHD_PATHS[] = {
    "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk", /* Debian, Ubuntu */
    "/usr/sbin/ovs-vswitchd",
    "/usr/local/sbin/ovs-vswitchd",
};

static const char *const SCHEMA_PATHS[] = {
    "/usr/share/openvswitch/vswitch.ovsschema",
    "/usr/local/share/openvswitch/vswitch.ovsschema",
};

/* An end under way: processes that have not exited yet, and the folder to remove after them. */
typedef struct {
  GPtrArray *daemons;
  char *folder;
} End;

static void
end_free (End *end)
{
  g_ptr_array_unref (end->daemons);
  g_free (end->folder);
  g_free (end);
}

static char *
find_file (const char *const *paths, guint n_paths, GFileTest test)
{
  for (guint i = 0; i < n_paths; i++)
    if (g_file_test (paths[i], test))
      return g_strdup (paths[i]);
  return NULL;
}

/* The folder is flat but for what DPDK makes: `dpdk/rte/…`. Symbolic links are removed, never
 * followed. */
static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && g_file_test (path, G_FILE_TEST_IS_DIR)) {
    dir = g_dir_open (path, 0, NULL);
    while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  }
  g_remove (path);
}

char *
loom_switch_find_loss (const char *log, const char *key)
{
  /* "Failed to create memory pool for netdev m0.0, with MTU 1500 on socket 0: Invalid argument" */
  g_autofree char *marker = g_strdup_printf ("memory pool for netdev %s,", key);
  const char *line = g_strrstr (log, marker);
  const char *colon = line != NULL ? strstr (line, ": ") : NULL;
  g_autofree char *reason = NULL;

  if (colon == NULL || memchr (line, '\n', (gsize) (colon - line)) != NULL)
    return g_strdup (_ ("Open vSwitch gave the port up and does not say why."));
  reason = g_strndup (colon + 2, MIN (strcspn (colon + 2, "\n"), MAX_REASON_BYTES));
  /* No pool of any size: DPDK has no code for it. */
  if (g_str_equal (reason, "Invalid argument"))
    return g_strdup (_ ("DPDK's plugin for packet buffers is missing. Install the package "
                        "“librte-meta-mempool”."));
  return g_strdup_printf (_ ("There is no memory for its packet buffers (%s)."), reason);
}

char *
loom_switch_dup_loss (const char *folder, const char *key)
{
  g_autofree char *path = loom_switch_path (folder, "ovs-vswitchd.log");
  g_autofree char *text = g_malloc (LOG_TAIL_BYTES);
  g_autofree char *valid = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gssize size;

  if (fd < 0)
    return loom_switch_find_loss ("", key);
  if (lseek (fd, -LOG_TAIL_BYTES, SEEK_END) < 0)
    lseek (fd, 0, SEEK_SET);
  size = read (fd, text, LOG_TAIL_BYTES);
  close (fd);
  valid = g_utf8_make_valid (text, MAX (size, 0));
  return loom_switch_find_loss (valid, key);
}

LoomSwitchParts *
loom_switch_parts_new (void)
{
  return g_new0 (LoomSwitchParts, 1);
}

void
loom_switch_parts_free (LoomSwitchParts *parts)
{
  if (parts == NULL)
    return;
  if (parts->ovsdb != NULL)
    loom_ovsdb_client_close (parts->ovsdb);
  if (parts->panel != NULL)
    loom_openflow_client_close (parts->panel);
  g_clear_object (&parts->ovsdb);
  g_clear_object (&parts->panel);
  g_clear_object (&parts->database);
  g_clear_object (&parts->vswitchd);
  g_free (parts);
}

char *
loom_switch_path (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

const char *
loom_switch_datapath_type (void)
{
  int fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC);

  if (fd < 0)
    return "dummy";
  close (fd);
  return "netdev";
}

char *
loom_switch_find_program (const char *name)
{
  /* An ordinary person's PATH often lacks the system folders. */
  static const char *const FOLDERS[] = {"/usr/sbin", "/usr/local/sbin", "/sbin"};
  char *path = g_find_program_in_path (name);

  for (guint i = 0; path == NULL && i < G_N_ELEMENTS (FOLDERS); i++) {
    g_autofree char *candidate = g_build_filename (FOLDERS[i], name, NULL);

    if (g_file_test (candidate, G_FILE_TEST_IS_EXECUTABLE))
      path = g_steal_pointer (&candidate);
  }
  return path;
}

char *
loom_switch_find_vswitchd (void)
{
  return find_file (VSWITCHD_PATHS, G_N_ELEMENTS (VSWITCHD_PATHS), G_FILE_TEST_IS_EXECUTABLE);
}

char *
loom_switch_find_schema (void)
{
  return find_file (SCHEMA_PATHS, G_N_ELEMENTS (SCHEMA_PATHS), G_FILE_TEST_IS_REGULAR);
}

static void
finish_if_all_exited (GTask *task)
{
  End *end = g_task_get_task_data (task);

  for (guint i = 0; i < end->daemons->len; i++)
    if (loom_daemon_is_running (end->daemons->pdata[i]))
      return;
  remove_tree (end->folder);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_exited (LoomDaemon *daemon, GTask *task)
{
  finish_if_all_exited (task);
}

static void
add_daemon (GPtrArray *daemons, LoomDaemon *daemon, const char *role, const char *folder)
{
  if (daemon == NULL) {
    g_autofree char *file = g_strconcat (role, ".pid", NULL);
    g_autofree char *path = loom_switch_path (folder, file);

    daemon = loom_daemon_find (role, path, folder);
  } else {
    g_object_ref (daemon);
  }
  if (daemon != NULL)
    g_ptr_array_add (daemons, daemon);
}

void
loom_switch_end_async (LoomSwitchParts *parts, const char *folder, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  End *end = g_new0 (End, 1);

  g_task_set_source_tag (task, loom_switch_end_async);
  g_task_set_task_data (task, end, (GDestroyNotify) end_free);
  end->folder = g_strdup (folder);
  end->daemons = g_ptr_array_new_with_free_func (g_object_unref);
  add_daemon (end->daemons, parts != NULL ? parts->vswitchd : NULL, "ovs-vswitchd", folder);
  add_daemon (end->daemons, parts != NULL ? parts->database : NULL, "ovsdb-server", folder);
  loom_switch_parts_free (parts);
  for (guint i = 0; i < end->daemons->len; i++) {
    g_signal_connect_object (end->daemons->pdata[i], "exited", G_CALLBACK (on_exited), task, 0);
    loom_daemon_end (end->daemons->pdata[i], GRACE_MS);
  }
  finish_if_all_exited (task);
}

void
loom_switch_end_finish (GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}
