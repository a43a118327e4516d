/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Notices above the canvas: something happened that wants an answer, and nothing else has to wait
 * for it. A notice with the id of one that is shown replaces it. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LOOM_TYPE_NOTICES (loom_notices_get_type ())
G_DECLARE_FINAL_TYPE (LoomNotices, loom_notices, LOOM, NOTICES, GtkBox)

/* @button: index of the one that was pressed, -1 for the close button. */
typedef void (*LoomNoticeFunc) (int button, gpointer user_data);

GtkWidget *loom_notices_new (void);
/* @detail (nullable): below the title, can be selected and copied. @buttons (nullable):
 * NULL-terminated labels with mnemonics. @func (nullable) is called once. */
void loom_notices_add (LoomNotices *self, const char *id, GtkMessageType type, const char *title,
                       const char *detail, const char *const *buttons, LoomNoticeFunc func,
                       gpointer user_data, GDestroyNotify destroy);
void loom_notices_remove (LoomNotices *self, const char *id);

G_END_DECLS
