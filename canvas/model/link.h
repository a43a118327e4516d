/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A cable between two ports. A reference-counted value, like LoomNode. */

#pragma once

#include <glib-object.h>

#include "canvas/model/impairment.h"
#include "canvas/model/port.h"

G_BEGIN_DECLS

#define LOOM_SEED_MAX ((G_GUINT64_CONSTANT (1) << 53) - 1) /* what JSON's numbers hold exactly */
#define LOOM_SEED_MAX_TEXT "9007199254740991"
#define LOOM_PERIOD_DEFAULT_S 10.0
#define LOOM_UP_DEFAULT_PERCENT 50

/* What is broken about a cable; one thing at a time. */
typedef enum {
  LOOM_FAULT_NONE,
  LOOM_FAULT_UNPLUGGED, /* no carrier at either end */
  LOOM_FAULT_PORT,      /* no carrier at fault_end; frames of both directions are lost */
  LOOM_FAULT_ONE_WAY,   /* only frames that leave fault_end pass; the carrier stays */
  LOOM_FAULT_FLAPPING,  /* unplugged and plugged in again, over and over */
} LoomFault;

#define LOOM_TYPE_LINK (loom_link_get_type ())

typedef struct _LoomLink LoomLink;

struct _LoomLink {
  LoomEnd a; /* loom_end_compare (&a, &b) < 0, always */
  LoomEnd b;
  LoomImpairment forward; /* of frames from a to b */
  LoomImpairment backward;
  guint64 seed; /* of all that is random about it, 0 … LOOM_SEED_MAX */
  LoomFault fault;
  int fault_end;    /* with a port or one-way fault, 0: a, 1: b; else 0 */
  double period_s;  /* with flapping, 0.5 … 3600: from one unplugging to the next */
  int up_percent;   /* with flapping, 1 … 99: the share of a period that it is plugged in */
  GPtrArray *extra; /* unknown members, as in LoomNode */
  GPtrArray *forward_extra;
  GPtrArray *backward_extra;

  /*< private >*/
  gatomicrefcount ref_count;
};

GType loom_link_get_type (void);
/* Puts the two ends in order. */
LoomLink *loom_link_new (const LoomEnd *one, const LoomEnd *other);
LoomLink *loom_link_copy (const LoomLink *link);
/* (transfer full): a copy that leads from @a, in the place of @link's a, to @b. What is set of the
 * directions and ends goes with them, should the order of the two turn round. */
LoomLink *loom_link_copy_between (const LoomLink *link, const LoomEnd *a, const LoomEnd *b);
LoomLink *loom_link_ref (LoomLink *link);
void loom_link_unref (LoomLink *link);
gboolean loom_link_equal (const LoomLink *a, const LoomLink *b);
/* (transfer full): "pc1:0 pc2:0", the identity of a cable in files, on D-Bus and command lines. */
char *loom_link_dup_id (const LoomLink *link);
/* Whether frames must be delayed, lost, … on their way. Faults alone need nobody for that. */
gboolean loom_link_needs_wire (const LoomLink *link);
/* Ranges and contradictions of what is set. LOOM_MODEL_ERROR_INVALID: a sentence naming the cable.
 */
gboolean loom_link_check (const LoomLink *link, GError **error);
/* Turns back to its default what the fault has no use for, so that equal cables are equal. */
void loom_link_normalize (LoomLink *link);

/* Stable English ids, as in files: "one-way"; "none"; and back (FALSE: unknown). */
const char *loom_fault_to_id (LoomFault fault);
gboolean loom_fault_from_id (const char *id, LoomFault *ret_fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomLink, loom_link_unref)

G_END_DECLS
