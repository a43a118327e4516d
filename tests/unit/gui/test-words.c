/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/words.h"

#include "tests/unit/gui/catalogue.h"

static void
assert_rate (double rate_bps, const char *expected)
{
  g_autofree char *text = loom_words_rate (rate_bps);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_rate (void)
{
  assert_rate (0, "0 b/s");
  assert_rate (-1, "0 b/s");
  assert_rate (999, "999 b/s");
  assert_rate (1000, "1.00 kb/s");
  assert_rate (94.1e6, "94.1 Mb/s");
  assert_rate (999.9e6, "1.00 Gb/s");
  assert_rate (12.34e9, "12.3 Gb/s");
}

static void
assert_failure (const char *detail, const char *expected)
{
  g_autofree char *text = loom_words_failure ("pc1", detail);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_failure (void)
{
  assert_failure ("pc1 has no image.", "pc1 has no image.");
  assert_failure ("pc1: no image", "pc1: no image");
  assert_failure ("pc10 is gone.", "pc1: pc10 is gone.");
  assert_failure ("QEMU ended.", "pc1: QEMU ended.");
  assert_failure (NULL, "pc1: failed");
}

static void
test_file_name (void)
{
  g_autofree char *plain = loom_words_file_name ("/tmp/labs/a.lanloom");
  g_autofree char *turned = loom_words_file_name ("/tmp/evil\342\200\256txt.lanloom");

  g_assert_cmpstr (plain, ==, "a.lanloom");
  g_assert_cmpstr (turned, ==, "evil\\u202etxt.lanloom");
}

static void
test_path (void)
{
  g_autofree char *plain = loom_words_path ("/home/a_person/a folder/two-machines.lanloom");
  g_autofree char *turned = loom_words_path (
      "/home/evil\342\200\256txt/two\nlines/two-machines-and-"
      "a-switch.lanloom");

  g_assert_cmpstr (plain, ==, "/home/a_person/a folder/two-machines.lanloom");
  g_assert_cmpstr (turned, ==,
                   "/home/evil\\u202etxt/two\\u000alines/two-machines-and-a-switch.lanloom");
}

static void
test_menu_label (void)
{
  g_autofree char *plain = loom_words_menu_label ("pc1");
  g_autofree char *scored = loom_words_menu_label ("_my_lab.lanloom");

  g_assert_cmpstr (plain, ==, "pc1");
  g_assert_cmpstr (scored, ==, "__my__lab.lanloom");
}

static void
test_memory (void)
{
  g_autofree char *small = loom_words_memory_kib (512);
  g_autofree char *middle = loom_words_memory_kib (128 * 1024);
  g_autofree char *large = loom_words_memory_kib (1536 * 1024);

  g_assert_cmpstr (small, ==, "512 KiB");
  g_assert_cmpstr (middle, ==, "128 MiB");
  g_assert_cmpstr (large, ==, "1.5 GiB");
}

static void
test_subtitle (void)
{
  g_autoptr (LoomCatalogue) catalogue = make_catalogue ();
  g_autoptr (LoomLab) lab = read_lab (catalogue, TWO_MACHINES);
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autofree char *off = loom_words_subtitle (lab, status, -1, -1, -1, FALSE);
  g_autofree char *running = NULL;
  g_autofree char *paused = NULL;
  guint n_running, n_paused;

  /* With the switch and what emulation takes. */
  g_assert_cmpstr (off, ==, "off · 2 machines, 753 MiB, 2 CPUs");
  loom_status_set_lab (status, LOOM_LAB_RUNNING);
  loom_status_set_node (status, "pc1", LOOM_NODE_READY, NULL, -1);
  loom_status_set_node (status, "pc2", LOOM_NODE_FAILED, "no memory", -1);
  running = loom_words_subtitle (lab, status, 12 * 60 * G_USEC_PER_SEC, 6.2, 1126400, FALSE);
  g_assert_cmpstr (running, ==, "running 12 min · 1 of 2 ready · 1 failed · 6 % CPU · 1.1 GiB");
  loom_words_count_power (lab, status, &n_running, &n_paused);
  g_assert_cmpuint (n_running, ==, 1);
  g_assert_cmpuint (n_paused, ==, 0);

  loom_status_set_node (status, "pc1", LOOM_NODE_PAUSED, NULL, -1);
  paused = loom_words_subtitle (lab, status, 12 * 60 * G_USEC_PER_SEC, -1, -1, FALSE);
  g_assert_cmpstr (paused, ==, "running 12 min · 1 of 2 ready · 1 paused · 1 failed");
  loom_words_count_power (lab, status, &n_running, &n_paused);
  g_assert_cmpuint (n_running, ==, 0);
  g_assert_cmpuint (n_paused, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/words/rate", test_rate);
  g_test_add_func ("/gui/words/memory", test_memory);
  g_test_add_func ("/gui/words/failure", test_failure);
  g_test_add_func ("/gui/words/file-name", test_file_name);
  g_test_add_func ("/gui/words/path", test_path);
  g_test_add_func ("/gui/words/menu-label", test_menu_label);
  g_test_add_func ("/gui/words/subtitle", test_subtitle);
  return g_test_run ();
}
