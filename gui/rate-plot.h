/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last minute of a cable's two rates. */

#pragma once

#include <gtk/gtk.h>

#include "gui/rate-history.h"

G_BEGIN_DECLS

#define LOOM_TYPE_RATE_PLOT (loom_rate_plot_get_type ())
G_DECLARE_FINAL_TYPE (LoomRatePlot, loom_rate_plot, LOOM, RATE_PLOT, GtkDrawingArea)

/* @from_a and @from_b name the two directions; @link is the cable's id. */
GtkWidget *loom_rate_plot_new (LoomRateHistory *history, const char *link, const char *from_a,
                               const char *from_b);

G_END_DECLS
