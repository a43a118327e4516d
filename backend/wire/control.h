/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The socket that the engine connects to, and the table of methods: see PROTOCOL.md. The engine may
 * crash: the wire goes on without it, and serves the next one that connects. The newest client is
 * the only one. Without a client and a cable the process ends after a while. */

#pragma once

#include <gio/gio.h>

#include "backend/wire/datapath.h"

G_BEGIN_DECLS

typedef struct _LoomWireControl LoomWireControl;

/* (transfer full): listens at @path, which must be free. @loop ends when the process is to. */
LoomWireControl *loom_wire_control_new (const char *path, guint idle_s, LoomWireMemory *memory,
                                        LoomWireDatapath *datapath, GMainLoop *loop,
                                        GError **error);
/* The datapath thread has ended. */
void loom_wire_control_free (LoomWireControl *self);

G_END_DECLS
