/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which disk image a machine boots: a name to type, or a file to choose. An image is named relative
 * to the lab's folder or to the person's library; one that lies elsewhere is linked into the
 * library, if the person says so.
 *
 * Signals:
 *  "chosen" (const char *image):  the name as the project file has it; "" is none
 *  "message" (const char *text):  why it could not be linked
 */

#pragma once

#include <gtk/gtk.h>

#include "gui/document.h"

G_BEGIN_DECLS

#define LOOM_TYPE_IMAGE_ENTRY (loom_image_entry_get_type ())
G_DECLARE_FINAL_TYPE (LoomImageEntry, loom_image_entry, LOOM, IMAGE_ENTRY, GtkBox)

GtkWidget *loom_image_entry_new (LoomDocument *document);
/* @image (nullable): what the node has. */
void loom_image_entry_set (LoomImageEntry *self, const char *image);

G_END_DECLS
