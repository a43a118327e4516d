/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See sink.h. */

#include "backend/wire/sink.h"

#include <string.h>

gboolean
loom_wire_taps_add (LoomWireTaps *self, LoomWireSink *sink, guint32 interface)
{
  if (self->n_taps == LOOM_WIRE_MAX_TAPS)
    return FALSE;
  self->taps[self->n_taps++] = (LoomWireTap){sink, interface};
  return TRUE;
}

void
loom_wire_taps_remove (LoomWireTaps *self, LoomWireSink *sink)
{
  guint n = 0;

  for (guint i = 0; i < self->n_taps; i++)
    if (self->taps[i].sink != sink)
      self->taps[n++] = self->taps[i];
  self->n_taps = n;
}

static void
put (const LoomWireTap *tap, const guint8 *octets, guint length, guint32 flags, gint64 now_ns)
{
  LoomWireSink *sink = tap->sink;
  guint captured = MIN (length, sink->snaplen);
  LoomWireRecord *record;

  if (!loom_wire_filter_matches (sink->filter, octets, length))
    return;
  record = loom_wire_ring_reserve (sink->ring, sizeof *record + captured);
  if (record == NULL) {
    sink->n_dropped++;
    return;
  }
  *record = (LoomWireRecord){now_ns, tap->interface, flags, length, captured};
  memcpy (record + 1, octets, captured);
  loom_wire_ring_commit (sink->ring);
}

void
loom_wire_taps_show (LoomWireTaps *self, const guint8 *octets, guint length, guint32 flags,
                     gint64 now_ns)
{
  for (guint i = 0; i < self->n_taps; i++)
    put (&self->taps[i], octets, length, flags, now_ns);
}
