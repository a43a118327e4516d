/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The method of org.lanloom.Engine that runs commands in machines. */

#pragma once

#include "backend/engine/engine-dbus.h"
#include "backend/engine/engine.h"

G_BEGIN_DECLS

/* Connects it. @clients: GDBusConnection → LoomPeer, of those that are connected at the time. */
void loom_service_connect_exec (LoomDBusEngine *skeleton, LoomEngine *engine, GHashTable *clients);

G_END_DECLS
