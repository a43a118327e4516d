/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which memory the switch is given, and what is tried after that failed. */

#include <string.h>

#include "backend/ovs/switch-parts.h"

static void
test_first (void)
{
  LoomSwitchMemory small = loom_switch_plan_memory (2, 0);
  LoomSwitchMemory large = loom_switch_plan_memory (500, 0);
  LoomSwitchMemory huge = loom_switch_plan_memory (2, 1024);
  LoomSwitchMemory lacking = loom_switch_plan_memory (20, 1024);
  LoomSwitchMemory absurd = loom_switch_plan_memory (G_MAXUINT, G_MAXUINT);

  g_assert_false (small.per_port_memory);
  g_assert_false (small.hugepages);
  /* Between one pool of 16,384 pages and two. */
  g_assert_cmpint (small.memory_mib, >, 64);
  g_assert_cmpint (small.memory_mib, <, 128);
  g_assert_false (large.per_port_memory);
  g_assert_cmpint (large.memory_mib, >, 128);
  g_assert_cmpint (large.memory_mib, <, 256);
  g_assert_true (huge.hugepages);
  g_assert_true (huge.per_port_memory);
  g_assert_false (lacking.hugepages);
  g_assert_cmpint (absurd.memory_mib, >, 0);
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
  g_test_add_func ("/switch-options/next", test_next);
  g_test_add_func ("/switch-options/loss", test_loss);
  return g_test_run ();
}
