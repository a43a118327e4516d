/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The form is made from the table of members in canvas/model/impairment.c: those that are measured
 * as a table, the others folded away below it. One direction is shown at a time; what is set goes
 * into both while they are the same. */

#include "gui/impairment-form.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "gui/form.h"
#include "gui/unit-spin.h"
#include "gui/words.h"

#define KEY_MEMBER "loom-member"

enum {
  EDITED,
  SETTLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct {
  const LoomImpairmentMember *member;
  GtkWidget *asked;   /* spin button, combo box or check button, by the member's type */
  GtkLabel *measured; /* or NULL */
} Row;

struct _LoomImpairmentForm {
  GtkBox parent_instance;

  LoomLink *link;   /* as shown last */
  gboolean is_back; /* which direction is shown */
  gboolean is_updating;
  GtkToggleButton *directions[2];
  GtkToggleButton *same;
  GtkSpinButton *seed;
  GArray *rows; /* of Row */
};

G_DEFINE_FINAL_TYPE (LoomImpairmentForm, loom_impairment_form, GTK_TYPE_BOX)

/* What has a row of the table, in its order. */
static const char *const measured_members[] = {
    "delay_ms",          "jitter_ms",       "loss_percent",           "rate_mbps",
    "duplicate_percent", "reorder_percent", "bit_errors_per_billion", NULL};

static LoomImpairment *
get_direction (LoomLink *link, gboolean is_back)
{
  return is_back ? &link->backward : &link->forward;
}

static gboolean
is_busy (LoomImpairmentForm *self)
{
  return self->is_updating || self->link == NULL || gtk_widget_in_destruction (GTK_WIDGET (self));
}

/* Thresholds of random early detection make sense as a pair only: setting one by itself moves the
 * other out of its way. */
static void
keep_thresholds_apart (LoomImpairment *impairment, const char *name)
{
  if (impairment->red_min_percent < impairment->red_max_percent)
    return;
  if (strcmp (name, "red_min_percent") == 0 && impairment->red_min_percent > 0) {
    impairment->red_max_percent = 100;
    impairment->red_min_percent = MIN (impairment->red_min_percent, 99);
  } else if (strcmp (name, "red_max_percent") == 0) {
    impairment->red_min_percent = 0;
  }
}

/* Takes @after. */
static void
emit_edited (LoomImpairmentForm *self, LoomLink *after, const char *field)
{
  g_autoptr (LoomLink) owned = after;

  if (!loom_link_equal (self->link, owned))
    g_signal_emit (self, signals[EDITED], 0, owned, field);
}

static void
set_value (LoomImpairmentForm *self, const LoomImpairmentMember *member, double value)
{
  LoomLink *after = loom_link_copy (self->link);
  gboolean is_same = gtk_toggle_button_get_active (self->same);
  g_autofree char *field = g_strdup_printf ("%s:%s", member->name,
                                            is_same         ? "both"
                                            : self->is_back ? "backward"
                                                            : "forward");

  if (member->zero_too && value > 0)
    value = MAX (value, member->min);
  for (int back = 0; back < 2; back++) {
    LoomImpairment *impairment = get_direction (after, back);

    if (back != self->is_back && !is_same)
      continue;
    loom_impairment_set (impairment, member, value, NULL);
    keep_thresholds_apart (impairment, member->name);
  }
  emit_edited (self, after, field);
}

static const LoomImpairmentMember *
member_of (gpointer widget)
{
  return g_object_get_data (G_OBJECT (widget), KEY_MEMBER);
}

static void
on_spin_changed (GtkSpinButton *spin, LoomImpairmentForm *self)
{
  if (!is_busy (self))
    set_value (self, member_of (spin), gtk_spin_button_get_value (spin));
}

static void
on_combo_changed (GtkComboBox *combo, LoomImpairmentForm *self)
{
  if (!is_busy (self))
    set_value (self, member_of (combo), gtk_combo_box_get_active (combo));
}

static void
on_check_toggled (GtkToggleButton *check, LoomImpairmentForm *self)
{
  if (!is_busy (self))
    set_value (self, member_of (check), gtk_toggle_button_get_active (check));
}

static void
on_seed_changed (GtkSpinButton *spin, LoomImpairmentForm *self)
{
  LoomLink *after;

  if (is_busy (self))
    return;
  after = loom_link_copy (self->link);
  after->seed = (guint64) gtk_spin_button_get_value (spin);
  emit_edited (self, after, "seed");
}

static gboolean
on_focus_out (GtkWidget *widget, GdkEvent *event, LoomImpairmentForm *self)
{
  g_signal_emit (self, signals[SETTLED], 0);
  return GDK_EVENT_PROPAGATE;
}

static void
show_row (const Row *row, const LoomImpairment *impairment)
{
  double value = loom_impairment_get (impairment, row->member);

  switch (row->member->type) {
  case LOOM_MEMBER_CHOICE:
    gtk_combo_box_set_active (GTK_COMBO_BOX (row->asked), (int) value);
    break;
  case LOOM_MEMBER_BOOLEAN:
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (row->asked), value != 0);
    break;
  default:
    loom_unit_spin_set (GTK_SPIN_BUTTON (row->asked), value);
    break;
  }
}

static void
show_all_rows (LoomImpairmentForm *self)
{
  const LoomImpairment *impairment = get_direction (self->link, self->is_back);

  self->is_updating = TRUE;
  for (guint i = 0; i < self->rows->len; i++)
    show_row (&g_array_index (self->rows, Row, i), impairment);
  loom_unit_spin_set (self->seed, self->link->seed);
  if (!loom_impairment_equal (&self->link->forward, &self->link->backward))
    gtk_toggle_button_set_active (self->same, FALSE);
  self->is_updating = FALSE;
}

static void
on_direction_toggled (GtkToggleButton *button, LoomImpairmentForm *self)
{
  if (!gtk_toggle_button_get_active (button) || self->link == NULL)
    return;
  self->is_back = button == self->directions[1];
  show_all_rows (self);
}

/* Making both the same is an edit; letting them differ is none yet. */
static void
on_same_toggled (GtkToggleButton *button, LoomImpairmentForm *self)
{
  LoomLink *after;

  if (is_busy (self) || !gtk_toggle_button_get_active (button))
    return;
  after = loom_link_copy (self->link);
  *get_direction (after, !self->is_back) = *get_direction (after, self->is_back);
  emit_edited (self, after, NULL);
}

/* A step that makes a difference one can feel. */
static double
step_of (const LoomImpairmentMember *member)
{
  if (g_str_equal (member->unit, "%"))
    return member->min > 0 ? 1 : 0.5;
  if (g_str_equal (member->name, "queue_frames"))
    return 10;
  return 1;
}

static GtkWidget *
new_combo (const LoomImpairmentMember *member)
{
  /* In the order of LoomJitterLaw: the only member with choices. */
  static const char *const names[] = {N_ ("Uniform"), N_ ("Normal"), N_ ("Pareto")};
  GtkWidget *combo = gtk_combo_box_text_new ();

  for (int i = 0; member->choices[i] != NULL; i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ (names[i]));
  return combo;
}

static GtkWidget *
new_asked (LoomImpairmentForm *self, const LoomImpairmentMember *member)
{
  GtkWidget *widget;
  const char *unit = *member->unit != '\0' ? _ (member->unit) : NULL;

  switch (member->type) {
  case LOOM_MEMBER_CHOICE:
    widget = new_combo (member);
    g_signal_connect (widget, "changed", G_CALLBACK (on_combo_changed), self);
    break;
  case LOOM_MEMBER_BOOLEAN:
    widget = gtk_check_button_new ();
    g_signal_connect (widget, "toggled", G_CALLBACK (on_check_toggled), self);
    break;
  default:
    widget = loom_unit_spin_new (member->zero_too ? 0 : member->min, member->max, step_of (member),
                                 unit, member->zero_too ? _ ("unlimited") : NULL);
    g_signal_connect (widget, "value-changed", G_CALLBACK (on_spin_changed), self);
    g_signal_connect (widget, "focus-out-event", G_CALLBACK (on_focus_out), self);
    break;
  }
  g_object_set_data (G_OBJECT (widget), KEY_MEMBER, (gpointer) member);
  return widget;
}

static GtkWidget *
new_head (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "loom-head");
  return label;
}

static GtkLabel *
new_measured (const LoomImpairmentMember *member)
{
  GtkWidget *label = gtk_label_new ("–");
  /* Translators: assistive technology: a measured value, "Delay, measured" */
  g_autofree char *name = g_strdup_printf (_ ("%s, measured"), _ (member->label));

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_label_set_width_chars (GTK_LABEL (label), 8);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_START);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "loom-number");
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "loom-measured");
  atk_object_set_description (gtk_widget_get_accessible (label), name);
  return GTK_LABEL (label);
}

static void
add_row (LoomImpairmentForm *self, GtkGrid *grid, const LoomImpairmentMember *member,
         gboolean is_measured)
{
  Row row = {member, new_asked (self, member), NULL};

  gtk_widget_set_tooltip_text (row.asked, _ (member->help));
  loom_form_add_row (grid, _ (member->label), row.asked);
  if (is_measured) {
    row.measured = new_measured (member);
    gtk_grid_attach_next_to (grid, GTK_WIDGET (row.measured), row.asked, GTK_POS_RIGHT, 1, 1);
  }
  g_array_append_val (self->rows, row);
}

static void
build_table (LoomImpairmentForm *self)
{
  GtkGrid *grid = GTK_GRID (loom_form_add_grid (GTK_CONTAINER (self)));

  gtk_grid_set_column_spacing (grid, 8);
  gtk_grid_attach (grid, new_head (C_ ("column of a table", "asked")), 1, 0, 1, 1);
  gtk_grid_attach (grid, new_head (C_ ("column of a table", "measured")), 2, 0, 1, 1);
  for (int i = 0; measured_members[i] != NULL; i++)
    add_row (self, grid, loom_impairment_find_member (measured_members[i]), TRUE);
}

static void
build_more (LoomImpairmentForm *self)
{
  GtkWidget *expander = gtk_expander_new_with_mnemonic (_ ("_More"));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkGrid *grid = GTK_GRID (loom_form_add_grid (GTK_CONTAINER (box)));
  guint n_members;
  const LoomImpairmentMember *members = loom_impairment_list_members (&n_members);

  gtk_widget_set_margin_top (box, 6);
  for (guint i = 0; i < n_members; i++) {
    if (!g_strv_contains (measured_members, members[i].name))
      add_row (self, grid, &members[i], FALSE);
  }
  self->seed = GTK_SPIN_BUTTON (loom_unit_spin_new (0, LOOM_SEED_MAX, 1, NULL, NULL));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->seed),
                               _ ("With the same seed what is random repeats exactly."));
  g_signal_connect (self->seed, "value-changed", G_CALLBACK (on_seed_changed), self);
  g_signal_connect (self->seed, "focus-out-event", G_CALLBACK (on_focus_out), self);
  loom_form_add_row (grid, _ ("Seed"), GTK_WIDGET (self->seed));
  gtk_container_add (GTK_CONTAINER (expander), box);
  gtk_container_add (GTK_CONTAINER (self), expander);
}

static GtkToggleButton *
add_direction (LoomImpairmentForm *self, GtkContainer *box, const char *from, const char *to,
               GtkToggleButton *group)
{
  /* Translators: one direction of a cable */
  g_autofree char *text = g_strdup_printf (_ ("%s → %s"), from, to);
  GtkWidget *button = gtk_radio_button_new_from_widget (group != NULL ? GTK_RADIO_BUTTON (group)
                                                                      : NULL);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_container_add (GTK_CONTAINER (button), label);
  gtk_toggle_button_set_mode (GTK_TOGGLE_BUTTON (button), FALSE);
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_set_tooltip_text (button, text);
  atk_object_set_name (gtk_widget_get_accessible (button), text);
  gtk_container_add (box, button);
  g_signal_connect (button, "toggled", G_CALLBACK (on_direction_toggled), self);
  return GTK_TOGGLE_BUTTON (button);
}

static void
build_directions (LoomImpairmentForm *self, const LoomLink *link)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_box_set_homogeneous (GTK_BOX (box), TRUE);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), GTK_STYLE_CLASS_LINKED);
  self->directions[0] = add_direction (self, GTK_CONTAINER (box), link->a.node, link->b.node, NULL);
  self->directions[1] = add_direction (self, GTK_CONTAINER (box), link->b.node, link->a.node,
                                       self->directions[0]);
  gtk_container_add (GTK_CONTAINER (self), box);
}

static void
loom_impairment_form_finalize (GObject *object)
{
  LoomImpairmentForm *self = LOOM_IMPAIRMENT_FORM (object);

  g_clear_pointer (&self->link, loom_link_unref);
  g_array_unref (self->rows);
  G_OBJECT_CLASS (loom_impairment_form_parent_class)->finalize (object);
}

static void
loom_impairment_form_class_init (LoomImpairmentFormClass *klass)
{
  GType type = LOOM_TYPE_IMPAIRMENT_FORM;

  G_OBJECT_CLASS (klass)->finalize = loom_impairment_form_finalize;
  signals[EDITED] = g_signal_new ("edited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, LOOM_TYPE_LINK, G_TYPE_STRING);
  signals[SETTLED] = g_signal_new ("settled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
loom_impairment_form_init (LoomImpairmentForm *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 10);
}

GtkWidget *
loom_impairment_form_new (const LoomLink *link)
{
  LoomImpairmentForm *self = g_object_new (LOOM_TYPE_IMPAIRMENT_FORM, NULL);

  build_directions (self, link);
  build_table (self);
  self->same = GTK_TOGGLE_BUTTON (
      gtk_check_button_new_with_mnemonic (_ ("_Same in Both Directions")));
  gtk_toggle_button_set_active (self->same, TRUE);
  g_signal_connect (self->same, "toggled", G_CALLBACK (on_same_toggled), self);
  gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (self->same));
  build_more (self);
  return GTK_WIDGET (self);
}

void
loom_impairment_form_set_link (LoomImpairmentForm *self, LoomLink *link)
{
  if (link == self->link)
    return;
  loom_link_ref (link);
  g_clear_pointer (&self->link, loom_link_unref);
  self->link = link;
  show_all_rows (self);
}

static char *
dup_measured (const char *name, const LoomLinkMeasure *m, const LoomFlow *flow)
{
  if (strcmp (name, "rate_mbps") == 0)
    return loom_words_rate (m->known ? m->rate_bps : flow->rate_bps);
  if (!m->known)
    return g_strdup ("–");
  /* Nothing has arrived that could have taken time. */
  if (m->rate_bps <= 0 && (strcmp (name, "delay_ms") == 0 || strcmp (name, "jitter_ms") == 0))
    return g_strdup ("–");
  if (strcmp (name, "delay_ms") == 0)
    /* Translators: milliseconds */
    return g_strdup_printf (_ ("%.2f ms"), m->delay_ms);
  if (strcmp (name, "jitter_ms") == 0)
    return g_strdup_printf (_ ("%.2f ms"), m->jitter_ms);
  if (strcmp (name, "loss_percent") == 0)
    return g_strdup_printf (_ ("%.2f %%"), m->loss_percent);
  if (strcmp (name, "duplicate_percent") == 0)
    return loom_words_count (m->duplicated);
  if (strcmp (name, "reorder_percent") == 0)
    return loom_words_count (m->reordered);
  return loom_words_count (m->corrupted);
}

void
loom_impairment_form_set_measured (LoomImpairmentForm *self, const LoomLinkStatus *status)
{
  for (guint i = 0; i < self->rows->len; i++) {
    Row *row = &g_array_index (self->rows, Row, i);
    g_autofree char *text = NULL;

    if (row->measured == NULL)
      continue;
    text = status != NULL ? dup_measured (row->member->name, &status->measured[self->is_back],
                                          self->is_back ? &status->from_b : &status->from_a)
                          : g_strdup ("–");
    loom_form_set_label (row->measured, text);
  }
}
