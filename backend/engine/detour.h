/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The way of one cable into the wire and out again: a state machine that touches nothing. Its owner
 * reports what happened, gives the order it is told to give next, and builds the switch's fabric by
 * loom_detour_has_ports () and loom_detour_get_route ().
 *
 * direct     frames go from end to end. Goes to attaching when the wire is wanted and runs.
 * attaching  the wire was told of the cable and makes the sockets. To joining when it answers.
 * joining    the switch gets two ports for the sockets; frames still go from end to end. To through
 *            when both are connected.
 * through    frames go by the wire. Back to joining when a port loses its peer, to draining when
 *            the wire is not wanted any more.
 * draining   frames go from end to end; what the wire holds comes out. To leaving when that is
 *            nothing, or at a deadline.
 * leaving    the ports leave the switch. To detaching when they have.
 * detaching  the wire is told to let go. To direct when it answers.
 *
 * When the wire dies, or does not answer, every state is direct again; ports stay, since the switch
 * connects them to the next wire by itself. */

#pragma once

#include <glib.h>

#include "backend/ovs/fabric.h"

G_BEGIN_DECLS

/* The longest delay a cable can have, and a second. */
#define LOOM_DETOUR_DRAIN_US (61 * G_USEC_PER_SEC)

typedef enum {
  LOOM_DETOUR_DIRECT,
  LOOM_DETOUR_ATTACHING,
  LOOM_DETOUR_JOINING,
  LOOM_DETOUR_THROUGH,
  LOOM_DETOUR_DRAINING,
  LOOM_DETOUR_LEAVING,
  LOOM_DETOUR_DETACHING,
} LoomDetourState;

/* What the wire is to be told next; its answer is reported by loom_detour_answered (). */
typedef enum {
  LOOM_DETOUR_ORDER_NONE,
  LOOM_DETOUR_ORDER_ATTACH,
  LOOM_DETOUR_ORDER_SET, /* new settings for a cable that it has */
  LOOM_DETOUR_ORDER_ASK, /* how many frames it still holds */
  LOOM_DETOUR_ORDER_DETACH,
} LoomDetourOrder;

typedef struct _LoomDetour LoomDetour;

/* A direct cable. */
LoomDetour *loom_detour_new (guint64 cookie);
void loom_detour_free (LoomDetour *detour);

guint64 loom_detour_get_cookie (const LoomDetour *detour);
/* @settings: (nullable) what the wire is to do with the cable, as text to compare and to send;
 * NULL: the wire is not wanted. */
void loom_detour_set_wanted (LoomDetour *detour, const char *settings);
/* (transfer none) (nullable) */
const char *loom_detour_get_wanted (const LoomDetour *detour);

/* The next order, once: it counts as given. @wire_up: whether the wire can be told anything. */
LoomDetourOrder loom_detour_step (LoomDetour *detour, gboolean wire_up, gint64 now_us);
/* The order was carried out, or not. @n_held: frames that the wire holds, the answer to ASK. */
void loom_detour_answered (LoomDetour *detour, LoomDetourOrder order, gboolean good, guint n_held,
                           gint64 now_us);
/* A port (0: beside end a) has its peer, or lost it. */
void loom_detour_connected (LoomDetour *detour, int port, gboolean connected);
/* The wire ended, or is late: nothing that it was told counts any more. */
void loom_detour_wire_died (LoomDetour *detour);
/* A wire that an engine before this one told of the cable, with @settings. */
void loom_detour_adopt (LoomDetour *detour, const char *settings, const gboolean connected[2]);

/* The fabric is handed to the switch as the detour is now; the switch has become so. */
void loom_detour_fabric_submitted (LoomDetour *detour);
void loom_detour_fabric_done (LoomDetour *detour);
/* Whether the switch is not, or is not known to be, what the detour asks for. */
gboolean loom_detour_differs (const LoomDetour *detour);

LoomDetourState loom_detour_get_state (const LoomDetour *detour);
/* Stable English id: "through". */
const char *loom_detour_state_to_id (LoomDetourState state);
gboolean loom_detour_has_ports (const LoomDetour *detour);
LoomFabricRoute loom_detour_get_route (const LoomDetour *detour);
/* Direct, without ports, unknown to the wire and not wanted: nothing is left to do. */
gboolean loom_detour_is_over (const LoomDetour *detour);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomDetour, loom_detour_free)

G_END_DECLS
