/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Promised and not taken: the sum over running labs. */

#include "backend/engine/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "backend/engine/process.h"
#include "backend/engine/runtime.h"

#define POLL_MS 20

int
loom_reserve_lock (int patience_ms)
{
  g_autofree char *base = loom_runtime_dup_base (NULL);
  int fd;

  if (base == NULL || g_mkdir_with_parents (base, 0700) < 0)
    return -1;
  fd = open (base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  while (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK || patience_ms <= 0) {
      close (fd);
      return -1;
    }
    g_usleep (POLL_MS * 1000);
    patience_ms -= POLL_MS;
  }
  return fd;
}

gint64
loom_reserve_parse (const char *text)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  guint64 mib;

  return g_ascii_string_to_unsigned (copy, 10, 0, G_MAXINT, &mib, NULL) ? (gint64) mib : 0;
}

gint64
loom_reserve_compute_mib (gint64 need_mib, gint64 taken_mib)
{
  return MAX (need_mib - taken_mib, 0);
}

/* What the processes of the lab in @folder hold, pages they share counted once: the switch maps the
 * memory of every guest. All but init's and the engine's are told by the paths of their sockets. */
static gint64
measure_taken_mib (const char *folder)
{
  g_autoptr (GArray) pids = loom_process_find (folder);
  guint64 kib = 0;

  for (guint i = 0; i < pids->len; i++)
    kib += loom_process_read_share_kib (g_array_index (pids, guint, i));
  return (gint64) (kib / 1024);
}

gint64
loom_reserve_measure_mib (void)
{
  g_auto (GStrv) folders = loom_runtime_list (NULL);
  gint64 sum = 0;

  for (char **folder = folders; folder != NULL && *folder != NULL; folder++) {
    g_autofree char *path = g_build_filename (*folder, LOOM_RESERVE_FILE, NULL);
    g_autofree char *text = NULL;

    if (g_file_get_contents (path, &text, NULL, NULL))
      sum += loom_reserve_compute_mib (loom_reserve_parse (text), measure_taken_mib (*folder));
  }
  return sum;
}
