/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "backend/guest/protocol.h"
#include "backend/qemu/error.h"
#include "backend/qemu/guest-spec.h"

#include <string.h>

static LoomGuestSpec *
make_spec (void)
{
  LoomGuestSpec *spec = loom_guest_spec_new ("m1", "pc1", "/run/lab");

  spec->kernel = g_strdup ("/boot/vmlinuz");
  spec->has_agent = TRUE;
  return spec;
}

static void
check_refused (const LoomGuestSpec *spec, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (loom_guest_spec_check (spec, &error));
  g_assert_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_sizes (void)
{
  g_autoptr (LoomGuestSpec) spec = make_spec ();

  g_assert_true (loom_guest_spec_check (spec, NULL));
  spec->memory_mib = -1;
  check_refused (spec, "-1 MiB");
  spec->memory_mib = G_MAXINT;
  check_refused (spec, "pc1");
  spec->memory_mib = 128;
  spec->n_cpus = 0;
  check_refused (spec, "0 CPUs");
  spec->n_cpus = 1;
  for (guint i = 0; i <= LOOM_GUEST_MAX_NICS; i++)
    loom_guest_spec_add_nic (spec, "/run/x", "02:00:00:00:00:01", NULL, TRUE);
  check_refused (spec, "network cards");
}

static void
test_hostile_words (void)
{
  static const char *const names[] = {"", "a,b", "a b", "a\nboot", "a/b", "é", "a=b"};
  static const char *const addresses[] = {"10.0.0.1",          "10.0.0.1/33", "10.0.0/24",
                                          "fd00::1/129",       "x/24",        "10.0.0.1/24/3",
                                          "10.0.0.1/24\nboot", "10.0.0.1/-1"};
  static const char *const macs[] = {"", "02:00:00:00:00", "02:00:00:00:00:0g",
                                     "02:00:00:00:00:01,x", "02-00-00-00-00-01"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (LoomGuestSpec) spec = make_spec ();

    g_free (spec->name);
    spec->name = g_strdup (names[i]);
    g_assert_false (loom_guest_spec_check (spec, NULL));
  }
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    g_autoptr (LoomGuestSpec) spec = make_spec ();

    loom_guest_spec_add_nic (spec, "/run/x", "02:00:00:00:00:01", addresses[i], TRUE);
    check_refused (spec, "pc1");
  }
  for (guint i = 0; i < G_N_ELEMENTS (macs); i++) {
    g_autoptr (LoomGuestSpec) spec = make_spec ();

    loom_guest_spec_add_nic (spec, "/run/x", macs[i], NULL, TRUE);
    check_refused (spec, "MAC");
  }
}

static void
test_long_paths (void)
{
  g_autoptr (LoomGuestSpec) spec = make_spec ();
  g_autofree char *longest = g_strnfill (110, 'a');

  g_free (spec->runtime_folder);
  spec->runtime_folder = g_strconcat ("/", longest, NULL);
  check_refused (spec, "XDG_RUNTIME_DIR");
}

static void
test_config (void)
{
  g_autoptr (LoomGuestSpec) spec = make_spec ();
  g_autofree char *boot = NULL;
  g_autofree char *live = NULL;

  loom_guest_spec_add_nic (spec, "/run/x", "02:00:00:00:00:0A", "10.0.0.1/24,  fd00::1/64", TRUE);
  loom_guest_spec_add_nic (spec, "/run/y", "02:00:00:00:00:02", NULL, TRUE);
  loom_guest_spec_add_host (spec, "10.0.0.2", "pc2");
  spec->boot_script = g_strdup ("echo hi\n");
  g_assert_true (loom_guest_spec_check (spec, NULL));
  boot = loom_guest_spec_dup_config (spec, TRUE);
  live = loom_guest_spec_dup_config (spec, FALSE);
  g_assert_cmpstr (live, ==,
                   "hostname pc1\nnic 02:00:00:00:00:0a 10.0.0.1/24 fd00::1/64\n"
                   "nic 02:00:00:00:00:02\nhost 10.0.0.2 pc2\n");
  g_assert_true (g_str_has_prefix (boot, live));
  g_assert_cmpstr (boot + strlen (live), ==, "boot\necho hi\n");
}

/* (transfer full): @text of @length characters. */
static char *
repeat (const char *text, gsize length)
{
  GString *longer = g_string_new (NULL);

  while (longer->len < length)
    g_string_append (longer, text);
  g_string_truncate (longer, length);
  return g_string_free (longer, FALSE);
}

/* What may be asked for is never longer than what the guest takes: it would change nothing. */
static void
test_largest_config (void)
{
  g_autoptr (LoomGuestSpec) spec = make_spec ();
  g_autofree char *name = repeat ("n", 64);
  g_autofree char *addresses = repeat ("10.0.0.1/24,", 1020);
  g_autofree char *config = NULL;

  g_free (spec->name);
  spec->name = g_strdup (name);
  for (guint i = 0; i < LOOM_GUEST_MAX_NICS; i++)
    loom_guest_spec_add_nic (spec, "/run/x", "02:00:00:00:00:01", addresses, TRUE);
  for (guint i = 0; i < LOOM_GUEST_MAX_HOSTS; i++)
    loom_guest_spec_add_host (spec, "0000:0000:0000:0000:0000:ffff:255.255.255.255", name);
  spec->boot_script = repeat ("echo 1\n", LOOM_GUEST_MAX_BOOT_SCRIPT_BYTES);
  g_assert_true (loom_guest_spec_check (spec, NULL));
  config = loom_guest_spec_dup_config (spec, TRUE);
  g_test_message ("the largest configuration has %zu bytes", strlen (config));
  g_assert_cmpuint (strlen (config), <=, LOOM_AGENT_MAX_CONFIG);
}

static void
test_restart (void)
{
  g_autoptr (LoomGuestSpec) a = make_spec ();
  g_autoptr (LoomGuestSpec) b = loom_guest_spec_copy (a);

  g_free (b->name);
  b->name = g_strdup ("renamed");
  loom_guest_spec_add_nic (b, "/run/x", "02:00:00:00:00:01", NULL, TRUE);
  g_assert_false (loom_guest_spec_needs_restart (a, b));
  b->memory_mib++;
  g_assert_true (loom_guest_spec_needs_restart (a, b));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guest-spec/sizes", test_sizes);
  g_test_add_func ("/guest-spec/hostile-words", test_hostile_words);
  g_test_add_func ("/guest-spec/long-paths", test_long_paths);
  g_test_add_func ("/guest-spec/config", test_config);
  g_test_add_func ("/guest-spec/largest-config", test_largest_config);
  g_test_add_func ("/guest-spec/restart", test_restart);
  return g_test_run ();
}
