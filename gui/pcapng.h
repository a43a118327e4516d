/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a pcapng stream (draft-ietf-opsawg-pcapng, sections 3 and 4) piece by piece, as a capture
 * writes it: one section, Ethernet, numbers as this computer has them. What it does not know is
 * left out; what is no pcapng is an error. Pure; any octets will do. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  LOOM_FRAME_UNKNOWN_WAY,
  LOOM_FRAME_INBOUND, /* to the card at the interface */
  LOOM_FRAME_OUTBOUND,
} LoomFrameWay;

/* A frame as it stands in the stream. */
typedef struct {
  gint64 time_ns; /* since 1970 */
  guint interface;
  LoomFrameWay way;
  guint length;         /* on the cable */
  const guint8 *octets; /* within @block; ... */
  guint size;           /* ... so many of them were captured */
  const guint8 *block;  /* the whole block */
  guint block_size;
} LoomPcapngFrame;

typedef struct _LoomPcapng LoomPcapng;
typedef void (*LoomPcapngFunc) (const LoomPcapngFrame *frame, gpointer user_data);

/* @func: is told of each frame, which is gone when it returns. */
LoomPcapng *loom_pcapng_new (LoomPcapngFunc func, gpointer user_data);
void loom_pcapng_free (LoomPcapng *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomPcapng, loom_pcapng_free)

/* Reads on. FALSE: it is broken here, and nothing more can be read. */
gboolean loom_pcapng_feed (LoomPcapng *self, const guint8 *octets, gsize size, GError **error);
/* (transfer full): the blocks that a stream of some of its frames begins with; empty before the
 * first interface was described. */
GBytes *loom_pcapng_dup_head (LoomPcapng *self);
guint loom_pcapng_get_n_interfaces (LoomPcapng *self);
/* (nullable): its name, as the stream has it. */
const char *loom_pcapng_get_interface_name (LoomPcapng *self, guint interface);

G_END_DECLS
