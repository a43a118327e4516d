/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See screen-picker.h. Where the pointer went down and where it is are kept as points of the
 * picture, in its own unit: the text, and with it the cells, may come a moment later. */

#include "gui/screen-picker.h"

enum {
  ASKED,
  PICKED,
  PRESSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct {
  double x, y;
} Point;

struct _LoomScreenPicker {
  GtkDrawingArea parent_instance;

  int picture_width;
  int picture_height;
  LoomScreenText *text; /* of the selection; NULL: none, or not here yet */
  LoomScreenUnit unit;
  Point anchor;
  Point pointer;
  double press_x, press_y; /* of the widget: how far is a drag? */
  gboolean is_pressed;
  gboolean is_selecting; /* more than a click */
};

G_DEFINE_TYPE (LoomScreenPicker, loom_screen_picker, GTK_TYPE_DRAWING_AREA)

/* Where the picture is, as SPICE places it. */
static void
get_picture (LoomScreenPicker *self, GdkRectangle *ret_area)
{
  int width = gtk_widget_get_allocated_width (GTK_WIDGET (self));
  int height = gtk_widget_get_allocated_height (GTK_WIDGET (self));
  double scale = MIN ((double) width / MAX (self->picture_width, 1),
                      (double) height / MAX (self->picture_height, 1));

  ret_area->width = (int) (self->picture_width * scale + 0.5);
  ret_area->height = (int) (self->picture_height * scale + 0.5);
  ret_area->x = (width - ret_area->width) / 2;
  ret_area->y = (height - ret_area->height) / 2;
}

static Point
to_picture (LoomScreenPicker *self, double x, double y)
{
  GdkRectangle area;

  get_picture (self, &area);
  return (Point){(x - area.x) * self->picture_width / MAX (area.width, 1),
                 (y - area.y) * self->picture_height / MAX (area.height, 1)};
}

/* FALSE: nothing is selected. */
static gboolean
get_range (LoomScreenPicker *self, LoomScreenPlace *ret_start, LoomScreenPlace *ret_end)
{
  if (self->text == NULL || !self->is_selecting)
    return FALSE;
  *ret_start = loom_screen_text_get_place (self->text, self->anchor.x, self->anchor.y,
                                           self->picture_width, self->picture_height);
  *ret_end = loom_screen_text_get_place (self->text, self->pointer.x, self->pointer.y,
                                         self->picture_width, self->picture_height);
  loom_screen_text_extend (self->text, self->unit, ret_start, ret_end);
  return ret_start->row < ret_end->row || ret_start->column < ret_end->column;
}

static gboolean
loom_screen_picker_draw (GtkWidget *widget, cairo_t *cr)
{
  LoomScreenPicker *self = LOOM_SCREEN_PICKER (widget);
  LoomScreenPlace start, end;
  GdkRectangle area;
  double cell_width, cell_height;
  GdkRGBA color = {0.2, 0.52, 0.89, 1};

  if (!get_range (self, &start, &end))
    return GDK_EVENT_PROPAGATE;
  get_picture (self, &area);
  cell_width = (double) area.width / loom_screen_text_get_n_columns (self->text);
  cell_height = (double) area.height / loom_screen_text_get_n_rows (self->text);
  gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "theme_selected_bg_color",
                                  &color);
  for (int row = start.row; row <= end.row; row++) {
    int from = row == start.row ? start.column : 0;
    int to = row == end.row ? end.column : loom_screen_text_get_n_columns (self->text);

    cairo_rectangle (cr, area.x + from * cell_width, area.y + row * cell_height,
                     (to - from) * cell_width, cell_height);
  }
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, 0.55);
  cairo_fill (cr);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
loom_screen_picker_button_press (GtkWidget *widget, GdkEventButton *event)
{
  LoomScreenPicker *self = LOOM_SCREEN_PICKER (widget);

  g_signal_emit (self, signals[PRESSED], 0, event);
  if (event->button != GDK_BUTTON_PRIMARY)
    return GDK_EVENT_STOP;
  if (event->type == GDK_BUTTON_PRESS) {
    loom_screen_picker_clear (self);
    self->is_pressed = TRUE;
    self->unit = LOOM_SCREEN_CHARACTERS;
    self->press_x = event->x;
    self->press_y = event->y;
    self->anchor = self->pointer = to_picture (self, event->x, event->y);
    /* Already now, although it may be no selection: the answer takes a moment. */
    g_signal_emit (self, signals[ASKED], 0);
  } else {
    self->unit = event->type == GDK_2BUTTON_PRESS ? LOOM_SCREEN_WORDS : LOOM_SCREEN_ROWS;
    self->is_selecting = TRUE;
  }
  gtk_widget_queue_draw (widget);
  return GDK_EVENT_STOP;
}

static gboolean
loom_screen_picker_motion_notify (GtkWidget *widget, GdkEventMotion *event)
{
  LoomScreenPicker *self = LOOM_SCREEN_PICKER (widget);

  if (!self->is_pressed || (event->state & GDK_BUTTON1_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  self->pointer = to_picture (self, event->x, event->y);
  if (!self->is_selecting
      && gtk_drag_check_threshold (widget, (int) self->press_x, (int) self->press_y, (int) event->x,
                                   (int) event->y))
    self->is_selecting = TRUE;
  gtk_widget_queue_draw (widget);
  return GDK_EVENT_STOP;
}

/* Once both the text and the end of the selection are known. */
static void
tell_picked (LoomScreenPicker *self)
{
  if (self->text != NULL && self->is_selecting && !self->is_pressed)
    g_signal_emit (self, signals[PICKED], 0);
}

static gboolean
loom_screen_picker_button_release (GtkWidget *widget, GdkEventButton *event)
{
  LoomScreenPicker *self = LOOM_SCREEN_PICKER (widget);

  if (event->button == GDK_BUTTON_PRIMARY && self->is_pressed) {
    self->is_pressed = FALSE;
    tell_picked (self);
  }
  return GDK_EVENT_STOP;
}

static void
loom_screen_picker_realize (GtkWidget *widget)
{
  g_autoptr (GdkCursor) cursor = NULL;

  GTK_WIDGET_CLASS (loom_screen_picker_parent_class)->realize (widget);
  cursor = gdk_cursor_new_from_name (gtk_widget_get_display (widget), "text");
  gdk_window_set_cursor (gtk_widget_get_window (widget), cursor);
}

static void
loom_screen_picker_finalize (GObject *object)
{
  g_clear_pointer (&LOOM_SCREEN_PICKER (object)->text, loom_screen_text_free);
  G_OBJECT_CLASS (loom_screen_picker_parent_class)->finalize (object);
}

static void
loom_screen_picker_class_init (LoomScreenPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = loom_screen_picker_finalize;
  widget_class->draw = loom_screen_picker_draw;
  widget_class->button_press_event = loom_screen_picker_button_press;
  widget_class->button_release_event = loom_screen_picker_button_release;
  widget_class->motion_notify_event = loom_screen_picker_motion_notify;
  widget_class->realize = loom_screen_picker_realize;
  signals[ASKED] = g_signal_new ("asked", LOOM_TYPE_SCREEN_PICKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  signals[PICKED] = g_signal_new ("picked", LOOM_TYPE_SCREEN_PICKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  signals[PRESSED] = g_signal_new ("pressed", LOOM_TYPE_SCREEN_PICKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1,
                                   GDK_TYPE_EVENT | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
loom_screen_picker_init (LoomScreenPicker *self)
{
  gtk_widget_add_events (GTK_WIDGET (self),
                         GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK | GDK_BUTTON1_MOTION_MASK);
}

GtkWidget *
loom_screen_picker_new (void)
{
  return g_object_new (LOOM_TYPE_SCREEN_PICKER, NULL);
}

void
loom_screen_picker_set_picture (LoomScreenPicker *self, int width, int height)
{
  if (width == self->picture_width && height == self->picture_height)
    return;
  self->picture_width = width;
  self->picture_height = height;
  loom_screen_picker_clear (self);
}

void
loom_screen_picker_set_text (LoomScreenPicker *self, LoomScreenText *text)
{
  g_clear_pointer (&self->text, loom_screen_text_free);
  self->text = text;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  tell_picked (self);
}

void
loom_screen_picker_clear (LoomScreenPicker *self)
{
  g_clear_pointer (&self->text, loom_screen_text_free);
  self->is_selecting = FALSE;
  self->is_pressed = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
loom_screen_picker_is_waiting (LoomScreenPicker *self)
{
  return self->is_selecting && self->text == NULL;
}

char *
loom_screen_picker_dup_selected (LoomScreenPicker *self)
{
  LoomScreenPlace start, end;

  return get_range (self, &start, &end) ? loom_screen_text_dup_range (self->text, start, end)
                                        : NULL;
}
