/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector when nothing is selected: the lab itself. */

#include "gui/inspector-page.h"

#include <glib/gi18n-lib.h>

#include "canvas/model/edit.h"
#include "gui/form.h"
#include "gui/recent-form.h"
#include "gui/words.h"

#define LOOM_TYPE_LAB_PAGE (loom_lab_page_get_type ())
G_DECLARE_FINAL_TYPE (LoomLabPage, loom_lab_page, LOOM, LAB_PAGE, LoomInspectorPage)

struct _LoomLabPage {
  LoomInspectorPage parent_instance;

  GtkEntry *name;
  GtkTextView *description;
  GtkLabel *contents;
  GtkLabel *demand;
  GtkLabel *file;
  GtkLabel *cost;
};

G_DEFINE_TYPE (LoomLabPage, loom_lab_page, LOOM_TYPE_INSPECTOR_PAGE)

static char *
dup_text (GtkTextView *view)
{
  GtkTextIter start, end;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
commit (LoomLabPage *self)
{
  LoomInspectorPage *page = LOOM_INSPECTOR_PAGE (self);
  LoomLab *lab;
  g_autofree char *description = NULL;
  GError *error = NULL;
  LoomChange *change;

  if (loom_inspector_page_is_updating (page) || gtk_widget_in_destruction (GTK_WIDGET (self)))
    return;
  lab = loom_inspector_page_get_lab (page);
  description = dup_text (self->description);
  if (g_strcmp0 (gtk_entry_get_text (self->name),
                 loom_lab_get_name (lab) != NULL ? loom_lab_get_name (lab) : "")
          == 0
      && g_strcmp0 (description,
                    loom_lab_get_description (lab) != NULL ? loom_lab_get_description (lab) : "")
             == 0)
    return;
  change = loom_edit_set_title (lab, gtk_entry_get_text (self->name), description, &error);
  loom_inspector_page_do (page, change, NULL, error);
}

static gboolean
on_focus_out (GtkWidget *widget, GdkEvent *event, LoomLabPage *self)
{
  commit (self);
  return GDK_EVENT_PROPAGATE;
}

static void
on_name_activate (GtkEntry *entry, LoomLabPage *self)
{
  commit (self);
}

static void
update_run (LoomLabPage *self)
{
  LoomSession *session = loom_inspector_page_get_session (LOOM_INSPECTOR_PAGE (self));
  g_autofree char *subtitle = loom_words_subtitle (
      loom_inspector_page_get_lab (LOOM_INSPECTOR_PAGE (self)), loom_session_get_status (session),
      loom_session_get_running_us (session), loom_session_get_cpu_percent (session),
      loom_session_get_memory_kib (session), loom_session_get_kvm (session));

  gtk_widget_set_visible (GTK_WIDGET (self->cost), loom_session_is_live (session));
  loom_form_set_label (self->cost, subtitle);
}

static void
loom_lab_page_update (LoomInspectorPage *page)
{
  LoomLabPage *self = LOOM_LAB_PAGE (page);
  LoomLab *lab = loom_inspector_page_get_lab (page);
  const char *path = loom_document_get_path (loom_inspector_page_get_document (page));
  const char *description = loom_lab_get_description (lab);
  g_autofree char *shown = dup_text (self->description);
  g_autofree char *demand = loom_words_demand (
      lab, loom_session_get_kvm (loom_inspector_page_get_session (page)));
  g_autofree char *file = path != NULL ? loom_words_path (path) : NULL;
  g_autofree char *nodes = NULL;
  g_autofree char *links = NULL;
  g_autofree char *contents = NULL;
  guint n_nodes = loom_lab_get_n_nodes (lab);
  guint n_links = loom_lab_get_n_links (lab);

  loom_form_set_entry (self->name, loom_lab_get_name (lab));
  if (!gtk_widget_has_focus (GTK_WIDGET (self->description))
      && g_strcmp0 (shown, description != NULL ? description : "") != 0)
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->description),
                              description != NULL ? description : "", -1);
  nodes = g_strdup_printf (ngettext ("%u node", "%u nodes", n_nodes), n_nodes);
  links = g_strdup_printf (ngettext ("%u cable", "%u cables", n_links), n_links);
  /* Translators: "4 nodes, 3 cables" */
  contents = g_strdup_printf (_ ("%s, %s"), nodes, links);
  loom_form_set_label (self->contents, contents);
  loom_form_set_label (self->demand, demand);
  loom_form_set_label (self->file, file != NULL ? file : _ ("Not saved yet"));
  update_run (self);
}

static GtkWidget *
make_text_view (const char *name)
{
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 8);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 8);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 6);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 6);
  atk_object_set_name (gtk_widget_get_accessible (view), name);
  return view;
}

static GtkWidget *
make_fact (void)
{
  GtkWidget *label = gtk_label_new ("");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_START);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  return label;
}

static void
loom_lab_page_class_init (LoomLabPageClass *klass)
{
  LOOM_INSPECTOR_PAGE_CLASS (klass)->update = loom_lab_page_update;
  LOOM_INSPECTOR_PAGE_CLASS (klass)->ignores_counters = TRUE;
}

static void
loom_lab_page_init (LoomLabPage *self)
{
  GtkContainer *box = GTK_CONTAINER (self);
  GtkWidget *grid;
  GtkWidget *frame;

  loom_form_add_title (box, _ ("Lab"));
  self->cost = GTK_LABEL (loom_form_add_note (box, ""));
  gtk_widget_set_no_show_all (GTK_WIDGET (self->cost), TRUE);
  grid = loom_form_add_grid (box);
  self->name = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_max_length (self->name, 200);
  gtk_entry_set_width_chars (self->name, 12);
  loom_form_add_row (GTK_GRID (grid), _ ("Name"), GTK_WIDGET (self->name));
  loom_form_add_section (box, _ ("Description"));
  self->description = GTK_TEXT_VIEW (make_text_view (_ ("Description")));
  gtk_widget_set_size_request (GTK_WIDGET (self->description), -1, 96);
  frame = gtk_frame_new (NULL);
  gtk_container_add (GTK_CONTAINER (frame), GTK_WIDGET (self->description));
  gtk_container_add (box, frame);
  loom_form_add_section (box, _ ("Contents"));
  grid = loom_form_add_grid (box);
  self->contents = GTK_LABEL (make_fact ());
  self->demand = GTK_LABEL (make_fact ());
  self->file = GTK_LABEL (make_fact ());
  loom_form_add_row (GTK_GRID (grid), _ ("Drawn"), GTK_WIDGET (self->contents));
  loom_form_add_row (GTK_GRID (grid), _ ("Needs"), GTK_WIDGET (self->demand));
  loom_form_add_row (GTK_GRID (grid), _ ("File"), GTK_WIDGET (self->file));
  loom_recent_form_add (box);
  g_signal_connect (self->name, "activate", G_CALLBACK (on_name_activate), self);
  g_signal_connect (self->name, "focus-out-event", G_CALLBACK (on_focus_out), self);
  g_signal_connect (self->description, "focus-out-event", G_CALLBACK (on_focus_out), self);
}

GtkWidget *
loom_lab_page_new (LoomDocument *document, LoomSession *session)
{
  LoomLabPage *self = g_object_new (LOOM_TYPE_LAB_PAGE, NULL);

  loom_inspector_page_set_sources (LOOM_INSPECTOR_PAGE (self), document, session);
  gtk_widget_show_all (GTK_WIDGET (self));
  loom_inspector_page_update (LOOM_INSPECTOR_PAGE (self));
  return GTK_WIDGET (self);
}
