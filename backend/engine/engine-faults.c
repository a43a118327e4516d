/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cables that flap: unplugged and plugged in again, by the clock. All other faults are a matter of
 * the record alone. */

#include "backend/engine/engine-private.h"

static gboolean
on_flap_due (gpointer user_data)
{
  LoomEngine *self = user_data;

  self->flap_id = 0;
  loom_engine_step_faults (self);
  return G_SOURCE_REMOVE;
}

void
loom_engine_step_faults (LoomEngine *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 next_us = G_MAXINT64;
  gboolean changed = FALSE;

  for (guint i = 0; i < self->record->cables->len; i++) {
    LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    gboolean was_down = cable->flap_down;
    next_us = MIN (next_us, loom_cable_flap (cable, now_us));
    changed = changed || was_down != cable->flap_down;
  }
  g_clear_handle_id (&self->flap_id, g_source_remove);
  if (next_us < G_MAXINT64)
    self->flap_id = g_timeout_add ((guint) ((next_us - now_us) / 1000 + 1), on_flap_due, self);
  if (!changed)
    return;
  loom_engine_set_wanted (self);
  self->fabric_dirty = TRUE;
  loom_engine_kick (self);
}
