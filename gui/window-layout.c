/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the panes stand in the window, and the sizes they remember. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "gui/frame-legend.h"
#include "gui/palette.h"

#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 820
#define PALETTE_WIDTH 172
#define MAX_PALETTE_WIDTH 300
#define INSPECTOR_WIDTH 310

#define SETTING_WIDTH "width"
#define SETTING_HEIGHT "height"
#define SETTING_MAXIMIZED "maximized"

static GtkPaned *
make_paned (GtkOrientation orientation, const char *key)
{
  GtkWidget *paned = gtk_paned_new (orientation);

  gtk_widget_set_name (paned, key);
  return GTK_PANED (paned);
}

static void
on_paned_moved (GtkPaned *paned, GParamSpec *pspec, LoomWindow *self)
{
  const char *key = gtk_widget_get_name (GTK_WIDGET (paned));

  loom_settings_set_int (self->settings, key, gtk_paned_get_position (paned));
}

static void
restore_paned (LoomWindow *self, GtkPaned *paned, int fallback)
{
  const char *key = gtk_widget_get_name (GTK_WIDGET (paned));

  gtk_paned_set_position (paned, loom_settings_get_int (self->settings, key, fallback, 80, 10000));
  g_signal_connect (paned, "notify::position", G_CALLBACK (on_paned_moved), self);
}

static GtkWidget *
build_palette (LoomWindow *self, LoomCatalogue *catalogue)
{
  GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  self->kinds = loom_palette_new (catalogue);
  gtk_container_add (GTK_CONTAINER (scroll), self->kinds);
  gtk_style_context_add_class (gtk_widget_get_style_context (scroll), "loom-side");
  return scroll;
}

static GtkWidget *
build_canvas (LoomWindow *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->canvas = LOOM_CANVAS (loom_canvas_new ());
  gtk_container_add (GTK_CONTAINER (overlay), GTK_WIDGET (self->canvas));
  self->empty = loom_empty_state_lay_over (GTK_OVERLAY (overlay), self);
  self->legend = loom_frame_legend_new ();
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->legend);
  gtk_overlay_set_overlay_pass_through (GTK_OVERLAY (overlay), self->legend, TRUE);
  gtk_widget_set_size_request (overlay, 240, 160);
  return overlay;
}

static void
build_inspector (LoomWindow *self)
{
  self->inspector = loom_inspector_new (self->document, self->session,
                                        loom_application_get_presets (LOOM_APPLICATION (
                                            gtk_window_get_application (GTK_WINDOW (self)))));
  gtk_style_context_add_class (gtk_widget_get_style_context (self->inspector), "loom-side");
  gtk_widget_set_size_request (self->inspector, 250, -1);
}

/* Consoles and frames beside each other: what was typed, and what came of it. */
static GtkWidget *
build_bottom (LoomWindow *self)
{
  GtkPaned *paned = make_paned (GTK_ORIENTATION_HORIZONTAL, "consoles-width");

  self->bottom = GTK_WIDGET (paned);
  self->dock = loom_dock_new (self->session);
  gtk_paned_pack1 (paned, self->dock, TRUE, FALSE);
  gtk_paned_pack2 (paned, loom_window_build_frames (self), TRUE, FALSE);
  gtk_widget_set_size_request (self->bottom, -1, 120);
  return self->bottom;
}

static GtkWidget *
build_status (LoomWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->status = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->status, 0);
  gtk_label_set_ellipsize (self->status, PANGO_ELLIPSIZE_END);
  atk_object_set_role (gtk_widget_get_accessible (GTK_WIDGET (self->status)), ATK_ROLE_STATUSBAR);
  self->zoom = GTK_LABEL (gtk_label_new (_ ("100 %")));
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->status), TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), GTK_WIDGET (self->zoom), FALSE, FALSE, 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "loom-status");
  self->status_bar = box;
  return box;
}

/* The palette is as high as the window; the inspector stands beside the canvas, the dock below
 * both. */
void
loom_window_build_content (LoomWindow *self, LoomCatalogue *catalogue)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->palette_paned = make_paned (GTK_ORIENTATION_HORIZONTAL, "palette-width");
  self->inspector_paned = make_paned (GTK_ORIENTATION_HORIZONTAL, "canvas-width");
  self->dock_paned = make_paned (GTK_ORIENTATION_VERTICAL, "canvas-height");
  self->notices = LOOM_NOTICES (loom_notices_new ());
  self->palette = build_palette (self, catalogue);
  build_inspector (self);
  gtk_paned_pack1 (self->inspector_paned, build_canvas (self), TRUE, FALSE);
  gtk_paned_pack2 (self->inspector_paned, self->inspector, FALSE, FALSE);
  gtk_paned_pack1 (self->dock_paned, GTK_WIDGET (self->inspector_paned), TRUE, FALSE);
  gtk_paned_pack2 (self->dock_paned, build_bottom (self), FALSE, FALSE);
  gtk_box_pack_start (GTK_BOX (right), GTK_WIDGET (self->notices), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (right), GTK_WIDGET (self->dock_paned), TRUE, TRUE, 0);
  gtk_paned_pack1 (self->palette_paned, self->palette, FALSE, FALSE);
  gtk_paned_pack2 (self->palette_paned, right, TRUE, FALSE);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->palette_paned), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), build_status (self), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (self), box);
}

/* Nobody has chosen one yet: wide enough for the names of all kinds, in any language. */
static int
get_palette_width (LoomWindow *self)
{
  int natural;

  gtk_widget_get_preferred_width (self->palette, NULL, &natural);
  return CLAMP (natural, PALETTE_WIDTH, MAX_PALETTE_WIDTH);
}

void
loom_window_restore_size (LoomWindow *self)
{
  int width = loom_settings_get_int (self->settings, SETTING_WIDTH, DEFAULT_WIDTH, 640, 10000);
  int height = loom_settings_get_int (self->settings, SETTING_HEIGHT, DEFAULT_HEIGHT, 480, 10000);
  int palette_width = get_palette_width (self);

  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (loom_settings_get_boolean (self->settings, SETTING_MAXIMIZED, FALSE))
    gtk_window_maximize (GTK_WINDOW (self));
  restore_paned (self, self->palette_paned, palette_width);
  restore_paned (self, self->inspector_paned, MAX (width - palette_width - INSPECTOR_WIDTH, 240));
  restore_paned (self, self->dock_paned, MAX (height - 330, 200));
  restore_paned (self, GTK_PANED (self->bottom), MAX ((width - palette_width) / 3, 200));
}

void
loom_window_remember_size (LoomWindow *self)
{
  int width, height;

  if (self->settings == NULL || gtk_window_is_maximized (GTK_WINDOW (self)))
    return;
  gtk_window_get_size (GTK_WINDOW (self), &width, &height);
  loom_settings_set_int (self->settings, SETTING_WIDTH, width);
  loom_settings_set_int (self->settings, SETTING_HEIGHT, height);
}

void
loom_window_remember_maximized (LoomWindow *self, gboolean maximized)
{
  loom_settings_set_boolean (self->settings, SETTING_MAXIMIZED, maximized);
}
