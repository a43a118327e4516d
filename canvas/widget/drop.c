/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Takes kinds dragged from the palette: a ghost of the tile shows where it would stand. */

#include "canvas/widget/canvas-private.h"

#define KIND_MAX_BYTES 64

static const GtkTargetEntry targets[] = {
    {(char *) LOOM_CANVAS_DROP_TARGET, GTK_TARGET_SAME_APP, 0}};

static gboolean
loom_canvas_drag_motion (GtkWidget *widget, GdkDragContext *context, int x, int y, guint time)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  self->has_ghost = gtk_drag_dest_find_target (widget, context, NULL) != GDK_NONE;
  self->ghost = loom_canvas_to_unit (self, x, y);
  gtk_widget_queue_draw (widget);
  return self->has_ghost;
}

static void
loom_canvas_drag_leave (GtkWidget *widget, GdkDragContext *context, guint time)
{
  LOOM_CANVAS (widget)->has_ghost = FALSE;
  gtk_widget_queue_draw (widget);
}

static void
loom_canvas_drag_data_received (GtkWidget *widget, GdkDragContext *context, int x, int y,
                                GtkSelectionData *data, guint info, guint time)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  const guchar *bytes = gtk_selection_data_get_data (data);
  int length = gtk_selection_data_get_length (data);
  LoomPoint at = loom_canvas_to_unit (self, x, y);

  if (bytes == NULL || length <= 0 || length > KIND_MAX_BYTES)
    return;
  g_autofree char *kind = g_strndup ((const char *) bytes, length);
  g_autofree char *name = loom_canvas_place (self, kind, at.x, at.y);
  if (name != NULL)
    gtk_widget_grab_focus (widget);
}

void
loom_canvas_drop_class_init (GtkWidgetClass *widget_class)
{
  widget_class->drag_motion = loom_canvas_drag_motion;
  widget_class->drag_leave = loom_canvas_drag_leave;
  widget_class->drag_data_received = loom_canvas_drag_data_received;
}

void
loom_canvas_drop_init (LoomCanvas *self)
{
  gtk_drag_dest_set (GTK_WIDGET (self), GTK_DEST_DEFAULT_MOTION | GTK_DEST_DEFAULT_DROP, targets,
                     G_N_ELEMENTS (targets), GDK_ACTION_COPY);
}
