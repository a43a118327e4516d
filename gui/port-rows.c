/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows of ports. Each row knows its number; what is typed becomes a changed copy of the node that
 * was shown last, which the page turns into an edit. */

#include "gui/port-rows.h"

#include <glib/gi18n-lib.h>

#include "gui/form.h"

#define MAX_VLAN 4094
#define KEY_PORT "loom-port"

enum {
  EDITED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct {
  GtkLabel *label;
  GtkComboBoxText *mode; /* switches */
  GtkEntry *entry;
} Row;

struct _LoomPortRows {
  GtkGrid parent_instance;

  gboolean addresses;
  gboolean is_updating;
  LoomNode *node; /* as shown last */
  GArray *rows;   /* of Row */
};

G_DEFINE_TYPE (LoomPortRows, loom_port_rows, GTK_TYPE_GRID)

static int
port_of (gpointer widget)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), KEY_PORT));
}

static gboolean
can_edit (LoomPortRows *self, int port)
{
  return !self->is_updating && self->node != NULL && port < self->node->n_ports
         && !gtk_widget_in_destruction (GTK_WIDGET (self));
}

static void
emit_edited (LoomPortRows *self, LoomNode *after)
{
  g_autoptr (LoomNode) owned = after;

  if (!loom_node_equal (self->node, owned))
    g_signal_emit (self, signals[EDITED], 0, owned);
}

static void
commit_addresses (LoomPortRows *self, int port, const char *text)
{
  LoomNode *after = loom_node_copy (self->node);

  g_free (after->ports[port].addresses);
  after->ports[port].addresses = text[0] != '\0' ? g_strdup (text) : NULL;
  emit_edited (self, after);
}

static void
commit_vlans (LoomPortRows *self, int port)
{
  Row *row = &g_array_index (self->rows, Row, port);
  LoomVlanMode mode = gtk_combo_box_get_active (GTK_COMBO_BOX (row->mode));
  g_autoptr (GArray) vlans = loom_port_rows_parse_vlans (gtk_entry_get_text (row->entry));
  LoomNode *after;
  LoomPort *after_port;

  if (vlans == NULL || (mode == LOOM_VLAN_ACCESS && vlans->len != 1)) {
    loom_form_set_entry_error (row->entry, mode == LOOM_VLAN_ACCESS
                                               ? _ ("An access port is in one VLAN, 1 to 4094.")
                                               : _ ("Write VLANs as 10, 20, each 1 to 4094."));
    return;
  }
  loom_form_set_entry_error (row->entry, NULL);
  after = loom_node_copy (self->node);
  after_port = &after->ports[port];
  after_port->vlan_mode = mode;
  after_port->access_vlan = mode == LOOM_VLAN_ACCESS ? g_array_index (vlans, int, 0) : 0;
  g_clear_pointer (&after_port->trunk_vlans, g_array_unref);
  if (mode == LOOM_VLAN_TRUNK && vlans->len > 0)
    after_port->trunk_vlans = g_steal_pointer (&vlans);
  emit_edited (self, after);
}

static void
commit (LoomPortRows *self, GtkEntry *entry)
{
  int port = port_of (entry);

  if (!can_edit (self, port))
    return;
  if (self->addresses)
    commit_addresses (self, port, gtk_entry_get_text (entry));
  else
    commit_vlans (self, port);
}

static void
on_entry_activate (GtkEntry *entry, LoomPortRows *self)
{
  commit (self, entry);
}

static gboolean
on_entry_focus_out (GtkWidget *entry, GdkEvent *event, LoomPortRows *self)
{
  commit (self, GTK_ENTRY (entry));
  return GDK_EVENT_PROPAGATE;
}

/* A port that becomes an access port needs a number at once: 1, the default VLAN of switches. */
static void
on_mode_changed (GtkComboBox *combo, LoomPortRows *self)
{
  int port = port_of (combo);
  Row *row;

  if (!can_edit (self, port))
    return;
  row = &g_array_index (self->rows, Row, port);
  gtk_widget_set_sensitive (GTK_WIDGET (row->entry),
                            gtk_combo_box_get_active (combo) != LOOM_VLAN_NONE);
  switch (gtk_combo_box_get_active (combo)) {
  case LOOM_VLAN_ACCESS:
    if (strpbrk (gtk_entry_get_text (row->entry), ",-") != NULL
        || gtk_entry_get_text (row->entry)[0] == '\0')
      gtk_entry_set_text (row->entry, "1");
    break;
  case LOOM_VLAN_NONE:
    gtk_entry_set_text (row->entry, "");
    break;
  default:
    break;
  }
  commit_vlans (self, port);
}

static void
add_row (LoomPortRows *self)
{
  int port = self->rows->len;
  Row row = {0};

  row.label = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_xalign (row.label, 0);
  gtk_label_set_ellipsize (row.label, PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (row.label, 6);
  row.entry = GTK_ENTRY (gtk_entry_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (row.entry), TRUE);
  gtk_entry_set_width_chars (row.entry, self->addresses ? 12 : 5);
  g_object_set_data (G_OBJECT (row.entry), KEY_PORT, GINT_TO_POINTER (port));
  gtk_label_set_mnemonic_widget (row.label, GTK_WIDGET (row.entry));
  gtk_grid_attach (GTK_GRID (self), GTK_WIDGET (row.label), 0, port, 1, 1);
  if (!self->addresses) {
    row.mode = GTK_COMBO_BOX_TEXT (gtk_combo_box_text_new ());
    gtk_combo_box_text_append_text (row.mode, _ ("Any"));
    gtk_combo_box_text_append_text (row.mode, _ ("Access"));
    gtk_combo_box_text_append_text (row.mode, _ ("Trunk"));
    g_object_set_data (G_OBJECT (row.mode), KEY_PORT, GINT_TO_POINTER (port));
    gtk_grid_attach (GTK_GRID (self), GTK_WIDGET (row.mode), 1, port, 1, 1);
    g_signal_connect (row.mode, "changed", G_CALLBACK (on_mode_changed), self);
  } else {
    gtk_entry_set_placeholder_text (row.entry, "10.0.0.1/24");
  }
  gtk_grid_attach (GTK_GRID (self), GTK_WIDGET (row.entry), 2, port, 1, 1);
  g_signal_connect (row.entry, "activate", G_CALLBACK (on_entry_activate), self);
  g_signal_connect (row.entry, "focus-out-event", G_CALLBACK (on_entry_focus_out), self);
  g_array_append_val (self->rows, row);
  gtk_widget_show_all (GTK_WIDGET (self));
}

static void
update_names (LoomPortRows *self, LoomLab *lab, int port)
{
  Row *row = &g_array_index (self->rows, Row, port);
  LoomLink *link = loom_lab_get_link_at (lab, self->node->name, port);
  g_autofree char *mac = loom_node_dup_mac (self->node, port);
  g_autofree char *label = NULL;
  g_autofree char *name = NULL;
  g_autofree char *mode_name = NULL;

  if (link == NULL) {
    label = g_strdup_printf (self->addresses ? _ ("Card %d") : _ ("%d"), port);
  } else {
    gboolean is_a = g_str_equal (link->a.node, self->node->name) && link->a.port == port;

    /* Translators: a port's number, and the node its cable leads to */
    label = g_strdup_printf (_ ("%d → %s"), port, is_a ? link->b.node : link->a.node);
  }
  loom_form_set_label (row->label, label);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row->label), self->addresses ? mac : label);
  name = g_strdup_printf (self->addresses ? _ ("Addresses of card %d") : _ ("VLANs of port %d"),
                          port);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (row->entry)), name);
  if (row->mode != NULL) {
    mode_name = g_strdup_printf (_ ("VLAN mode of port %d"), port);
    atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (row->mode)), mode_name);
  }
}

static void
update_values (LoomPortRows *self, int port)
{
  Row *row = &g_array_index (self->rows, Row, port);
  const LoomPort *value = &self->node->ports[port];
  g_autofree char *vlans = NULL;

  if (self->addresses) {
    loom_form_set_entry (row->entry, value->addresses);
    return;
  }
  gtk_combo_box_set_active (GTK_COMBO_BOX (row->mode), value->vlan_mode);
  gtk_widget_set_sensitive (GTK_WIDGET (row->entry), value->vlan_mode != LOOM_VLAN_NONE);
  gtk_entry_set_placeholder_text (row->entry, value->vlan_mode == LOOM_VLAN_TRUNK ? _ ("all") : "");
  if (value->vlan_mode == LOOM_VLAN_ACCESS)
    vlans = g_strdup_printf ("%d", value->access_vlan);
  else if (value->trunk_vlans != NULL)
    vlans = loom_port_rows_format_vlans (value->trunk_vlans);
  loom_form_set_entry (row->entry, vlans);
}

static void
loom_port_rows_finalize (GObject *object)
{
  LoomPortRows *self = LOOM_PORT_ROWS (object);

  g_clear_pointer (&self->node, loom_node_unref);
  g_array_unref (self->rows);
  G_OBJECT_CLASS (loom_port_rows_parent_class)->finalize (object);
}

static void
loom_port_rows_class_init (LoomPortRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_port_rows_finalize;
  signals[EDITED] = g_signal_new ("edited", LOOM_TYPE_PORT_ROWS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, LOOM_TYPE_NODE);
}

static void
loom_port_rows_init (LoomPortRows *self)
{
  self->rows = g_array_new (FALSE, TRUE, sizeof (Row));
  gtk_grid_set_row_spacing (GTK_GRID (self), 4);
  gtk_grid_set_column_spacing (GTK_GRID (self), 6);
}

GtkWidget *
loom_port_rows_new (gboolean addresses)
{
  LoomPortRows *self = g_object_new (LOOM_TYPE_PORT_ROWS, NULL);

  self->addresses = addresses;
  return GTK_WIDGET (self);
}

void
loom_port_rows_update (LoomPortRows *self, LoomLab *lab, const LoomNode *node)
{
  LoomNode *shown = loom_node_ref ((LoomNode *) node);

  self->is_updating = TRUE;
  g_clear_pointer (&self->node, loom_node_unref);
  self->node = shown;
  while (self->rows->len < (guint) node->n_ports)
    add_row (self);
  while (self->rows->len > (guint) node->n_ports) {
    gtk_grid_remove_row (GTK_GRID (self), self->rows->len - 1);
    g_array_set_size (self->rows, self->rows->len - 1);
  }
  for (int port = 0; port < node->n_ports; port++) {
    update_names (self, lab, port);
    update_values (self, port);
  }
  self->is_updating = FALSE;
}

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

static gboolean
add_range (GArray *vlans, const char *text)
{
  char **ends = g_strsplit (text, "-", 2);
  guint64 first, last;
  gboolean valid = FALSE;

  if (ends[0] != NULL
      && g_ascii_string_to_unsigned (g_strstrip (ends[0]), 10, 1, MAX_VLAN, &first, NULL)) {
    last = first;
    valid = ends[1] == NULL
            || (g_ascii_string_to_unsigned (g_strstrip (ends[1]), 10, 1, MAX_VLAN, &last, NULL)
                && last >= first);
  }
  g_strfreev (ends);
  if (!valid)
    return FALSE;
  for (int vlan = first; vlan <= (int) last; vlan++)
    g_array_append_val (vlans, vlan);
  return TRUE;
}

GArray *
loom_port_rows_parse_vlans (const char *text)
{
  g_autoptr (GArray) vlans = g_array_new (FALSE, FALSE, sizeof (int));
  g_auto (GStrv) parts = NULL;

  parts = g_strsplit (text, ",", MAX_VLAN + 1);
  for (guint i = 0; parts[i] != NULL; i++) {
    if (g_strstrip (parts[i])[0] == '\0' && parts[1] == NULL)
      break;
    if (vlans->len > MAX_VLAN || !add_range (vlans, parts[i]))
      return NULL;
  }
  g_array_sort (vlans, compare_ints);
  for (guint i = 1; i < vlans->len;) {
    if (g_array_index (vlans, int, i) == g_array_index (vlans, int, i - 1))
      g_array_remove_index (vlans, i);
    else
      i++;
  }
  return g_steal_pointer (&vlans);
}

char *
loom_port_rows_format_vlans (const GArray *vlans)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < vlans->len;) {
    int first = g_array_index (vlans, int, i);
    int last = first;

    for (i++; i < vlans->len && g_array_index (vlans, int, i) == last + 1; i++)
      last++;
    g_string_append_printf (text, text->len > 0 ? ", %d" : "%d", first);
    if (last > first)
      g_string_append_printf (text, last == first + 1 ? ", %d" : "-%d", last);
  }
  return g_string_free (text, FALSE);
}
