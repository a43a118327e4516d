/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Limits of memory in made-up trees of control groups, as they look on a computer and inside of
 * containers. */

#include "backend/engine/control-group.h"
#include "tests/scratch.h"

#include <glib/gstdio.h>

typedef struct {
  const char *name;
  const char *membership;
  const char *files[16]; /* path, text, path, text, … */
  int expected;
} Case;

#define NO_LIMIT_1 "9223372036854771712\n"

static const Case cases[] = {
    {"no-groups", "", {NULL}, -1},
    {"no-limit", "0::/user\n", {"user/memory.max", "max\n", "user/memory.current", "5\n"}, -1},
    {"own-limit",
     "0::/user/lab\n",
     {"user/lab/memory.max", "1073741824\n", "user/lab/memory.current", "536870912\n"},
     512},
    {"used-up",
     "0::/user\n",
     {"user/memory.max", "1048576\n", "user/memory.current", "536870912\n"},
     0},
    {"limit-above",
     "0::/user/lab\n",
     {"user/lab/memory.max", "1073741824\n", "user/lab/memory.current", "0\n", "user/memory.max",
      "536870912\n", "user/memory.current", "104857600\n"},
     412},
    /* A container that sees its own group as the root. */
    {"namespace", "0::/\n", {"memory.max", "1073741824\n", "memory.current", "0\n"}, 1024},
    /* One that was mounted its own group and told the computer's name of it. */
    {"foreign-name",
     "0::/system.slice/docker-1.scope\n",
     {"memory.max", "1073741824\n", "memory.current", "0\n"},
     1024},
    /* A process that was moved out of the part that is seen. */
    {"outside", "0::/../other\n", {"memory.max", "1073741824\n", "memory.current", "0\n"}, 1024},
    {"cache",
     "0::/\n",
     {"memory.max", "1073741824\n", "memory.current", "1073741824\n", "memory.stat",
      "anon 9\nfile 900000000\ninactive_file 268435456\nactive_file 134217728\n"},
     384},
    {"cache-only",
     "0::/\n",
     {"memory.max", "1073741824\n", "memory.current", "1048576\n", "memory.stat",
      "inactive_file 2097152\nactive_file 0\n"},
     1024},
    {"version-1",
     "9:name=systemd:/\n4:cpu,memory:/lab\n0::/\n",
     {"memory/lab/memory.limit_in_bytes", "1073741824\n", "memory/lab/memory.usage_in_bytes",
      "536870912\n", "memory/memory.limit_in_bytes", NO_LIMIT_1, "memory/memory.usage_in_bytes",
      "9\n"},
     512},
    {"version-1-container",
     "4:memory:/docker/1\n0::/docker/1\n",
     {"memory/memory.limit_in_bytes", "1073741824\n", "memory/memory.usage_in_bytes", "536870912\n",
      "memory/memory.stat", "inactive_file 1\ntotal_inactive_file 104857600\n"},
     612},
    {"version-1-no-limit",
     "4:memory:/\n",
     {"memory/memory.limit_in_bytes", NO_LIMIT_1, "memory/memory.usage_in_bytes", "9\n"},
     -1},
    /* Words that look like the one that is meant. */
    {"other-controller",
     "4:name=memory:/\n",
     {"memory/memory.limit_in_bytes", "1048576\n", "memory/memory.usage_in_bytes", "9\n"},
     -1},
    {"nonsense", "0:\n::\n4\n0::/\n", {"memory.max", "lots\n", "memory.current", "0\n"}, -1},
};

static void
write_file (const char *root, const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (full, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  char *root = scratch_new ("groups");

  for (gsize i = 0; i + 1 < G_N_ELEMENTS (c->files) && c->files[i] != NULL; i += 2)
    write_file (root, c->files[i], c->files[i + 1]);
  g_assert_cmpint (loom_control_group_measure_mib (c->membership, root), ==, c->expected);
  scratch_free (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/control-group/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  return g_test_run ();
}
