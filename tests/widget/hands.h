/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Hands of a test: events made here and given to a widget, as GDK would. */

#pragma once

#include <gtk/gtk.h>

void hands_press (GtkWidget *widget, guint button, double x, double y, GdkModifierType state);
void hands_release (GtkWidget *widget, guint button, double x, double y, GdkModifierType state);
void hands_move (GtkWidget *widget, double x, double y, GdkModifierType state);
void hands_click (GtkWidget *widget, double x, double y, GdkModifierType state);
void hands_double_click (GtkWidget *widget, double x, double y);
/* Press, several moves, release. */
void hands_drag (GtkWidget *widget, double x1, double y1, double x2, double y2,
                 GdkModifierType state);
void hands_scroll (GtkWidget *widget, double x, double y, GdkScrollDirection direction);
/* Down and up of a key, through the toplevel, so that Tab and focus work as for a person. */
void hands_key (GtkWidget *widget, guint keyval, GdkModifierType state);
/* Runs the main loop until nothing is pending for @ms milliseconds. */
void hands_settle (guint ms);
