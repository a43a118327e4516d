/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two lines in a drawing area: whole and thick from end a, dashed from end b. Drawn anew once a
 * second, and not while nothing but zeros came. */

#include "gui/rate-plot.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "canvas/scene/theme.h"
#include "gui/words.h"

#define N_SAMPLES LOOM_RATE_HISTORY_SAMPLES
#define HEIGHT_PX 72
#define LEGEND_PX 18

struct _LoomRatePlot {
  GtkDrawingArea parent_instance;

  LoomRateHistory *history;
  char *link;
  double rates_bps[2][N_SAMPLES]; /* from both ends; oldest first */
  double most_bps;                /* of them */
};

G_DEFINE_FINAL_TYPE (LoomRatePlot, loom_rate_plot, GTK_TYPE_DRAWING_AREA)

/* The next of 1, 2, 5, 10, …: a scale that stays while rates wander. */
static double
round_up (double rate_bps)
{
  double decade = pow (10, floor (log10 (MAX (rate_bps, 1000))));
  double lead = rate_bps / decade;

  return decade * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

static void
on_sampled (LoomRateHistory *history, LoomRatePlot *self)
{
  double before_bps = self->most_bps;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->most_bps = loom_rate_history_get (history, self->link, self->rates_bps);
  if (before_bps > 0 || self->most_bps > 0)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
draw_text (cairo_t *cr, GtkWidget *widget, const char *text, double x, double y, gboolean at_right)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  cairo_move_to (cr, at_right ? x - width : x, y);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_line (cairo_t *cr, const double *rates, double scale_bps, int width)
{
  double bottom = HEIGHT_PX - 1;

  cairo_new_path (cr);
  for (int i = 0; i < N_SAMPLES; i++) {
    double x = i * (double) width / (N_SAMPLES - 1);
    double y = bottom - rates[i] / scale_bps * (HEIGHT_PX - LEGEND_PX - 2);

    cairo_line_to (cr, x, y);
  }
  cairo_stroke (cr);
}

/* The theme's, brought to where it can be seen on the theme's ground. */
static GdkRGBA
pick_accent (GtkStyleContext *style, const GdkRGBA *fallback)
{
  GdkRGBA accent;
  GdkRGBA ground;
  LoomColor color;
  LoomColor behind;

  if (!gtk_style_context_lookup_color (style, "theme_selected_bg_color", &accent)
      || !gtk_style_context_lookup_color (style, "theme_bg_color", &ground))
    return *fallback;
  color = (LoomColor){accent.red, accent.green, accent.blue};
  behind = (LoomColor){ground.red, ground.green, ground.blue};
  color = loom_color_readable (&color, &behind, 4.5);
  return (GdkRGBA){color.red, color.green, color.blue, 1};
}

static gboolean
loom_rate_plot_draw (GtkWidget *widget, cairo_t *cr)
{
  LoomRatePlot *self = LOOM_RATE_PLOT (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  int width = gtk_widget_get_allocated_width (widget);
  double most = self->most_bps;
  double scale_bps = round_up (most);
  g_autofree char *top = loom_words_rate (scale_bps);
  const double dashes[] = {4, 3};
  GdkRGBA text;
  GdkRGBA accent;

  gtk_style_context_get_color (style, gtk_style_context_get_state (style), &text);
  accent = pick_accent (style, &text);
  text.alpha = 0.3;
  gdk_cairo_set_source_rgba (cr, &text);
  cairo_rectangle (cr, 0, HEIGHT_PX - 1, width, 1);
  cairo_rectangle (cr, 0, LEGEND_PX, width, 1);
  cairo_fill (cr);
  text.alpha = 0.75;
  gdk_cairo_set_source_rgba (cr, &text);
  draw_text (cr, widget, most > 0 ? top : _ ("no traffic"), width, 0, TRUE);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 1.5);
  cairo_set_dash (cr, dashes, 2, 0);
  draw_line (cr, self->rates_bps[1], scale_bps, width);
  cairo_set_dash (cr, NULL, 0, 0);
  gdk_cairo_set_source_rgba (cr, &accent);
  cairo_set_line_width (cr, 2);
  draw_line (cr, self->rates_bps[0], scale_bps, width);
  return GDK_EVENT_PROPAGATE;
}

static void
loom_rate_plot_map (GtkWidget *widget)
{
  LoomRatePlot *self = LOOM_RATE_PLOT (widget);

  GTK_WIDGET_CLASS (loom_rate_plot_parent_class)->map (widget);
  on_sampled (self->history, self);
}

static void
loom_rate_plot_dispose (GObject *object)
{
  LoomRatePlot *self = LOOM_RATE_PLOT (object);

  if (self->history != NULL)
    g_signal_handlers_disconnect_by_data (self->history, self);
  g_clear_object (&self->history);
  G_OBJECT_CLASS (loom_rate_plot_parent_class)->dispose (object);
}

static void
loom_rate_plot_finalize (GObject *object)
{
  LoomRatePlot *self = LOOM_RATE_PLOT (object);

  g_free (self->link);
  G_OBJECT_CLASS (loom_rate_plot_parent_class)->finalize (object);
}

static void
loom_rate_plot_class_init (LoomRatePlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = loom_rate_plot_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_rate_plot_finalize;
  widget_class->draw = loom_rate_plot_draw;
  widget_class->map = loom_rate_plot_map;
}

static void
loom_rate_plot_init (LoomRatePlot *self)
{
  gtk_widget_set_size_request (GTK_WIDGET (self), -1, HEIGHT_PX);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "loom-plot");
}

GtkWidget *
loom_rate_plot_new (LoomRateHistory *history, const char *link, const char *from_a,
                    const char *from_b)
{
  LoomRatePlot *self = g_object_new (LOOM_TYPE_RATE_PLOT, NULL);
  /* Translators: how the two lines of a plot are drawn, for the two ends of a cable */
  g_autofree char *tip = g_strdup_printf (_ ("Whole: from %s. Dashed: from %s. A sample a second."),
                                          from_a, from_b);

  self->history = g_object_ref (history);
  g_signal_connect (history, "sampled", G_CALLBACK (on_sampled), self);
  self->link = g_strdup (link);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tip);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)),
                       _ ("Rates of the last minute"));
  return GTK_WIDGET (self);
}
