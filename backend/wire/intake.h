/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what the switch hands over to frames as on a cable: segments of up to 64 KiB are cut,
 * checksums that guests left to their network cards are filled in. */

#pragma once

#include "backend/wire/cable.h"

G_BEGIN_DECLS

/* Takes @frame, which came in at @port (see loom_wire_vring_receive ()), and gives it, or those it
 * is cut into, to the port's direction. @scratch has room for LOOM_WIRE_MAX_SEGMENT octets. */
void loom_wire_intake (LoomWirePort *port, LoomWireFrame *frame, guint8 *scratch, gint64 now_ns);

G_END_DECLS
