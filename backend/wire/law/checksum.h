/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Internet checksum (RFC 1071), in pieces. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Adds @size octets to @sum. All pieces but the last have an even size. */
guint64 loom_wire_checksum_add (guint64 sum, const guint8 *data, gsize size);

/* What is written into the frame, in its byte order. */
guint16 loom_wire_checksum_finish (guint64 sum);

/* Completes the checksum that a guest left to its network card: the field @offset octets behind
 * @start holds the sum of the pseudo header, and all from @start to the end is to be added (virtio
 * 1.1, section 5.1.6.2). FALSE when the field is not inside of @frame. */
gboolean loom_wire_checksum_complete (guint8 *frame, gsize size, guint start, guint offset);

G_END_DECLS
