/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is asked of one direction of a cable, in the units that the laws calculate in. The names,
 * ranges and defaults of the members in JSON are those of project files: data/FORMAT.md. */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum {
  LOOM_WIRE_JITTER_UNIFORM, /* delay ± jitter */
  LOOM_WIRE_JITTER_NORMAL,  /* the jitter is the standard deviation */
  LOOM_WIRE_JITTER_PARETO,  /* the same, with a long tail */
} LoomWireJitterLaw;

typedef struct {
  double delay_ns;
  double jitter_ns;
  LoomWireJitterLaw jitter_law;
  gboolean keep_order; /* jitter never lets a frame overtake another */
  /* Probabilities, 0 to 1, of one frame. */
  double loss;        /* in the good state */
  double burst_enter; /* from the good state to the bad */
  double burst_leave; /* and back; above 0 */
  double burst_loss;  /* in the bad state */
  double duplicate;
  double reorder;   /* travels in no time, past those under way */
  double bit_error; /* of one bit */
  double rate_mbps; /* 0: no limit */
  double queue_frames;
  double queue_bytes; /* 0: no limit */
  /* Random early detection: shares of the queue's limit, 0 to 1; red_max 0: none. */
  double red_min;
  double red_max;
  double red_drop; /* probability when the average is at red_max */
} LoomWireSettings;

/* A perfect cable. */
void loom_wire_settings_init (LoomWireSettings *ret_settings);

/* Reads the members of @object (nullable: none); those it has not are as init () leaves them.
 * FALSE with LOOM_PROTO_ERROR_SYNTAX on an unknown member, a wrong type, a value out of its range,
 * or members that contradict each other; then @ret_settings is untouched. */
gboolean loom_wire_settings_parse (JsonObject *object, LoomWireSettings *ret_settings,
                                   GError **error);

/* How long a frame of @length octets keeps a cable of that rate busy, in ns: what surrounds a frame
 * on an Ethernet cable counts, FCS 4, preamble and delimiter 8, gap 12 octets (IEEE 802.3, clause
 * 4.4.2). 0 without a rate. */
double loom_wire_settings_busy_ns (const LoomWireSettings *settings, guint length);

G_END_DECLS
