/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the canvas does to the lab: place, move, plug, rename, delete. Each is a loom_edit_* change
 * through the history, and a sentence when it is refused. */

#include "canvas/widget/canvas-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Takes @change and @error; @message (nullable) is said when it is done. */
gboolean
loom_canvas_do (LoomCanvas *self, LoomChange *change, GError *error, const char *merge_key,
                const char *message)
{
  if (change == NULL) {
    gtk_widget_error_bell (GTK_WIDGET (self));
    loom_canvas_say (self, error != NULL ? error->message : _ ("That cannot be done."));
    g_clear_error (&error);
    return FALSE;
  }
  if (!loom_change_is_empty (change))
    loom_history_do (self->history, change, merge_key);
  if (message != NULL)
    loom_canvas_say (self, message);
  loom_change_unref (change);
  return TRUE;
}

/* Puts a node where (@x, @y) says, selects it; returns its name (transfer full) or NULL. */
char *
loom_canvas_place (LoomCanvas *self, const char *kind, double x, double y)
{
  LoomLab *lab = loom_canvas_get_lab (self);
  GError *error = NULL;

  if (lab == NULL)
    return NULL;
  if (self->snap) {
    x = round (x / LOOM_GRID_STEP) * LOOM_GRID_STEP;
    y = round (y / LOOM_GRID_STEP) * LOOM_GRID_STEP;
  }
  LoomChange *change = loom_edit_add_node (lab, kind, x, y, &error);
  g_autofree char *name = change != NULL && change->nodes->len > 0 ? g_strdup (
                              g_array_index (change->nodes, LoomNodeChange, 0).after->name)
                                                                   : NULL;
  /* Translators: a node was added */
  g_autofree char *message = g_strdup_printf (_ ("Added %s"), name);
  if (!loom_canvas_do (self, change, error, NULL, message))
    return NULL;
  const char *const names[] = {name, NULL};
  loom_scene_select (self->scene, names, NULL);
  loom_canvas_focus_item (self, LOOM_ITEM_NODE, name);
  return g_steal_pointer (&name);
}

void
loom_canvas_move (LoomCanvas *self, char **nodes, double dx, double dy, const char *merge_key)
{
  LoomLab *lab = loom_canvas_get_lab (self);
  GError *error = NULL;

  if (lab == NULL || nodes == NULL || nodes[0] == NULL || (dx == 0 && dy == 0))
    return;
  LoomChange *change = loom_edit_move (lab, (const char *const *) nodes, dx, dy, &error);
  loom_canvas_do (self, change, error, merge_key, NULL);
}

static char *
explain (LoomLab *lab, const char *from, const char *to)
{
  LoomEnd one = {(char *) from, -1};
  LoomEnd other = {(char *) to, -1};

  return loom_edit_explain_refusal (lab, from != NULL ? &one : NULL, &other);
}

static GHashTable *
find_accepting (LoomLab *lab, const char *from)
{
  GHashTable *accepting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);

  for (guint i = 0; i < nodes->len; i++) {
    LoomNode *node = g_ptr_array_index (nodes, i);
    g_autofree char *refusal = explain (lab, from, node->name);
    if (refusal == NULL && !g_str_equal (node->name, from))
      g_hash_table_add (accepting, g_strdup (node->name));
  }
  return accepting;
}

static void
set_hint (LoomCanvas *self, char *hint)
{
  if (g_strcmp0 (self->pull.hint, hint) != 0)
    loom_canvas_hint (self, hint);
  g_free (self->pull.hint);
  self->pull.hint = hint;
}

/* Starts a cable at @from. @held: a pressed button holds its other end. */
void
loom_canvas_pull_begin (LoomCanvas *self, const char *from, gboolean held)
{
  LoomLab *lab = loom_canvas_get_lab (self);

  loom_canvas_pull_end (self, FALSE);
  if (lab == NULL || loom_lab_get_node (lab, from) == NULL)
    return;
  g_autofree char *refusal = explain (lab, NULL, from);
  if (refusal != NULL) {
    gtk_widget_error_bell (GTK_WIDGET (self));
    loom_canvas_say (self, refusal);
    return;
  }
  self->pull.from = g_strdup (from);
  self->pull.held = held;
  self->pull.accepting = find_accepting (lab, from);
  loom_scene_set_pull (self->scene, from, self->pull.accepting);
  loom_canvas_pull_aim (self, NULL);
  loom_canvas_update_cursor (self);
}

/* The cable's loose end is at @to (NULL: nowhere): says what a release would do. */
void
loom_canvas_pull_aim (LoomCanvas *self, const char *to)
{
  LoomLab *lab = loom_canvas_get_lab (self);
  Pull *pull = &self->pull;
  int from_port = loom_lab_get_free_port (lab, pull->from);

  if (to != NULL && g_str_equal (to, pull->from))
    to = NULL;
  if (to == NULL) {
    g_clear_pointer (&pull->to, g_free);
    pull->fits = FALSE;
    set_hint (self, g_strdup_printf (_ ("%s port %d → …"), pull->from, from_port));
  } else {
    g_autofree char *refusal = explain (lab, pull->from, to);
    g_autofree char *was = pull->to;
    pull->to = g_strdup (to);
    pull->fits = refusal == NULL;
    set_hint (self, refusal != NULL
                        ? g_steal_pointer (&refusal)
                        : g_strdup_printf (_ ("%s port %d → %s port %d"), pull->from, from_port, to,
                                           loom_lab_get_free_port (lab, to)));
  }
  loom_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
plug (LoomCanvas *self, const char *from, const char *to)
{
  LoomLab *lab = loom_canvas_get_lab (self);
  LoomEnd one = {(char *) from, loom_lab_get_free_port (lab, from)};
  LoomEnd other = {(char *) to, loom_lab_get_free_port (lab, to)};
  GError *error = NULL;
  LoomChange *change = loom_edit_connect (lab, &one, &other, &error);
  g_autofree char *message = g_strdup_printf (_ ("Plugged %s port %d into %s port %d"), from,
                                              one.port, to, other.port);

  loom_canvas_do (self, change, error, NULL, message);
}

/* Lets go of the cable: plugs it in where it is, or drops it. */
void
loom_canvas_pull_end (LoomCanvas *self, gboolean do_plug)
{
  g_autofree char *from = g_steal_pointer (&self->pull.from);
  g_autofree char *to = g_steal_pointer (&self->pull.to);
  g_autofree char *hint = g_steal_pointer (&self->pull.hint);

  g_clear_pointer (&self->pull.accepting, g_hash_table_unref);
  if (from == NULL)
    return;
  loom_scene_set_pull (self->scene, NULL, NULL);
  loom_canvas_hint (self, NULL);
  if (do_plug && to != NULL) {
    if (self->pull.fits) {
      plug (self, from, to);
    } else {
      gtk_widget_error_bell (GTK_WIDGET (self));
      loom_canvas_say (self, hint);
    }
  }
  self->pull.fits = FALSE;
  loom_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
rename_node (LoomCanvas *self, const char *name, const char *new_name)
{
  GError *error = NULL;

  if (g_str_equal (name, new_name))
    return;
  LoomChange *change = loom_edit_rename (loom_canvas_get_lab (self), name, new_name, &error);
  g_autofree char *message = g_strdup_printf (_ ("Renamed %s to %s"), name, new_name);
  loom_canvas_do (self, change, error, NULL, message);
}

void
loom_canvas_end_rename (LoomCanvas *self, gboolean keep)
{
  /* Taking the entry away moves the focus, which ends here again. */
  GtkWidget *entry = g_steal_pointer (&self->entry);
  g_autofree char *name = g_steal_pointer (&self->entry_name);

  if (entry == NULL)
    return;
  g_autofree char *text = g_strdup (gtk_entry_get_text (GTK_ENTRY (entry)));
  gboolean had_focus = gtk_widget_has_focus (entry);
  gtk_container_remove (GTK_CONTAINER (self), entry);
  if (had_focus)
    gtk_widget_grab_focus (GTK_WIDGET (self));
  g_strstrip (text);
  if (keep && *text != '\0')
    rename_node (self, name, text);
}

static void
on_entry_activate (GtkEntry *entry, LoomCanvas *self)
{
  loom_canvas_end_rename (self, TRUE);
}

static gboolean
on_entry_focus_out (GtkWidget *entry, GdkEvent *event, LoomCanvas *self)
{
  loom_canvas_end_rename (self, TRUE);
  return FALSE;
}

static gboolean
on_entry_key_press (GtkWidget *entry, GdkEventKey *event, LoomCanvas *self)
{
  if (event->keyval != GDK_KEY_Escape)
    return FALSE;
  loom_canvas_end_rename (self, FALSE);
  return TRUE;
}

/* Marks a name that would be refused while it is typed. */
static void
on_entry_changed (GtkEntry *entry, LoomCanvas *self)
{
  const char *text = gtk_entry_get_text (entry);
  g_autoptr (GError) error = NULL;
  LoomLab *lab = loom_canvas_get_lab (self);
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (entry));
  gboolean taken = g_strcmp0 (text, self->entry_name) != 0 && loom_lab_get_node (lab, text) != NULL;

  if (taken || !loom_node_name_is_valid (text, &error))
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_ERROR);
  else
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_ERROR);
  gtk_widget_set_tooltip_text (GTK_WIDGET (entry), error != NULL ? error->message : NULL);
}

void
loom_canvas_begin_rename (LoomCanvas *self, const char *name)
{
  LoomRect label;

  g_return_if_fail (LOOM_IS_CANVAS (self));

  loom_canvas_end_rename (self, TRUE);
  if (name == NULL || !loom_scene_get_label_bounds (self->scene, name, &label))
    return;
  loom_canvas_reveal (self, LOOM_ITEM_NODE, name);
  label = loom_view_rect_to_px (&self->view, &label);

  self->entry = gtk_entry_new ();
  self->entry_name = g_strdup (name);
  gtk_entry_set_text (GTK_ENTRY (self->entry), name);
  gtk_entry_set_max_length (GTK_ENTRY (self->entry), LOOM_NODE_NAME_MAX);
  gtk_entry_set_width_chars (GTK_ENTRY (self->entry), 12);
  gtk_entry_set_alignment (GTK_ENTRY (self->entry), 0.5);
  atk_object_set_name (gtk_widget_get_accessible (self->entry), _ ("Name"));
  g_signal_connect (self->entry, "activate", G_CALLBACK (on_entry_activate), self);
  g_signal_connect (self->entry, "changed", G_CALLBACK (on_entry_changed), self);
  g_signal_connect (self->entry, "focus-out-event", G_CALLBACK (on_entry_focus_out), self);
  g_signal_connect (self->entry, "key-press-event", G_CALLBACK (on_entry_key_press), self);
  gtk_widget_show (self->entry);

  GtkRequisition size;
  gtk_widget_get_preferred_size (self->entry, NULL, &size);
  int x = label.x + label.width / 2 - size.width / 2;
  int y = label.y + label.height / 2 - size.height / 2;
  gtk_fixed_put (GTK_FIXED (self), self->entry, MAX (x, 0), MAX (y, 0));
  gtk_widget_grab_focus (self->entry);
}

void
loom_canvas_begin_cable (LoomCanvas *self, const char *node)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  loom_canvas_pull_begin (self, node, FALSE);
  if (self->pull.from != NULL)
    loom_canvas_say (self, _ ("Choose where the cable ends: Tab and Enter, or a click. Escape "
                              "leaves it."));
}

char *
loom_canvas_add_kind (LoomCanvas *self, const char *kind)
{
  g_return_val_if_fail (LOOM_IS_CANVAS (self), NULL);

  LoomPoint middle = loom_canvas_to_unit (self, self->view.width_px / 2.0,
                                          self->view.height_px / 2.0);
  LoomPoint spot = loom_scene_find_free_spot (self->scene, middle.x, middle.y);
  char *name = loom_canvas_place (self, kind, spot.x, spot.y);
  if (name != NULL)
    loom_canvas_reveal (self, LOOM_ITEM_NODE, name);
  return name;
}

void
loom_canvas_delete_selection (LoomCanvas *self)
{
  LoomLab *lab = loom_canvas_get_lab (self);
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (self);
  g_auto (GStrv) links = loom_canvas_dup_selected_links (self);
  GError *error = NULL;

  if (lab == NULL || (nodes[0] == NULL && links[0] == NULL))
    return;
  LoomChange *change = loom_edit_delete (lab, (const char *const *) nodes,
                                         (const char *const *) links, &error);
  g_autofree char *message = change != NULL
                                 ? g_strdup_printf (_ ("%s: Ctrl+Z brings it back"), change->label)
                                 : NULL;
  loom_canvas_do (self, change, error, NULL, message);
}
