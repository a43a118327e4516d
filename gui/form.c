/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/form.h"

static GtkWidget *
add_label (GtkContainer *box, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), 24);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 28);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), style);
  gtk_container_add (box, label);
  return label;
}

GtkWidget *
loom_form_add_title (GtkContainer *box, const char *text)
{
  return add_label (box, text, "loom-title");
}

GtkWidget *
loom_form_add_section (GtkContainer *box, const char *text)
{
  return add_label (box, text, "loom-section");
}

GtkWidget *
loom_form_add_note (GtkContainer *box, const char *text)
{
  return add_label (box, text, "loom-note");
}

GtkWidget *
loom_form_add_grid (GtkContainer *box)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_container_add (box, grid);
  return grid;
}

void
loom_form_add_row (GtkGrid *grid, const char *label, GtkWidget *widget)
{
  GtkWidget *name = gtk_label_new (label);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (name), widget);
  gtk_widget_set_hexpand (widget, TRUE);
  atk_object_set_name (gtk_widget_get_accessible (widget), label);
  gtk_grid_attach_next_to (grid, name, NULL, GTK_POS_BOTTOM, 1, 1);
  gtk_grid_attach_next_to (grid, widget, name, GTK_POS_RIGHT, 1, 1);
}

GtkWidget *
loom_form_add_buttons (GtkContainer *box)
{
  GtkWidget *buttons = gtk_flow_box_new ();

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (buttons), GTK_SELECTION_NONE);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (buttons), 2);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (buttons), 2);
  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (buttons), TRUE);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (buttons), 6);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (buttons), 6);
  gtk_container_add (box, buttons);
  return buttons;
}

GtkWidget *
loom_form_add_button (GtkContainer *box, const char *label, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_container_add (box, button);
  /* The row around it would be a stop of its own for the Tab key. */
  if (GTK_IS_FLOW_BOX (box))
    gtk_widget_set_can_focus (gtk_widget_get_parent (button), FALSE);
  return button;
}

void
loom_form_set_entry (GtkEntry *entry, const char *text)
{
  if (text == NULL)
    text = "";
  if (!gtk_widget_has_focus (GTK_WIDGET (entry)) && strcmp (gtk_entry_get_text (entry), text) != 0)
    gtk_entry_set_text (entry, text);
}

void
loom_form_set_label (GtkLabel *label, const char *text)
{
  if (strcmp (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text);
}

void
loom_form_set_entry_error (GtkEntry *entry, const char *error)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (entry));

  gtk_entry_set_icon_from_icon_name (entry, GTK_ENTRY_ICON_SECONDARY,
                                     error != NULL ? "dialog-warning-symbolic" : NULL);
  gtk_entry_set_icon_tooltip_text (entry, GTK_ENTRY_ICON_SECONDARY, error);
  if (error != NULL)
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_ERROR);
  else
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_ERROR);
}
