/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The text screen of the guest that ships, read and typed at by a command in it, `lanloom-screen`
 * (backend/guest/screen.c). Only what the host starts is ever carried over: a guest cannot. */

#pragma once

#include "backend/engine/client.h"
#include "gui/screen-text.h"

G_BEGIN_DECLS

void loom_guest_screen_read_async (LoomClient *client, const char *node, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): NULL with @error, a sentence that names the machine. */
LoomScreenText *loom_guest_screen_read_finish (GAsyncResult *result, GError **error);

/* Types @text as the machine takes it; cancelling stops where it is. */
void loom_guest_screen_type_async (LoomClient *client, const char *node, const char *text,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean loom_guest_screen_type_finish (GAsyncResult *result, GError **error);

G_END_DECLS
