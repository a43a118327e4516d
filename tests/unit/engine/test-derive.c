/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which file a machine boots from; what is set on a cable, for guests, switch and wire. */

#include "backend/engine/derive.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/init/tree.h"
#include "canvas/model/reader.h"
#include "tests/unit/model/fixture.h"

static void
check (const char *folder, const char *image, const char *expected_name)
{
  g_autoptr (LoomNode) node = loom_node_new ("vm", "disk", 1);
  g_autofree char *expected = expected_name != NULL ? g_build_filename (folder, expected_name, NULL)
                                                    : NULL;

  node->image = g_strdup (image);
  g_autofree char *path = loom_derive_image (node, folder);
  g_assert_cmpstr (path, ==, expected);
}

/* A lab's folder comes from a stranger: its links must not reach the person's own disks. */
static void
test_image (void)
{
  g_autofree char *top = g_dir_make_tmp ("derive-XXXXXX", NULL);
  g_autofree char *lab = g_build_filename (top, "lab", NULL);
  g_autofree char *inner = g_build_filename (lab, "inner", NULL);
  g_autofree char *disk = g_build_filename (inner, "disk.qcow2", NULL);
  g_autofree char *private = g_build_filename (top, "private.qcow2", NULL);
  g_autofree char *link = g_build_filename (lab, "link.qcow2", NULL);
  g_autofree char *up = g_build_filename (lab, "up", NULL);
  g_autofree char *alias = g_build_filename (lab, "alias.qcow2", NULL);

  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  g_assert_true (g_file_set_contents (disk, "x", 1, NULL));
  g_assert_true (g_file_set_contents (private, "x", 1, NULL));
  g_assert_cmpint (symlink (private, link), ==, 0);
  g_assert_cmpint (symlink ("..", up), ==, 0);
  g_assert_cmpint (symlink ("inner/disk.qcow2", alias), ==, 0);

  check (lab, NULL, NULL);
  check (lab, "inner/disk.qcow2", "inner/disk.qcow2");
  check (lab, "alias.qcow2", "alias.qcow2");
  check (lab, "inner/missing.qcow2", "inner/missing.qcow2");
  check (lab, "link.qcow2", NULL);
  check (lab, "up/private.qcow2", NULL);
  loom_tree_remove (AT_FDCWD, top);
}

/* (transfer full): two machines, set up, and a cable that @members are set on. */
static LoomRecord *
new_record (const char *members)
{
  static LoomCatalogue *catalogue;
  LoomRecord *record = loom_record_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (
      "{\"lanloom\": 1, \"nodes\": [{\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": 1}, "
      "{\"name\": \"pc2\", \"kind\": \"tiny\", \"nics\": 1}], "
      "\"links\": [{\"ends\": [\"pc1:0\", \"pc2:0\"]%s}]}",
      members);

  if (catalogue == NULL)
    catalogue = fixture_catalogue ();
  g_autoptr (LoomLab) lab = loom_reader_read (catalogue, text, strlen (text), NULL, &error);
  g_assert_no_error (error);
  loom_record_add_instance (record, "m1", LOOM_ROLE_MACHINE, loom_lab_get_node (lab, "pc1"));
  loom_record_add_instance (record, "m2", LOOM_ROLE_MACHINE, loom_lab_get_node (lab, "pc2"));
  /* By the order in which they were plugged in, not by that of their names. */
  loom_record_set_link (record, loom_record_add_cable (record, 7, "m2", 0, "m1", 0),
                        loom_lab_get_link (lab, "pc1:0 pc2:0"));
  return record;
}

static gboolean
is_up (const LoomRecord *record, const char *key)
{
  const LoomCable *cable = loom_record_get_cable_at (record, key, 0);
  LoomCableHealth health;

  loom_cable_get_health (cable, &health);
  return health.carrier[g_str_equal (cable->key_a, key) ? 0 : 1];
}

/* The cable of the switch is from pc2 to pc1: what the file says of pc1 is said of its end b. */
static void
test_faults (void)
{
  static const struct {
    const char *members;
    gboolean pc1_up;
    gboolean pc2_up;
    gboolean cut_from_pc1;
    gboolean cut_from_pc2;
  } CASES[] = {
      {"", TRUE, TRUE, FALSE, FALSE},
      {", \"fault\": \"unplugged\"", FALSE, FALSE, TRUE, TRUE},
      {", \"fault\": \"port\", \"at\": \"pc1:0\"", FALSE, TRUE, TRUE, TRUE},
      {", \"fault\": \"port\", \"at\": \"pc2:0\"", TRUE, FALSE, TRUE, TRUE},
      {", \"fault\": \"one-way\", \"at\": \"pc1:0\"", TRUE, TRUE, FALSE, TRUE},
  };
  g_autoptr (GHashTable) n_ports = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) detours = g_hash_table_new (g_int64_hash, g_int64_equal);

  g_hash_table_insert (n_ports, (char *) "m1", GUINT_TO_POINTER (1));
  g_hash_table_insert (n_ports, (char *) "m2", GUINT_TO_POINTER (1));
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++) {
    g_autoptr (LoomRecord) record = new_record (CASES[i].members);
    g_autoptr (LoomFabric) fabric = loom_derive_fabric ("/run/x", record, n_ports, detours);
    const LoomFabricCable *cable = fabric->cables->pdata[0];

    g_assert_cmpint (is_up (record, "m1"), ==, CASES[i].pc1_up);
    g_assert_cmpint (is_up (record, "m2"), ==, CASES[i].pc2_up);
    g_assert_cmpstr (cable->end_b, ==, "m1.0");
    g_assert_cmpint (cable->cut_from_b, ==, CASES[i].cut_from_pc1);
    g_assert_cmpint (cable->cut_from_a, ==, CASES[i].cut_from_pc2);
  }
}

static void
test_flapping (void)
{
  g_autoptr (LoomRecord)
      record = new_record (", \"fault\": \"flapping\", \"period_s\": 10, \"up_percent\": 30");
  LoomCable *cable = record->cables->pdata[0];
  gint64 began_us = 1000 * G_USEC_PER_SEC;

  g_assert_cmpint (loom_cable_flap (cable, began_us), ==, began_us + 3 * G_USEC_PER_SEC);
  g_assert_false (cable->flap_down);
  g_assert_cmpint (loom_cable_flap (cable, began_us + 3 * G_USEC_PER_SEC), ==,
                   began_us + 10 * G_USEC_PER_SEC);
  g_assert_true (cable->flap_down);
  g_assert_false (is_up (record, "m1"));
  loom_cable_flap (cable, began_us + 21 * G_USEC_PER_SEC);
  g_assert_true (is_up (record, "m1"));
}

static void
test_wire (void)
{
  g_autoptr (LoomRecord) record = new_record (", \"loss_percent\": 1, \"seed\": 5, "
                                              "\"forward\": {\"delay_ms\": 20.5}, "
                                              "\"backward\": {\"jitter_law\": \"normal\"}");
  g_autoptr (GHashTable) n_ports = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) detours = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                                          (GDestroyNotify) loom_detour_free);
  const LoomCable *cable = record->cables->pdata[0];
  g_autofree char *settings = loom_derive_wire_settings (record, cable);
  const gboolean connected[2] = {TRUE, TRUE};
  LoomDetour *detour = loom_detour_new (7);

  g_assert_cmpstr (settings, ==,
                   "{\"key\": \"pc2:0 pc1:0\", \"seed\": 5, "
                   "\"forward\": {\"jitter_law\": \"normal\", \"loss_percent\": 1}, "
                   "\"backward\": {\"delay_ms\": 20.5, \"loss_percent\": 1}}");

  g_hash_table_insert (n_ports, (char *) "m1", GUINT_TO_POINTER (1));
  g_hash_table_insert (n_ports, (char *) "m2", GUINT_TO_POINTER (1));
  g_hash_table_insert (detours, (gpointer) &cable->cookie, detour);
  loom_detour_adopt (detour, settings, connected);
  g_autoptr (LoomFabric) fabric = loom_derive_fabric ("/run/x", record, n_ports, detours);
  const LoomFabricCable *added = fabric->cables->pdata[0];
  g_assert_true (loom_fabric_check (fabric, NULL));
  g_assert_cmpuint (fabric->nics->len, ==, 4);
  g_assert_cmpint (added->route, ==, LOOM_FABRIC_THROUGH);
  g_assert_cmpstr (added->via_a, ==, "w7.0");
}

/* A perfect cable goes by the wire, too: when it is held, or captured. */
static void
test_wire_plain (void)
{
  g_autoptr (LoomRecord) record = new_record ("");
  LoomCable *cable = record->cables->pdata[0];
  g_autofree char *settings = NULL;

  g_clear_pointer (&cable->link, loom_link_unref);
  settings = loom_derive_wire_settings (record, cable);
  g_assert_cmpstr (settings, ==,
                   "{\"key\": \"pc2:0 pc1:0\", \"seed\": 0, \"forward\": {}, \"backward\": {}}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/derive/image", test_image);
  g_test_add_func ("/derive/faults", test_faults);
  g_test_add_func ("/derive/flapping", test_flapping);
  g_test_add_func ("/derive/wire", test_wire);
  g_test_add_func ("/derive/wire-plain", test_wire_plain);
  return g_test_run ();
}
