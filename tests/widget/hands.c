/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Hands of a test. Events go to the widget itself, so that no window manager is needed. */

#include "tests/widget/hands.h"

static GdkEvent *
new_event (GtkWidget *widget, GdkEventType type, gboolean from_keyboard)
{
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (widget));
  GdkEvent *event = gdk_event_new (type);

  event->any.window = g_object_ref (gtk_widget_get_window (widget));
  event->any.send_event = TRUE;
  gdk_event_set_device (event,
                        from_keyboard ? gdk_seat_get_keyboard (seat) : gdk_seat_get_pointer (seat));
  return event;
}

static void
send_button (GtkWidget *widget, GdkEventType type, guint button, double x, double y,
             GdkModifierType state)
{
  g_autoptr (GdkEvent) event = new_event (widget, type, FALSE);

  event->button.button = button;
  event->button.x = x;
  event->button.y = y;
  event->button.state = state;
  event->button.time = g_get_monotonic_time () / 1000;
  gtk_widget_event (widget, event);
}

void
hands_press (GtkWidget *widget, guint button, double x, double y, GdkModifierType state)
{
  hands_move (widget, x, y, state);
  send_button (widget, GDK_BUTTON_PRESS, button, x, y, state);
}

void
hands_release (GtkWidget *widget, guint button, double x, double y, GdkModifierType state)
{
  send_button (widget, GDK_BUTTON_RELEASE, button, x, y, state | GDK_BUTTON1_MASK);
}

void
hands_move (GtkWidget *widget, double x, double y, GdkModifierType state)
{
  g_autoptr (GdkEvent) event = new_event (widget, GDK_MOTION_NOTIFY, FALSE);

  event->motion.x = x;
  event->motion.y = y;
  event->motion.state = state;
  event->motion.time = g_get_monotonic_time () / 1000;
  gtk_widget_event (widget, event);
}

void
hands_click (GtkWidget *widget, double x, double y, GdkModifierType state)
{
  hands_press (widget, 1, x, y, state);
  hands_release (widget, 1, x, y, state);
}

void
hands_double_click (GtkWidget *widget, double x, double y)
{
  hands_click (widget, x, y, 0);
  hands_press (widget, 1, x, y, 0);
  send_button (widget, GDK_2BUTTON_PRESS, 1, x, y, 0);
  hands_release (widget, 1, x, y, 0);
}

void
hands_drag (GtkWidget *widget, double x1, double y1, double x2, double y2, GdkModifierType state)
{
  hands_press (widget, 1, x1, y1, state);
  for (int i = 1; i <= 8; i++)
    hands_move (widget, x1 + (x2 - x1) * i / 8, y1 + (y2 - y1) * i / 8, state | GDK_BUTTON1_MASK);
  hands_release (widget, 1, x2, y2, state);
}

void
hands_scroll (GtkWidget *widget, double x, double y, GdkScrollDirection direction)
{
  g_autoptr (GdkEvent) event = new_event (widget, GDK_SCROLL, FALSE);

  event->scroll.x = x;
  event->scroll.y = y;
  event->scroll.direction = direction;
  gtk_widget_event (widget, event);
}

static void
send_key (GtkWidget *widget, GdkEventType type, guint keyval, GdkModifierType state)
{
  GtkWidget *toplevel = gtk_widget_get_toplevel (widget);
  g_autoptr (GdkEvent) event = new_event (toplevel, type, TRUE);
  g_autofree GdkKeymapKey *keys = NULL;
  int n_keys = 0;

  gdk_keymap_get_entries_for_keyval (gdk_keymap_get_for_display (gtk_widget_get_display (widget)),
                                     keyval, &keys, &n_keys);
  event->key.keyval = keyval;
  event->key.state = state;
  event->key.hardware_keycode = n_keys > 0 ? keys[0].keycode : 0;
  event->key.time = g_get_monotonic_time () / 1000;
  gtk_widget_event (toplevel, event);
}

void
hands_key (GtkWidget *widget, guint keyval, GdkModifierType state)
{
  send_key (widget, GDK_KEY_PRESS, keyval, state);
  send_key (widget, GDK_KEY_RELEASE, keyval, state);
}

static gboolean
on_settled (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

void
hands_settle (guint ms)
{
  gboolean done = FALSE;

  g_timeout_add (ms, on_settled, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}
