/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Looks at this computer by doing: makes namespaces, boots a small kernel, opens devices, asks
 * programs their versions. Everything is asynchronous, ends within seconds, and leaves nothing but
 * the answer of the trial boot in the cache (backend/qemu/accel.h). */

#pragma once

#include <gio/gio.h>

#include "backend/engine/doctor.h"

G_BEGIN_DECLS

/* @sentence: translated, what was found out just now; @n_done of @n_all parts are done. */
typedef void (*LoomDoctorProgress) (const char *sentence, guint n_done, guint n_all,
                                    gpointer user_data);

/* @progress (nullable) is called with @user_data in the caller's main context, never after
 * @callback. Cancelling ends what was begun. */
void loom_doctor_observe_async (GCancellable *cancellable, LoomDoctorProgress progress,
                                GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full); NULL only when it was cancelled. */
LoomDoctorObserved *loom_doctor_observe_finish (GAsyncResult *result, GError **error);

G_END_DECLS
