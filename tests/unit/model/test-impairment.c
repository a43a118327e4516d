/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of impairments: that it is whole, and that what it lets through is in range. */

#include "canvas/model/impairment.h"
#include "canvas/model/link.h"
#include "canvas/model/error.h"

#include <math.h>
#include <string.h>

static void
test_table (void)
{
  LoomImpairment impairment;
  gsize covered = 0;
  guint n;
  const LoomImpairmentMember *members = loom_impairment_list_members (&n);

  loom_impairment_init (&impairment);
  g_assert_true (loom_impairment_is_clean (&impairment));
  g_assert_true (loom_impairment_check (&impairment, "x", NULL));
  for (guint i = 0; i < n; i++) {
    g_autofree char *json = loom_impairment_dup_json (&impairment, &members[i]);

    g_test_message ("%s: %s", members[i].name, json);
    g_assert_true (loom_impairment_find_member (members[i].name) == &members[i]);
    g_assert_cmpfloat (loom_impairment_get (&impairment, &members[i]), ==,
                       members[i].default_value);
    g_assert_true (g_str_has_suffix (members[i].help, "."));
    covered += members[i].type == LOOM_MEMBER_NUMBER ? sizeof (double) : sizeof (int);
  }
  /* a field without a row would neither be read nor compared */
  g_assert_cmpuint (covered, ==, sizeof impairment);
  g_assert_null (loom_impairment_find_member ("delay"));
}

/* Each member by itself: what it may be makes a difference, what it may not is refused whole. */
static void
test_each (void)
{
  guint n;
  const LoomImpairmentMember *members = loom_impairment_list_members (&n);

  for (guint i = 0; i < n; i++) {
    const LoomImpairmentMember *member = &members[i];
    double other = member->default_value == member->max ? member->min : member->max;
    LoomImpairment clean;
    LoomImpairment set;

    g_test_message ("%s", member->name);
    loom_impairment_init (&clean);
    set = clean;
    g_assert_true (loom_impairment_set (&set, member, other, NULL));
    g_assert_false (loom_impairment_equal (&clean, &set));
    for (int wrong = 0; wrong < 4; wrong++) {
      const double values[] = {member->min - 1, member->max + 1, NAN, INFINITY};
      g_autoptr (GError) error = NULL;
      LoomImpairment before = set;

      if (member->zero_too && values[wrong] == 0)
        continue;
      g_assert_false (loom_impairment_set (&set, member, values[wrong], &error));
      g_assert_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, member->name));
      g_assert_true (loom_impairment_equal (&before, &set));
    }
  }
}

static void
test_text (void)
{
  static const struct {
    const char *name;
    const char *text;
    const char *json; /* NULL: refused */
  } texts[] = {
      {"delay_ms", "20", "20"},
      {"delay_ms", "0.1234567", "0.123457"},
      {"delay_ms", "1e3", "1000"},
      {"delay_ms", "-0", "0"},
      {"delay_ms", "", NULL},
      {"delay_ms", "20ms", NULL},
      {"delay_ms", " 20", NULL},
      {"delay_ms", "nan", NULL},
      {"delay_ms", "1e999", NULL},
      {"delay_ms", "0x10", NULL},
      {"delay_ms", "--1", NULL},
      {"jitter_law", "pareto", "\"pareto\""},
      {"jitter_law", "Pareto", NULL},
      {"keep_order", "false", "false"},
      {"keep_order", "0", NULL},
      {"queue_frames", "50", "50"},
      {"queue_frames", "50.5", NULL},
      {"rate_mbps", "0", "0"},
      {"rate_mbps", "0.0005", NULL},
      {"rate_mbps", "0.0000001", NULL},
      {"rate_mbps", "1000000", "1000000"},
      {"bit_errors_per_billion", "1e9", "1000000000"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    const LoomImpairmentMember *member = loom_impairment_find_member (texts[i].name);
    LoomImpairment impairment;
    g_autofree char *json = NULL;

    g_test_message ("%s=%s", texts[i].name, texts[i].text);
    loom_impairment_init (&impairment);
    if (loom_impairment_set_text (&impairment, member, texts[i].text, NULL))
      json = loom_impairment_dup_json (&impairment, member);
    g_assert_cmpstr (json, ==, texts[i].json);
  }
}

/* What asks for something, and what only says how. */
static void
test_clean (void)
{
  static const struct {
    const char *name;
    double value;
    gboolean is_clean;
  } sets[] = {
      {"delay_ms", 0.001, FALSE},       {"jitter_ms", 1, FALSE},
      {"jitter_law", 1, TRUE},          {"keep_order", 0, TRUE},
      {"loss_percent", 1, FALSE},       {"burst_enter_percent", 1, FALSE},
      {"burst_leave_percent", 1, TRUE}, {"burst_loss_percent", 1, TRUE},
      {"duplicate_percent", 1, FALSE},  {"reorder_percent", 1, FALSE},
      {"rate_mbps", 10, FALSE},         {"bit_errors_per_billion", 1, FALSE},
      {"queue_frames", 10, TRUE},       {"queue_kib", 10, TRUE},
      {"red_max_percent", 10, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    LoomImpairment impairment;

    g_test_message ("%s", sets[i].name);
    loom_impairment_init (&impairment);
    g_assert_true (loom_impairment_set (&impairment, loom_impairment_find_member (sets[i].name),
                                        sets[i].value, NULL));
    g_assert_cmpint (loom_impairment_is_clean (&impairment), ==, sets[i].is_clean);
  }
}

static void
test_faults (void)
{
  LoomFault fault = LOOM_FAULT_NONE;

  for (int i = LOOM_FAULT_NONE; i <= LOOM_FAULT_FLAPPING; i++) {
    g_assert_true (loom_fault_from_id (loom_fault_to_id ((LoomFault) i), &fault));
    g_assert_cmpint (fault, ==, i);
  }
  g_assert_false (loom_fault_from_id ("", &fault));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/impairment/table", test_table);
  g_test_add_func ("/impairment/each", test_each);
  g_test_add_func ("/impairment/text", test_text);
  g_test_add_func ("/impairment/clean", test_clean);
  g_test_add_func ("/impairment/faults", test_faults);
  return g_test_run ();
}
