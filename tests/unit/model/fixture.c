/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The model does no I/O, so its tests bring the files. */

#include "tests/unit/model/fixture.h"

#include "canvas/model/reader.h"
#include "lanloom-config.h"

char *
fixture_read (const char *path, gsize *ret_size)
{
  g_autofree char *full = g_build_filename (LOOM_SOURCE_ROOT, path, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (full, &text, ret_size, &error);
  g_assert_no_error (error);
  return text;
}

LoomCatalogue *
fixture_catalogue (void)
{
  static const char *const ids[] = {"disk", "hub", "switch", "tiny"};
  LoomCatalogue *catalogue = loom_catalogue_new ();

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_autofree char *path = g_strdup_printf ("data/nodes/%s.node", ids[i]);
    g_autoptr (GError) error = NULL;
    gsize size = 0;
    g_autofree char *text = fixture_read (path, &size);

    loom_catalogue_add (catalogue, ids[i], text, size, &error);
    g_assert_no_error (error);
  }
  return catalogue;
}

LoomLab *
fixture_read_lab (const char *path)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  g_autofree char *text = fixture_read (path, &size);
  LoomLab *lab = loom_reader_read (catalogue, text, size, NULL, &error);

  g_assert_no_error (error);
  return lab;
}

LoomLab *
fixture_two_switches (void)
{
  return fixture_read_lab ("data/labs/two-switches.lanloom");
}
