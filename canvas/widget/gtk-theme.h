/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A drawing's colours and font, taken from the GTK theme. */

#pragma once

#include <gtk/gtk.h>

#include "canvas/scene/theme.h"

/* What the theme of @widget does not name is ours, made readable on its background. */
void loom_theme_init_from_gtk (LoomTheme *theme, GtkWidget *widget);
