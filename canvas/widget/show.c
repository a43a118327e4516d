/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When the canvas draws: one frame of the frame clock after something changed, and none while all
 * is still. What it draws with follows the desktop: theme, animations, scale. */

#include "canvas/widget/canvas-private.h"
#include "canvas/widget/gtk-theme.h"

#define PARENT_CLASS GTK_WIDGET_CLASS (g_type_class_peek_static (GTK_TYPE_FIXED))

static void ensure_tick (LoomCanvas *self);

static gboolean
on_wake (gpointer user_data)
{
  LoomCanvas *self = user_data;

  self->wake_id = 0;
  ensure_tick (self);
  return G_SOURCE_REMOVE;
}

/* One frame: what moves moves on, what is damaged is queued. Runs only after something changed. */
static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  gint64 now_us = g_get_monotonic_time ();
  gint64 next_us = loom_scene_tick (self->scene, now_us);

  self->tick_id = 0;
  g_autoptr (GArray) damage = loom_frame_list_damage (self->frame);
  for (guint i = 0; i < damage->len; i++) {
    cairo_rectangle_int_t *rect = &g_array_index (damage, cairo_rectangle_int_t, i);
    gtk_widget_queue_draw_area (widget, rect->x, rect->y, rect->width, rect->height);
  }
  if (next_us > 0 && self->wake_id == 0)
    self->wake_id = g_timeout_add (MAX ((next_us - now_us) / 1000, 1), on_wake, self);
  return G_SOURCE_REMOVE;
}

static void
ensure_tick (LoomCanvas *self)
{
  if (self->tick_id == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

static void
update_theme (LoomCanvas *self)
{
  LoomTheme theme;

  if (self->has_fixed_theme)
    return;
  loom_theme_init_from_gtk (&theme, GTK_WIDGET (self));
  loom_scene_set_theme (self->scene, &theme);
}

static void
on_animations_changed (GtkSettings *settings, GParamSpec *pspec, LoomCanvas *self)
{
  gboolean animated = TRUE;

  g_object_get (settings, "gtk-enable-animations", &animated, NULL);
  loom_scene_set_animated (self->scene, animated);
  if (!animated)
    loom_canvas_clear_motion (self);
}

static void
on_frame_dirty (gpointer user_data)
{
  ensure_tick (user_data);
}

static gboolean
loom_canvas_draw (GtkWidget *widget, cairo_t *cr)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  cairo_surface_t *picture = loom_frame_render (self->frame);

  cairo_set_source_surface (cr, picture, 0, 0);
  cairo_paint (cr);
  loom_canvas_draw_motion (self, cr);
  loom_canvas_draw_marks (self, cr);
  return PARENT_CLASS->draw (widget, cr);
}

static void
loom_canvas_realize (GtkWidget *widget)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  GtkSettings *settings = gtk_widget_get_settings (widget);

  gtk_widget_add_events (widget, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK
                                     | GDK_POINTER_MOTION_MASK | GDK_SCROLL_MASK
                                     | GDK_SMOOTH_SCROLL_MASK | GDK_KEY_PRESS_MASK
                                     | GDK_KEY_RELEASE_MASK | GDK_LEAVE_NOTIFY_MASK
                                     | GDK_FOCUS_CHANGE_MASK | GDK_TOUCHPAD_GESTURE_MASK);
  PARENT_CLASS->realize (widget);
  self->animations_id = g_signal_connect (settings, "notify::gtk-enable-animations",
                                          G_CALLBACK (on_animations_changed), self);
  on_animations_changed (settings, NULL, self);
  self->view.device_scale = gtk_widget_get_scale_factor (widget);
  loom_frame_set_view (self->frame, &self->view);
  update_theme (self);
}

void
loom_canvas_stop_ticking (LoomCanvas *self)
{
  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  g_clear_handle_id (&self->wake_id, g_source_remove);
  loom_canvas_stop_motion (self);
}

static void
loom_canvas_unrealize (GtkWidget *widget)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  loom_canvas_stop_ticking (self);
  g_clear_signal_handler (&self->animations_id, gtk_widget_get_settings (widget));
  PARENT_CLASS->unrealize (widget);
}

static void
loom_canvas_map (GtkWidget *widget)
{
  PARENT_CLASS->map (widget);
  ensure_tick (LOOM_CANVAS (widget));
}

static void
loom_canvas_unmap (GtkWidget *widget)
{
  loom_canvas_stop_ticking (LOOM_CANVAS (widget));
  PARENT_CLASS->unmap (widget);
}

static void
loom_canvas_style_updated (GtkWidget *widget)
{
  PARENT_CLASS->style_updated (widget);
  update_theme (LOOM_CANVAS (widget));
}

static void
on_scale_factor_changed (LoomCanvas *self)
{
  self->view.device_scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  loom_frame_set_view (self->frame, &self->view);
}

void
loom_canvas_show_class_init (GtkWidgetClass *widget_class)
{
  widget_class->draw = loom_canvas_draw;
  widget_class->realize = loom_canvas_realize;
  widget_class->unrealize = loom_canvas_unrealize;
  widget_class->map = loom_canvas_map;
  widget_class->unmap = loom_canvas_unmap;
  widget_class->style_updated = loom_canvas_style_updated;
}

void
loom_canvas_show_init (LoomCanvas *self)
{
  self->frame = loom_frame_new (self->scene, on_frame_dirty, self);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (on_scale_factor_changed), NULL);
}

void
loom_canvas_set_theme (LoomCanvas *self, const LoomTheme *theme)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  self->has_fixed_theme = theme != NULL;
  if (theme != NULL)
    loom_scene_set_theme (self->scene, theme);
  else
    update_theme (self);
}
