/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The part of the lab's page that is about what just happened: whether the last seconds are kept,
 * how many, and at most how much memory they take. Its widgets are bound to the window's actions
 * (gui/window-recent.c). */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void loom_recent_form_add (GtkContainer *box);

G_END_DECLS
