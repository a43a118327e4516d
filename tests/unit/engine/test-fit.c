/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a lab needs against what there is. */

#include "backend/engine/fit-host.h"
#include "backend/ovs/switch-memory.h"
#include "canvas/model/reader.h"
#include "tests/unit/model/fixture.h"

#include <string.h>

static const LoomFitCosts costs = {
    .lab_mib = 10,
    .switch_mib = 90,
    .switch_nic_mib = 50,
    .guest_kvm_mib = 40,
    .guest_tcg_mib = 100,
    .disk_mib = 1000,
    .wire_mib = 70,
};

static LoomFitHost
make_host (int available_mib)
{
  /* A reserve of 256 MiB is kept of it. */
  return (LoomFitHost){.memory_total_mib = 4096,
                       .memory_available_mib = available_mib,
                       .n_cores = 2,
                       .disk_free_mib = 10000,
                       .kvm = TRUE};
}

static LoomLab *
read_lab_with (const char *nodes, const char *links)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autofree char *text = g_strdup_printf ("{\"lanloom\": 1, \"nodes\": [%s], \"links\": [%s]}",
                                           nodes, links);
  g_autoptr (GError) error = NULL;
  LoomLab *lab = loom_reader_read (catalogue, text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  return lab;
}

static LoomLab *
read_lab (const char *nodes)
{
  return read_lab_with (nodes, "");
}

#define MACHINE(name, memory)                                                                      \
  "{\"name\": \"" name "\", \"kind\": \"tiny\", \"nics\": 1, \"memory_mib\": " memory "}"
#define SWITCH "{\"name\": \"sw1\", \"kind\": \"switch\", \"ports\": 8}"

static void
check_first (const LoomFit *fit, const char *expected)
{
  g_ptr_array_add (fit->start_first, NULL);
  g_autofree char *names = g_strjoinv (" ", (char **) fit->start_first->pdata);
  g_ptr_array_set_size (fit->start_first, (int) fit->start_first->len - 1);

  g_assert_cmpstr (names, ==, expected);
}

/* Ports of switches cost nothing; those of machines do. */
static void
test_sum (void)
{
  g_autoptr (LoomLab)
      lab = read_lab (MACHINE ("pc1", "128") ", " MACHINE ("pc2", "256") ", " SWITCH);
  LoomFitHost host = make_host (2048);
  g_autoptr (LoomFit) fit = loom_fit_check (lab, &host, &costs);
  const LoomFitConsumer *largest = g_ptr_array_index (fit->consumers, 0);

  g_assert_cmpint (fit->verdict, ==, LOOM_FIT_FITS);
  g_assert_cmpint (fit->need_memory_mib, ==, 100 + (128 + 40 + 50) + (256 + 40 + 50));
  g_assert_cmpint (fit->have_memory_mib, ==, 2048 - 256);
  g_assert_cmpint (fit->need_cpus, ==, 2);
  g_assert_cmpint (fit->consumers->len, ==, 3);
  g_assert_cmpstr (largest->item, ==, "pc2");
  g_assert_cmpint (fit->start_first->len, ==, 0);

  host.kvm = FALSE;
  g_autoptr (LoomFit) emulated = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (emulated->need_memory_mib, ==, fit->need_memory_mib + 2 * 60);
}

/* An impaired cable brings the wire, once; a fault needs none. */
static void
test_wire (void)
{
  static const char nodes[] = MACHINE ("pc1", "128") ", " MACHINE ("pc2", "128");
  static const char ends[] = "\"ends\": [\"pc1:0\", \"pc2:0\"]";
  g_autofree char *clean = g_strdup_printf ("{%s, \"fault\": \"unplugged\"}", ends);
  g_autofree char *slow = g_strdup_printf ("{%s, \"delay_ms\": 1}", ends);
  g_autoptr (LoomLab) before = read_lab_with (nodes, clean);
  g_autoptr (LoomLab) after = read_lab_with (nodes, slow);
  LoomFitHost host = make_host (2048);
  g_autoptr (LoomFit) old = loom_fit_check (before, &host, &costs);
  g_autoptr (LoomFit) fit = loom_fit_check (after, &host, &costs);
  g_autoptr (LoomFit) edit = loom_fit_check_edit (before, after, &host, &costs);
  g_autoptr (LoomFit) back = loom_fit_check_edit (after, before, &host, &costs);

  g_assert_cmpint (old->wire_mib, ==, 0);
  g_assert_cmpint (fit->wire_mib, ==, 70);
  g_assert_cmpint (fit->need_memory_mib, ==, old->need_memory_mib + 70);
  g_assert_cmpint (edit->need_memory_mib, ==, 70);
  g_assert_cmpint (back->need_memory_mib, ==, 0);
  g_assert_nonnull (strstr (fit->sentence, "70 MiB"));
  g_assert_null (strstr (old->sentence, "wire"));
}

/* To the MiB: what fits exactly fits. */
static void
test_edge (void)
{
  g_autoptr (LoomLab) lab = read_lab (MACHINE ("pc1", "128"));
  LoomFitHost host = make_host (256 + 318);
  g_autoptr (LoomFit) exact = loom_fit_check (lab, &host, &costs);

  g_assert_cmpint (exact->need_memory_mib, ==, 318);
  g_assert_cmpint (exact->verdict, ==, LOOM_FIT_TIGHT);
  host.memory_available_mib--;
  g_autoptr (LoomFit) short_of_one = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (short_of_one->verdict, ==, LOOM_FIT_TOO_LARGE);
  check_first (short_of_one, "");
  host.memory_available_mib = 0;
  g_autoptr (LoomFit) nothing = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (nothing->have_memory_mib, ==, 0);
}

/* The largest are named, and those that would fit together, in the lab's order. */
static void
test_too_large (void)
{
  g_autoptr (LoomLab) lab = read_lab (MACHINE ("a", "300") ", " MACHINE (
      "big", "4096") ", " MACHINE ("c", "128") ", " MACHINE ("d", "1000"));
  LoomFitHost host = make_host (256 + 100 + 218 + 390);
  g_autoptr (LoomFit) fit = loom_fit_check (lab, &host, &costs);

  g_assert_cmpint (fit->verdict, ==, LOOM_FIT_TOO_LARGE);
  check_first (fit, "a c");
  g_assert_nonnull (strstr (fit->sentence, "big (4.1 GiB), d (1.1 GiB), a (390 MiB)"));
  g_assert_nonnull (strstr (fit->sentence, "a, c."));
}

/* Memory that running labs were promised is not there for another; nobody is told to start first
 * what would wait for something that does not fit. */
static void
test_reserved_and_order (void)
{
  g_autoptr (LoomLab) lab = read_lab (MACHINE ("a", "300") ", " MACHINE (
      "big",
      "4096") ", "
              "{\"name\": \"c\", \"kind\": \"tiny\", \"nics\": 1, \"memory_mib\": 128, \"after\": "
              "[\"big\"]}, {\"name\": \"d\", \"kind\": \"tiny\", \"nics\": 1, \"memory_mib\": 128, "
              "\"after\": [\"c\"]}");
  LoomFitHost host = make_host (256 + 100 + 218 + 218 + 390);
  g_autoptr (LoomFit) fit = loom_fit_check (lab, &host, &costs);

  check_first (fit, "a");
  host.reserved_mib = 400;
  g_autoptr (LoomFit) less = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (less->have_memory_mib, ==, fit->have_memory_mib - 400);
  host.reserved_mib = G_MAXINT64 / 2;
  g_autoptr (LoomFit) none = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (none->have_memory_mib, ==, 0);
}

static void
test_disk (void)
{
  g_autoptr (LoomLab)
      lab = read_lab ("{\"name\": \"srv1\", \"kind\": \"disk\", \"nics\": 1, \"memory_mib\": 64}, "
                      "{\"name\": \"srv2\", \"kind\": \"disk\", \"nics\": 1, \"memory_mib\": 64}");
  LoomFitHost host = make_host (4000);

  host.disk_free_mib = 1500;
  g_autoptr (LoomFit) fit = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (fit->verdict, ==, LOOM_FIT_TOO_LARGE);
  g_assert_cmpint (fit->need_disk_mib, ==, 2000);
  check_first (fit, "srv1");
  host.disk_free_mib = -1;
  g_autoptr (LoomFit) unknown = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (unknown->verdict, ==, LOOM_FIT_FITS);
}

/* Huge pages are named when the switch will take them; what it needs without them is needed anyway.
 */
static void
test_hugepages (void)
{
  g_autoptr (LoomLab) lab = read_lab (MACHINE ("pc1", "128"));
  LoomSwitchMemory memory = loom_switch_plan_memory (LOOM_SWITCH_MIN_NICS, 10000);
  LoomFitHost host = make_host (2048);

  g_assert_true (memory.hugepages);
  host.hugepages_free_mib = memory.memory_mib;
  g_autoptr (LoomFit) with = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (with->need_hugepages_mib, ==, memory.memory_mib);
  g_assert_cmpint (with->need_memory_mib, ==, 318);
  host.hugepages_free_mib = memory.memory_mib - 1;
  g_autoptr (LoomFit) without = loom_fit_check (lab, &host, &costs);
  g_assert_cmpint (without->need_hugepages_mib, ==, 0);
  g_assert_cmpint (without->need_memory_mib, ==, 318);
  g_autoptr (LoomFit) edit = loom_fit_check_edit (lab, lab, &host, &costs);
  g_assert_cmpint (edit->need_hugepages_mib, ==, 0);
}

/* Too few cores are worth a word, not a refusal. */
static void
test_cores (void)
{
  g_autoptr (LoomLab)
      lab = read_lab ("{\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": 1, \"cpus\": 8}");
  LoomFitHost host = make_host (4000);
  g_autoptr (LoomFit) fit = loom_fit_check (lab, &host, &costs);

  g_assert_cmpint (fit->verdict, ==, LOOM_FIT_TIGHT);
  g_assert_cmpint (fit->need_cpus, ==, 8);
  g_assert_nonnull (strstr (fit->sentence, "8 CPUs"));
}

/* An edit is asked for what it adds; what takes nothing more is never refused. */
static void
test_edit (void)
{
  g_autoptr (LoomLab) one = read_lab (MACHINE ("pc1", "1000"));
  g_autoptr (LoomLab) two = read_lab (MACHINE ("pc1", "1000") ", " MACHINE ("pc2", "128"));
  LoomFitHost host = make_host (256 + 218);
  g_autoptr (LoomFit) exact = loom_fit_check_edit (one, two, &host, &costs);

  g_assert_cmpint (exact->verdict, ==, LOOM_FIT_FITS);
  g_assert_cmpint (exact->need_memory_mib, ==, 128 + 40 + 50);
  host.memory_available_mib--;
  g_autoptr (LoomFit) more = loom_fit_check_edit (one, two, &host, &costs);
  g_assert_cmpint (more->verdict, ==, LOOM_FIT_TOO_LARGE);
  g_assert_nonnull (strstr (more->sentence, "218 MiB"));
  host.memory_available_mib = 0;
  g_autoptr (LoomFit) less = loom_fit_check_edit (two, one, &host, &costs);
  g_assert_cmpint (less->verdict, ==, LOOM_FIT_FITS);
  g_autoptr (LoomFit) same = loom_fit_check_edit (two, two, &host, &costs);
  g_assert_cmpint (same->verdict, ==, LOOM_FIT_FITS);
}

static void
test_empty (void)
{
  g_autoptr (LoomLab) lab = read_lab ("");
  LoomFitHost host = make_host (2048);
  g_autoptr (LoomFit) fit = loom_fit_check (lab, &host, &costs);

  g_assert_cmpint (fit->verdict, ==, LOOM_FIT_FITS);
  g_assert_cmpint (fit->need_memory_mib, ==, 100);
}

/* The most and the largest machines that a file may ask for do not overflow. */
static void
test_huge (void)
{
  g_autoptr (GString) nodes = g_string_new (NULL);
  LoomFitHost host = make_host (2048);

  for (int i = 0; i < 3000; i++)
    g_string_append_printf (nodes,
                            "%s"
                            "{\"name\": \"m%d\", \"kind\": \"tiny\", \"nics\": 8, "
                            "\"memory_mib\": 1048576}",
                            i > 0 ? "," : "", i);
  g_autoptr (LoomLab) lab = read_lab (nodes->str);
  g_autoptr (LoomFit) fit = loom_fit_check (lab, &host, &costs);

  g_assert_cmpint (fit->verdict, ==, LOOM_FIT_TOO_LARGE);
  g_assert_cmpint (fit->need_memory_mib, ==, G_MAXINT);
}

static void
test_parse (void)
{
  int total = 0;
  int available = 0;

  g_assert_true (loom_fit_host_parse_memory (
      "MemTotal:       24684044 kB\nMemFree: 1 kB\nMemAvailable:   22769152 kB\n", &total,
      &available));
  g_assert_cmpint (total, ==, 24105);
  g_assert_cmpint (available, ==, 22235);
  g_assert_false (loom_fit_host_parse_memory ("MemTotal: 5 kB\n", &total, &available));
  g_assert_false (loom_fit_host_parse_memory ("", &total, &available));
}

static void
test_measure (void)
{
  LoomFitHost host;

  loom_fit_host_measure (&host);
  g_assert_cmpint (host.n_cores, >=, 1);
  g_assert_cmpint (host.memory_available_mib, >, 0);
  g_assert_cmpint (host.memory_available_mib, <=, host.memory_total_mib);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fit/sum", test_sum);
  g_test_add_func ("/fit/wire", test_wire);
  g_test_add_func ("/fit/edge", test_edge);
  g_test_add_func ("/fit/too-large", test_too_large);
  g_test_add_func ("/fit/reserved-and-order", test_reserved_and_order);
  g_test_add_func ("/fit/disk", test_disk);
  g_test_add_func ("/fit/hugepages", test_hugepages);
  g_test_add_func ("/fit/cores", test_cores);
  g_test_add_func ("/fit/edit", test_edit);
  g_test_add_func ("/fit/empty", test_empty);
  g_test_add_func ("/fit/huge", test_huge);
  g_test_add_func ("/fit/parse", test_parse);
  g_test_add_func ("/fit/measure", test_measure);
  return g_test_run ();
}
