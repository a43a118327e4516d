/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/fault-row.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "gui/form.h"
#include "gui/unit-spin.h"

enum {
  EDITED,
  SETTLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomFaultRow {
  GtkGrid parent_instance;

  LoomLink *link; /* as shown last */
  gboolean is_updating;
  GtkComboBox *fault;
  GtkWidget *flapping; /* a grid, with flapping only */
  GtkSpinButton *period;
  GtkSpinButton *up;
};

G_DEFINE_FINAL_TYPE (LoomFaultRow, loom_fault_row, GTK_TYPE_GRID)

static const struct {
  LoomFault fault;
  int end;
} choices[] = {{LOOM_FAULT_NONE, 0},    {LOOM_FAULT_UNPLUGGED, 0}, {LOOM_FAULT_PORT, 0},
               {LOOM_FAULT_PORT, 1},    {LOOM_FAULT_ONE_WAY, 0},   {LOOM_FAULT_ONE_WAY, 1},
               {LOOM_FAULT_FLAPPING, 0}};

gboolean
loom_fault_row_get_choice (guint i, LoomFault *ret_fault, int *ret_end)
{
  if (i >= G_N_ELEMENTS (choices))
    return FALSE;
  *ret_fault = choices[i].fault;
  *ret_end = choices[i].end;
  return TRUE;
}

/* By its node; a cable between two ports of one node needs the ports. */
static char *
dup_end_name (const LoomLink *link, int end)
{
  const LoomEnd *at = end == 0 ? &link->a : &link->b;

  return strcmp (link->a.node, link->b.node) != 0 ? g_strdup (at->node) : loom_end_to_string (at);
}

char *
loom_fault_row_dup_label (guint i, const LoomLink *link)
{
  g_autofree char *at = dup_end_name (link, choices[i].end);
  g_autofree char *other = dup_end_name (link, 1 - choices[i].end);

  switch (choices[i].fault) {
  case LOOM_FAULT_UNPLUGGED:
    return g_strdup (_ ("Unplugged"));
  case LOOM_FAULT_PORT:
    /* Translators: the end of a cable */
    return g_strdup_printf (_ ("Port Fault at %s"), at);
  case LOOM_FAULT_ONE_WAY:
    /* Translators: frames pass in this direction only */
    return g_strdup_printf (_ ("Only %s → %s"), at, other);
  case LOOM_FAULT_FLAPPING:
    return g_strdup (_ ("Flapping"));
  case LOOM_FAULT_NONE:
  default:
    return g_strdup (_ ("No Fault"));
  }
}

static guint
find_choice (const LoomLink *link)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++) {
    if (choices[i].fault == link->fault && choices[i].end == link->fault_end)
      return i;
  }
  return 0;
}

static gboolean
is_busy (LoomFaultRow *self)
{
  return self->is_updating || self->link == NULL || gtk_widget_in_destruction (GTK_WIDGET (self));
}

/* Takes @after. */
static void
emit_edited (LoomFaultRow *self, LoomLink *after, const char *field)
{
  g_autoptr (LoomLink) owned = after;

  if (!loom_link_equal (self->link, owned))
    g_signal_emit (self, signals[EDITED], 0, owned, field);
}

static void
on_fault_changed (GtkComboBox *combo, LoomFaultRow *self)
{
  int i = gtk_combo_box_get_active (combo);
  LoomLink *after;

  if (is_busy (self) || i < 0)
    return;
  after = loom_link_copy (self->link);
  after->fault = choices[i].fault;
  after->fault_end = choices[i].end;
  loom_link_normalize (after);
  emit_edited (self, after, NULL);
}

static void
on_spin_changed (GtkSpinButton *spin, LoomFaultRow *self)
{
  LoomLink *after;

  if (is_busy (self))
    return;
  after = loom_link_copy (self->link);
  if (spin == self->period)
    after->period_s = gtk_spin_button_get_value (spin);
  else
    after->up_percent = gtk_spin_button_get_value_as_int (spin);
  emit_edited (self, after, spin == self->period ? "period_s" : "up_percent");
}

static gboolean
on_focus_out (GtkWidget *widget, GdkEvent *event, LoomFaultRow *self)
{
  g_signal_emit (self, signals[SETTLED], 0);
  return GDK_EVENT_PROPAGATE;
}

static GtkSpinButton *
add_spin (LoomFaultRow *self, const char *label, double min, double max, double step,
          const char *unit)
{
  GtkWidget *spin = loom_unit_spin_new (min, max, step, unit, NULL);

  loom_form_add_row (GTK_GRID (self->flapping), label, spin);
  g_signal_connect (spin, "value-changed", G_CALLBACK (on_spin_changed), self);
  g_signal_connect (spin, "focus-out-event", G_CALLBACK (on_focus_out), self);
  return GTK_SPIN_BUTTON (spin);
}

static void
loom_fault_row_finalize (GObject *object)
{
  g_clear_pointer (&LOOM_FAULT_ROW (object)->link, loom_link_unref);
  G_OBJECT_CLASS (loom_fault_row_parent_class)->finalize (object);
}

static void
loom_fault_row_class_init (LoomFaultRowClass *klass)
{
  GType type = LOOM_TYPE_FAULT_ROW;

  G_OBJECT_CLASS (klass)->finalize = loom_fault_row_finalize;
  signals[EDITED] = g_signal_new ("edited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, LOOM_TYPE_LINK, G_TYPE_STRING);
  signals[SETTLED] = g_signal_new ("settled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
loom_fault_row_init (LoomFaultRow *self)
{
  gtk_grid_set_row_spacing (GTK_GRID (self), 6);
  gtk_grid_set_column_spacing (GTK_GRID (self), 12);
}

GtkWidget *
loom_fault_row_new (const LoomLink *link)
{
  LoomFaultRow *self = g_object_new (LOOM_TYPE_FAULT_ROW, NULL);
  GtkWidget *combo = gtk_combo_box_text_new ();

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++) {
    g_autofree char *label = loom_fault_row_dup_label (i, link);

    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), label);
  }
  self->fault = GTK_COMBO_BOX (combo);
  g_signal_connect (combo, "changed", G_CALLBACK (on_fault_changed), self);
  loom_form_add_row (GTK_GRID (self), _ ("Fault"), combo);
  self->flapping = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (self->flapping), 6);
  gtk_grid_set_column_spacing (GTK_GRID (self->flapping), 12);
  self->period = add_spin (self, _ ("Period"), 0.5, 3600, 1, _ ("s"));
  self->up = add_spin (self, _ ("Plugged in"), 1, 99, 5, "%");
  gtk_grid_attach (GTK_GRID (self), self->flapping, 0, 1, 2, 1);
  gtk_widget_show_all (self->flapping);
  gtk_widget_set_no_show_all (self->flapping, TRUE);
  gtk_widget_hide (self->flapping);
  return GTK_WIDGET (self);
}

void
loom_fault_row_set_link (LoomFaultRow *self, LoomLink *link)
{
  if (link == self->link)
    return;
  loom_link_ref (link);
  g_clear_pointer (&self->link, loom_link_unref);
  self->link = link;
  self->is_updating = TRUE;
  gtk_combo_box_set_active (self->fault, (int) find_choice (link));
  gtk_widget_set_visible (self->flapping, link->fault == LOOM_FAULT_FLAPPING);
  loom_unit_spin_set (self->period, link->period_s);
  loom_unit_spin_set (self->up, link->up_percent);
  self->is_updating = FALSE;
}
