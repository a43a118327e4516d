/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a running lab looks like right now, in terms the canvas understands and no others: states
 * of nodes, counters of links. Fed by the window from the engine, read by the scene.
 *
 * Signals:
 *  "lab-changed" ():                 state of the whole lab
 *  "node-changed" (const char *name)
 *  "links-changed" ():               counters were refreshed (at most ten times a second)
 */

#pragma once

#include <glib-object.h>

#include "canvas/model/change.h"

G_BEGIN_DECLS

typedef enum {
  LOOM_LAB_OFF,
  LOOM_LAB_STARTING,
  LOOM_LAB_RUNNING,
  LOOM_LAB_STOPPING,
} LoomLabState;

typedef enum {
  LOOM_NODE_OFF,
  LOOM_NODE_PREPARING, /* disks, ports */
  LOOM_NODE_BOOTING,   /* the guest runs and has not said ready */
  LOOM_NODE_READY,     /* the guest said so; a switch: its bridge is up */
  LOOM_NODE_PAUSED,
  LOOM_NODE_STOPPING,
  LOOM_NODE_FAILED, /* detail says why */
} LoomNodeState;

/* One direction of a cable, totals since the cable was plugged in. Rates over the last second. */
typedef struct {
  guint64 n_frames;
  guint64 n_bytes;
  guint64 n_drops;
  guint64 n_errors;
  double rate_bps;
  double rate_fps;
} LoomFlow;

/* What one direction of an impaired cable did to frames: means of the last seconds, and totals. */
typedef struct {
  gboolean known;   /* FALSE: nobody measures, the rest is 0 */
  double delay_ms;  /* mean, beyond what the cable costs anyway */
  double jitter_ms; /* standard deviation of the delay */
  double loss_percent;
  double rate_bps; /* of what came out */
  guint64 duplicated;
  guint64 reordered;
  guint64 corrupted;
  guint64 late; /* frames that left over 1 ms after their time: the host could not keep up */
  guint64 held; /* frames that wait for a person now */
} LoomLinkMeasure;

typedef struct {
  LoomFlow from_a; /* frames that left end a */
  LoomFlow from_b;
  gboolean carrier;
  LoomLinkMeasure measured[2]; /* forward, from end a; backward, from end b */
} LoomLinkStatus;

#define LOOM_TYPE_STATUS (loom_status_get_type ())
G_DECLARE_FINAL_TYPE (LoomStatus, loom_status, LOOM, STATUS, GObject)

LoomStatus *loom_status_new (void);
LoomLabState loom_status_get_lab (LoomStatus *self);
void loom_status_set_lab (LoomStatus *self, LoomLabState state);

LoomNodeState loom_status_get_node (LoomStatus *self, const char *name);
/* (nullable): the sentence to show under the node. */
const char *loom_status_get_node_detail (LoomStatus *self, const char *name);
/* 0.0 … 1.0, or -1 if unknown. */
double loom_status_get_node_progress (LoomStatus *self, const char *name);
void loom_status_set_node (LoomStatus *self, const char *name, LoomNodeState state,
                           const char *detail, double progress);
/* Machines that @change renames are as ready as before, until somebody says it of the new name.
 * Names may be swapped. */
void loom_status_carry (LoomStatus *self, const LoomChange *change);

/* (nullable): @id as of loom_link_dup_id (). */
const LoomLinkStatus *loom_status_get_link (LoomStatus *self, const char *id);
typedef void (*LoomLinkStatusFunc) (const char *id, const LoomLinkStatus *link, gpointer user_data);
/* Calls @func for each cable that is known; it must set nothing. */
void loom_status_foreach_link (LoomStatus *self, LoomLinkStatusFunc func, gpointer user_data);
/* Counters come in rounds: any number of set_link (), then one end_links (@now_us), which drops
 * links not set in the round, and emits "links-changed" if anything differs. */
void loom_status_set_link (LoomStatus *self, const char *id, const LoomLinkStatus *link);
void loom_status_end_links (LoomStatus *self, gint64 now_us);
/* The @now_us of the last round; 0 before the first. */
gint64 loom_status_get_links_time_us (LoomStatus *self);
/* Everything off: the lab stopped or went away. */
void loom_status_clear (LoomStatus *self);

/* Stable English ids for D-Bus, JSON and tests: "booting"; and back (FALSE: unknown). */
const char *loom_node_state_to_id (LoomNodeState state);
gboolean loom_node_state_from_id (const char *id, LoomNodeState *ret_state);
const char *loom_lab_state_to_id (LoomLabState state);
gboolean loom_lab_state_from_id (const char *id, LoomLabState *ret_state);
/* Translated word for people: "booting". */
const char *loom_node_state_to_label (LoomNodeState state);

G_END_DECLS
