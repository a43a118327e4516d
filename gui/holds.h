/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frames that wait on one cable of the running lab, kept in step with it.
 *
 * Signals:
 *  "changed" ():  whether the cable is held, the frames, or the error differ
 */

#pragma once

#include "gui/session.h"

G_BEGIN_DECLS

typedef struct {
  guint64 id;
  char *from;   /* the end it left: "pc1:0" */
  guint length; /* bytes */
  guint8 *head; /* its first bytes */
  gsize head_size;
} LoomHeldFrame;

#define LOOM_TYPE_HOLDS (loom_holds_get_type ())
G_DECLARE_FINAL_TYPE (LoomHolds, loom_holds, LOOM, HOLDS, GObject)

/* @link: "pc1:0 pc2:0". */
LoomHolds *loom_holds_new (LoomSession *session, const char *link);
const char *loom_holds_get_link (LoomHolds *self);
/* Whether there is a running lab to hold frames in. */
gboolean loom_holds_is_live (LoomHolds *self);
gboolean loom_holds_is_on (LoomHolds *self);
/* Whether the last order has no answer yet. */
gboolean loom_holds_is_busy (LoomHolds *self);
/* (transfer none) (nullable): why the last order failed. */
const char *loom_holds_get_error (LoomHolds *self);
/* (transfer none): of LoomHeldFrame, the oldest first. */
GPtrArray *loom_holds_get_frames (LoomHolds *self);

/* @from: an end, or "": both directions. @filter: of pcap-filter (7), "": all. */
void loom_holds_hold (LoomHolds *self, const char *from, const char *filter);
/* Lets all pass, and what comes. */
void loom_holds_release (LoomHolds *self);
/* @ids: of frames; none: the oldest. @action: "release", "drop", "duplicate", "corrupt", "delay".
 */
void loom_holds_act (LoomHolds *self, GArray *ids, const char *action, double delay_ms);

G_END_DECLS
