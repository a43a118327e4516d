/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The D-Bus face of the engine: org.lanloom.Engine, peer to peer, on the UNIX socket engine.sock of
 * the runtime folder.
 *
 * Signals:
 *  "stop-requested" (): a client asked to end the lab, and has been answered
 */

#pragma once

#include "backend/engine/engine.h"

G_BEGIN_DECLS

#define LOOM_SERVICE_OBJECT_PATH "/org/lanloom/Engine"

#define LOOM_TYPE_SERVICE (loom_service_get_type ())
G_DECLARE_FINAL_TYPE (LoomService, loom_service, LOOM, SERVICE, GObject)

/* Listens on @socket_path (replaced if it is there). Only peers of our own user get in. */
LoomService *loom_service_new (LoomEngine *engine, const char *socket_path, GError **error);
guint loom_service_get_n_clients (LoomService *self);

G_END_DECLS
