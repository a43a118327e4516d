/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lab and record → plan, as transcripts. */

#include <string.h>

#include "backend/engine/plan.h"
#include "canvas/model/reader.h"
#include "tests/unit/model/fixture.h"

static LoomCatalogue *catalogue;

#define NODES(more) "{\"lanloom\": 1, \"name\": \"t\", \"nodes\": [" more "]"
#define PC1 "{\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": 1, \"addresses\": [\"10.0.0.1/24\"]}"
#define PC2 "{\"name\": \"pc2\", \"kind\": \"tiny\", \"nics\": 1, \"addresses\": [\"10.0.0.2/24\"]}"
#define CABLE ", \"links\": [{\"ends\": [\"pc1:0\", \"pc2:0\"]}]}"
#define TWO NODES (PC1 "," PC2) CABLE

static LoomLab *
read_lab (const char *text)
{
  g_autoptr (GError) error = NULL;
  LoomLab *lab = loom_reader_read (catalogue, text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  return lab;
}

/* (transfer full): "action item; action item". */
static char *
describe (const LoomPlan *plan)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < plan->steps->len; i++) {
    const LoomStep *step = g_ptr_array_index (plan->steps, i);
    g_assert_cmpuint (strlen (step->sentence), >, 5);
    g_string_append_printf (text, "%s%s%s%s", i > 0 ? "; " : "",
                            loom_step_action_to_id (step->action), *step->item != '\0' ? " " : "",
                            step->item);
  }
  return g_string_free (text, FALSE);
}

/* Plans from *@record to @text, compares with @expected, and moves *@record there. */
static void
check (LoomRecord **record, const char *text, const char *old_name, const char *new_name,
       gboolean repair, const char *expected)
{
  g_autoptr (LoomLab) lab = read_lab (text);
  g_autoptr (GHashTable) renames = g_hash_table_new (g_str_hash, g_str_equal);

  if (old_name != NULL)
    g_hash_table_insert (renames, (char *) old_name, (char *) new_name);
  g_autoptr (LoomPlan) plan = loom_plan_make (lab, *record, renames, repair);
  g_autofree char *steps = describe (plan);
  g_assert_cmpstr (steps, ==, expected);

  loom_record_free (*record);
  *record = g_steal_pointer (&plan->after);
  plan->after = loom_record_new ();
  g_assert_cmpuint ((*record)->instances->len, ==, loom_lab_get_n_nodes (lab));
  g_assert_cmpuint ((*record)->cables->len, ==, loom_lab_get_n_links (lab));
}

static void
test_start (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  g_assert_cmpstr (loom_record_get_by_name (record, "pc2")->key, ==, "m2");
  check (&record, TWO, NULL, NULL, FALSE, "");
}

/* What waits for what is said, and an order that changes while all run is nothing to do. */
static void
test_order (void)
{
  static const char first[] = NODES (PC1 "," PC2);
  static const char waits[] = NODES (
      PC1 ",{\"name\": \"pc2\", \"kind\": \"tiny\", \"nics\": 1, \"addresses\": "
          "[\"10.0.0.2/24\"], \"after\": [\"pc1\"]}");
  g_autofree char *with = g_strconcat (waits, "}", NULL);
  g_autofree char *without = g_strconcat (first, "}", NULL);
  g_autoptr (LoomRecord) record = loom_record_new ();
  g_autoptr (LoomLab) lab = read_lab (with);
  g_autoptr (LoomPlan) plan = loom_plan_make (lab, record, NULL, FALSE);
  const LoomStep *step = g_ptr_array_index (plan->steps, 2);

  g_assert_cmpstr (step->sentence, ==, "Start the machine pc2 when pc1 is ready.");
  check (&record, with, NULL, NULL, FALSE, "start-switch; add-node pc1; add-node pc2");
  check (&record, without, NULL, NULL, FALSE, "");
}

static void
test_start_switches (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();
  g_autofree char *text = fixture_read ("data/labs/two-switches.lanloom", NULL);

  check (&record, text, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; add-node pc3; add-node pc4; add-node sw1; "
         "add-node sw2; plug pc1:0 sw1:0; plug pc2:0 sw1:1; plug pc3:0 sw2:0; plug pc4:0 sw2:1; "
         "plug sw1:3 sw2:3");
  g_assert_cmpstr (loom_record_get_by_name (record, "sw2")->key, ==, "b2");
}

static void
test_unplug_and_undo (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  guint64 cookie = loom_record_get_cable_at (record, "m1", 0)->cookie;
  check (&record, NODES (PC1 "," PC2) "}", NULL, NULL, FALSE, "unplug pc1:0 pc2:0");
  check (&record, TWO, NULL, NULL, FALSE, "plug pc1:0 pc2:0");
  g_assert_cmpuint (loom_record_get_cable_at (record, "m1", 0)->cookie, !=, cookie);
}

static void
test_remove_and_add (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  check (&record, NODES (PC2) "}", NULL, NULL, FALSE, "unplug pc1:0 pc2:0; remove-node pc1");
  check (&record, TWO, NULL, NULL, FALSE, "add-node pc1; plug pc1:0 pc2:0");
  /* Keys are never used twice: files of the old pc1 may still be there. */
  g_assert_cmpstr (loom_record_get_by_name (record, "pc1")->key, ==, "m3");
}

/* What is set on a cable is set while it stays plugged in; turned round with its ends it is the
 * same.
 */
static void
test_cables (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();
  const char *impaired = NODES (PC1 "," PC2) ", \"links\": [{\"ends\": [\"pc1:0\", \"pc2:0\"], "
                                             "\"forward\": {\"delay_ms\": 20}}]}";
  const char *renamed = NODES (
      "{\"name\": \"zz\", \"kind\": \"tiny\", \"nics\": 1, \"addresses\": "
      "[\"10.0.0.1/24\"]}," PC2) ", \"links\": [{\"ends\": [\"pc2:0\", \"zz:0\"], "
                                 "\"backward\": {\"delay_ms\": 20}}]}";
  const char *unplugged = NODES (PC1 "," PC2) ", \"links\": [{\"ends\": [\"pc1:0\", \"pc2:0\"], "
                                              "\"fault\": \"unplugged\"}]}";

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  guint64 cookie = loom_record_get_cable_at (record, "m1", 0)->cookie;
  check (&record, impaired, NULL, NULL, FALSE, "configure-link pc1:0 pc2:0");
  check (&record, renamed, "pc1", "zz", FALSE, "rename-node pc1");
  check (&record, impaired, "zz", "pc1", FALSE, "rename-node zz");
  check (&record, unplugged, NULL, NULL, FALSE, "configure-link pc1:0 pc2:0");
  check (&record, TWO, NULL, NULL, FALSE, "configure-link pc1:0 pc2:0");
  check (&record, TWO, NULL, NULL, FALSE, "");
  g_assert_cmpuint (loom_record_get_cable_at (record, "m1", 0)->cookie, ==, cookie);
}

/* A rename keeps instance and cable, even where the order of the cable's ends turns round. */
static void
test_rename (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();
  const char *renamed = NODES (
      "{\"name\": \"zz\", \"kind\": \"tiny\", \"nics\": 1, \"addresses\": "
      "[\"10.0.0.1/24\"]}," PC2) ", \"links\": [{\"ends\": [\"pc2:0\", \"zz:0\"]}]}";
  gboolean swapped = FALSE;

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  guint64 cookie = loom_record_get_cable_at (record, "m1", 0)->cookie;
  check (&record, renamed, "pc1", "zz", FALSE, "rename-node pc1");
  g_assert_cmpstr (loom_record_get_by_name (record, "zz")->key, ==, "m1");

  const LoomCable *cable = loom_record_get_cable_at (record, "m1", 0);
  g_assert_cmpuint (cable->cookie, ==, cookie);
  g_autofree char *id = loom_record_dup_link_id (record, cable, &swapped);
  g_assert_cmpstr (id, ==, "pc2:0 zz:0");
  g_assert_true (swapped);

  /* The same without saying that it is a rename: another machine. */
  check (&record, TWO, NULL, NULL, FALSE,
         "unplug pc2:0 zz:0; remove-node zz; add-node pc1; plug pc1:0 pc2:0");
}

/* What a machine only takes at its start. */
static void
test_restarts (void)
{
#define SETTING(setting)                                                                           \
  NODES ("{\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": 1, " setting                           \
         ", \"addresses\": [\"10.0.0.1/24\"]}," PC2)                                               \
  CABLE
  static const char *const SETTINGS[] = {
      SETTING ("\"memory_mib\": 256"),
      SETTING ("\"cpus\": 2"),
      SETTING ("\"boot\": \"echo hi\\n\""),
      SETTING ("\"macs\": [\"02:ab:00:00:00:01\"]"),
  };
#undef SETTING
  g_autoptr (LoomRecord) record = loom_record_new ();

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  for (guint i = 0; i < G_N_ELEMENTS (SETTINGS); i++) {
    check (&record, SETTINGS[i], NULL, NULL, FALSE, "restart-needed pc1");
    check (&record, TWO, NULL, NULL, FALSE, "restart-needed pc1");
  }
}

static void
test_settings (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();
  const char *more_memory = NODES (
      "{\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": 1, \"memory_mib\": 256, \"addresses\": "
      "[\"10.0.0.1/24\"]}," PC2) CABLE;
  const char *new_address = NODES ("{\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": 3, "
                                   "\"addresses\": [\"10.0.0.9/24\"]}," PC2) CABLE;

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  check (&record, more_memory, NULL, NULL, FALSE, "restart-needed pc1");
  check (&record, new_address, NULL, NULL, FALSE,
         "add-ports pc1; configure-node pc1; restart-needed pc1");
  check (&record, TWO, NULL, NULL, FALSE, "remove-ports pc1; configure-node pc1");
}

/* A machine that became a disk image is another machine. */
static void
test_kind (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();
  const char *other = NODES ("{\"name\": \"pc1\", \"kind\": \"hub\", \"ports\": 4}," PC2) CABLE;

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  check (&record, other, NULL, NULL, FALSE,
         "unplug pc1:0 pc2:0; remove-node pc1; add-node pc1; plug pc1:0 pc2:0");
  g_assert_cmpstr (loom_record_get_by_name (record, "pc1")->key, ==, "b1");
}

static void
test_repair (void)
{
  g_autoptr (LoomRecord) record = loom_record_new ();

  check (&record, TWO, NULL, NULL, FALSE,
         "start-switch; add-node pc1; add-node pc2; plug pc1:0 pc2:0");
  loom_record_get_by_name (record, "pc2")->failed = TRUE;
  check (&record, TWO, NULL, NULL, FALSE, "");
  g_assert_true (loom_record_get_by_name (record, "pc2")->failed);
  record->switch_running = FALSE;
  check (&record, TWO, NULL, NULL, TRUE, "start-switch; start-node pc2");
  g_assert_false (loom_record_get_by_name (record, "pc2")->failed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  catalogue = fixture_catalogue ();
  g_test_add_func ("/plan/start", test_start);
  g_test_add_func ("/plan/order", test_order);
  g_test_add_func ("/plan/start-switches", test_start_switches);
  g_test_add_func ("/plan/unplug-and-undo", test_unplug_and_undo);
  g_test_add_func ("/plan/remove-and-add", test_remove_and_add);
  g_test_add_func ("/plan/cables", test_cables);
  g_test_add_func ("/plan/rename", test_rename);
  g_test_add_func ("/plan/settings", test_settings);
  g_test_add_func ("/plan/restarts", test_restarts);
  g_test_add_func ("/plan/kind", test_kind);
  g_test_add_func ("/plan/repair", test_repair);
  int status = g_test_run ();
  g_object_unref (catalogue);
  return status;
}
