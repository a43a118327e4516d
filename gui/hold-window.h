/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frames that wait on a cable: to look at, to let pass one by one, to lose. */

#pragma once

#include <gtk/gtk.h>

#include "gui/holds.h"

G_BEGIN_DECLS

#define LOOM_TYPE_HOLD_WINDOW (loom_hold_window_get_type ())
G_DECLARE_FINAL_TYPE (LoomHoldWindow, loom_hold_window, LOOM, HOLD_WINDOW, GtkWindow)

/* @link: "pc1:0 pc2:0". Closing the window lets all pass that waits. */
GtkWidget *loom_hold_window_new (LoomSession *session, const char *link);
const char *loom_hold_window_get_link (LoomHoldWindow *self);

G_END_DECLS
