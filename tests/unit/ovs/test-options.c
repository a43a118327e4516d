/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which memory the switch is given, and what is tried after that failed. */

#include <string.h>

#include "backend/ovs/switch-parts.h"

static void
test_first (void)
{
  LoomSwitchMemory small = loom_switch_plan_memory (2, 0);
  LoomSwitchMemory large = loom_switch_plan_memory (500, 0);
  LoomSwitchMemory absurd = loom_switch_plan_memory (G_MAXUINT, G_MAXUINT);

  g_assert_false (small.per_port_memory);
  g_assert_false (small.hugepages);
  /* Between one pool of 16,384 pages and two. */
  g_assert_cmpint (small.memory_mib, >, 64);
  g_assert_cmpint (small.memory_mib, <, 128);
  g_assert_false (large.per_port_memory);
  g_assert_cmpint (large.memory_mib, >, 128);
  g_assert_cmpint (large.memory_mib, <, 256);
  g_assert_cmpint (absurd.memory_mib, >, 0);
}

/* All of it or none. */
static void
test_huge (void)
{
  LoomSwitchMemory enough = loom_switch_plan_memory (2, 1024);
  LoomSwitchMemory exact = loom_switch_plan_memory (2, (guint) enough.memory_mib);
  LoomSwitchMemory lacking = loom_switch_plan_memory (2, (guint) enough.memory_mib - 1);
  LoomSwitchMemory hundred = loom_switch_plan_memory (100, 100000);

  g_assert_true (enough.hugepages);
  g_assert_false (enough.per_port_memory);
  g_assert_cmpint (enough.memory_mib % 2, ==, 0);
  /* Well between one pool of 16,384 buffers and two. */
  g_assert_cmpint (enough.memory_mib, >, 47 + 30);
  g_assert_cmpint (enough.memory_mib, <, 94 - 4);
  g_assert_true (exact.hugepages);
  g_assert_false (lacking.hugepages);
  /* However many there are: what was promised of a lab's memory holds. */
  g_assert_true (hundred.hugepages);
  g_assert_cmpint (hundred.memory_mib, <, 250);
  /* Gone when the switch starts: as if there had been none. */
  g_assert_true (loom_switch_plan_next_memory (&enough, 2));
  g_assert_false (enough.hugepages);
  g_assert_cmpint (enough.memory_mib, ==, loom_switch_plan_memory (2, 0).memory_mib);
}

static void
write_pages (const char *folder, const char *place, const char *name, const char *number)
{
  g_autofree char *where = g_build_filename (folder, place, "hugepages", "hugepages-2048kB", NULL);
  g_autofree char *path = g_build_filename (where, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (where, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, number, -1, NULL));
}

static void
test_count (void)
{
  g_autofree char *sys = g_dir_make_tmp ("sys-XXXXXX", NULL);
  const char *remove[] = {"rm", "-r", "--", sys, NULL};

  g_assert_cmpuint (loom_switch_read_free_hugepages_mib (sys), ==, 0);
  write_pages (sys, "kernel/mm", "free_hugepages", "300\n");
  g_assert_cmpuint (loom_switch_read_free_hugepages_mib (sys), ==, 600);
  /* Another program has mapped them, and will touch them some time. */
  write_pages (sys, "kernel/mm", "resv_hugepages", "100\n");
  g_assert_cmpuint (loom_switch_read_free_hugepages_mib (sys), ==, 400);
  write_pages (sys, "devices/system/node/node0", "free_hugepages", "250\n");
  g_assert_cmpuint (loom_switch_read_free_hugepages_mib (sys), ==, 400);
  write_pages (sys, "devices/system/node/node1", "free_hugepages", "50\n");
  g_assert_cmpuint (loom_switch_read_free_hugepages_mib (sys), ==, 100);
  write_pages (sys, "kernel/mm", "resv_hugepages", "400\n");
  g_assert_cmpuint (loom_switch_read_free_hugepages_mib (sys), ==, 0);
  g_assert_true (g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

/* (transfer full): what the switch's database begins with, as JSON. */
static char *
dup_configuration (guint free_hugepages_mib)
{
  g_autoptr (LoomOvsdbCache) cache = loom_ovsdb_cache_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  LoomSwitchOptions options;
  char *text;

  loom_switch_options_init (&options, 2, free_hugepages_mib);
  json_node_take_array (node, loom_switch_build_configuration (&options, cache));
  text = json_to_string (node, FALSE);
  json_node_unref (node);
  return text;
}

/* One pool for all ports with huge pages as without, and no folder of huge pages is asked for: an
 * ordinary user may not write to the host's, or not even look into it. */
static void
test_configuration (void)
{
  g_autofree char *huge = dup_configuration (1024);
  g_autofree char *ordinary = dup_configuration (0);

  g_assert_nonnull (strstr (huge, " --in-memory --huge-dir=/none --socket-mem=88 "
                                  "--socket-limit=88,88,"));
  g_assert_null (strstr (huge, "--no-huge"));
  g_assert_nonnull (strstr (huge, "[\"per-port-memory\",\"false\"]"));
  g_assert_nonnull (strstr (ordinary, " --no-huge --legacy-mem -m 104\""));
  g_assert_null (strstr (ordinary, "--in-memory"));
  /* Without it a guest that floods a switch with addresses makes it grow by 330 MiB in a minute. */
  g_assert_nonnull (strstr (ordinary, "[\"flow-limit\",\"10000\"]"));
}

static void
test_next (void)
{
  LoomSwitchMemory memory = loom_switch_plan_memory (2, 0);
  int before = memory.memory_mib;
  int n_tries = 1;

  while (loom_switch_plan_next_memory (&memory, 2)) {
    n_tries++;
    if (memory.per_port_memory)
      break;
    g_assert_cmpint (memory.memory_mib, >, before);
    g_assert_cmpint (memory.memory_mib, <, 128);
    before = memory.memory_mib;
  }
  g_assert_cmpint (n_tries, >=, 4);
  g_assert_cmpint (n_tries, <=, 8);
  g_assert_true (memory.per_port_memory);
  g_assert_cmpint (memory.memory_mib, >=, 1024);
  g_assert_false (loom_switch_plan_next_memory (&memory, 2));
}

static void
test_loss (void)
{
  static const char LOG[] =
      "…|ERR|Failed to create memory pool for netdev m1.0, with MTU 1500 on socket 0: Invalid "
      "argument\n"
      "…|ERR|Failed to create memory pool for netdev m1.1, with MTU 1500 on socket 0: Cannot "
      "allocate memory\n"
      "…|ERR|Failed to create memory pool for netdev m1.2, cut\nno: reason\n";
  g_autofree char *plugin = loom_switch_find_loss (LOG, "m1.0");
  g_autofree char *memory = loom_switch_find_loss (LOG, "m1.1");
  g_autofree char *cut = loom_switch_find_loss (LOG, "m1.2");
  g_autofree char *unknown = loom_switch_find_loss (LOG, "m1");

  g_assert_nonnull (strstr (plugin, "librte-meta-mempool"));
  g_assert_nonnull (strstr (memory, "(Cannot allocate memory)"));
  g_assert_cmpstr (cut, ==, unknown);
  g_assert_null (strchr (unknown, '('));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch-options/first", test_first);
  g_test_add_func ("/switch-options/huge", test_huge);
  g_test_add_func ("/switch-options/count", test_count);
  g_test_add_func ("/switch-options/configuration", test_configuration);
  g_test_add_func ("/switch-options/next", test_next);
  g_test_add_func ("/switch-options/loss", test_loss);
  return g_test_run ();
}
