/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames that go in at one end of a cable and are looked at as they come out at the other: what the
 * benches of the wire are made of. One thread sends and receives in turn, by one clock. */

#pragma once

#include "tests/system/wire-peer.h"

G_BEGIN_DECLS

#define FLOW_MS G_GINT64_CONSTANT (1000000)
#define FLOW_SECOND (1000 * FLOW_MS)
#define FLOW_BURST 32
/* Octets of a frame without its FCS: the shortest and the usual longest. */
#define FLOW_SMALL 60
#define FLOW_LARGE 1514
/* FCS, preamble, delimiter and gap. */
#define FLOW_OVERHEAD 24
#define FLOW_MAX_PACED 8192

typedef struct {
  WirePeer *from;
  WirePeer *to;
  guint64 n_sent;
  guint64 n_received;
  guint64 n_bytes; /* received, as on the cable */
  gint64 first_ns; /* when the first and the last frame came */
  gint64 last_ns;
  double *delays_ms; /* room for FLOW_MAX_PACED, or NULL */
  gsize n_delays;
  gboolean spoilt[FLOW_MAX_PACED]; /* numbers that were sent in a long turn */
  gint64 turn_ns;                  /* when this turn began; 0: not measured */
  guint8 *seen;                    /* how often each number came, or NULL */
  gsize max_seen;
} Flow;

/* Whatever came; FALSE: nothing. */
gboolean flow_receive (Flow *self);

/* Sends @n frames (FLOW_BURST at most) of @size octets; how many there was room for. */
guint flow_send (Flow *self, guint n, guint size);

/* A tenth of a ms in which other threads have this one's processor. */
void flow_nap (void);

/* Takes what still comes, until nothing came for @quiet_ns. */
void flow_drain (Flow *self, gint64 quiet_ns);

/* The same for frames that come far apart: rests after each, as flow_pace () does. */
void flow_drain_paced (Flow *self, gint64 quiet_ns);

/* One frame every @gap_ns for @length_ns. */
void flow_pace (Flow *self, gint64 gap_ns, gint64 length_ns, guint size);

/* Sends @n frames as fast as they are taken, and takes all that come. */
void flow_pump (Flow *self, guint64 n, guint size);

/* Frames a second that arrive when as many are sent as are taken, for @length_ns; what is under way
 * before does not count. */
double flow_measure_speed (WirePeer *from, WirePeer *to, gint64 length_ns, guint size);

/* Sorts them. */
double flow_median (double *values, gsize n);

G_END_DECLS
