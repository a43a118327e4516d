/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The page about this computer. backend/engine/doctor-observe.h finds out, doctor.h says what it
 * means; here are only widgets. */

#include "gui/doctor-dialog.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/doctor-observe.h"

#define KEY_REMEDY "loom-remedy"
#define COPIED_MS 2000

struct _LoomDoctorDialog {
  GtkWindow parent_instance;

  GCancellable *cancellable; /* of the look that is under way; or NULL */
  GtkWidget *again;
  GtkWidget *copy_all;
  GtkLabel *summary;
  GtkProgressBar *progress;
  GtkContainer *list;
  char *text; /* the whole report, for the clipboard; or NULL */
};

G_DEFINE_TYPE (LoomDoctorDialog, loom_doctor_dialog, GTK_TYPE_WINDOW)

static const char *
get_icon (LoomSeverity severity)
{
  static const char *const icons[] = {"lanloom-state-ready-symbolic", "dialog-information-symbolic",
                                      "lanloom-state-failed-symbolic"};

  return icons[severity];
}

static gboolean
on_copied_over (gpointer user_data)
{
  gtk_button_set_label (user_data, _ ("Copy"));
  return G_SOURCE_REMOVE;
}

static void
on_copy_clicked (GtkButton *button, gpointer user_data)
{
  const char *remedy = g_object_get_data (G_OBJECT (button), KEY_REMEDY);

  gtk_clipboard_set_text (gtk_clipboard_get (GDK_SELECTION_CLIPBOARD), remedy, -1);
  gtk_button_set_label (button, _ ("Copied"));
  g_timeout_add_full (G_PRIORITY_DEFAULT, COPIED_MS, on_copied_over, g_object_ref (button),
                      g_object_unref);
}

static GtkWidget *
make_label (const char *text, const char *style_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
  if (style_class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), style_class);
  return label;
}

/* The command in a field of its own, to select by hand or copy by the button. */
static GtkWidget *
make_remedy (const LoomFinding *finding)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *button = gtk_button_new_with_label (_ ("Copy"));
  /* Translators: a subject, "Virtualisation (KVM)" */
  g_autofree char *name = g_strdup_printf (_ ("Copy the Command for “%s”"), finding->title);

  gtk_entry_set_text (GTK_ENTRY (entry), finding->remedy);
  gtk_editable_set_editable (GTK_EDITABLE (entry), FALSE);
  gtk_style_context_add_class (gtk_widget_get_style_context (entry), GTK_STYLE_CLASS_MONOSPACE);
  atk_object_set_name (gtk_widget_get_accessible (entry), finding->title);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  gtk_widget_set_tooltip_text (button, name);
  g_object_set_data_full (G_OBJECT (button), KEY_REMEDY, g_strdup (finding->remedy), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_copy_clicked), NULL);
  gtk_box_pack_start (GTK_BOX (box), entry, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);
  return box;
}

static GtkWidget *
make_row (const LoomFinding *finding)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *icon = gtk_image_new_from_icon_name (get_icon (finding->severity), GTK_ICON_SIZE_MENU);
  GtkWidget *title = make_label (finding->title, NULL);
  GtkWidget *found = make_label (finding->found, "loom-note");
  PangoAttrList *bold = pango_attr_list_new ();

  pango_attr_list_insert (bold, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  gtk_label_set_attributes (GTK_LABEL (title), bold);
  pango_attr_list_unref (bold);
  gtk_label_set_selectable (GTK_LABEL (found), TRUE);
  gtk_widget_set_can_focus (found, FALSE);
  if (finding->severity == LOOM_SEVERITY_PROBLEM)
    gtk_style_context_add_class (gtk_widget_get_style_context (found), "loom-bad");
  gtk_widget_set_tooltip_text (icon, loom_severity_to_label (finding->severity));
  atk_object_set_name (gtk_widget_get_accessible (icon),
                       loom_severity_to_label (finding->severity));
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_margin_top (icon, 2);
  gtk_container_add (GTK_CONTAINER (column), title);
  gtk_container_add (GTK_CONTAINER (column), found);
  if (finding->remedy != NULL)
    gtk_container_add (GTK_CONTAINER (column), make_remedy (finding));
  gtk_box_pack_start (GTK_BOX (row), icon, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), column, TRUE, TRUE, 0);
  return row;
}

/* What is wrong stands first; what is good last. */
static void
show_report (LoomDoctorDialog *self, GPtrArray *report)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *summary = loom_doctor_dup_summary (report);

  for (int severity = LOOM_SEVERITY_PROBLEM; severity >= LOOM_SEVERITY_OK; severity--) {
    for (guint i = 0; i < report->len; i++) {
      const LoomFinding *finding = g_ptr_array_index (report, i);

      if ((int) finding->severity != severity)
        continue;
      gtk_container_add (self->list, make_row (finding));
      g_string_append_printf (text, "%s: %s: %s\n", loom_severity_to_label (finding->severity),
                              finding->title, finding->found);
      if (finding->remedy != NULL)
        g_string_append_printf (text, "    %s\n", finding->remedy);
    }
  }
  g_string_append_printf (text, "%s\n", summary);
  gtk_label_set_text (self->summary, summary);
  gtk_widget_show_all (GTK_WIDGET (self->list));
  self->text = g_string_free (g_steal_pointer (&text), FALSE);
}

static void
on_progress (const char *sentence, guint n_done, guint n_all, gpointer user_data)
{
  LoomDoctorDialog *self = user_data;

  gtk_progress_bar_set_fraction (self->progress, (double) n_done / n_all);
  gtk_label_set_text (self->summary, sentence);
}

static void
set_busy (LoomDoctorDialog *self, gboolean busy)
{
  gtk_widget_set_sensitive (self->again, !busy);
  gtk_widget_set_sensitive (self->copy_all, !busy);
  /* It keeps its place, so that nothing jumps. */
  gtk_widget_set_opacity (GTK_WIDGET (self->progress), busy ? 1 : 0);
}

static void
on_observed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomDoctorDialog) self = user_data;
  g_autoptr (LoomDoctorObserved) observed = loom_doctor_observe_finish (result, NULL);
  g_autoptr (GPtrArray) report = NULL;

  /* Cancelled: the window is closed. */
  if (observed == NULL)
    return;
  g_clear_object (&self->cancellable);
  report = loom_doctor_report (observed);
  show_report (self, report);
  set_busy (self, FALSE);
}

static void
look (LoomDoctorDialog *self)
{
  gtk_container_foreach (self->list, (GtkCallback) (void (*) (void)) gtk_widget_destroy, NULL);
  g_clear_pointer (&self->text, g_free);
  gtk_progress_bar_set_fraction (self->progress, 0);
  gtk_label_set_text (self->summary, _ ("Looking at this computer…"));
  set_busy (self, TRUE);
  self->cancellable = g_cancellable_new ();
  loom_doctor_observe_async (self->cancellable, on_progress, on_observed, g_object_ref (self));
}

static void
on_again_clicked (GtkButton *button, LoomDoctorDialog *self)
{
  look (self);
}

static void
on_copy_all_clicked (GtkButton *button, LoomDoctorDialog *self)
{
  if (self->text != NULL)
    gtk_clipboard_set_text (gtk_clipboard_get (GDK_SELECTION_CLIPBOARD), self->text, -1);
}

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event, gpointer user_data)
{
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_window_close (GTK_WINDOW (widget));
  return GDK_EVENT_STOP;
}

static void
loom_doctor_dialog_destroy (GtkWidget *widget)
{
  LoomDoctorDialog *self = LOOM_DOCTOR_DIALOG (widget);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->text, g_free);
  GTK_WIDGET_CLASS (loom_doctor_dialog_parent_class)->destroy (widget);
}

static void
loom_doctor_dialog_class_init (LoomDoctorDialogClass *klass)
{
  GTK_WIDGET_CLASS (klass)->destroy = loom_doctor_dialog_destroy;
}

static void
build_header (LoomDoctorDialog *self)
{
  GtkWidget *header = gtk_header_bar_new ();

  self->again = gtk_button_new_with_mnemonic (_ ("Look _Again"));
  self->copy_all = gtk_button_new_with_mnemonic (_ ("Copy _Report"));
  gtk_widget_set_tooltip_text (self->copy_all, _ ("Copy everything on this page, to ask for help"));
  gtk_header_bar_set_title (GTK_HEADER_BAR (header), _ ("This Computer"));
  gtk_header_bar_set_show_close_button (GTK_HEADER_BAR (header), TRUE);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (header), self->again);
  gtk_header_bar_pack_end (GTK_HEADER_BAR (header), self->copy_all);
  g_signal_connect (self->again, "clicked", G_CALLBACK (on_again_clicked), self);
  g_signal_connect (self->copy_all, "clicked", G_CALLBACK (on_copy_all_clicked), self);
  gtk_window_set_titlebar (GTK_WINDOW (self), header);
}

static void
loom_doctor_dialog_init (LoomDoctorDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *summary = make_label (NULL, "loom-title");
  GtkWidget *progress = gtk_progress_bar_new ();

  self->summary = GTK_LABEL (summary);
  self->progress = GTK_PROGRESS_BAR (progress);
  self->list = GTK_CONTAINER (list);
  gtk_window_set_default_size (GTK_WINDOW (self), 640, 640);
  build_header (self);
  gtk_container_set_border_width (GTK_CONTAINER (list), 18);
  gtk_widget_set_margin_start (summary, 18);
  gtk_widget_set_margin_end (summary, 18);
  gtk_widget_set_margin_top (summary, 18);
  gtk_widget_set_margin_start (progress, 18);
  gtk_widget_set_margin_end (progress, 18);
  gtk_widget_set_margin_top (progress, 8);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_container_add (GTK_CONTAINER (scrolled), list);
  gtk_box_pack_start (GTK_BOX (box), summary, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), progress, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), scrolled, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (self), box);
  gtk_widget_show_all (box);
  gtk_widget_show_all (gtk_window_get_titlebar (GTK_WINDOW (self)));
  g_signal_connect (self, "key-press-event", G_CALLBACK (on_key_press), NULL);
}

GtkWidget *
loom_doctor_dialog_new (GtkWindow *parent)
{
  LoomDoctorDialog *self = g_object_new (LOOM_TYPE_DOCTOR_DIALOG, NULL);

  gtk_window_set_transient_for (GTK_WINDOW (self), parent);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (self), TRUE);
  look (self);
  return GTK_WIDGET (self);
}
