/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Machine → command line of QEMU, against the files in argv/, one argument a line.
 * LANLOOM_GOLDEN_UPDATE=1 writes them anew; look at the difference before it goes in. */

#include "backend/qemu/argv.h"
#include "backend/qemu/error.h"

#include <string.h>

static void
check_golden (const LoomGuestSpec *spec, const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s.txt", name);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "argv", file, NULL);
  g_auto (GStrv) argv = loom_qemu_argv (spec);
  g_autofree char *joined = g_strjoinv ("\n", argv);
  g_autofree char *text = g_strconcat (joined, "\n", NULL);
  g_autofree char *expected = NULL;
  g_autoptr (GError) error = NULL;

  loom_guest_spec_check (spec, &error);
  g_assert_no_error (error);
  if (g_getenv ("LANLOOM_GOLDEN_UPDATE") != NULL)
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_true (g_file_get_contents (path, &expected, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static LoomGuestSpec *
make_tiny (LoomAccel accel)
{
  LoomGuestSpec *spec = loom_guest_spec_new ("m3", "pc1", "/run/user/1000/lanloom/two-1a2b3c4d");

  spec->accel = accel;
  spec->kernel = g_strdup ("/usr/share/lanloom/guest/tiny-vmlinuz");
  spec->initrd = g_strdup ("/usr/share/lanloom/guest/tiny-initrd");
  spec->has_agent = TRUE;
  loom_guest_spec_add_nic (spec, "/run/user/1000/lanloom/two-1a2b3c4d/m3.0.vhost",
                           "02:00:00:00:03:00", "10.0.0.1/24", TRUE);
  loom_guest_spec_add_nic (spec, "/run/user/1000/lanloom/two-1a2b3c4d/m3.1.vhost",
                           "02:00:00:00:03:01", NULL, FALSE);
  return spec;
}

static void
test_tiny_tcg (void)
{
  g_autoptr (LoomGuestSpec) spec = make_tiny (LOOM_ACCEL_TCG);

  check_golden (spec, "tiny-tcg");
}

/* MSI-X is left alone where it works. */
static void
test_tiny_kvm (void)
{
  g_autoptr (LoomGuestSpec) spec = make_tiny (LOOM_ACCEL_KVM);
  g_auto (GStrv) argv = loom_qemu_argv (spec);

  check_golden (spec, "tiny-kvm");
  for (guint i = 0; argv[i] != NULL; i++)
    g_assert_null (strstr (argv[i], "vectors"));
}

/* Names that QEMU's option parser would split. */
static void
test_disk (void)
{
  g_autoptr (LoomGuestSpec) spec = loom_guest_spec_new ("m1", "server", "/tmp/a,b");

  spec->disk = g_strdup ("/home/jo/labs/my,disk=1.qcow2");
  spec->memory_mib = 2048;
  spec->n_cpus = 4;
  check_golden (spec, "disk-tcg");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/argv/tiny-tcg", test_tiny_tcg);
  g_test_add_func ("/argv/tiny-kvm", test_tiny_kvm);
  g_test_add_func ("/argv/disk", test_disk);
  return g_test_run ();
}
