/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector of a cable: what is broken, what it does to frames (asked and measured), its last
 * minute, and what each direction carried as the switch counted it. The parts are widgets of their
 * own: impairment-form.c, fault-row.c, rate-plot.c. */

#include "gui/inspector-page.h"

#include <glib/gi18n-lib.h>

#include "canvas/model/edit.h"
#include "canvas/scene/cable-words.h"
#include "gui/fault-row.h"
#include "gui/form.h"
#include "gui/impairment-form.h"
#include "gui/presets.h"
#include "gui/rate-plot.h"
#include "gui/words.h"

#define LOOM_TYPE_LINK_PAGE (loom_link_page_get_type ())
G_DECLARE_FINAL_TYPE (LoomLinkPage, loom_link_page, LOOM, LINK_PAGE, LoomInspectorPage)

#define LATE_SHOWN_US (5 * G_USEC_PER_SEC)
#define KEY_PRESET "loom-preset"

enum {
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
  GPtrArray *presets;
  GtkLabel *state;
  GtkWidget *late; /* shown for a while after n_late grew */
  gboolean knows_late;
  guint64 n_late; /* as told last */
  gint64 late_until_us;
  LoomImpairmentForm *form;
  LoomFaultRow *fault;
  GtkButton *plug;
  GtkLabel *preset;           /* on the button of the menu */
  GtkLabel *cells[2][N_ROWS]; /* from end a, from end b */
};

G_DEFINE_TYPE (LoomLinkPage, loom_link_page, LOOM_TYPE_INSPECTOR_PAGE)

static LoomLink *
get_link (LoomLinkPage *self)
{
  return loom_lab_get_link (loom_inspector_page_get_lab (LOOM_INSPECTOR_PAGE (self)), self->id);
}

/* @field: edits of one field that follow each other are one step; NULL: a step of its own. */
static void
set_link (LoomLinkPage *self, LoomLink *after, const char *field)
{
  LoomInspectorPage *page = LOOM_INSPECTOR_PAGE (self);
  g_autofree char *key = field != NULL ? g_strdup_printf ("%s:%s", field, self->id) : NULL;
  GError *error = NULL;
  LoomChange *change = loom_edit_set_link (loom_inspector_page_get_lab (page), after, &error);

  if (!loom_inspector_page_do (page, change, key, error))
    loom_inspector_page_update (page);
}

static void
on_edited (GtkWidget *part, LoomLink *after, const char *field, LoomLinkPage *self)
{
  if (get_link (self) != NULL)
    set_link (self, after, field);
}

static void
on_settled (GtkWidget *part, LoomLinkPage *self)
{
  LoomDocument *document = loom_inspector_page_get_document (LOOM_INSPECTOR_PAGE (self));

  loom_history_break (loom_document_get_history (document));
}

/* Faults and presets */

static void
on_plug_clicked (GtkButton *button, LoomLinkPage *self)
{
  LoomLink *link = get_link (self);
  g_autoptr (LoomLink) after = link != NULL ? loom_link_copy (link) : NULL;

  if (after == NULL)
    return;
  after->fault = after->fault == LOOM_FAULT_NONE ? LOOM_FAULT_UNPLUGGED : LOOM_FAULT_NONE;
  set_link (self, after, NULL);
}

static void
on_preset_activated (GtkMenuItem *item, LoomLinkPage *self)
{
  const LoomPreset *preset = g_object_get_data (G_OBJECT (item), KEY_PRESET);
  LoomLink *link = get_link (self);
  g_autoptr (LoomLink) after = link != NULL ? loom_link_copy (link) : NULL;

  if (after == NULL)
    return;
  if (preset != NULL) {
    loom_preset_apply (preset, loom_inspector_page_get_lab (LOOM_INSPECTOR_PAGE (self)), after);
  } else {
    loom_impairment_init (&after->forward);
    loom_impairment_init (&after->backward);
  }
  set_link (self, after, NULL);
}

static void
on_swap_activated (GtkMenuItem *item, LoomLinkPage *self)
{
  LoomLink *link = get_link (self);
  g_autoptr (LoomLink) after = link != NULL ? loom_link_copy (link) : NULL;

  if (after == NULL)
    return;
  after->forward = link->backward;
  after->backward = link->forward;
  set_link (self, after, NULL);
}

/* Live state */

/* What was late before this page was opened is past; a count that is gone, or starts anew, tells
 * nothing. */
static void
update_late (LoomLinkPage *self, const LoomLinkStatus *status)
{
  gint64 now_us = g_get_monotonic_time ();
  guint64 n_late = status != NULL ? status->measured[0].late + status->measured[1].late : 0;

  if (status != NULL && self->knows_late && n_late > self->n_late)
    self->late_until_us = now_us + LATE_SHOWN_US;
  self->knows_late = status != NULL;
  self->n_late = n_late;
  gtk_widget_set_visible (self->late, now_us < self->late_until_us);
}

static char *
describe_state (LoomLinkPage *self, const LoomLink *link, const LoomLinkStatus *status)
{
  char *fault = loom_cable_describe_fault (link);

  if (fault != NULL)
    return fault;
  if (status == NULL)
    return g_strdup (
        loom_session_is_live (loom_inspector_page_get_session (LOOM_INSPECTOR_PAGE (self)))
            ? _ ("Being plugged in")
            : _ ("The lab is off"));
  if (!status->carrier)
    return g_strdup (_ ("Plugged in, no carrier"));
  if (status->measured[0].known || status->measured[1].known)
    /* Translators: frames of the cable take a way on which they are delayed, lost, … */
    return g_strdup (_ ("Carrier at both ends · through the wire"));
  if (loom_link_needs_wire (link))
    return g_strdup (_ ("Carrier at both ends, but frames do not go through the wire: nothing of "
                        "what is asked happens."));
  return g_strdup (_ ("Plugged in, carrier at both ends"));
}

static void
update_settings (LoomLinkPage *self, LoomLink *link)
{
  const LoomPreset *preset = loom_presets_match (self->presets, link);
  gboolean is_whole = link->fault == LOOM_FAULT_NONE;
  const char *plug = is_whole                              ? _ ("_Unplug")
                     : link->fault == LOOM_FAULT_UNPLUGGED ? _ ("_Plug In")
                                                           : _ ("_Repair");

  loom_impairment_form_set_link (self->form, link);
  loom_fault_row_set_link (self->fault, link);
  loom_form_set_label (self->preset, preset != NULL ? preset->label : _ ("Presets"));
  if (!g_str_equal (gtk_button_get_label (self->plug), plug)) {
    gtk_button_set_label (self->plug, plug);
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->plug),
                                 is_whole
                                     ? _ ("Pull the cable out: the carrier drops at both ends (U)")
                                     : _ ("Make the cable whole again (U)"));
  }
}

static void
fill_column (LoomLinkPage *self, int column, const LoomFlow *flow)
{
  /* Translators: frames per second */
  g_autofree char *pace = g_strdup_printf (_ ("%.0f f/s"), flow->rate_fps);
  g_autofree char *frames = loom_words_count (flow->n_frames);
  g_autofree char *bytes = loom_words_bytes (flow->n_bytes);
  g_autofree char *drops = loom_words_count (flow->n_drops);
  g_autofree char *errors = loom_words_count (flow->n_errors);
  const char *texts[N_ROWS] = {pace, frames, bytes, drops, errors};

  for (int row = 0; row < N_ROWS; row++)
    loom_form_set_label (self->cells[column][row], texts[row]);
}

static void
update_counters (LoomLinkPage *self, const LoomLinkStatus *status)
{
  if (status != NULL) {
    fill_column (self, 0, &status->from_a);
    fill_column (self, 1, &status->from_b);
    return;
  }
  for (int column = 0; column < 2; column++) {
    for (int row = 0; row < N_ROWS; row++)
      loom_form_set_label (self->cells[column][row], "–");
  }
}

static void
loom_link_page_update (LoomInspectorPage *page)
{
  LoomLinkPage *self = LOOM_LINK_PAGE (page);
  LoomSession *session = loom_inspector_page_get_session (page);
  const LoomLinkStatus *status = loom_status_get_link (loom_session_get_status (session), self->id);
  LoomLink *link = get_link (self);
  g_autofree char *state = NULL;

  /* Deleted a moment ago: another page is about to take this one's place. */
  if (link == NULL)
    return;
  state = describe_state (self, link, status);
  loom_form_set_label (self->state, state);
  update_settings (self, link);
  loom_impairment_form_set_measured (self->form, status);
  update_late (self, status);
  update_counters (self, status);
}

/* Building */

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
build_counters (LoomLinkPage *self, const LoomLink *link)
{
  const char *names[N_ROWS] = {_ ("Pace"), _ ("Frames"), _ ("Bytes"), _ ("Drops"), _ ("Errors")};
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

static GtkWidget *
add_item (LoomLinkPage *self, GtkWidget *menu, const char *label, GCallback callback)
{
  GtkWidget *item = label != NULL ? gtk_menu_item_new_with_label (label)
                                  : gtk_separator_menu_item_new ();

  if (callback != NULL)
    g_signal_connect (item, "activate", callback, self);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  return item;
}

static GtkWidget *
build_preset_menu (LoomLinkPage *self)
{
  GtkWidget *menu = gtk_menu_new ();

  for (guint i = 0; i < self->presets->len; i++) {
    LoomPreset *preset = self->presets->pdata[i];
    GtkWidget *item = add_item (self, menu, preset->label, G_CALLBACK (on_preset_activated));
    /* Translators: what a preset is, and where its figures were published */
    g_autofree char *tip = g_strdup_printf (_ ("%s\nFigures: %s"), preset->description,
                                            preset->source);

    g_object_set_data (G_OBJECT (item), KEY_PRESET, preset);
    gtk_widget_set_tooltip_text (item, tip);
  }
  add_item (self, menu, NULL, NULL);
  add_item (self, menu, _ ("Perfect Cable"), G_CALLBACK (on_preset_activated));
  add_item (self, menu, _ ("Swap Directions"), G_CALLBACK (on_swap_activated));
  gtk_widget_show_all (menu);
  return menu;
}

static GtkWidget *
build_preset_button (LoomLinkPage *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->preset = GTK_LABEL (gtk_label_new (_ ("Presets")));
  gtk_label_set_ellipsize (self->preset, PANGO_ELLIPSIZE_END);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->preset), TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box),
                    gtk_image_new_from_icon_name ("pan-down-symbolic", GTK_ICON_SIZE_BUTTON), FALSE,
                    FALSE, 0);
  gtk_container_add (GTK_CONTAINER (button), box);
  gtk_menu_button_set_popup (GTK_MENU_BUTTON (button), build_preset_menu (self));
  gtk_widget_set_tooltip_text (button, _ ("Make it a telephone line, a satellite, …"));
  atk_object_set_name (gtk_widget_get_accessible (button), _ ("Presets"));
  return button;
}

static void
build_late (LoomLinkPage *self)
{
  GtkWidget *label;

  self->late = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_container_add (
      GTK_CONTAINER (self->late),
      gtk_image_new_from_icon_name ("dialog-warning-symbolic", GTK_ICON_SIZE_BUTTON));
  label = loom_form_add_note (GTK_CONTAINER (self->late),
                              _ ("This computer cannot keep up: frames leave later than asked."));
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "loom-bad");
  gtk_container_add (GTK_CONTAINER (self), self->late);
  gtk_widget_show_all (self->late);
  gtk_widget_set_no_show_all (self->late, TRUE);
  gtk_widget_hide (self->late);
}

static void
add_action_button (GtkContainer *buttons, const char *label, const char *action,
                   const char *tooltip)
{
  GtkWidget *button = loom_form_add_button (buttons, label, tooltip);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
}

static void
build_settings (LoomLinkPage *self, const LoomLink *link)
{
  GtkContainer *box = GTK_CONTAINER (self);
  GtkWidget *buttons;

  self->form = LOOM_IMPAIRMENT_FORM (loom_impairment_form_new (link));
  self->fault = LOOM_FAULT_ROW (loom_fault_row_new (link));
  g_signal_connect (self->form, "edited", G_CALLBACK (on_edited), self);
  g_signal_connect (self->form, "settled", G_CALLBACK (on_settled), self);
  g_signal_connect (self->fault, "edited", G_CALLBACK (on_edited), self);
  g_signal_connect (self->fault, "settled", G_CALLBACK (on_settled), self);
  gtk_container_add (box, GTK_WIDGET (self->form));
  build_late (self);
  gtk_container_add (box, GTK_WIDGET (self->fault));
  buttons = loom_form_add_buttons (box);
  self->plug = GTK_BUTTON (loom_form_add_button (GTK_CONTAINER (buttons), "", NULL));
  gtk_button_set_use_underline (self->plug, TRUE);
  g_signal_connect (self->plug, "clicked", G_CALLBACK (on_plug_clicked), self);
  gtk_container_add (GTK_CONTAINER (buttons), build_preset_button (self));
  add_action_button (GTK_CONTAINER (buttons), _ ("_Hold…"), "win.hold",
                     _ ("Let the frames of this cable wait, and decide about each."));
  add_action_button (GTK_CONTAINER (buttons), _ ("_Capture"), "win.capture",
                     _ ("See what passes on this cable, in Wireshark."));
}

static void
loom_link_page_finalize (GObject *object)
{
  LoomLinkPage *self = LOOM_LINK_PAGE (object);

  g_free (self->id);
  g_clear_pointer (&self->presets, g_ptr_array_unref);
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
loom_link_page_new (LoomDocument *document, LoomSession *session, GPtrArray *presets,
                    LoomRateHistory *history, const char *id)
{
  LoomLinkPage *self = g_object_new (LOOM_TYPE_LINK_PAGE, NULL);
  GtkContainer *box = GTK_CONTAINER (self);
  const LoomLink *link = loom_lab_get_link (loom_document_get_lab (document), id);
  g_autofree char *title = g_strdup_printf ("%s ↔ %s", link->a.node, link->b.node);
  g_autofree char *ends = g_strdup_printf (_ ("%s port %d to %s port %d"), link->a.node,
                                           link->a.port, link->b.node, link->b.port);

  self->id = g_strdup (id);
  self->presets = g_ptr_array_ref (presets);
  loom_inspector_page_set_sources (LOOM_INSPECTOR_PAGE (self), document, session);
  gtk_widget_set_tooltip_text (loom_form_add_title (box, title), ends);
  self->state = GTK_LABEL (loom_form_add_note (box, ""));
  build_settings (self, link);
  loom_form_add_section (box, _ ("Last Minute"));
  gtk_container_add (box, loom_rate_plot_new (history, id, link->a.node, link->b.node));
  loom_form_add_section (box, _ ("Counted by the Switch"));
  build_counters (self, link);
  gtk_widget_show_all (GTK_WIDGET (self));
  loom_inspector_page_update (LOOM_INSPECTOR_PAGE (self));
  return GTK_WIDGET (self);
}
