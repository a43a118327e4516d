/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pid translation: the parser on what kernels write, the scan on this very process. */

#include "backend/engine/host-pid.h"

#include <unistd.h>

static void
test_parse (void)
{
  LoomHostPid pid;

  g_assert_true (loom_host_pid_parse_status ("Name:\tqemu\nPPid:\t41\nNSpid:\t4711\t12\n", &pid));
  g_assert_cmpuint (pid.host_pid, ==, 4711);
  g_assert_cmpuint (pid.inner_pid, ==, 12);
  g_assert_cmpuint (pid.parent_pid, ==, 41);
  g_assert_cmpint (pid.n_levels, ==, 2);

  g_assert_true (loom_host_pid_parse_status ("PPid:\t1\nNSpid:\t7\n", &pid));
  g_assert_cmpuint (pid.inner_pid, ==, 7);
  g_assert_cmpint (pid.n_levels, ==, 1);
}

static void
test_parse_rubbish (void)
{
  LoomHostPid pid = {.host_pid = 3};

  g_assert_false (loom_host_pid_parse_status ("", &pid));
  g_assert_false (loom_host_pid_parse_status ("PPid:\t1\n", &pid));
  g_assert_false (loom_host_pid_parse_status ("PPid:\t1\nNSpid:\t\n", &pid));
  g_assert_false (loom_host_pid_parse_status ("PPid:\tx\nNSpid:\t7\n", &pid));
  /* A name that looks like a field is not one. */
  g_assert_false (loom_host_pid_parse_status ("Name:\tNSpid:\t7\nPPid:\t1\n", &pid));
  g_assert_cmpuint (pid.host_pid, ==, 3);
}

static void
test_scan_self (void)
{
  guint32 parent = G_MAXUINT32;
  g_autoptr (GHashTable) table = loom_host_pid_scan (getpid (), &parent);

  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (table, GUINT_TO_POINTER (getpid ()))),
                    ==, getpid ());
  g_assert_cmpuint (parent, !=, G_MAXUINT32);
}

static void
test_scan_gone (void)
{
  g_autoptr (GHashTable) table = loom_host_pid_scan (0, NULL);

  g_assert_cmpuint (g_hash_table_size (table), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-pid/parse", test_parse);
  g_test_add_func ("/host-pid/parse-rubbish", test_parse_rubbish);
  g_test_add_func ("/host-pid/scan-self", test_scan_self);
  g_test_add_func ("/host-pid/scan-gone", test_scan_gone);
  return g_test_run ();
}
