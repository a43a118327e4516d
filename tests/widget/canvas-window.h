/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A canvas with the campus lab in a real window, and what it said last. */

#pragma once

#include "canvas/widget/canvas.h"

typedef struct {
  LoomLab *lab;
  LoomStatus *status;
  LoomHistory *history;
  GtkWidget *window;
  GtkWidget *widget;
  LoomCanvas *canvas;
  char *message;   /* the last that the canvas said */
  char *hint;      /* the last beside the pointer */
  char *activated; /* the node or cable that was opened last */
  char *menu;      /* "KIND ID" of the last context menu */
  guint n_draws;
} CanvasWindow;

/* For g_test_add (); gtk_test_init () first. */
void canvas_window_set_up (CanvasWindow *f, gconstpointer data);
void canvas_window_tear_down (CanvasWindow *f, gconstpointer data);

/* Where the middle of an item is in the widget. */
GdkPoint canvas_window_middle (CanvasWindow *f, LoomItemKind kind, const char *id);
GdkPoint canvas_window_node_at (CanvasWindow *f, const char *name);

/* (transfer full): "pc1,sw1|pc1:0 sw1:0", nodes and then cables. */
char *canvas_window_dup_selection (CanvasWindow *f);

#define assert_canvas_selection(f, expected)                                                       \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *_selection = canvas_window_dup_selection (f);                                 \
    g_assert_cmpstr (_selection, ==, expected);                                                    \
  }                                                                                                \
  G_STMT_END
