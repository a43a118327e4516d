/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The methods of org.lanloom.Engine that hold and capture frames. */

#pragma once

#include "backend/engine/engine-dbus.h"
#include "backend/engine/engine.h"

G_BEGIN_DECLS

/* Connects them, and what the engine says of them, between @skeleton and @engine, both of which
 * must live as long as the other. */
void loom_service_connect_wire (LoomDBusEngine *skeleton, LoomEngine *engine);

G_END_DECLS
