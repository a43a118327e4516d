/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of what a direction of a cable can be asked for, and what follows from it: limits,
 * texts, equality. Next: reader-link.c reads it from files, link.c holds two of it. */

#include "canvas/model/impairment.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "canvas/model/error.h"
#include "canvas/model/text.h"

static const char *const laws[] = {"uniform", "normal", "pareto", NULL};

G_STATIC_ASSERT (G_N_ELEMENTS (laws) == LOOM_JITTER_PARETO + 2);

/* The least chance to leave a burst that a file can hold: of 0 there would be no end. */
#define LEAST_PERCENT 0.000001

#define AT(field) G_STRUCT_OFFSET (LoomImpairment, field)
#define MEMBER(field, text, of, about, is, from, to, value)                                        \
  {                                                                                                \
    .name = #field, .label = text, .unit = of, .help = about, .type = is, .min = from, .max = to,  \
    .default_value = value, .offset = AT (field)                                                   \
  }
#define NUMBER(field, text, of, from, to, value, about)                                            \
  MEMBER (field, text, of, about, LOOM_MEMBER_NUMBER, from, to, value)
#define WHOLE(field, text, of, from, to, value, about)                                             \
  MEMBER (field, text, of, about, LOOM_MEMBER_WHOLE, from, to, value)

static const LoomImpairmentMember members[] = {
    NUMBER (delay_ms, N_ ("Delay"), "ms", 0, 60000, 0, N_ ("Each frame arrives that much later.")),
    NUMBER (jitter_ms, N_ ("Jitter"), "ms", 0, 10000, 0, N_ ("How much the delay varies.")),
    {"jitter_law", N_ ("Jitter law"), "", N_ ("How the delay is spread about its mean."),
     LOOM_MEMBER_CHOICE, 0, LOOM_JITTER_PARETO, LOOM_JITTER_UNIFORM, FALSE, laws, AT (jitter_law)},
    {"keep_order", N_ ("Keep order"), "",
     N_ ("Off: a frame with a short delay overtakes those before it."), LOOM_MEMBER_BOOLEAN, 0, 1,
     1, FALSE, NULL, AT (keep_order)},
    NUMBER (loss_percent, N_ ("Loss"), "%", 0, 100, 0,
            N_ ("Frames that are lost, each by itself.")),
    NUMBER (burst_enter_percent, N_ ("Burst begins"), "%", 0, 100, 0,
            N_ ("The chance, a frame, that a burst of losses begins (Gilbert-Elliott).")),
    NUMBER (burst_leave_percent, N_ ("Burst ends"), "%", LEAST_PERCENT, 100, 100,
            N_ ("The chance, a frame, that a burst ends.")),
    NUMBER (burst_loss_percent, N_ ("Loss in a burst"), "%", 0, 100, 100,
            N_ ("Frames that are lost within a burst.")),
    NUMBER (duplicate_percent, N_ ("Duplicate"), "%", 0, 100, 0, N_ ("Frames that arrive twice.")),
    NUMBER (reorder_percent, N_ ("Reorder"), "%", 0, 100, 0,
            N_ ("Frames that skip the delay, and so overtake others.")),
    NUMBER (bit_errors_per_billion, N_ ("Bit errors"), "ppb", 0, 1e9, 0,
            N_ ("Bits that are turned, of a billion.")),
    {"rate_mbps", N_ ("Rate"), "Mbit/s",
     N_ ("Bits a second on the cable, preamble and gap of each frame included. 0: unlimited."),
     LOOM_MEMBER_NUMBER, 0.001, 1e6, 0, TRUE, NULL, AT (rate_mbps)},
    WHOLE (queue_frames, N_ ("Queue"), N_ ("frames"), 1, 100000, 1000,
           N_ ("How many frames wait for the rate; more are dropped.")),
    WHOLE (queue_kib, N_ ("Queue size"), "KiB", 0, 65536, 0,
           N_ ("How much waits for the rate at most. 0: the number of frames alone counts.")),
    NUMBER (red_min_percent, N_ ("RED from"), "%", 0, 100, 0,
            N_ ("Random early detection: filled that far, the queue begins to drop by chance.")),
    NUMBER (red_max_percent, N_ ("RED to"), "%", 0, 100, 0,
            N_ ("Filled that far, the queue drops every frame. 0: at its end only.")),
    NUMBER (red_drop_percent, N_ ("RED drops"), "%", 0, 100, 10,
            N_ ("The chance of a drop just before the upper threshold.")),
};

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID, format, args);
  va_end (args);
  return FALSE;
}

/* As the writer writes it: no exponent, no zeros at the end. */
static void
format_number (char text[static 64], double value)
{
  char *end;

  g_ascii_formatd (text, 64, "%.6f", value);
  end = text + strlen (text);
  while (end[-1] == '0')
    *--end = '\0';
  if (end[-1] == '.')
    *--end = '\0';
}

static double
round_value (double value)
{
  return round (value * 1e6) / 1e6 + 0.0; /* never -0 */
}

static gboolean
refuse_range (const LoomImpairmentMember *member, GError **error)
{
  char min[64];
  char max[64];

  format_number (min, member->min);
  format_number (max, member->max);
  if (member->type == LOOM_MEMBER_CHOICE) {
    g_autofree char *ids = g_strjoinv (", ", (char **) member->choices);

    return refuse (error, _ ("“%s” must be one of: %s."), member->name, ids);
  }
  if (member->type == LOOM_MEMBER_BOOLEAN)
    return refuse (error, _ ("“%s” must be true or false."), member->name);
  if (member->type == LOOM_MEMBER_WHOLE)
    return refuse (error, _ ("“%s” must be a whole number from %s to %s."), member->name, min, max);
  if (member->zero_too)
    return refuse (error, _ ("“%s” must be from %s to %s, or 0 for no limit."), member->name, min,
                   max);
  return refuse (error, _ ("“%s” must be from %s to %s."), member->name, min, max);
}

static gboolean
is_in_range (const LoomImpairmentMember *member, double value)
{
  if (member->type != LOOM_MEMBER_NUMBER && value != floor (value))
    return FALSE;
  return (value >= member->min && value <= member->max) || (member->zero_too && value == 0);
}

/**
 * loom_impairment_list_members:
 * @ret_n: (out): how many
 *
 * Returns: (transfer none) (array length=ret_n): in canonical order
 */
const LoomImpairmentMember *
loom_impairment_list_members (guint *ret_n)
{
  *ret_n = G_N_ELEMENTS (members);
  return members;
}

const LoomImpairmentMember *
loom_impairment_find_member (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    if (strcmp (members[i].name, name) == 0)
      return &members[i];
  }
  return NULL;
}

static void
put (LoomImpairment *impairment, const LoomImpairmentMember *member, double value)
{
  if (member->type == LOOM_MEMBER_NUMBER)
    G_STRUCT_MEMBER (double, impairment, member->offset) = round_value (value);
  else /* an enumeration and a gboolean are ints to our compilers */
    G_STRUCT_MEMBER (int, impairment, member->offset) = (int) value;
}

G_STATIC_ASSERT (sizeof (LoomJitterLaw) == sizeof (int));
G_STATIC_ASSERT (sizeof (gboolean) == sizeof (int));

/**
 * loom_impairment_init:
 *
 * Sets every member to its default: a perfect cable.
 */
void
loom_impairment_init (LoomImpairment *impairment)
{
  memset (impairment, 0, sizeof *impairment);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    put (impairment, &members[i], members[i].default_value);
}

gboolean
loom_impairment_equal (const LoomImpairment *a, const LoomImpairment *b)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    if (loom_impairment_get (a, &members[i]) != loom_impairment_get (b, &members[i]))
      return FALSE;
  }
  return TRUE;
}

/**
 * loom_impairment_is_clean:
 *
 * Members that only say how (the law of a jitter of 0, the queue of an unlimited rate) ask nothing.
 */
gboolean
loom_impairment_is_clean (const LoomImpairment *impairment)
{
  gboolean bursts = impairment->burst_enter_percent > 0 && impairment->burst_loss_percent > 0;

  return impairment->delay_ms == 0 && impairment->jitter_ms == 0 && impairment->loss_percent == 0
         && !bursts && impairment->duplicate_percent == 0 && impairment->reorder_percent == 0
         && impairment->bit_errors_per_billion == 0 && impairment->rate_mbps == 0;
}

double
loom_impairment_get (const LoomImpairment *impairment, const LoomImpairmentMember *member)
{
  if (member->type == LOOM_MEMBER_NUMBER)
    return G_STRUCT_MEMBER (double, impairment, member->offset);
  return G_STRUCT_MEMBER (int, impairment, member->offset);
}

gboolean
loom_impairment_set (LoomImpairment *impairment, const LoomImpairmentMember *member, double value,
                     GError **error)
{
  if (!is_in_range (member, value)
      || (member->type == LOOM_MEMBER_NUMBER && !is_in_range (member, round_value (value))))
    return refuse_range (member, error);
  put (impairment, member, value);
  return TRUE;
}

/* Whether @text is a value of @member; ranges are looked at later. */
static gboolean
parse (const LoomImpairmentMember *member, const char *text, double *ret_value)
{
  char *end = NULL;

  if (member->type == LOOM_MEMBER_CHOICE || member->type == LOOM_MEMBER_BOOLEAN) {
    static const char *const truths[] = {"false", "true", NULL};
    const char *const *ids = member->type == LOOM_MEMBER_CHOICE ? member->choices : truths;

    for (int i = 0; ids[i] != NULL; i++) {
      if (strcmp (ids[i], text) == 0) {
        *ret_value = i;
        return TRUE;
      }
    }
    return FALSE;
  }
  /* strtod would take spaces, "inf" and hexadecimal, which files cannot hold */
  if (text[0] == '\0' || strspn (text, "0123456789.eE+-") != strlen (text))
    return FALSE;
  *ret_value = g_ascii_strtod (text, &end);
  return *end == '\0' && isfinite (*ret_value);
}

gboolean
loom_impairment_set_text (LoomImpairment *impairment, const LoomImpairmentMember *member,
                          const char *text, GError **error)
{
  double value;

  if (!parse (member, text, &value))
    return refuse_range (member, error);
  return loom_impairment_set (impairment, member, value, error);
}

char *
loom_impairment_dup_json (const LoomImpairment *impairment, const LoomImpairmentMember *member)
{
  double value = loom_impairment_get (impairment, member);
  char text[64];

  if (member->type == LOOM_MEMBER_BOOLEAN)
    return g_strdup (value != 0 ? "true" : "false");
  if (member->type == LOOM_MEMBER_CHOICE)
    return g_strdup_printf ("\"%s\"", member->choices[(int) value]);
  format_number (text, value);
  return g_strdup (text);
}

/**
 * loom_impairment_check:
 * @where: what it is of, for the sentence
 * @error: LOOM_MODEL_ERROR_INVALID: the first thing that is wrong
 */
gboolean
loom_impairment_check (const LoomImpairment *impairment, const char *where, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    g_autoptr (GError) reason = NULL;

    if (is_in_range (&members[i], loom_impairment_get (impairment, &members[i])))
      continue;
    refuse_range (&members[i], &reason);
    /* Translators: the name of a node or cable, and a sentence about it. */
    return refuse (error, _ ("“%s”: %s"), where, reason->message);
  }
  if ((impairment->red_min_percent != 0 || impairment->red_max_percent != 0)
      && impairment->red_min_percent >= impairment->red_max_percent)
    return refuse (error,
                   _ ("“%s”: “red_min_percent” must be less than “red_max_percent”; both 0 turn "
                      "random early detection off."),
                   where);
  return TRUE;
}
