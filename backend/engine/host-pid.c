/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pid translation by reading /proc. A process tells its number in every namespace it is in (NSpid);
 * two are of the same lab when their /proc/PID/ns/pid is the same. */

#include "backend/engine/host-pid.h"

#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* Returns the text after "@key:" at the start of a line, or NULL. */
static const char *
find_field (const char *text, const char *key)
{
  gsize length = strlen (key);

  for (const char *line = text; line != NULL && *line != '\0';) {
    if (strncmp (line, key, length) == 0 && line[length] == ':')
      return line + length + 1;
    line = strchr (line, '\n');
    if (line != NULL)
      line++;
  }
  return NULL;
}

/* Reads one number off @cursor, which may not go past the end of its line. */
static gboolean
take_number (const char **cursor, guint32 *ret_number)
{
  const char *p = *cursor;
  char *end;
  guint64 value;

  while (*p == ' ' || *p == '\t')
    p++;
  if (!g_ascii_isdigit (*p))
    return FALSE;
  value = g_ascii_strtoull (p, &end, 10);
  if (value > G_MAXINT32)
    return FALSE;
  *cursor = end;
  *ret_number = (guint32) value;
  return TRUE;
}

gboolean
loom_host_pid_parse_status (const char *text, LoomHostPid *ret_pid)
{
  const char *parent = find_field (text, "PPid");
  const char *pids = find_field (text, "NSpid");
  LoomHostPid pid = {0};
  guint32 number;

  if (parent == NULL || pids == NULL || !take_number (&parent, &pid.parent_pid))
    return FALSE;
  while (take_number (&pids, &number)) {
    if (pid.n_levels++ == 0)
      pid.host_pid = number;
    pid.inner_pid = number;
  }
  if (pid.n_levels == 0)
    return FALSE;
  *ret_pid = pid;
  return TRUE;
}

/* (transfer full) (nullable): "pid:[4026532283]" */
static char *
read_namespace (const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/ns/pid", pid);

  return g_file_read_link (path, NULL);
}

GHashTable *
loom_host_pid_scan (guint32 host_pid, guint32 *ret_outer_parent)
{
  GHashTable *table = g_hash_table_new (NULL, NULL);
  g_autofree char *first = g_strdup_printf ("%u", host_pid);
  g_autofree char *wanted = read_namespace (first);
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  guint32 outer = 0;
  const char *name;

  while (wanted != NULL && dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *namespace = NULL;
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    LoomHostPid pid;

    if (!g_ascii_isdigit (name[0]))
      continue;
    namespace = read_namespace (name);
    if (g_strcmp0 (namespace, wanted) != 0)
      continue;
    path = g_strdup_printf ("/proc/%s/status", name);
    if (!g_file_get_contents (path, &text, NULL, NULL) || !loom_host_pid_parse_status (text, &pid))
      continue;
    g_hash_table_insert (table, GUINT_TO_POINTER (pid.inner_pid), GUINT_TO_POINTER (pid.host_pid));
    if (pid.inner_pid == 1)
      outer = pid.parent_pid;
  }
  if (ret_outer_parent != NULL)
    *ret_outer_parent = outer;
  return table;
}

int
loom_host_pid_open (guint32 host_pid)
{
  return host_pid > 1 ? pidfd_open ((pid_t) host_pid, 0) : -1;
}

void
loom_host_pid_signal (int pid_fd, int signal_number)
{
  if (pid_fd >= 0)
    pidfd_send_signal (pid_fd, signal_number, NULL, 0);
}

guint32
loom_host_pid_first_child (guint32 host_pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/task/%u/children", host_pid, host_pid);
  g_autofree char *text = NULL;

  if (host_pid == 0 || !g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  return (guint32) g_ascii_strtoull (text, NULL, 10);
}
