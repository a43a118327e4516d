/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pieces the inspector's pages are built of. All widgets are floating or owned by what they were
 * added to. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *loom_form_add_title (GtkContainer *box, const char *text);
GtkWidget *loom_form_add_section (GtkContainer *box, const char *text);
/* A quiet line of text that wraps. */
GtkWidget *loom_form_add_note (GtkContainer *box, const char *text);
GtkWidget *loom_form_add_grid (GtkContainer *box);
/* A labelled row; the label names @widget for assistive technology. */
void loom_form_add_row (GtkGrid *grid, const char *label, GtkWidget *widget);
GtkWidget *loom_form_add_buttons (GtkContainer *box);
GtkWidget *loom_form_add_button (GtkContainer *box, const char *label, const char *tooltip);
/* Sets the text unless it is the text already, or the person is typing in it. */
void loom_form_set_entry (GtkEntry *entry, const char *text);
void loom_form_set_label (GtkLabel *label, const char *text);
/* Shows @error in the entry, NULL: it is fine. */
void loom_form_set_entry_error (GtkEntry *entry, const char *error);

G_END_DECLS
