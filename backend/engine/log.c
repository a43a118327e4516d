/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lab's log. The file is opened for appending by everybody who writes to it, so that emptying
 * it is safe at any time. */

#include "backend/engine/log.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINE_BYTES 2048

static void
keep_small (void)
{
  struct stat st;

  if (fstat (STDERR_FILENO, &st) == 0 && S_ISREG (st.st_mode) && st.st_size >= LOOM_LOG_MAX_BYTES
      && ftruncate (STDERR_FILENO, 0) < 0)
    return;
}

static const char *
find_message (const GLogField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++) {
    if (g_strcmp0 (fields[i].key, "MESSAGE") == 0)
      return fields[i].value;
  }
  return "";
}

static GLogWriterOutput
write_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) != 0
      && g_log_writer_default_would_drop (level, NULL))
    return G_LOG_WRITER_HANDLED;

  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  const char *severity = (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0 ? "critical: "
                         : (level & G_LOG_LEVEL_WARNING) != 0                      ? "warning: "
                                                                                   : "";
  g_autofree char *line = g_strdup_printf ("%s.%03d engine: %s%.*s\n", time,
                                           g_date_time_get_microsecond (now) / 1000, severity,
                                           MAX_LINE_BYTES, find_message (fields, n_fields));
  keep_small ();
  if (write (STDERR_FILENO, line, strlen (line)) < 0)
    return G_LOG_WRITER_UNHANDLED;
  return G_LOG_WRITER_HANDLED;
}

void
loom_log_install (void)
{
  g_log_set_writer_func (write_line, NULL, NULL);
}
