/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/typist.h"

typedef struct {
  GString *keys; /* "+1e-1e": down and up */
  LoomTypist *typist;
  gboolean is_done;
} Fixture;

static void
on_key (guint scan_code, gboolean is_down, gpointer user_data)
{
  g_string_append_printf (((Fixture *) user_data)->keys, "%c%02x", is_down ? '+' : '-', scan_code);
}

static void
on_done (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->is_done = TRUE;
  g_clear_pointer (&fixture->typist, loom_typist_free);
}

static void
test_types (void)
{
  Fixture fixture = {g_string_new (NULL), NULL, FALSE};

  fixture.typist = loom_typist_new ("aB \r", on_key, on_done, &fixture);
  g_assert_cmpstr (fixture.keys->str, ==, "-1d-2a-36-38");
  g_string_set_size (fixture.keys, 0);
  while (!fixture.is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture.keys->str, ==, "+1e-1e+2a+30-30-2a+39-39+1c-1c");
  g_assert_false (g_main_context_pending (NULL));
  g_string_free (fixture.keys, TRUE);
}

static void
test_given_up (void)
{
  Fixture fixture = {g_string_new (NULL), NULL, FALSE};

  fixture.typist = loom_typist_new ("abc", on_key, on_done, &fixture);
  g_string_set_size (fixture.keys, 0);
  while (fixture.keys->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_clear_pointer (&fixture.typist, loom_typist_free);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (fixture.keys->str, ==, "+1e-1e");
  g_assert_false (fixture.is_done);
  g_string_free (fixture.keys, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/typist/types", test_types);
  g_test_add_func ("/typist/given-up", test_given_up);
  return g_test_run ();
}
