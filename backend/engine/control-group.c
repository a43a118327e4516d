/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Of version 2, which is one tree, and of version 1, which has a tree for memory. In a container
 * the group that is mounted is often its own, whatever its name is said to be: "/" where it has a
 * namespace of its own, a path that is not there where it has none. So the root is looked at, too,
 * which has no limit where it is the computer's. */

#include "backend/engine/control-group.h"

#include <string.h>

#define MIB (1024 * 1024)

/* The files of one version. */
typedef struct {
  const char *controller; /* in /proc/self/cgroup; "" is that of version 2 */
  const char *tree;       /* below the root */
  const char *max;
  const char *current;
  const char *cache[2]; /* in memory.stat: what is read again when it is missed */
} Version;

static const Version VERSIONS[] = {
    {"", "", "memory.max", "memory.current", {"active_file ", "inactive_file "}},
    {"memory",
     "memory",
     "memory.limit_in_bytes",
     "memory.usage_in_bytes",
     {"total_active_file ", "total_inactive_file "}},
};

/* The number that file @name of @group holds behind @label, which begins a line; FALSE: none. */
static gboolean
read_number (const char *group, const char *name, const char *label, guint64 *ret_number)
{
  g_autofree char *path = g_build_filename (group, name, NULL);
  g_autofree char *text = NULL;
  const char *place;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  place = strstr (text, label);
  while (place != NULL && place != text && place[-1] != '\n')
    place = strstr (place + 1, label);
  if (place == NULL || !g_ascii_isdigit (place[strlen (label)]))
    return FALSE;
  *ret_number = g_ascii_strtoull (place + strlen (label), NULL, 10);
  return TRUE;
}

/* What @group has left, -1: it has no limit. The cache of files gives way to a lab, and the kernel
 * counts it as available of a computer's memory, too. */
static int
measure_one_mib (const Version *version, const char *group)
{
  guint64 max, current;
  guint64 cache = 0;

  if (!read_number (group, version->max, "", &max)
      || !read_number (group, version->current, "", &current) || max / MIB > G_MAXINT)
    return -1;
  for (gsize i = 0; i < G_N_ELEMENTS (version->cache); i++) {
    guint64 part;

    if (read_number (group, "memory.stat", version->cache[i], &part))
      cache += part;
  }
  current -= MIN (cache, current);
  return current < max ? (int) ((max - current) / MIB) : 0;
}

static int
min_limit (int a, int b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* @path: of our group, in the tree of @version. */
static int
measure_path_mib (const Version *version, const char *root, const char *path)
{
  /* "/../elsewhere" lies outside of what we see. */
  g_autofree char *group = g_strdup (g_str_has_prefix (path, "/..") ? "" : path);
  int least = -1;

  for (;;) {
    g_autofree char *folder = g_build_filename (root, version->tree, group, NULL);
    char *slash = strrchr (group, '/');

    least = min_limit (least, measure_one_mib (version, folder));
    if (slash == NULL)
      return least;
    *slash = '\0';
  }
}

static gboolean
is_of (const Version *version, const char *controllers)
{
  g_auto (GStrv) names = g_strsplit (controllers, ",", -1);

  return g_str_equal (controllers, version->controller)
         || g_strv_contains ((const char *const *) names, version->controller);
}

int
loom_control_group_measure_mib (const char *membership, const char *root)
{
  g_auto (GStrv) lines = g_strsplit (membership, "\n", -1);
  int least = -1;

  for (char **line = lines; *line != NULL; line++) {
    /* "4:memory:/lab", "0::/lab" */
    g_auto (GStrv) parts = g_strsplit (*line, ":", 3);

    for (gsize i = 0; g_strv_length (parts) == 3 && i < G_N_ELEMENTS (VERSIONS); i++)
      if (is_of (&VERSIONS[i], parts[1]))
        least = min_limit (least, measure_path_mib (&VERSIONS[i], root, parts[2]));
  }
  return least;
}
