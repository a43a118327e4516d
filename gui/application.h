/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program: its windows, what they share (catalogue, settings), and the actions of no window. */

#pragma once

#include <gtk/gtk.h>

#include "canvas/model/kind.h"
#include "gui/settings.h"

G_BEGIN_DECLS

#define LOOM_APPLICATION_ID "org.lanloom.Lanloom"

#define LOOM_TYPE_APPLICATION (loom_application_get_type ())
G_DECLARE_FINAL_TYPE (LoomApplication, loom_application, LOOM, APPLICATION, GtkApplication)

LoomApplication *loom_application_new (void);
LoomCatalogue *loom_application_get_catalogue (LoomApplication *self);
/* (transfer none): of LoomPreset. */
GPtrArray *loom_application_get_presets (LoomApplication *self);
LoomSettings *loom_application_get_settings (LoomApplication *self);
/* Opens @path: in @window if that holds nothing yet, else in a new one. @window may be NULL. */
void loom_application_open_path (LoomApplication *self, GtkWindow *window, const char *path);

G_END_DECLS
