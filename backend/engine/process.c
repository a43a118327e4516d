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
  unsigned long long user_ticks, system_ticks, size;
  long long resident_pages;
  char state;

  if (rest == NULL
      || sscanf (rest + 1,
                 " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d "
                 "%*u %llu %lld",
                 &state, &user_ticks, &system_ticks, &size, &resident_pages)
             != 5)
    return FALSE;
  /* A process that ends gives its memory back first, and only then becomes a zombie: a large one is
   * a while in between. */
  if (state == 'Z' || state == 'X' || size == 0)
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

/* (transfer full) (nullable): a line each. */
static char *
read_arguments (guint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/cmdline", pid);
  char *arguments = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &arguments, &size, NULL))
    return NULL;
  for (gsize i = 0; i < size; i++)
    if (arguments[i] == '\0')
      arguments[i] = '\n';
  return arguments;
}

static gboolean
has_argument (guint pid, const char *text)
{
  g_autofree char *arguments = read_arguments (pid);

  return arguments != NULL && strstr (arguments, text) != NULL;
}

char *
loom_process_dup_between (guint pid, const char *prefix, const char *suffix)
{
  g_autofree char *arguments = read_arguments (pid);
  char *end = arguments != NULL ? strstr (arguments, suffix) : NULL;
  char *begin;

  if (end == NULL)
    return NULL;
  *end = '\0';
  begin = g_strrstr (arguments, prefix);
  return begin != NULL && strchr (begin + strlen (prefix), '/') == NULL
             ? g_strdup (begin + strlen (prefix))
             : NULL;
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
