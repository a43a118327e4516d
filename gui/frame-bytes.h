/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The octets of a frame in hexadecimal and as letters, some of them marked. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LOOM_TYPE_FRAME_BYTES (loom_frame_bytes_get_type ())
G_DECLARE_FINAL_TYPE (LoomFrameBytes, loom_frame_bytes, LOOM, FRAME_BYTES, GtkScrolledWindow)

GtkWidget *loom_frame_bytes_new (void);
/* @octets (nullable): nothing is shown. They are not kept. */
void loom_frame_bytes_show (LoomFrameBytes *self, const guint8 *octets, gsize size);
/* @size 0: none. */
void loom_frame_bytes_mark (LoomFrameBytes *self, gsize first, gsize size);

G_END_DECLS
