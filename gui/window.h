/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window: one lab, drawn and running. */

#pragma once

#include "gui/application.h"
#include "gui/autosave.h"
#include "gui/document.h"

G_BEGIN_DECLS

#define LOOM_TYPE_WINDOW (loom_window_get_type ())
G_DECLARE_FINAL_TYPE (LoomWindow, loom_window, LOOM, WINDOW, GtkApplicationWindow)

GtkWidget *loom_window_new (LoomApplication *application);
LoomDocument *loom_window_get_document (LoomWindow *self);
/* Opens @path in this window, and attaches if its lab runs. Errors are shown; the lab that is open
 * stays. With @asked_by (nullable) this window is a new one that is not on the screen yet: it comes
 * up with the lab, or it goes and the other one says why. */
void loom_window_open (LoomWindow *self, const char *path, LoomWindow *asked_by);
/* Offers unsaved work of a former run (transfer full). */
void loom_window_offer_leftover (LoomWindow *self, LoomLeftover *leftover);

G_END_DECLS
