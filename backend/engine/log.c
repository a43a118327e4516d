/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The files are opened for appending by everybody who writes to them, so that cutting them is safe
 * at any time. */

#include "backend/engine/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINE_BYTES 2048
#define MAX_WORDS_LENGTH 300

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
  if (write (STDERR_FILENO, line, strlen (line)) < 0)
    return G_LOG_WRITER_UNHANDLED;
  return G_LOG_WRITER_HANDLED;
}

void
loom_log_install (void)
{
  g_log_set_writer_func (write_line, NULL, NULL);
}

/* Reads the end of the file into @ret_tail, from the beginning of a line. */
static gboolean
read_tail (int fd, off_t size, GByteArray *ret_tail)
{
  const guint8 *newline;
  gssize n;

  g_byte_array_set_size (ret_tail, LOOM_LOG_KEEP_BYTES);
  n = pread (fd, ret_tail->data, ret_tail->len, size - LOOM_LOG_KEEP_BYTES);
  if (n < 0)
    return FALSE;
  g_byte_array_set_size (ret_tail, (guint) n);
  newline = memchr (ret_tail->data, '\n', ret_tail->len);
  if (newline != NULL)
    g_byte_array_remove_range (ret_tail, 0, (guint) (newline + 1 - ret_tail->data));
  return TRUE;
}

static void
trim_file (int folder_fd, const char *name)
{
  g_autoptr (GByteArray) tail = NULL;
  struct stat st;
  /* Not blocking: it may turn out to be a pipe. */
  int fd = openat (folder_fd, name, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return;
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size > LOOM_LOG_MAX_BYTES) {
    tail = g_byte_array_new ();
    /* First the room, then the tail: a full disk costs the tail, not the bound. */
    if (!read_tail (fd, st.st_size, tail) || ftruncate (fd, 0) < 0
        || write (fd, tail->data, tail->len) < 0)
      g_debug ("%s: %s", name, g_strerror (errno));
  }
  close (fd);
}

void
loom_log_trim (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int folder_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const char *name;

  while (dir != NULL && folder_fd >= 0 && (name = g_dir_read_name (dir)) != NULL) {
    if (g_str_has_suffix (name, ".log"))
      trim_file (folder_fd, name);
  }
  if (folder_fd >= 0)
    close (folder_fd);
}

char *
loom_log_dup_last_line (const char *path)
{
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;
  g_auto (GStrv) lines = NULL;
  gsize size;
  guint n;

  if (!g_file_get_contents (path, &text, &size, NULL))
    return g_strdup ("");
  valid = g_utf8_make_valid (text, (gssize) size);
  lines = g_strsplit (g_strchomp (valid), "\n", -1);
  n = g_strv_length (lines);
  if (n == 0)
    return g_strdup ("");
  return g_utf8_substring (lines[n - 1], 0,
                           MIN (g_utf8_strlen (lines[n - 1], -1), MAX_WORDS_LENGTH));
}
