/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Find (Ctrl+K): one entry for whoever knows what a thing is called and not where it is. It finds
 * actions, kinds of node to add, and the nodes and cables of the lab. What can be found is gathered
 * anew each time it opens. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#include "gui/finder-match.h"

#define MAX_ROWS 10
#define WIDTH 420
#define KEY_FOUND "loom-found"

typedef enum {
  FOUND_ACTION, /* id: "win.undo" */
  FOUND_KIND,   /* id: of the catalogue */
  FOUND_NODE,   /* id: its name */
  FOUND_LINK,   /* id: "pc1:0 pc2:0" */
} FoundKind;

typedef struct {
  FoundKind kind;
  char *id;
  char *title;
  char *detail; /* what it is, or the keys that do the same */
  char *folded;
  int score;
  guint number; /* keeps equals in order */
} Found;

typedef struct {
  LoomWindow *window; /* weak: the popover is a part of it */
  GPtrArray *found;   /* all there is, of Found */
  GtkEntry *entry;
  GtkListBox *list;
  GtkWidget *nothing;
} Finder;

static void
found_free (gpointer data)
{
  Found *found = data;

  g_free (found->id);
  g_free (found->title);
  g_free (found->detail);
  g_free (found->folded);
  g_free (found);
}

static void
finder_free (gpointer data)
{
  Finder *self = data;

  g_ptr_array_unref (self->found);
  g_free (self);
}

/* Takes @title and @detail. */
static void
add (Finder *self, FoundKind kind, const char *id, char *title, char *detail)
{
  Found *found = g_new0 (Found, 1);

  found->kind = kind;
  found->id = g_strdup (id);
  found->title = title;
  found->detail = detail;
  found->folded = loom_finder_fold (title);
  found->number = self->found->len;
  g_ptr_array_add (self->found, found);
}

static GActionGroup *
find_group (Finder *self, const char *action, const char **ret_name)
{
  gboolean is_app = g_str_has_prefix (action, "app.");

  *ret_name = strchr (action, '.') + 1;
  return is_app ? G_ACTION_GROUP (gtk_window_get_application (GTK_WINDOW (self->window)))
                : G_ACTION_GROUP (self->window);
}

static void
add_action (const char *action, const char *title, const char *accel, gpointer user_data)
{
  Finder *self = user_data;
  const char *name;
  GActionGroup *group = find_group (self, action, &name);
  GdkModifierType modifiers;
  guint key;

  if (!g_action_group_get_action_enabled (group, name))
    return;
  gtk_accelerator_parse (accel != NULL ? accel : "", &key, &modifiers);
  add (self, FOUND_ACTION, action, g_strdup (title),
       key != 0 ? gtk_accelerator_get_label (key, modifiers) : g_strdup (""));
}

static void
add_kinds (Finder *self)
{
  LoomApplication *application = LOOM_APPLICATION (
      gtk_window_get_application (GTK_WINDOW (self->window)));
  GPtrArray *kinds = loom_catalogue_get_kinds (loom_application_get_catalogue (application));

  for (guint i = 0; i < kinds->len; i++) {
    const LoomKind *kind = g_ptr_array_index (kinds, i);

    /* Translators: a kind of node: "Add Switch" */
    add (self, FOUND_KIND, kind->id, g_strdup_printf (_ ("Add %s"), kind->label),
         g_strdup (kind->section));
  }
}

static void
add_items (Finder *self)
{
  LoomLab *lab = loom_document_get_lab (self->window->document);
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);

  for (guint i = 0; i < nodes->len; i++) {
    LoomNode *node = g_ptr_array_index (nodes, i);
    const LoomKind *kind = loom_lab_get_kind (lab, node);

    add (self, FOUND_NODE, node->name, g_strdup (node->name),
         g_strdup (kind != NULL ? kind->label : ""));
  }
  for (guint i = 0; i < links->len; i++) {
    LoomLink *link = g_ptr_array_index (links, i);
    g_autofree char *id = loom_link_dup_id (link);

    add (self, FOUND_LINK, id, g_strdup_printf ("%s ↔ %s", link->a.node, link->b.node),
         g_strdup_printf (_ ("Cable, port %d to port %d"), link->a.port, link->b.port));
  }
}

/* Nodes and cables stand first where they answer as well: there are few, and they were meant. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const Found *one = *(Found *const *) a;
  const Found *other = *(Found *const *) b;
  gboolean one_is_item = one->kind >= FOUND_NODE;
  gboolean other_is_item = other->kind >= FOUND_NODE;

  if (one->score != other->score)
    return other->score - one->score;
  if (one_is_item != other_is_item)
    return other_is_item - one_is_item;
  return one->number < other->number ? -1 : 1;
}

static GtkWidget *
make_row (const Found *found)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *title = gtk_label_new (found->title);
  GtkWidget *detail = gtk_label_new (found->detail);
  g_autofree char *name = g_strdup_printf ("%s, %s", found->title, found->detail);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_style_context_add_class (gtk_widget_get_style_context (detail), GTK_STYLE_CLASS_DIM_LABEL);
  gtk_box_pack_start (GTK_BOX (box), title, TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), detail, FALSE, FALSE, 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (row), "loom-found");
  gtk_container_add (GTK_CONTAINER (row), box);
  atk_object_set_name (gtk_widget_get_accessible (row),
                       found->detail[0] != '\0' ? name : found->title);
  g_object_set_data (G_OBJECT (row), KEY_FOUND, (gpointer) found);
  gtk_widget_show_all (row);
  return row;
}

static void
destroy_row (GtkWidget *row, gpointer user_data)
{
  gtk_widget_destroy (row);
}

static void
update (Finder *self)
{
  g_autofree char *query = loom_finder_fold (gtk_entry_get_text (self->entry));
  g_autoptr (GPtrArray) best = g_ptr_array_new ();

  gtk_container_foreach (GTK_CONTAINER (self->list), destroy_row, NULL);
  for (guint i = 0; i < self->found->len; i++) {
    Found *found = g_ptr_array_index (self->found, i);

    found->score = loom_finder_score (query, found->folded);
    if (found->score > 0 && (query[0] != '\0' || found->kind == FOUND_ACTION))
      g_ptr_array_add (best, found);
  }
  g_ptr_array_sort (best, compare);
  for (guint i = 0; i < MIN (best->len, MAX_ROWS); i++)
    gtk_container_add (GTK_CONTAINER (self->list), make_row (g_ptr_array_index (best, i)));
  gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, 0));
  gtk_widget_set_visible (self->nothing, best->len == 0);
}

static void
on_search_changed (GtkEntry *entry, Finder *self)
{
  update (self);
}

/* Hidden at once and not faded out: the popover gives the focus back when it is gone, which would
 * take it from an entry that the action opens. */
static void
leave (Finder *self)
{
  gtk_widget_hide (self->window->finder);
  gtk_widget_grab_focus (GTK_WIDGET (self->window->canvas));
}

static void
go (Finder *self, const Found *found)
{
  LoomCanvas *canvas = self->window->canvas;
  const char *name;
  GActionGroup *group;

  leave (self);
  switch (found->kind) {
  case FOUND_ACTION:
    group = find_group (self, found->id, &name);
    g_action_group_activate_action (group, name, NULL);
    break;
  case FOUND_KIND:
    g_free (loom_canvas_add_kind (canvas, found->id));
    break;
  case FOUND_NODE:
    loom_canvas_go_to (canvas, LOOM_ITEM_NODE, found->id);
    break;
  case FOUND_LINK:
    loom_canvas_go_to (canvas, LOOM_ITEM_LINK, found->id);
    break;
  default:
    g_assert_not_reached ();
  }
}

static void
on_row_activated (GtkListBox *list, GtkListBoxRow *row, Finder *self)
{
  go (self, g_object_get_data (G_OBJECT (row), KEY_FOUND));
}

static void
on_entry_activated (GtkEntry *entry, Finder *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (row != NULL)
    go (self, g_object_get_data (G_OBJECT (row), KEY_FOUND));
  else
    gtk_widget_error_bell (GTK_WIDGET (entry));
}

static void
on_stopped (GtkSearchEntry *entry, Finder *self)
{
  leave (self);
}

/* The entry keeps the focus; the arrows walk the list. */
static gboolean
on_key_pressed (GtkWidget *entry, GdkEventKey *event, Finder *self)
{
  gboolean is_down = event->keyval == GDK_KEY_Down || event->keyval == GDK_KEY_KP_Down;
  gboolean is_up = event->keyval == GDK_KEY_Up || event->keyval == GDK_KEY_KP_Up;
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (!is_down && !is_up)
    return GDK_EVENT_PROPAGATE;
  if (row != NULL)
    row = gtk_list_box_get_row_at_index (self->list,
                                         gtk_list_box_row_get_index (row) + (is_down ? 1 : -1));
  if (row != NULL)
    gtk_list_box_select_row (self->list, row);
  return GDK_EVENT_STOP;
}

static GtkWidget *
make_content (Finder *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *entry = gtk_search_entry_new ();
  GtkWidget *list = gtk_list_box_new ();

  self->entry = GTK_ENTRY (entry);
  self->list = GTK_LIST_BOX (list);
  self->nothing = gtk_label_new (_ ("Nothing is called so."));
  gtk_entry_set_placeholder_text (self->entry, _ ("An action, a node or a cable"));
  atk_object_set_name (gtk_widget_get_accessible (entry), _ ("Find"));
  atk_object_set_name (gtk_widget_get_accessible (list), _ ("Found"));
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_BROWSE);
  gtk_widget_set_can_focus (list, FALSE);
  gtk_widget_set_size_request (entry, WIDTH, -1);
  gtk_widget_set_no_show_all (self->nothing, TRUE);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->nothing),
                               GTK_STYLE_CLASS_DIM_LABEL);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "loom-finder");
  gtk_container_add (GTK_CONTAINER (box), entry);
  gtk_container_add (GTK_CONTAINER (box), list);
  gtk_container_add (GTK_CONTAINER (box), self->nothing);
  g_signal_connect (entry, "changed", G_CALLBACK (on_search_changed), self);
  g_signal_connect (entry, "activate", G_CALLBACK (on_entry_activated), self);
  g_signal_connect (entry, "stop-search", G_CALLBACK (on_stopped), self);
  g_signal_connect (entry, "key-press-event", G_CALLBACK (on_key_pressed), self);
  g_signal_connect (list, "row-activated", G_CALLBACK (on_row_activated), self);
  gtk_widget_show_all (box);
  return box;
}

static GtkWidget *
finder_new (LoomWindow *window)
{
  GtkWidget *popover = gtk_popover_new (window->find_button);
  Finder *self = g_new0 (Finder, 1);

  self->window = window;
  self->found = g_ptr_array_new_with_free_func (found_free);
  gtk_container_add (GTK_CONTAINER (popover), make_content (self));
  g_object_set_data_full (G_OBJECT (popover), "loom-finder", self, finder_free);
  return popover;
}

void
loom_window_find (LoomWindow *self)
{
  Finder *finder;

  if (self->finder == NULL)
    self->finder = finder_new (self);
  finder = g_object_get_data (G_OBJECT (self->finder), "loom-finder");
  g_ptr_array_set_size (finder->found, 0);
  loom_shortcuts_each (add_action, finder);
  add_kinds (finder);
  add_items (finder);
  gtk_entry_set_text (finder->entry, "");
  update (finder);
  gtk_popover_popup (GTK_POPOVER (self->finder));
  gtk_widget_grab_focus (GTK_WIDGET (finder->entry));
}
