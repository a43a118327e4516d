/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A page of the inspector: the lab, a node, a cable, or several things at once.
 *
 * Signals:
 *  "message" (const char *severity, const char *text)
 *  "open-console" (const char *node, const char *type)
 */

#pragma once

#include <gtk/gtk.h>

#include "gui/rate-history.h"
#include "gui/session.h"

G_BEGIN_DECLS

#define LOOM_TYPE_INSPECTOR_PAGE (loom_inspector_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (LoomInspectorPage, loom_inspector_page, LOOM, INSPECTOR_PAGE, GtkBox)

struct _LoomInspectorPageClass {
  GtkBoxClass parent_class;

  /* Shows the lab and its state as they are now. */
  void (*update) (LoomInspectorPage *self);
  /* Shows nothing of what cables count: needs no update when that alone changes. */
  gboolean ignores_counters;
};

void loom_inspector_page_set_sources (LoomInspectorPage *self, LoomDocument *document,
                                      LoomSession *session);
LoomDocument *loom_inspector_page_get_document (LoomInspectorPage *self);
LoomLab *loom_inspector_page_get_lab (LoomInspectorPage *self);
LoomSession *loom_inspector_page_get_session (LoomInspectorPage *self);
void loom_inspector_page_update (LoomInspectorPage *self);
/* TRUE while the page fills its own widgets: what they report then is no edit. */
gboolean loom_inspector_page_is_updating (LoomInspectorPage *self);
/* Does @change (transfer full, nullable) or reports @error (transfer full, nullable). */
gboolean loom_inspector_page_do (LoomInspectorPage *self, LoomChange *change, const char *merge_key,
                                 GError *error);
void loom_inspector_page_say (LoomInspectorPage *self, const char *severity, const char *text);
void loom_inspector_page_open_console (LoomInspectorPage *self, const char *node, const char *type);

GtkWidget *loom_lab_page_new (LoomDocument *document, LoomSession *session);
GtkWidget *loom_node_page_new (LoomDocument *document, LoomSession *session, const char *node);
/* @presets: of LoomPreset. */
GtkWidget *loom_link_page_new (LoomDocument *document, LoomSession *session, GPtrArray *presets,
                               LoomRateHistory *history, const char *link);
/* Lists are NULL-terminated. */
GtkWidget *loom_many_page_new (LoomDocument *document, LoomSession *session,
                               const char *const *nodes, const char *const *links);

G_END_DECLS
