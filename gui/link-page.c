/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector of a cable: its ends, its carrier, and what each direction carried, as the switch
 * counted it. */

#include "gui/inspector-page.h"

#include <glib/gi18n-lib.h>

#include "canvas/model/edit.h"
#include "gui/form.h"
#include "gui/words.h"

#define LOOM_TYPE_LINK_PAGE (loom_link_page_get_type ())
G_DECLARE_FINAL_TYPE (LoomLinkPage, loom_link_page, LOOM, LINK_PAGE, LoomInspectorPage)

enum {
  ROW_RATE,
  ROW_PACE,
  ROW_FRAMES,
  ROW_BYTES,
  ROW_DROPS,
  ROW_ERRORS,
  N_ROWS
};

struct _LoomLinkPage {
  LoomInspectorPage parent_instance;

  char *id;
  GtkLabel *title;
  GtkLabel *carrier;
  GtkLabel *cells[2][N_ROWS]; /* from end a, from end b */
};

G_DEFINE_TYPE (LoomLinkPage, loom_link_page, LOOM_TYPE_INSPECTOR_PAGE)

static void
fill_column (LoomLinkPage *self, int column, const LoomFlow *flow)
{
  g_autofree char *rate = loom_words_rate (flow->rate_bps);
  /* Translators: frames per second */
  g_autofree char *pace = g_strdup_printf (_ ("%.0f f/s"), flow->rate_fps);
  g_autofree char *frames = loom_words_count (flow->n_frames);
  g_autofree char *bytes = loom_words_bytes (flow->n_bytes);
  g_autofree char *drops = loom_words_count (flow->n_drops);
  g_autofree char *errors = loom_words_count (flow->n_errors);
  const char *texts[N_ROWS] = {rate, pace, frames, bytes, drops, errors};

  for (int row = 0; row < N_ROWS; row++)
    loom_form_set_label (self->cells[column][row], texts[row]);
}

static void
loom_link_page_update (LoomInspectorPage *page)
{
  LoomLinkPage *self = LOOM_LINK_PAGE (page);
  LoomSession *session = loom_inspector_page_get_session (page);
  const LoomLinkStatus *status = loom_status_get_link (loom_session_get_status (session), self->id);

  if (status != NULL) {
    loom_form_set_label (self->carrier, status->carrier ? _ ("Plugged in, carrier at both ends")
                                                        : _ ("Plugged in, no carrier"));
    fill_column (self, 0, &status->from_a);
    fill_column (self, 1, &status->from_b);
    return;
  }
  loom_form_set_label (self->carrier, loom_session_is_live (session) ? _ ("Being plugged in")
                                                                     : _ ("The lab is off"));
  for (int column = 0; column < 2; column++) {
    for (int row = 0; row < N_ROWS; row++)
      loom_form_set_label (self->cells[column][row], "–");
  }
}

static void
on_unplug_clicked (GtkButton *button, LoomLinkPage *self)
{
  const char *const links[] = {self->id, NULL};
  GError *error = NULL;
  LoomChange *change = loom_edit_delete (loom_inspector_page_get_lab (LOOM_INSPECTOR_PAGE (self)),
                                         NULL, links, &error);

  loom_inspector_page_do (LOOM_INSPECTOR_PAGE (self), change, NULL, error);
}

static GtkWidget *
make_cell (const char *text, gboolean is_head)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_label_set_width_chars (GTK_LABEL (label), 9);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_START);
  gtk_style_context_add_class (gtk_widget_get_style_context (label),
                               is_head ? "loom-head" : "loom-number");
  return label;
}

static void
build_table (LoomLinkPage *self, const LoomLink *link)
{
  const char *names[N_ROWS] = {_ ("Rate"),  _ ("Pace"),  _ ("Frames"),
                               _ ("Bytes"), _ ("Drops"), _ ("Errors")};
  GtkWidget *grid = loom_form_add_grid (GTK_CONTAINER (self));
  const char *ends[2] = {link->a.node, link->b.node};

  for (int column = 0; column < 2; column++) {
    /* Translators: frames that left this machine */
    g_autofree char *head = g_strdup_printf (_ ("from %s"), ends[column]);

    gtk_grid_attach (GTK_GRID (grid), make_cell (head, TRUE), column + 1, 0, 1, 1);
  }
  for (int row = 0; row < N_ROWS; row++) {
    GtkWidget *name = gtk_label_new (names[row]);

    gtk_label_set_xalign (GTK_LABEL (name), 0);
    gtk_grid_attach (GTK_GRID (grid), name, 0, row + 1, 1, 1);
    for (int column = 0; column < 2; column++) {
      GtkWidget *cell = make_cell ("–", FALSE);
      /* Translators: a kind of counter, and the machine the frames came from */
      g_autofree char *title = g_strdup_printf (_ ("%s from %s"), names[row], ends[column]);

      self->cells[column][row] = GTK_LABEL (cell);
      atk_object_set_description (gtk_widget_get_accessible (cell), title);
      gtk_grid_attach (GTK_GRID (grid), cell, column + 1, row + 1, 1, 1);
    }
  }
}

static void
loom_link_page_finalize (GObject *object)
{
  g_free (LOOM_LINK_PAGE (object)->id);
  G_OBJECT_CLASS (loom_link_page_parent_class)->finalize (object);
}

static void
loom_link_page_class_init (LoomLinkPageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_link_page_finalize;
  LOOM_INSPECTOR_PAGE_CLASS (klass)->update = loom_link_page_update;
}

static void
loom_link_page_init (LoomLinkPage *self)
{
}

GtkWidget *
loom_link_page_new (LoomDocument *document, LoomSession *session, const char *id)
{
  LoomLinkPage *self = g_object_new (LOOM_TYPE_LINK_PAGE, NULL);
  GtkContainer *box = GTK_CONTAINER (self);
  const LoomLink *link = loom_lab_get_link (loom_document_get_lab (document), id);
  g_autofree char *title = g_strdup_printf ("%s ↔ %s", link->a.node, link->b.node);
  g_autofree char *ends = g_strdup_printf (_ ("%s port %d to %s port %d"), link->a.node,
                                           link->a.port, link->b.node, link->b.port);
  GtkWidget *buttons;
  GtkWidget *unplug;

  self->id = g_strdup (id);
  loom_inspector_page_set_sources (LOOM_INSPECTOR_PAGE (self), document, session);
  loom_form_add_title (box, title);
  loom_form_add_note (box, ends);
  self->carrier = GTK_LABEL (loom_form_add_note (box, ""));
  loom_form_add_section (box, _ ("Counted by the Switch"));
  build_table (self, link);
  buttons = loom_form_add_buttons (box);
  unplug = loom_form_add_button (
      GTK_CONTAINER (buttons), _ ("_Unplug"),
      _ ("Take this cable away. Both machines see it at once; Undo plugs it in again."));
  g_signal_connect (unplug, "clicked", G_CALLBACK (on_unplug_clicked), self);
  gtk_widget_show_all (GTK_WIDGET (self));
  loom_inspector_page_update (LOOM_INSPECTOR_PAGE (self));
  return GTK_WIDGET (self);
}
