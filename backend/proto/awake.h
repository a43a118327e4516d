/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Timeouts that count only the time that this process could have heard an answer: one that was
 * stopped (SIGSTOP, a debugger) for longer than its patience does not accuse the other side when it
 * goes on. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): a source that calls @function after @timeout_ms of being awake, and again if
 * that says G_SOURCE_CONTINUE. Wakes up once a second while it waits: for what is answered soon. */
GSource *loom_awake_source_new (guint timeout_ms, GSourceFunc function, gpointer user_data);
/* The same, attached to the default context as g_timeout_add_seconds () does. */
guint loom_awake_timeout_add (guint seconds, GSourceFunc function, gpointer user_data);

G_END_DECLS
