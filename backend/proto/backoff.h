/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When to try to connect, when to ask whether the peer still lives, when to give it up. A state
 * machine with the time passed in (the idea is Open vSwitch's "reconnect" library).
 *
 * waiting     until the deadline, then says CONNECT and goes to connecting.
 * connecting  until connected () or failed () is reported; says DISCONNECT at the deadline.
 * active      the peer was heard of less than a probe interval ago; at the deadline says PROBE.
 * probing     a probe is under way; received () makes it active, the deadline says DISCONNECT.
 *
 * Each failure doubles the wait, up to a maximum; a connection that held longer than the maximum
 * wait makes the next wait the shortest again. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  LOOM_BACKOFF_WAITING,
  LOOM_BACKOFF_CONNECTING,
  LOOM_BACKOFF_ACTIVE,
  LOOM_BACKOFF_PROBING,
} LoomBackoffState;

typedef enum {
  LOOM_BACKOFF_NOTHING,
  LOOM_BACKOFF_CONNECT,
  LOOM_BACKOFF_PROBE,
  LOOM_BACKOFF_DISCONNECT,
} LoomBackoffAction;

typedef struct {
  gint64 min_us;
  gint64 max_us;
  gint64 connect_us; /* how long one attempt may take */
  gint64 probe_us;   /* silence before a probe, and before the probe counts as lost; 0: none */

  /*< private >*/
  LoomBackoffState state;
  gint64 wait_us; /* how long the next wait is */
  gint64 since_us;
  gint64 deadline_us; /* G_MAXINT64: none */
} LoomBackoff;

/* The first attempt is due at once. */
void loom_backoff_init (LoomBackoff *self, gint64 min_us, gint64 max_us, gint64 connect_us,
                        gint64 probe_us, gint64 now_us);

/* What to do now. Call when the deadline has come; the answer is given once. */
LoomBackoffAction loom_backoff_run (LoomBackoff *self, gint64 now_us);
/* When run () will have something to say next; G_MAXINT64: not before something is reported. */
gint64 loom_backoff_get_deadline (const LoomBackoff *self);
LoomBackoffState loom_backoff_get_state (const LoomBackoff *self);

void loom_backoff_connected (LoomBackoff *self, gint64 now_us);
void loom_backoff_received (LoomBackoff *self, gint64 now_us);
/* The attempt failed, or the connection ended. */
void loom_backoff_failed (LoomBackoff *self, gint64 now_us);

G_END_DECLS
