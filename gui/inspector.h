/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector: what is selected, or the lab.
 *
 * Signals: "message" and "open-console", as of LoomInspectorPage. */

#pragma once

#include <gtk/gtk.h>

#include "gui/session.h"

G_BEGIN_DECLS

#define LOOM_TYPE_INSPECTOR (loom_inspector_get_type ())
G_DECLARE_FINAL_TYPE (LoomInspector, loom_inspector, LOOM, INSPECTOR, GtkScrolledWindow)

/* @presets: of LoomPreset, for cables. */
GtkWidget *loom_inspector_new (LoomDocument *document, LoomSession *session, GPtrArray *presets);
/* Shows what is named; lists are NULL-terminated, names that the lab does not have are skipped. */
void loom_inspector_show (LoomInspector *self, const char *const *nodes, const char *const *links);

G_END_DECLS
