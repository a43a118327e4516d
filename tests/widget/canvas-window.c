/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See canvas-window.h. */

#include "tests/widget/canvas-window.h"

#include "tests/unit/scene/sample.h"
#include "tests/widget/hands.h"

static void
on_text (LoomCanvas *canvas, const char *text, char **at)
{
  if (text == NULL)
    return;
  g_free (*at);
  *at = g_strdup (text);
}

static void
on_menu (LoomCanvas *canvas, GdkEvent *event, int kind, const char *id, CanvasWindow *f)
{
  g_free (f->menu);
  f->menu = g_strdup_printf ("%d %s", kind, id != NULL ? id : "-");
}

static gboolean
on_draw (GtkWidget *widget, cairo_t *cr, CanvasWindow *f)
{
  f->n_draws++;
  return FALSE;
}

void
canvas_window_set_up (CanvasWindow *f, gconstpointer data)
{
  f->lab = sample_campus ();
  f->status = loom_status_new ();
  f->history = loom_history_new (f->lab);
  f->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  f->widget = loom_canvas_new ();
  f->canvas = LOOM_CANVAS (f->widget);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1000, 640);
  gtk_container_add (GTK_CONTAINER (f->window), f->widget);
  g_signal_connect (f->widget, "message", G_CALLBACK (on_text), &f->message);
  g_signal_connect (f->widget, "drag-hint", G_CALLBACK (on_text), &f->hint);
  g_signal_connect (f->widget, "node-activated", G_CALLBACK (on_text), &f->activated);
  g_signal_connect (f->widget, "link-activated", G_CALLBACK (on_text), &f->activated);
  g_signal_connect (f->widget, "context-menu", G_CALLBACK (on_menu), f);
  g_signal_connect (f->widget, "draw", G_CALLBACK (on_draw), f);
  loom_canvas_set_document (f->canvas, f->history, f->status);
  gtk_widget_show_all (f->window);
  gtk_widget_grab_focus (f->widget);
  hands_settle (50);
  /* No window manager gives the window its focus. */
  GdkEvent *focus = gdk_event_new (GDK_FOCUS_CHANGE);
  focus->focus_change.window = g_object_ref (gtk_widget_get_window (f->window));
  focus->focus_change.in = TRUE;
  gtk_widget_send_focus_change (f->widget, focus);
  gdk_event_free (focus);
  loom_canvas_zoom_reset (f->canvas);
}

void
canvas_window_tear_down (CanvasWindow *f, gconstpointer data)
{
  gtk_widget_destroy (f->window);
  g_object_unref (f->history);
  g_object_unref (f->status);
  g_object_unref (f->lab);
  g_free (f->message);
  g_free (f->hint);
  g_free (f->activated);
  g_free (f->menu);
}

GdkPoint
canvas_window_middle (CanvasWindow *f, LoomItemKind kind, const char *id)
{
  GdkRectangle area;

  g_assert_true (loom_canvas_get_item_area (f->canvas, kind, id, &area));
  return (GdkPoint){area.x + area.width / 2, area.y + area.height / 2};
}

GdkPoint
canvas_window_node_at (CanvasWindow *f, const char *name)
{
  return canvas_window_middle (f, LOOM_ITEM_NODE, name);
}

char *
canvas_window_dup_selection (CanvasWindow *f)
{
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (f->canvas);
  g_auto (GStrv) links = loom_canvas_dup_selected_links (f->canvas);
  g_autofree char *names = g_strjoinv (",", nodes);
  g_autofree char *ids = g_strjoinv (",", links);

  return g_strdup_printf ("%s|%s", names, ids);
}
