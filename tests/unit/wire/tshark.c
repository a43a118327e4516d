/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See tshark.h. */

#include "tests/unit/wire/tshark.h"

char *
tshark_read (const char *path, const char *const *fields)
{
  static const char *const COMMAND[] = {"tshark", "-T", "fields", "-E", "separator=/s", "-r"};
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *errors = NULL;
  char *output = NULL;
  int status;

  for (gsize i = 0; i < G_N_ELEMENTS (COMMAND); i++)
    g_ptr_array_add (argv, (gpointer) COMMAND[i]);
  g_ptr_array_add (argv, (gpointer) path);
  for (gsize i = 0; fields[i] != NULL; i++) {
    g_ptr_array_add (argv, (gpointer) "-e");
    g_ptr_array_add (argv, (gpointer) fields[i]);
  }
  g_ptr_array_add (argv, NULL);
  if (!g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                     &errors, &status, NULL)) {
    g_test_message ("tshark is not installed: %s is not read back", path);
    return NULL;
  }
  if (status != 0)
    g_test_message ("tshark: %s", errors);
  g_assert_cmpint (status, ==, 0);
  return output;
}
