/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The palette. Its rows are buttons, so that keyboard and assistive technology find what they know;
 * a button is a drag source as well, carrying the id of its kind. */

#include "gui/palette.h"

#include <glib/gi18n-lib.h>

#include "canvas/widget/canvas.h"

#define KEY_KIND "loom-kind"

enum {
  KIND_ACTIVATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomPalette {
  GtkBox parent_instance;
};

G_DEFINE_TYPE (LoomPalette, loom_palette, GTK_TYPE_BOX)

static void
on_clicked (GtkButton *button, LoomPalette *self)
{
  g_signal_emit (self, signals[KIND_ACTIVATED], 0, g_object_get_data (G_OBJECT (button), KEY_KIND));
}

static void
on_drag_data_get (GtkWidget *button, GdkDragContext *context, GtkSelectionData *data, guint info,
                  guint time, LoomPalette *self)
{
  const char *kind = g_object_get_data (G_OBJECT (button), KEY_KIND);

  gtk_selection_data_set (data, gtk_selection_data_get_target (data), 8, (const guchar *) kind,
                          strlen (kind));
}

static void
add_section (LoomPalette *self, const char *title)
{
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "loom-section");
  gtk_container_add (GTK_CONTAINER (self), label);
}

static void
add_kind (LoomPalette *self, const LoomKind *kind)
{
  static const GtkTargetEntry target = {(char *) LOOM_CANVAS_DROP_TARGET, GTK_TARGET_SAME_APP, 0};
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *icon_name = g_strdup_printf ("%s-symbolic", kind->icon);
  GtkWidget *icon = gtk_image_new_from_icon_name (icon_name, GTK_ICON_SIZE_DND);
  GtkWidget *label = gtk_label_new (kind->label);
  g_autofree char *tooltip = NULL;
  AtkObject *accessible;

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 28);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_container_add (GTK_CONTAINER (box), icon);
  gtk_container_add (GTK_CONTAINER (box), label);
  gtk_container_add (GTK_CONTAINER (button), box);
  gtk_button_set_relief (GTK_BUTTON (button), GTK_RELIEF_NONE);
  tooltip = g_strdup_printf (_ ("%s\nDrag it onto the canvas, or click to add one."),
                             kind->description);
  gtk_widget_set_tooltip_text (button, tooltip);
  accessible = gtk_widget_get_accessible (button);
  atk_object_set_name (accessible, kind->label);
  atk_object_set_description (accessible, kind->description);
  g_object_set_data_full (G_OBJECT (button), KEY_KIND, g_strdup (kind->id), g_free);
  gtk_drag_source_set (button, GDK_BUTTON1_MASK, &target, 1, GDK_ACTION_COPY);
  gtk_drag_source_set_icon_name (button, icon_name);
  g_signal_connect (button, "clicked", G_CALLBACK (on_clicked), self);
  g_signal_connect (button, "drag-data-get", G_CALLBACK (on_drag_data_get), self);
  gtk_container_add (GTK_CONTAINER (self), button);
}

static void
loom_palette_class_init (LoomPaletteClass *klass)
{
  signals[KIND_ACTIVATED] = g_signal_new ("kind-activated", LOOM_TYPE_PALETTE, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
loom_palette_init (LoomPalette *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "loom-palette");
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("Palette"));
}

GtkWidget *
loom_palette_new (LoomCatalogue *catalogue)
{
  LoomPalette *self = g_object_new (LOOM_TYPE_PALETTE, NULL);
  GPtrArray *kinds = loom_catalogue_get_kinds (catalogue);
  const char *section = NULL;

  for (guint i = 0; i < kinds->len; i++) {
    const LoomKind *kind = g_ptr_array_index (kinds, i);

    if (g_strcmp0 (section, kind->section) != 0)
      add_section (self, kind->section);
    section = kind->section;
    add_kind (self, kind);
  }
  gtk_widget_show_all (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
