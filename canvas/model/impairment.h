/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What one direction of a cable does to frames: delay, loss, rate and so on. A plain value.
 *
 * One table names its members; the reader, the writer, the command line and the inspector go by it,
 * so that a member is called, bounded and rounded alike everywhere. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How the delay of a frame is drawn about delay_ms; never below 0. */
typedef enum {
  LOOM_JITTER_UNIFORM, /* delay ± jitter */
  LOOM_JITTER_NORMAL,  /* the standard deviation is the jitter */
  LOOM_JITTER_PARETO,  /* shape 3, moved to the mean; the standard deviation is the jitter */
} LoomJitterLaw;

typedef struct {
  double delay_ms;
  double jitter_ms;
  LoomJitterLaw jitter_law;
  gboolean keep_order; /* FALSE: jitter may let a frame overtake another */
  double loss_percent; /* at random; in bursts: of the good state */
  /* Bursts, after Gilbert and Elliott: the chances, a frame, to enter and to leave the bad state.
   */
  double burst_enter_percent;
  double burst_leave_percent;
  double burst_loss_percent; /* of the bad state */
  double duplicate_percent;
  double reorder_percent; /* of frames that skip the delay */
  double bit_errors_per_billion;
  double rate_mbps; /* of bits on the cable: frame + 24 bytes; 0: unlimited */
  int queue_frames;
  int queue_kib; /* 0: frames alone bound the queue */
  /* Random early detection, thresholds in percent of the queue; both 0: drop-tail. */
  double red_min_percent;
  double red_max_percent;
  double red_drop_percent; /* the chance at the upper threshold */
} LoomImpairment;

typedef enum {
  LOOM_MEMBER_NUMBER,  /* a double, kept to LOOM_IMPAIRMENT_DECIMALS */
  LOOM_MEMBER_WHOLE,   /* an int */
  LOOM_MEMBER_CHOICE,  /* an enumeration, by the ids of `choices` */
  LOOM_MEMBER_BOOLEAN, /* true or false */
} LoomMemberType;

/* A member: how it is called and what it may be. Choices and truth count from 0. */
typedef struct {
  const char *name;  /* in files, on command lines and on sockets: "delay_ms" */
  const char *label; /* for people, not yet translated: "Delay" */
  const char *unit;  /* "ms", "%"; "" for none; not yet translated */
  const char *help;  /* a sentence, not yet translated */
  LoomMemberType type;
  double min;
  double max;
  double default_value;
  gboolean zero_too;          /* 0 may stand, though it is below min: unlimited */
  const char *const *choices; /* NULL-terminated ids, for LOOM_MEMBER_CHOICE */
  gsize offset;
} LoomImpairmentMember;

#define LOOM_IMPAIRMENT_DECIMALS 6

/* (transfer none): the table, in canonical order; *@ret_n entries. */
const LoomImpairmentMember *loom_impairment_list_members (guint *ret_n);
/* (transfer none) (nullable): the member called @name. */
const LoomImpairmentMember *loom_impairment_find_member (const char *name);

void loom_impairment_init (LoomImpairment *impairment);
gboolean loom_impairment_equal (const LoomImpairment *a, const LoomImpairment *b);
/* Whether nothing is asked for: frames pass as they come. */
gboolean loom_impairment_is_clean (const LoomImpairment *impairment);

double loom_impairment_get (const LoomImpairment *impairment, const LoomImpairmentMember *member);
/* Sets @value, rounded as files hold it; the member's own limits are checked, contradictions with
 * others are not. LOOM_MODEL_ERROR_INVALID: a sentence that says the range. */
gboolean loom_impairment_set (LoomImpairment *impairment, const LoomImpairmentMember *member,
                              double value, GError **error);
/* The same from text, in the C locale, as on a command line: "20", "normal", "true". */
gboolean loom_impairment_set_text (LoomImpairment *impairment, const LoomImpairmentMember *member,
                                   const char *text, GError **error);
/* (transfer full): the value as JSON: 20, "normal", true. */
char *loom_impairment_dup_json (const LoomImpairment *impairment,
                                const LoomImpairmentMember *member);
/* Ranges and contradictions. @where names the cable, and the direction if they differ, for the
 * sentence: "pc1:0 pc2:0". */
gboolean loom_impairment_check (const LoomImpairment *impairment, const char *where,
                                GError **error);

G_END_DECLS
