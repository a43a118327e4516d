/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What may be asked of a cable, and what is refused. */

#include "backend/proto/proto-error.h"
#include "backend/wire/law/settings.h"

static gboolean
parse (const char *text, LoomWireSettings *ret_settings, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return loom_wire_settings_parse (json_node_get_object (node), ret_settings, error);
}

static void
test_usual (void)
{
  LoomWireSettings settings;

  g_assert_true (loom_wire_settings_parse (NULL, &settings, NULL));
  g_assert_true (settings.keep_order);
  g_assert_cmpfloat (settings.delay_ns, ==, 0);
  g_assert_cmpfloat (settings.burst_leave, ==, 1);
  g_assert_cmpfloat (settings.queue_frames, ==, 1000);
  g_assert_cmpfloat (loom_wire_settings_busy_ns (&settings, 1514), ==, 0);
}

static void
test_units (void)
{
  LoomWireSettings settings;

  g_assert_true (parse ("{\"delay_ms\": 20, \"jitter_ms\": 0.5, \"jitter_law\": \"pareto\","
                        " \"keep_order\": false, \"loss_percent\": 1, \"rate_mbps\": 8,"
                        " \"bit_errors_per_billion\": 1000, \"queue_kib\": 2}",
                        &settings, NULL));
  g_assert_cmpfloat (settings.delay_ns, ==, 20e6);
  g_assert_cmpfloat (settings.jitter_ns, ==, 5e5);
  g_assert_cmpint (settings.jitter_law, ==, LOOM_WIRE_JITTER_PARETO);
  g_assert_false (settings.keep_order);
  g_assert_cmpfloat_with_epsilon (settings.loss, 0.01, 1e-12);
  g_assert_cmpfloat_with_epsilon (settings.bit_error, 1e-6, 1e-15);
  g_assert_cmpfloat (settings.queue_bytes, ==, 2048);
  /* A full frame, its FCS, preamble and gap are 1538 octets on the cable: 1.538 ms at 8 Mbit/s. */
  g_assert_cmpfloat (loom_wire_settings_busy_ns (&settings, 1514), ==, 1538e3);
}

static void
test_refused (void)
{
  static const struct {
    const char *text;
    const char *says;
  } BAD[] = {
      {"{\"delay_ms\": -1}", "*from 0 to 60000*"},
      {"{\"delay_ms\": 60001}", "*from 0 to 60000*"},
      {"{\"delay_ms\": \"20\"}", "*number*"},
      {"{\"delay_ms\": null}", "*number*"},
      {"{\"delay_ms\": [20]}", "*number*"},
      {"{\"loss_percent\": 100.1}", "*from 0 to 100*"},
      {"{\"burst_leave_percent\": 0}", "*never ends*"},
      {"{\"rate_mbps\": 0.0001}", "*0.001*"},
      {"{\"queue_frames\": 0}", "*from 1*"},
      {"{\"queue_frames\": 1.5}", "*whole*"},
      {"{\"red_min_percent\": 50, \"red_max_percent\": 50}", "*below*"},
      {"{\"red_min_percent\": 50}", "*needs*"},
      {"{\"jitter_law\": \"cauchy\"}", "*uniform*"},
      {"{\"jitter_law\": 1}", "*uniform*"},
      {"{\"keep_order\": 1}", "*true or false*"},
      {"{\"delay_us\": 1}", "*no setting*delay_us*"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++) {
    g_autoptr (GError) error = NULL;
    LoomWireSettings settings = {.delay_ns = 7};

    g_test_message ("%s", BAD[i].text);
    g_assert_false (parse (BAD[i].text, &settings, &error));
    g_assert_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX);
    g_assert_true (g_pattern_match_simple (BAD[i].says, error->message));
    g_assert_cmpfloat (settings.delay_ns, ==, 7);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/usual", test_usual);
  g_test_add_func ("/settings/units", test_units);
  g_test_add_func ("/settings/refused", test_refused);
  return g_test_run ();
}
