/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Presets: those that ship, and what is refused. */

#include "canvas/model/preset.h"
#include "canvas/model/reader.h"
#include "tests/unit/model/fixture.h"

#include <string.h>

#define HEAD "[Preset]\nLabel=A\nDescription=B.\nSource=C\n"

static const char *const shipped[] = {"10base-t",      "4g",  "adsl", "geo", "leo",
                                      "transatlantic", "wifi"};

static LoomPreset *
read_preset (const char *id)
{
  g_autofree char *path = g_strdup_printf ("data/presets/%s.preset", id);
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  g_autofree char *text = fixture_read (path, &size);
  LoomPreset *preset = loom_preset_parse (id, text, size, &error);

  g_assert_no_error (error);
  return preset;
}

static void
test_shipped (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shipped); i++) {
    g_autoptr (LoomPreset) preset = read_preset (shipped[i]);

    g_assert_cmpstr (preset->id, ==, shipped[i]);
    g_assert_cmpint (preset->order, >, 0);
    g_assert_false (loom_impairment_is_clean (&preset->down));
    g_assert_false (loom_impairment_is_clean (&preset->up));
  }
}

/* Down leads to who has fewer ports, whichever end of the cable that is. */
static void
test_apply (void)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (LoomPreset) adsl = read_preset ("adsl");
  g_autoptr (LoomPreset) geo = read_preset ("geo");
  gsize size = 0;
  g_autofree char *text = fixture_read ("data/labs/two-switches.lanloom", &size);
  g_autoptr (LoomLab) lab = loom_reader_read (catalogue, text, size, NULL, NULL);
  g_autoptr (LoomLink) link = loom_link_copy (loom_lab_get_link (lab, "pc1:0 sw1:0"));

  link->fault = LOOM_FAULT_UNPLUGGED;
  loom_preset_apply (adsl, lab, link);
  g_assert_cmpfloat (link->forward.rate_mbps, ==, 0.82);
  g_assert_cmpfloat (link->backward.rate_mbps, ==, 5.66);
  g_assert_cmpfloat (link->forward.delay_ms, ==, 18.5);
  g_assert_cmpint (link->fault, ==, LOOM_FAULT_UNPLUGGED);
  g_assert_true (loom_preset_matches (adsl, link));
  g_assert_false (loom_preset_matches (geo, link));
  link->forward = adsl->down;
  link->backward = adsl->up;
  g_assert_true (loom_preset_matches (adsl, link));
  link->backward.delay_ms = 1;
  g_assert_false (loom_preset_matches (adsl, link));
}

static void
test_wrong (void)
{
  static const char *const texts[] = {"",
                                      "[Preset]\nLabel=A\n",
                                      "[Preset]\nLabel=A\nDescription=B.\n",
                                      HEAD "[Both]\ndelay=3\n",
                                      HEAD "[Both]\ndelay-ms=x\n",
                                      HEAD "[Up]\ndelay-ms=-1\n",
                                      HEAD "[Down]\nred-min-percent=50\n"};

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (loom_preset_parse ("x", texts[i], strlen (texts[i]), &error));
    g_assert_nonnull (error);
    g_test_message ("%s", error->message);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preset/shipped", test_shipped);
  g_test_add_func ("/preset/apply", test_apply);
  g_test_add_func ("/preset/wrong", test_wrong);
  return g_test_run ();
}
