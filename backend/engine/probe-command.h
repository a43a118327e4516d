/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a program of the host to hear what it says: its standard output and error together, in the C
 * locale, bounded in length and in time. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_PROBE_MAX_BYTES 4096

/* @translated: leave the locale as it is, since people read the answer. Cancelled or out of time,
 * the program is killed. */
void loom_probe_command_async (const char *const *argv, guint timeout_ms, gboolean translated,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
/* (transfer full): valid UTF-8, stripped. NULL: it could not be run, was cancelled, or was
 * not done in time (G_IO_ERROR_TIMED_OUT).
 * @ret_status: its exit status; -1 if a signal ended it. */
char *loom_probe_command_finish (GAsyncResult *result, int *ret_status, GError **error);

G_END_DECLS
