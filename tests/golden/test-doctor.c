/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What was observed of a computer → the report, against the files in doctor/.
 * LANLOOM_GOLDEN_UPDATE=1 writes them anew; look at the difference before it goes in. */

#include "backend/engine/doctor.h"

#include <string.h>

static void
check_golden (const LoomDoctorObserved *observed, const char *name, LoomSeverity worst)
{
  g_autofree char *file = g_strdup_printf ("%s.txt", name);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "doctor", file, NULL);
  g_autoptr (GPtrArray) report = loom_doctor_report (observed);
  g_autofree char *summary = loom_doctor_dup_summary (report);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *expected = NULL;

  for (guint i = 0; i < report->len; i++) {
    const LoomFinding *finding = g_ptr_array_index (report, i);

    g_string_append_printf (text, "%s %s\n  %s: %s\n", finding->id,
                            loom_severity_to_id (finding->severity), finding->title,
                            finding->found);
    if (finding->remedy != NULL)
      g_string_append_printf (text, "  $ %s\n", finding->remedy);
  }
  g_string_append_printf (text, "%s\n", summary);
  if (g_getenv ("LANLOOM_GOLDEN_UPDATE") != NULL)
    g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  g_assert_true (g_file_get_contents (path, &expected, NULL, NULL));
  g_assert_cmpstr (text->str, ==, expected);
  g_assert_cmpint (loom_doctor_worst (report), ==, worst);
}

/* A computer with nothing to improve. */
static LoomDoctorObserved *
make_good (void)
{
  LoomDoctorObserved *observed = loom_doctor_observed_new ();

  observed->namespaces = LOOM_TRIED_WORKED;
  observed->init_path = g_strdup ("/usr/libexec/lanloom/lanloom-init");
  observed->max_user_namespaces = 63000;
  observed->kvm = LOOM_DEVICE_OPENS;
  observed->kvm_boots = LOOM_TRIED_WORKED;
  observed->cpu_has_kvm = TRUE;
  observed->tun = LOOM_DEVICE_OPENS;
  observed->memory_total_mib = 16000;
  observed->memory_available_mib = 12345;
  observed->n_cores = 8;
  observed->hugepages_total_mib = 0;
  observed->hugepages_free_mib = 0;
  observed->spice = LOOM_TRIED_WORKED;
  observed->guest_there = TRUE;
  observed->guest_path = g_strdup ("/usr/share/lanloom/guest/tiny-vmlinuz");
  observed->wire_path = g_strdup ("/usr/libexec/lanloom/lanloom-wire");
  observed->wire = LOOM_TRIED_WORKED;
  observed->wire_said = g_strdup ("DPDK 22.11.11");
  loom_doctor_observed_add_program (observed, "qemu-system-x86_64", "qemu-system-x86",
                                    "/usr/bin/qemu-system-x86_64", "10.0.2", "7.2");
  loom_doctor_observed_add_program (observed, "qemu-img", "qemu-utils", "/usr/bin/qemu-img",
                                    "7.2.22", "7.2");
  loom_doctor_observed_add_folder (observed, "runtime", "/run/user/1000", TRUE, 1600);
  loom_doctor_observed_add_folder (observed, "disks", "/var/tmp", TRUE, 50000);
  loom_doctor_observed_add_folder (observed, "cache", "/home/jo/.cache", TRUE, 50000);
  return observed;
}

static void
test_good (void)
{
  g_autoptr (LoomDoctorObserved) observed = make_good ();

  check_golden (observed, "good", LOOM_SEVERITY_OK);
}

/* Ubuntu as it comes: AppArmor in the way, no rights to KVM, nothing installed. */
static void
test_apparmor (void)
{
  g_autoptr (LoomDoctorObserved) observed = make_good ();

  observed->namespaces = LOOM_TRIED_FAILED;
  observed->namespaces_said = g_strdup ("This host does not let Lanloom make a lab's own "
                                        "namespaces: ip link set lo up failed.");
  observed->apparmor_restricts_userns = 1;
  observed->unprivileged_userns_clone = 1;
  observed->kvm = LOOM_DEVICE_DENIED;
  observed->kvm_boots = LOOM_TRIED_UNKNOWN;
  observed->spice = LOOM_TRIED_FAILED;
  g_ptr_array_set_size (observed->programs, 0);
  loom_doctor_observed_add_program (observed, "qemu-img", "qemu-utils", NULL, NULL, "7.2");
  loom_doctor_observed_add_program (observed, "ovsdb-server", "openvswitch-common",
                                    "/usr/sbin/ovsdb-server", NULL, "3.1")
      ->runs = LOOM_TRIED_FAILED;
  loom_doctor_observed_add_program (observed, "ovs-vswitchd-dpdk", "openvswitch-switch-dpdk",
                                    "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk", "2.17.9",
                                    "3.1");
  loom_doctor_observed_add_program (observed, "librte_mempool_ring", "librte-meta-mempool", NULL,
                                    NULL, NULL)
      ->is_plugin = TRUE;
  loom_doctor_observed_add_program (observed, "tshark", "tshark", NULL, NULL, NULL)->is_extra =
      TRUE;
  loom_doctor_observed_add_program (observed, "wireshark", "wireshark", NULL, NULL, NULL)
      ->is_extra = TRUE;
  check_golden (observed, "apparmor", LOOM_SEVERITY_PROBLEM);
}

/* A small virtual machine: no KVM, little of everything, and folders that are not ours. */
static void
test_small (void)
{
  g_autoptr (LoomDoctorObserved) observed = make_good ();

  observed->kvm = LOOM_DEVICE_ABSENT;
  observed->kvm_boots = LOOM_TRIED_UNKNOWN;
  observed->cpu_has_kvm = FALSE;
  observed->tun = LOOM_DEVICE_ABSENT;
  observed->memory_total_mib = 1000;
  observed->memory_available_mib = 300;
  observed->n_cores = 1;
  observed->hugepages_total_mib = 512;
  observed->hugepages_free_mib = 128;
  observed->guest_there = FALSE;
  g_ptr_array_set_size (observed->folders, 0);
  loom_doctor_observed_add_folder (observed, "runtime", "/run/user/1000", FALSE, 100);
  loom_doctor_observed_add_folder (observed, "disks", "/var/tmp", TRUE, 700);
  loom_doctor_observed_add_folder (observed, "cache", "/home/jo/.cache", FALSE, 0);
  g_clear_pointer (&observed->wire_path, g_free);
  observed->wire = LOOM_TRIED_UNKNOWN;
  check_golden (observed, "small", LOOM_SEVERITY_PROBLEM);
}

/* Labs run, yet: nested virtualisation that hangs, tun for others, memory short. */
static void
test_nested (void)
{
  g_autoptr (LoomDoctorObserved) observed = make_good ();

  observed->apparmor_restricts_userns = 1;
  observed->kvm_boots = LOOM_TRIED_FAILED;
  observed->tun = LOOM_DEVICE_DENIED;
  observed->memory_available_mib = 1500;
  observed->wire = LOOM_TRIED_FAILED;
  g_free (observed->wire_said);
  observed->wire_said = g_strdup ("lanloom-wire: error while loading shared libraries: "
                                  "librte_eal.so.23: cannot open shared object file");
  check_golden (observed, "nested", LOOM_SEVERITY_ADVICE);
}

/* So busy that nothing answers in time: nothing is known to be broken. */
static void
test_late (void)
{
  g_autoptr (LoomDoctorObserved) observed = make_good ();

  ((LoomDoctorProgram *) observed->programs->pdata[0])->runs = LOOM_TRIED_LATE;
  observed->spice = LOOM_TRIED_UNKNOWN;
  observed->wire = LOOM_TRIED_LATE;
  observed->namespaces = LOOM_TRIED_LATE;
  check_golden (observed, "late", LOOM_SEVERITY_ADVICE);
}

/* Each setting that forbids namespaces has its own remedy; a path that a shell or AppArmor would
 * read otherwise is in none. */
static void
test_namespace_remedies (void)
{
  g_autoptr (LoomDoctorObserved) observed = make_good ();
  const LoomFinding *finding;

  observed->namespaces = LOOM_TRIED_FAILED;
  observed->max_user_namespaces = 0;
  g_autoptr (GPtrArray) none = loom_doctor_report (observed);
  finding = g_ptr_array_index (none, 0);
  g_assert_cmpstr (finding->remedy, ==, "sudo sysctl -w user.max_user_namespaces=15000");

  observed->max_user_namespaces = 1000;
  observed->unprivileged_userns_clone = 0;
  g_autoptr (GPtrArray) clone = loom_doctor_report (observed);
  finding = g_ptr_array_index (clone, 0);
  g_assert_cmpstr (finding->remedy, ==, "sudo sysctl -w kernel.unprivileged_userns_clone=1");

  observed->unprivileged_userns_clone = 1;
  observed->apparmor_restricts_userns = 1;
  g_free (observed->init_path);
  observed->init_path = g_strdup ("/home/jo/it's; rm -rf/lanloom-init");
  g_autoptr (GPtrArray) quoted = loom_doctor_report (observed);
  finding = g_ptr_array_index (quoted, 0);
  g_assert_null (strstr (finding->remedy, "rm -rf"));
}

/* Nothing observed: a report all the same. */
static void
test_nothing (void)
{
  g_autoptr (LoomDoctorObserved) observed = loom_doctor_observed_new ();

  check_golden (observed, "nothing", LOOM_SEVERITY_PROBLEM);
}

static void
test_versions (void)
{
  static const struct {
    const char *text;
    const char *version;
  } said[] = {
      {"QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright", "7.2.22"},
      {"ovs-vswitchd-dpdk (Open vSwitch) 3.1.0\nDPDK 22.11.11", "3.1.0"},
      {"qemu-img version 10.0.2", "10.0.2"},
      {"tool 3.5-rc1", "3.5"},
      {"no number here\n1.2.3", NULL},
      {"", NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (said); i++) {
    g_autofree char *version = loom_doctor_parse_version (said[i].text);
    g_assert_cmpstr (version, ==, said[i].version);
  }
  g_assert_cmpint (loom_doctor_compare_versions ("7.2", "7.10"), <, 0);
  g_assert_cmpint (loom_doctor_compare_versions ("10.0", "7.2.22"), >, 0);
  g_assert_cmpint (loom_doctor_compare_versions ("3.1.0", "3.1"), ==, 0);
  g_assert_cmpint (loom_doctor_compare_versions ("3.1.1", "3.1"), >, 0);
  g_assert_cmpint (loom_doctor_compare_versions ("x", "3.1"), <, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/doctor/good", test_good);
  g_test_add_func ("/doctor/apparmor", test_apparmor);
  g_test_add_func ("/doctor/small", test_small);
  g_test_add_func ("/doctor/nested", test_nested);
  g_test_add_func ("/doctor/late", test_late);
  g_test_add_func ("/doctor/namespace-remedies", test_namespace_remedies);
  g_test_add_func ("/doctor/nothing", test_nothing);
  g_test_add_func ("/doctor/versions", test_versions);
  return g_test_run ();
}
