/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frames of the list in a file of the person's choice. */

#pragma once

#include <gtk/gtk.h>

#include "gui/frames.h"

G_BEGIN_DECLS

/* @severity: "info" or "warning". */
typedef void (*LoomFramesSayFunc) (GtkWidget *pane, const char *severity, const char *text);

/* Asks for a name, above the window of @pane, and saves the frames that are kept. */
void loom_frames_export_save (LoomFrames *frames, GtkWidget *pane, LoomFramesSayFunc say);

G_END_DECLS
