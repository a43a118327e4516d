/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a command line says of a cable. */

#include "backend/cli/link-edit.h"
#include "backend/cli/link.h"

#include <string.h>

#include "canvas/model/reader.h"
#include "tests/unit/model/fixture.h"

static LoomLab *lab;

static void
expect_link (const char *one, const char *other, const char *id)
{
  const char *const texts[] = {one, other, NULL};
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLink) link = loom_link_edit_find (lab, texts, &error);
  g_autofree char *got = link != NULL ? loom_link_dup_id (link) : NULL;

  g_assert_cmpstr (got, ==, id);
  g_assert_true ((error == NULL) == (link != NULL));
}

static void
test_find (void)
{
  expect_link ("pc1:0", NULL, "pc1:0 sw1:0");
  expect_link ("pc1", NULL, "pc1:0 sw1:0");
  expect_link ("sw1:0", "pc1:0", "pc1:0 sw1:0");
  expect_link ("sw1", "pc1", "pc1:0 sw1:0");
  expect_link ("sw2", "sw1", "sw1:3 sw2:3");
  expect_link ("sw1", NULL, NULL); /* which of three? */
  expect_link ("sw1:2", NULL, NULL);
  expect_link ("pc9", NULL, NULL);
  expect_link ("pc1", "pc2", NULL);
  expect_link ("pc1", "pc1", NULL);
  expect_link ("", NULL, NULL);
}

static LoomLink *
new_link (void)
{
  return loom_link_copy (loom_lab_get_link (lab, "pc1:0 sw1:0"));
}

static void
expect_refusal (const char *assignment)
{
  g_autoptr (LoomLink) link = new_link ();
  g_autoptr (GError) error = NULL;

  g_assert_false (loom_link_edit_set (link, assignment, -1, &error));
  g_assert_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID);
}

static void
test_set (void)
{
  g_autoptr (LoomLink) link = new_link ();
  g_autoptr (LoomLink) clean = new_link ();

  g_assert_true (loom_link_edit_set (link, "delay_ms=20.5", -1, NULL));
  g_assert_true (loom_link_edit_set (link, "rate_mbps=8", 0, NULL));
  g_assert_true (loom_link_edit_set (link, "loss_percent=1", 1, NULL));
  g_assert_true (loom_link_edit_set (link, "jitter_law=normal", -1, NULL));
  g_assert_true (loom_link_edit_set (link, "seed=7", -1, NULL));
  g_assert_true (loom_link_edit_set (link, "fault=one-way", -1, NULL));
  g_assert_true (loom_link_edit_set (link, "at=sw1", -1, NULL));
  g_assert_cmpfloat (link->forward.delay_ms, ==, 20.5);
  g_assert_cmpfloat (link->backward.delay_ms, ==, 20.5);
  g_assert_cmpfloat (link->forward.rate_mbps, ==, 8);
  g_assert_cmpfloat (link->backward.rate_mbps, ==, 0);
  g_assert_cmpfloat (link->forward.loss_percent, ==, 0);
  g_assert_cmpfloat (link->backward.loss_percent, ==, 1);
  g_assert_cmpint (link->backward.jitter_law, ==, LOOM_JITTER_NORMAL);
  g_assert_cmpuint (link->seed, ==, 7);
  g_assert_cmpint (link->fault, ==, LOOM_FAULT_ONE_WAY);
  g_assert_cmpint (link->fault_end, ==, 1);
  loom_link_edit_clear (link);
  g_assert_true (loom_link_equal (link, clean));
}

static void
test_refuse (void)
{
  static const char *const BAD[] = {
      "delay_ms",    "delay_ms=",  "delay_ms=-1",    "delay_ms=1e9",     "delay_ms=nan",
      "delay_ms=2x", "colour=red", "fault=broken",   "at=pc9",           "seed=-1",
      "seed=1e300",  "period_s=0", "up_percent=100", "queue_frames=1.5", "=1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    expect_refusal (BAD[i]);
}

static GString *printed;

static void
on_print (const char *text)
{
  g_string_append (printed, text);
}

static void
expect_printed (const LoomClientCounters *live, const char *part)
{
  g_autoptr (LoomLink) link = new_link ();
  GPrintFunc before = g_set_print_handler (on_print);

  printed = g_string_new (NULL);
  loom_cli_print_link (link, live);
  g_set_print_handler (before);
  g_assert_nonnull (strstr (printed->str, part));
  g_string_free (printed, TRUE);
}

/* A cable on which nothing passes has no delay of 0 ms. */
static void
test_print (void)
{
  LoomClientCounters live = {.status.measured[0] = {.known = TRUE, .delay_ms = 20.04}};

  expect_printed (&live, "0            –\n  jitter_ms");
  live.status.measured[0].rate_bps = 1000;
  expect_printed (&live, "  delay_ms                                0         20.040\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autofree char *text = fixture_read ("data/labs/two-switches.lanloom", NULL);
  lab = loom_reader_read (catalogue, text, strlen (text), NULL, NULL);
  g_test_add_func ("/link/find", test_find);
  g_test_add_func ("/link/set", test_set);
  g_test_add_func ("/link/print", test_print);
  g_test_add_func ("/link/refuse", test_refuse);
  int status = g_test_run ();
  g_object_unref (lab);
  return status;
}
