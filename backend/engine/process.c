/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a process uses, from /proc. */

#include "backend/engine/process.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

gboolean
loom_process_parse (const char *stat, guint page_kib, guint ticks_per_second,
                    guint64 *ret_resident_kib, guint64 *ret_cpu_ms)
{
  /* The second field is the name in parentheses, which may hold anything, also parentheses. */
  const char *rest = strrchr (stat, ')');
  unsigned long long user_ticks, system_ticks;
  long long resident_pages;
  char state;

  if (rest == NULL
      || sscanf (rest + 1,
                 " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d "
                 "%*u %*u %lld",
                 &state, &user_ticks, &system_ticks, &resident_pages)
             != 4
      || state == 'Z' || state == 'X') /* ended, and only not yet reaped */
    return FALSE;
  *ret_resident_kib = (guint64) MAX (resident_pages, 0) * page_kib;
  *ret_cpu_ms = (user_ticks + system_ticks) * 1000 / ticks_per_second;
  return TRUE;
}

gboolean
loom_process_read (guint pid, guint64 *ret_resident_kib, guint64 *ret_cpu_ms)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/stat", pid);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  return loom_process_parse (text, (guint) (sysconf (_SC_PAGESIZE) / 1024),
                             (guint) sysconf (_SC_CLK_TCK), ret_resident_kib, ret_cpu_ms);
}

guint64
loom_process_read_share_kib (guint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/smaps_rollup", pid);
  g_autofree char *text = NULL;
  const char *line = NULL;
  guint64 resident_kib = 0, cpu_ms;

  if (g_file_get_contents (path, &text, NULL, NULL))
    line = strstr (text, "\nPss:");
  if (line != NULL)
    return g_ascii_strtoull (line + strlen ("\nPss:"), NULL, 10);
  loom_process_read (pid, &resident_kib, &cpu_ms);
  return resident_kib;
}

static gboolean
has_argument (guint pid, const char *text)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/cmdline", pid);
  g_autofree char *arguments = NULL;
  gsize size;

  return g_file_get_contents (path, &arguments, &size, NULL)
         && memmem (arguments, size, text, strlen (text)) != NULL;
}

GArray *
loom_process_find (const char *text)
{
  GArray *pids = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (proc != NULL && (name = g_dir_read_name (proc)) != NULL) {
    guint64 number;
    if (!g_ascii_string_to_unsigned (name, 10, 1, G_MAXINT, &number, NULL))
      continue;
    guint pid = (guint) number;
    if (pid != (guint) getpid () && has_argument (pid, text))
      g_array_append_val (pids, pid);
  }
  return pids;
}
