/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A TCP segment of up to 64 KiB, as a guest hands it to a network card that segments, cut into the
 * frames that such a card would send: IPv4 or IPv6, behind any VLAN tags, with lengths, sequence
 * numbers, flags and checksums of their own. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const guint8 *frame;
  gsize size;
  guint ip;      /* where the IP header begins */
  guint tcp;     /* where the TCP header begins */
  guint payload; /* where the payload begins */
  gboolean is_ipv6;
  guint segment_size; /* octets of payload in each frame but the last */
  guint n_frames;
} LoomWireCut;

/* Looks at @frame, which must stay as it is while it is cut. FALSE when it is not TCP over IP, or
 * its headers do not fit into it. */
gboolean loom_wire_cut_init (LoomWireCut *ret_cut, const guint8 *frame, gsize size,
                             guint segment_size);

/* How long frame @i is. */
gsize loom_wire_cut_get_size (const LoomWireCut *cut, guint i);

/* Writes frame @i, get_size () octets. */
void loom_wire_cut_write (const LoomWireCut *cut, guint i, guint8 *ret_frame);

G_END_DECLS
