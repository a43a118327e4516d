/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See cable.h; what happens in a direction is direction.c, what comes in at a port intake.c. */

#include "backend/wire/cable.h"

const char *const LOOM_WIRE_DIRECTION_NAMES[2] = {"forward", "backward"};

LoomWireCable *
loom_wire_cable_new (const char *key, guint64 seed, const LoomWireSettings settings[2],
                     LoomWireMemory *memory, gint64 now_ns)
{
  LoomWireCable *self = g_new0 (LoomWireCable, 1);

  for (guint i = 0; i < 2; i++) {
    LoomWireDirection *direction = &self->directions[i];

    direction->cable = self;
    direction->memory = memory;
    direction->from = &self->ports[i];
    direction->to = &self->ports[1 - i];
    direction->changed_ns = now_ns;
    loom_wire_line_init (&direction->line, &settings[i], seed, key, LOOM_WIRE_DIRECTION_NAMES[i],
                         now_ns);
    self->ports[i].out = direction;
    self->ports[i].call_fd = -1;
  }
  return self;
}

void
loom_wire_cable_free (LoomWireCable *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < 2; i++)
    loom_wire_filter_free (self->directions[i].hold.filter);
  g_free (self);
}
