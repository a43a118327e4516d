/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The state file: what is written is read back, and what is broken is refused; and what specs and
 * fabrics are derived. */

#include "backend/engine/state.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/engine/plan.h"
#include "canvas/model/reader.h"
#include "tests/unit/model/fixture.h"

static char *folder;
static char *path;
static LoomCatalogue *catalogue;

static LoomDeriveContext
make_context (void)
{
  return (LoomDeriveContext){
      .catalogue = catalogue, .runtime_folder = "/run/x", .disk_folder = "/var/tmp/x"};
}

/* (transfer full): the state of a lab of the source tree that runs. */
static LoomState *
make_state (const char *lab_path)
{
  const LoomDeriveContext context = make_context ();
  LoomState *state = loom_state_new ();
  g_autoptr (LoomRecord) nothing = loom_record_new ();
  g_autoptr (GError) error = NULL;

  g_free (state->document);
  state->document = fixture_read (lab_path, NULL);
  g_autoptr (LoomLab)
      lab = loom_reader_read (catalogue, state->document, strlen (state->document), NULL, &error);
  g_assert_no_error (error);
  g_autoptr (LoomPlan) plan = loom_plan_make (lab, nothing, NULL, FALSE);
  loom_record_free (state->record);
  state->record = loom_record_copy (plan->after);
  state->generation = 42;
  state->accel = LOOM_ACCEL_KVM;
  state->started_unix_us = 1234567890123456;
  g_autoptr (LoomGuestSpec)
      spec = loom_derive_spec (&context, state->record, loom_record_get (state->record, "m2"));
  spec->memory_mib = 333;
  loom_state_add_running (state, "m2", spec, "/a/b.qcow2");
  return state;
}

static void
test_round_trip (void)
{
  const LoomDeriveContext context = make_context ();
  g_autoptr (LoomState) state = make_state ("data/labs/two-switches.lanloom");
  g_autoptr (GError) error = NULL;

  loom_record_get (state->record, "m3")->powered = FALSE;
  g_assert_true (loom_state_save (state, path, &error));
  g_autoptr (LoomState) again = loom_state_load (path, &context, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->document, ==, state->document);
  g_assert_cmpuint (again->generation, ==, 42);
  g_assert_cmpint (again->accel, ==, LOOM_ACCEL_KVM);
  g_assert_cmpint (again->started_unix_us, ==, 1234567890123456);
  g_assert_cmpuint (again->record->instances->len, ==, 6);
  g_assert_cmpuint (again->record->cables->len, ==, 5);
  g_assert_cmpuint (again->record->next_cookie, ==, 6);
  g_assert_false (loom_record_get (again->record, "m3")->powered);

  const LoomCable *cable = loom_record_get_cable_at (again->record, "b2", 3);
  const LoomCable *same = loom_record_get_cable_at (state->record, "b2", 3);
  g_assert_cmpuint (cable->cookie, ==, same->cookie);
  g_assert_cmpuint (g_hash_table_size (again->running), ==, 1);
  const LoomRunning *running = g_hash_table_lookup (again->running, "m2");
  g_assert_cmpint (running->spec->memory_mib, ==, 333);
  g_assert_cmpstr (running->image, ==, "/a/b.qcow2");
  const LoomGuestNic *nic = g_ptr_array_index (running->spec->nics, 0);
  g_assert_cmpstr (nic->vhost_path, ==, "/run/x/m2.0.vhost");
  g_assert_true (nic->link_up);
}

static void
test_absent (void)
{
  const LoomDeriveContext context = make_context ();
  g_autoptr (GError) error = NULL;

  g_unlink (path);
  g_assert_null (loom_state_load (path, &context, &error));
  g_assert_no_error (error);
}

static void
write_text (const char *text, gssize size)
{
  g_assert_true (
      g_file_set_contents_full (path, text, size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

/* What others may write, or made us find, is not read. */
static void
test_not_ours (void)
{
  const LoomDeriveContext context = make_context ();
  g_autoptr (LoomState) state = make_state ("data/labs/two-machines.lanloom");
  g_autofree char *link = g_strconcat (path, ".link", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (loom_state_save (state, path, &error));
  g_assert_cmpint (g_chmod (path, 0622), ==, 0);
  g_assert_null (loom_state_load (path, &context, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_cmpint (symlink (path, link), ==, 0);
  g_assert_null (loom_state_load (link, &context, &error));
  g_assert_nonnull (error);
  g_unlink (link);
}

static void
replace (char **text, const char *old, const char *new)
{
  g_auto (GStrv) parts = g_strsplit (*text, old, -1);

  g_assert_cmpuint (g_strv_length (parts), >, 1);
  g_free (*text);
  *text = g_strjoinv (new, parts);
}

/* Keys become names of files, ports indexes of arrays. */
static void
test_hostile (void)
{
  const LoomDeriveContext context = make_context ();
  g_autoptr (LoomState) state = make_state ("data/labs/two-switches.lanloom");
  static const char *const changes[][2] = {{"\"key\":\"m2\"", "\"key\":\"../../m2\""},
                                           {"\"key\":\"m2\"", "\"key\":\"m1\""},
                                           {"\"key\":\"m2\"", "\"key\":\"m02\""},
                                           {"\"key\":\"m2\"", "\"key\":\"b2\""},
                                           {"\"key\":\"m2\"", "\"key\":\"m77\""}};

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree char *text = NULL;
    g_autoptr (GError) error = NULL;
    g_assert_true (loom_state_save (state, path, &error));
    g_assert_true (g_file_get_contents (path, &text, NULL, &error));
    replace (&text, changes[i][0], changes[i][1]);
    write_text (text, -1);
    g_autoptr (LoomState) again = loom_state_load (path, &context, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (again->record->instances->len, ==, 5);
    g_assert_cmpuint (again->record->cables->len, ==, 4);
    g_assert_null (loom_record_get (again->record, "m2"));
    g_assert_false (g_hash_table_contains (again->running, "m2"));
  }
}

/* Cut off at every length, and with every tenth byte broken: an error or a state, never more. */
static void
test_broken (void)
{
  const LoomDeriveContext context = make_context ();
  g_autoptr (LoomState) state = make_state ("data/labs/two-machines.lanloom");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize size;

  g_assert_true (loom_state_save (state, path, &error));
  g_assert_true (g_file_get_contents (path, &text, &size, &error));
  for (gsize length = 0; length + 2 < size; length += 7) {
    g_autoptr (GError) cut = NULL;
    write_text (text, (gssize) length);
    g_autoptr (LoomState) none = loom_state_load (path, &context, &cut);
    g_assert_null (none);
    g_assert_nonnull (cut);
  }
  for (gsize i = 0; i < size; i += 10) {
    g_autoptr (GError) ignored = NULL;
    char kept = text[i];
    text[i] = (char) (kept ^ 0x15);
    write_text (text, (gssize) size);
    g_autoptr (LoomState) maybe = loom_state_load (path, &context, &ignored);
    g_assert_true ((maybe == NULL) == (ignored != NULL));
    text[i] = kept;
  }
}

static void
test_derive (void)
{
  const LoomDeriveContext context = make_context ();
  g_autoptr (LoomState) state = make_state ("data/labs/two-switches.lanloom");
  g_autoptr (GHashTable) n_ports = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;

  g_autoptr (LoomGuestSpec)
      spec = loom_derive_spec (&context, state->record, loom_record_get (state->record, "m1"));
  g_assert_true (loom_guest_spec_check (spec, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (spec->name, ==, "pc1");
  g_assert_cmpint (spec->memory_mib, ==, 128);
  g_assert_cmpuint (spec->hosts->len, ==, 4);
  const LoomGuestHost *host = g_ptr_array_index (spec->hosts, 3);
  g_assert_cmpstr (host->address, ==, "10.0.0.4");

  /* Two of the four machines have their ports: only their cables can be plugged in. */
  g_hash_table_insert (n_ports, (char *) "m1", GUINT_TO_POINTER (1));
  g_hash_table_insert (n_ports, (char *) "m3", GUINT_TO_POINTER (1));
  g_autoptr (GHashTable) detours = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autoptr (LoomFabric) fabric = loom_derive_fabric ("/run/x", state->record, n_ports, detours);
  g_assert_true (loom_fabric_check (fabric, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fabric->nics->len, ==, 2);
  g_assert_cmpuint (fabric->bridges->len, ==, 2);
  g_assert_cmpuint (fabric->cables->len, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("lst-XXXXXX", NULL);
  path = g_build_filename (folder, "state.json", NULL);
  catalogue = fixture_catalogue ();
  g_test_add_func ("/state/round-trip", test_round_trip);
  g_test_add_func ("/state/absent", test_absent);
  g_test_add_func ("/state/not-ours", test_not_ours);
  g_test_add_func ("/state/hostile", test_hostile);
  g_test_add_func ("/state/broken", test_broken);
  g_test_add_func ("/state/derive", test_derive);
  int status = g_test_run ();
  g_unlink (path);
  g_rmdir (folder);
  g_object_unref (catalogue);
  g_free (path);
  g_free (folder);
  return status;
}
