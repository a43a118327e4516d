/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Held frames as a list, and what can be done about those that are selected; none: the oldest. */

#include "gui/hold-window.h"

#include <glib/gi18n-lib.h>

#include "gui/frame-class.h"

#define KEY_ACTION "loom-action"
#define DELAY_MS 500
#define MAX_SHOWN 1000

enum {
  COLUMN_ID,
  COLUMN_COLOR,
  COLUMN_CLASS,
  COLUMN_FROM,
  COLUMN_LENGTH,
  COLUMN_WORDS,
  N_COLUMNS
};

struct _LoomHoldWindow {
  GtkWindow parent_instance;

  LoomHolds *holds;
  gboolean updating;
  GtkSwitch *hold;
  GtkComboBoxText *from;
  GtkEntry *filter;
  GtkLabel *status;
  GtkContainer *buttons;
  GtkTreeView *view;
  GtkListStore *store;
};

G_DEFINE_TYPE (LoomHoldWindow, loom_hold_window, GTK_TYPE_WINDOW)

/* --- showing --------------------------------------------------------------------------------- */

static GArray *
list_selected (LoomHoldWindow *self)
{
  GtkTreeSelection *selection = gtk_tree_view_get_selection (self->view);
  GList *paths = gtk_tree_selection_get_selected_rows (selection, NULL);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (GList *l = paths; l != NULL; l = l->next) {
    GtkTreeIter iter;
    guint64 id;
    if (!gtk_tree_model_get_iter (GTK_TREE_MODEL (self->store), &iter, l->data))
      continue;
    gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_ID, &id, -1);
    g_array_append_val (ids, id);
  }
  g_list_free_full (paths, (GDestroyNotify) gtk_tree_path_free);
  return ids;
}

static void
insert_frame (LoomHoldWindow *self, const LoomHeldFrame *frame)
{
  LoomFrameClass class = loom_frame_classify (frame->head, frame->head_size);
  g_autofree char *words = loom_frame_describe (frame->head, frame->head_size);

  gtk_list_store_insert_with_values (self->store, NULL, -1, COLUMN_ID, frame->id, COLUMN_COLOR,
                                     loom_frame_class_get_color (class), COLUMN_CLASS,
                                     loom_frame_class_get_label (class), COLUMN_FROM, frame->from,
                                     COLUMN_LENGTH, frame->length, COLUMN_WORDS, words, -1);
}

/* Rows that stay keep their place and the selection: frames only leave, and come at the end. */
static void
update_rows (LoomHoldWindow *self)
{
  GPtrArray *frames = loom_holds_get_frames (self->holds);
  GtkTreeIter iter;
  guint i = 0;
  gboolean more = gtk_tree_model_get_iter_first (GTK_TREE_MODEL (self->store), &iter);

  while (more) {
    guint64 id;
    gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_ID, &id, -1);
    if (i < frames->len && ((const LoomHeldFrame *) g_ptr_array_index (frames, i))->id == id) {
      i++;
      more = gtk_tree_model_iter_next (GTK_TREE_MODEL (self->store), &iter);
    } else {
      more = gtk_list_store_remove (self->store, &iter);
    }
  }
  for (; i < MIN (frames->len, MAX_SHOWN); i++)
    insert_frame (self, g_ptr_array_index (frames, i));
}

/* (transfer full) */
static char *
dup_status (LoomHoldWindow *self)
{
  guint n = loom_holds_get_frames (self->holds)->len;

  if (loom_holds_get_error (self->holds) != NULL)
    return g_strdup (loom_holds_get_error (self->holds));
  if (!loom_holds_is_live (self->holds))
    return g_strdup (_ ("The lab does not run: there is nothing to hold."));
  if (loom_holds_is_busy (self->holds))
    return g_strdup (_ ("A moment…"));
  if (!loom_holds_is_on (self->holds))
    return g_strdup (_ ("Frames pass. Switch holding on to let them wait here."));
  return g_strdup_printf (ngettext ("%u frame waits.", "%u frames wait.", n), n);
}

static void
update (LoomHoldWindow *self)
{
  g_autofree char *status = dup_status (self);
  gboolean on = loom_holds_is_on (self->holds);

  self->updating = TRUE;
  update_rows (self);
  gtk_label_set_text (self->status, status);
  gtk_widget_set_sensitive (GTK_WIDGET (self->hold), loom_holds_is_live (self->holds));
  if (!loom_holds_is_busy (self->holds))
    gtk_switch_set_active (self->hold, on);
  gtk_widget_set_sensitive (GTK_WIDGET (self->from), !on);
  gtk_widget_set_sensitive (GTK_WIDGET (self->filter), !on);
  gtk_widget_set_sensitive (GTK_WIDGET (self->buttons),
                            on && loom_holds_get_frames (self->holds)->len > 0);
  self->updating = FALSE;
}

static void
on_changed (LoomHolds *holds, LoomHoldWindow *self)
{
  update (self);
}

/* --- doing ----------------------------------------------------------------------------------- */

static void
on_hold_switched (GtkSwitch *hold, GParamSpec *pspec, LoomHoldWindow *self)
{
  const char *from = gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->from));

  if (self->updating)
    return;
  if (gtk_switch_get_active (hold))
    loom_holds_hold (self->holds, from != NULL ? from : "", gtk_entry_get_text (self->filter));
  else
    loom_holds_release (self->holds);
}

static void
on_filter_activated (GtkEntry *entry, LoomHoldWindow *self)
{
  gtk_switch_set_active (self->hold, TRUE);
}

static void
on_button_clicked (GtkButton *button, LoomHoldWindow *self)
{
  g_autoptr (GArray) ids = list_selected (self);
  GPtrArray *frames = loom_holds_get_frames (self->holds);

  if (ids->len == 0 && frames->len > 0)
    g_array_append_val (ids, ((LoomHeldFrame *) g_ptr_array_index (frames, 0))->id);
  loom_holds_act (self->holds, ids, g_object_get_data (G_OBJECT (button), KEY_ACTION), DELAY_MS);
}

static void
on_row_activated (GtkTreeView *view, GtkTreePath *path, GtkTreeViewColumn *column,
                  LoomHoldWindow *self)
{
  g_autoptr (GArray) ids = list_selected (self);

  loom_holds_act (self->holds, ids, "release", 0);
}

/* A cable whose frames wait for nobody would be a riddle. */
static void
on_destroyed (GtkWidget *widget, gpointer user_data)
{
  LoomHoldWindow *self = LOOM_HOLD_WINDOW (widget);

  if (self->holds == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->holds, self);
  if (loom_holds_is_on (self->holds))
    loom_holds_release (self->holds);
  g_clear_object (&self->holds);
}

/* --- building -------------------------------------------------------------------------------- */

static GtkWidget *
build_head (LoomHoldWindow *self, const char *link)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new_with_mnemonic (_ ("_Hold"));
  g_auto (GStrv) ends = g_strsplit (link, " ", 2);

  self->hold = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->hold), GTK_ALIGN_CENTER);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), GTK_WIDGET (self->hold));
  self->from = GTK_COMBO_BOX_TEXT (gtk_combo_box_text_new ());
  gtk_combo_box_text_append (self->from, "", _ ("Both directions"));
  for (char **end = ends; *end != NULL; end++) {
    g_autofree char *text = g_strdup_printf (_ ("From %s"), *end);
    gtk_combo_box_text_append (self->from, *end, text);
  }
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->from), "");
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->from)), _ ("Direction"));
  self->filter = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->filter, _ ("All frames; or “arp”, “tcp port 80”…"));
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->filter),
      _ ("Which frames wait, as tcpdump and Wireshark's captures have it"));
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->filter)), _ ("Filter"));
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->hold), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->from), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->filter), TRUE, TRUE, 0);
  g_signal_connect (self->hold, "notify::active", G_CALLBACK (on_hold_switched), self);
  g_signal_connect (self->filter, "activate", G_CALLBACK (on_filter_activated), self);
  return box;
}

static void
add_column (LoomHoldWindow *self, const char *title, int column, gboolean expand)
{
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();
  GtkTreeViewColumn *added = gtk_tree_view_column_new_with_attributes (title, cell, "text", column,
                                                                       NULL);

  if (column == COLUMN_CLASS) {
    gtk_tree_view_column_add_attribute (added, cell, "background", COLUMN_COLOR);
    g_object_set (cell, "foreground", "white", "xpad", 6, NULL);
  }
  gtk_tree_view_column_set_expand (added, expand);
  gtk_tree_view_column_set_resizable (added, TRUE);
  gtk_tree_view_append_column (self->view, added);
}

static GtkWidget *
build_list (LoomHoldWindow *self)
{
  GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL);

  self->store = gtk_list_store_new (N_COLUMNS, G_TYPE_UINT64, G_TYPE_STRING, G_TYPE_STRING,
                                    G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRING);
  self->view = GTK_TREE_VIEW (gtk_tree_view_new_with_model (GTK_TREE_MODEL (self->store)));
  g_object_unref (self->store);
  gtk_tree_selection_set_mode (gtk_tree_view_get_selection (self->view), GTK_SELECTION_MULTIPLE);
  add_column (self, _ ("Kind"), COLUMN_CLASS, FALSE);
  add_column (self, _ ("From"), COLUMN_FROM, FALSE);
  add_column (self, _ ("Bytes"), COLUMN_LENGTH, FALSE);
  add_column (self, _ ("Frame"), COLUMN_WORDS, TRUE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->view)), _ ("Frames that wait"));
  g_signal_connect (self->view, "row-activated", G_CALLBACK (on_row_activated), self);
  gtk_container_add (GTK_CONTAINER (scroll), GTK_WIDGET (self->view));
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scroll), GTK_SHADOW_IN);
  return scroll;
}

static GtkWidget *
build_buttons (LoomHoldWindow *self)
{
  static const struct {
    const char *label;
    const char *tooltip;
    const char *action;
  } buttons[] = {
      {N_ ("_Let Pass"), N_ ("The selected frames, or the oldest"), "release"},
      {N_ ("_Drop"), N_ ("They never arrive"), "drop"},
      {N_ ("D_uplicate"), N_ ("They arrive twice"), "duplicate"},
      {N_ ("_Corrupt"), N_ ("They arrive with a wrong bit"), "corrupt"},
      {N_ ("D_elay"), N_ ("They arrive half a second later"), "delay"},
  };
  GtkWidget *box = gtk_button_box_new (GTK_ORIENTATION_HORIZONTAL);

  gtk_button_box_set_layout (GTK_BUTTON_BOX (box), GTK_BUTTONBOX_START);
  gtk_box_set_spacing (GTK_BOX (box), 6);
  for (gsize i = 0; i < G_N_ELEMENTS (buttons); i++) {
    GtkWidget *button = gtk_button_new_with_mnemonic (_ (buttons[i].label));
    gtk_widget_set_tooltip_text (button, _ (buttons[i].tooltip));
    g_object_set_data (G_OBJECT (button), KEY_ACTION, (gpointer) buttons[i].action);
    g_signal_connect (button, "clicked", G_CALLBACK (on_button_clicked), self);
    gtk_container_add (GTK_CONTAINER (box), button);
  }
  self->buttons = GTK_CONTAINER (box);
  return box;
}

static GtkWidget *
build_title_bar (const char *title)
{
  GtkWidget *bar = gtk_header_bar_new ();

  gtk_header_bar_set_title (GTK_HEADER_BAR (bar), title);
  gtk_header_bar_set_show_close_button (GTK_HEADER_BAR (bar), TRUE);
  gtk_widget_show (bar);
  return bar;
}

static void
loom_hold_window_class_init (LoomHoldWindowClass *klass)
{
}

static void
loom_hold_window_init (LoomHoldWindow *self)
{
  g_signal_connect (self, "destroy", G_CALLBACK (on_destroyed), NULL);
}

GtkWidget *
loom_hold_window_new (LoomSession *session, const char *link)
{
  LoomHoldWindow *self = g_object_new (LOOM_TYPE_HOLD_WINDOW, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  /* Translators: a cable, "pc1:0 pc2:0" */
  g_autofree char *title = g_strdup_printf (_ ("Frames on %s"), link);

  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_window_set_titlebar (GTK_WINDOW (self), build_title_bar (title));
  gtk_window_set_default_size (GTK_WINDOW (self), 680, 380);
  gtk_container_set_border_width (GTK_CONTAINER (self), 12);
  self->holds = loom_holds_new (session, link);
  self->status = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->status, 0);
  gtk_label_set_line_wrap (self->status, TRUE);
  gtk_box_pack_start (GTK_BOX (box), build_head (self, link), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), build_list (self), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->status), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), build_buttons (self), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (self), box);
  g_signal_connect (self->holds, "changed", G_CALLBACK (on_changed), self);
  update (self);
  gtk_widget_show_all (box);
  return GTK_WIDGET (self);
}

const char *
loom_hold_window_get_link (LoomHoldWindow *self)
{
  return self->holds != NULL ? loom_holds_get_link (self->holds) : "";
}
