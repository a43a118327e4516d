/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/port-rows.h"

static void
assert_vlans (const char *text, const char *expected)
{
  g_autoptr (GArray) vlans = loom_port_rows_parse_vlans (text);
  g_autofree char *formatted = vlans != NULL ? loom_port_rows_format_vlans (vlans) : NULL;

  g_assert_cmpstr (formatted, ==, expected);
}

static void
test_parse (void)
{
  assert_vlans ("", "");
  assert_vlans ("  ", "");
  assert_vlans ("10", "10");
  assert_vlans ("20, 10", "10, 20");
  assert_vlans ("10,10,10", "10");
  assert_vlans ("10-12,11", "10-12");
  assert_vlans ("1-2", "1, 2");
  assert_vlans ("1-4094", "1-4094");
  assert_vlans ("0", NULL);
  assert_vlans ("4095", NULL);
  assert_vlans ("12-10", NULL);
  assert_vlans ("ten", NULL);
  assert_vlans ("10,,20", NULL);
  assert_vlans ("-5", NULL);
  assert_vlans ("99999999999999999999", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/vlans/parse", test_parse);
  return g_test_run ();
}
