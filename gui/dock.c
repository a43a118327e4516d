/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dock is a row of tiles (tile.c), between which GTK moves tabs, and out into windows. A tile
 * without tabs goes away; the window of a torn-off console is a tile too, and gives its tabs back
 * when it is closed. */

#include "gui/dock.h"

#include <glib/gi18n-lib.h>

#include "gui/tile.h"

#define MAX_TILES 3
#define PAGE_EMPTY "empty"
#define PAGE_TILES "tiles"

enum {
  OPENED,
  EMPTIED,
  KEYBOARD_FREED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomDock {
  GtkStack parent_instance;

  LoomSession *session;
  GtkWidget *tiles;
  GPtrArray *notebooks; /* all, torn-off ones too; weak */
  LoomConsole *current; /* weak */
};

G_DEFINE_TYPE (LoomDock, loom_dock, GTK_TYPE_STACK)

static GtkWidget *add_notebook (LoomDock *self);

static gboolean
is_in_dock (LoomDock *self, GtkWidget *notebook)
{
  return gtk_widget_get_parent (notebook) == self->tiles;
}

static GtkWidget *
get_notebook (LoomConsole *console)
{
  return gtk_widget_get_ancestor (GTK_WIDGET (console), GTK_TYPE_NOTEBOOK);
}

/* (transfer container) */
static GPtrArray *
list_consoles (LoomDock *self)
{
  GPtrArray *consoles = g_ptr_array_new ();

  for (guint i = 0; i < self->notebooks->len; i++) {
    GtkNotebook *notebook = g_ptr_array_index (self->notebooks, i);

    for (int page = 0; page < gtk_notebook_get_n_pages (notebook); page++)
      g_ptr_array_add (consoles, gtk_notebook_get_nth_page (notebook, page));
  }
  return consoles;
}

static LoomConsole *
find_console (LoomDock *self, const char *node, const char *type)
{
  g_autoptr (GPtrArray) consoles = list_consoles (self);

  for (guint i = 0; i < consoles->len; i++) {
    LoomConsole *console = g_ptr_array_index (consoles, i);

    if (g_str_equal (loom_console_get_node (console), node)
        && (type == NULL || g_str_equal (loom_console_get_console_type (console), type)))
      return console;
  }
  return NULL;
}

static void
set_current (LoomDock *self, LoomConsole *console)
{
  g_set_weak_pointer (&self->current, console);
}

static void
update_page (LoomDock *self)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (self->tiles));

  gtk_stack_set_visible_child_name (GTK_STACK (self), children != NULL ? PAGE_TILES : PAGE_EMPTY);
}

static gboolean
on_drop_if_empty (gpointer user_data)
{
  GtkWidget *notebook = user_data;
  LoomDock *self = g_object_get_data (G_OBJECT (notebook), "loom-dock");

  if (self == NULL || gtk_widget_in_destruction (notebook)
      || gtk_notebook_get_n_pages (GTK_NOTEBOOK (notebook)) > 0)
    return G_SOURCE_REMOVE;
  g_ptr_array_remove (self->notebooks, notebook);
  if (is_in_dock (self, notebook)) {
    gtk_widget_destroy (notebook);
    update_page (self);
  } else {
    gtk_widget_destroy (gtk_widget_get_toplevel (notebook));
  }
  if (self->notebooks->len == 0)
    g_signal_emit (self, signals[EMPTIED], 0);
  return G_SOURCE_REMOVE;
}

/* Not at once: GTK may be in the middle of moving the tab. */
static void
on_page_removed (GtkNotebook *notebook, GtkWidget *page, guint number, LoomDock *self)
{
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_drop_if_empty, g_object_ref (notebook), g_object_unref);
}

static void
on_switch_page (GtkNotebook *notebook, GtkWidget *page, guint number, LoomDock *self)
{
  set_current (self, LOOM_CONSOLE (page));
}

static void
on_focus_child (GtkContainer *notebook, GtkWidget *child, LoomDock *self)
{
  if (LOOM_IS_CONSOLE (child))
    set_current (self, LOOM_CONSOLE (child));
}

/* Windows of torn-off consoles */

static gboolean
on_window_deleted (GtkWidget *window, GdkEvent *event, LoomDock *self)
{
  GtkWidget *notebook = gtk_bin_get_child (GTK_BIN (window));
  GtkWidget *target = add_notebook (self);

  while (gtk_notebook_get_n_pages (GTK_NOTEBOOK (notebook)) > 0)
    loom_tile_add (LOOM_TILE (target),
                   LOOM_CONSOLE (gtk_notebook_get_nth_page (GTK_NOTEBOOK (notebook), 0)));
  g_signal_emit (self, signals[OPENED], 0);
  return GDK_EVENT_STOP; /* the empty notebook takes the window with it */
}

/* A console takes every key it can use; the rest are shortcuts of the window it was torn off. With
 * Ctrl and Shift both it is the other way round. */
static gboolean
on_window_key_pressed (GtkWidget *window, GdkEventKey *event, LoomDock *self)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));
  const GdkModifierType both = GDK_CONTROL_MASK | GDK_SHIFT_MASK;

  if ((event->state & both) == both && gtk_window_activate_key (GTK_WINDOW (top), event))
    return GDK_EVENT_STOP;
  return gtk_window_propagate_key_event (GTK_WINDOW (window), event)
         || gtk_window_activate_key (GTK_WINDOW (top), event);
}

static gboolean
on_window_key_released (GtkWidget *window, GdkEventKey *event, gpointer user_data)
{
  return gtk_window_propagate_key_event (GTK_WINDOW (window), event);
}

static void
on_toggle_window (LoomTile *tile, LoomConsole *console, LoomDock *self)
{
  loom_dock_toggle_window (self, console);
}

static GtkWidget *
make_notebook (LoomDock *self)
{
  GtkWidget *notebook = loom_tile_new ();

  g_object_set_data (G_OBJECT (notebook), "loom-dock", self);
  g_signal_connect (notebook, "toggle-window", G_CALLBACK (on_toggle_window), self);
  g_signal_connect (notebook, "page-removed", G_CALLBACK (on_page_removed), self);
  g_signal_connect (notebook, "switch-page", G_CALLBACK (on_switch_page), self);
  g_signal_connect (notebook, "set-focus-child", G_CALLBACK (on_focus_child), self);
  g_ptr_array_add (self->notebooks, notebook);
  return notebook;
}

static GtkWidget *
make_window (LoomDock *self, int width, int height)
{
  GtkWidget *window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  GtkWidget *notebook = make_notebook (self);
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));

  gtk_window_set_title (GTK_WINDOW (window), _ ("Consoles"));
  gtk_window_set_default_size (GTK_WINDOW (window), MAX (width, 480), MAX (height, 320));
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  if (GTK_IS_WINDOW (top))
    g_signal_connect_object (top, "destroy", G_CALLBACK (gtk_widget_destroy), window,
                             G_CONNECT_SWAPPED);
  gtk_container_add (GTK_CONTAINER (window), notebook);
  g_signal_connect (window, "delete-event", G_CALLBACK (on_window_deleted), self);
  g_signal_connect (window, "key-press-event", G_CALLBACK (on_window_key_pressed), self);
  g_signal_connect (window, "key-release-event", G_CALLBACK (on_window_key_released), NULL);
  gtk_widget_show_all (window);
  return notebook;
}

static GtkNotebook *
on_create_window (GtkNotebook *notebook, GtkWidget *page, int x, int y, LoomDock *self)
{
  GtkWidget *target = make_window (self, gtk_widget_get_allocated_width (page),
                                   gtk_widget_get_allocated_height (page));

  gtk_window_move (GTK_WINDOW (gtk_widget_get_toplevel (target)), x, y);
  return GTK_NOTEBOOK (target);
}

static GtkWidget *
add_notebook (LoomDock *self)
{
  GtkWidget *notebook = make_notebook (self);

  g_signal_connect (notebook, "create-window", G_CALLBACK (on_create_window), self);
  gtk_box_pack_start (GTK_BOX (self->tiles), notebook, TRUE, TRUE, 0);
  gtk_widget_show (notebook);
  update_page (self);
  return notebook;
}

static GtkWidget *
last_notebook (LoomDock *self)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (self->tiles));
  GList *last = g_list_last (children);

  return last != NULL ? last->data : add_notebook (self);
}

/* Each machine gets a tile while there is room, then tabs. */
static GtkWidget *
notebook_for_node (LoomDock *self, const char *node)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (self->tiles));
  LoomConsole *other = find_console (self, node, NULL);

  if (other != NULL)
    return get_notebook (other);
  return g_list_length (children) < MAX_TILES ? add_notebook (self) : last_notebook (self);
}

static void
on_keyboard_freed (LoomConsole *console, LoomDock *self)
{
  g_signal_emit (self, signals[KEYBOARD_FREED], 0);
}

static LoomConsole *
open_console (LoomDock *self, const char *node, const char *type)
{
  GtkWidget *console = g_str_equal (type, "serial") ? loom_serial_console_new ()
                                                    : loom_display_console_new ();

  g_signal_connect_object (console, "keyboard-freed", G_CALLBACK (on_keyboard_freed), self, 0);
  loom_console_attach (LOOM_CONSOLE (console), self->session, node);
  loom_tile_add (LOOM_TILE (notebook_for_node (self, node)), LOOM_CONSOLE (console));
  return LOOM_CONSOLE (console);
}

static GtkWidget *
make_empty (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name ("lanloom-console-symbolic", GTK_ICON_SIZE_DIALOG);
  GtkWidget *label = gtk_label_new (
      _ ("Double-click a running machine to open its consoles here."));

  gtk_style_context_add_class (gtk_widget_get_style_context (box), "dim-label");
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (box), icon);
  gtk_container_add (GTK_CONTAINER (box), label);
  gtk_widget_show_all (box);
  return box;
}

/* (nullable): what becomes of the node that was called @name. */
static const LoomNodeChange *
find_change (const LoomChange *change, const char *name)
{
  for (guint i = 0; i < change->nodes->len; i++) {
    const LoomNodeChange *node = &g_array_index (change->nodes, LoomNodeChange, i);

    if (node->before != NULL && g_str_equal (node->before->name, name))
      return node;
  }
  return NULL;
}

static void
loom_dock_destroy (GtkWidget *widget)
{
  LoomDock *self = LOOM_DOCK (widget);

  for (guint i = 0; i < self->notebooks->len; i++) {
    GtkWidget *notebook = g_ptr_array_index (self->notebooks, i);

    g_signal_handlers_disconnect_by_data (notebook, self);
    g_object_set_data (G_OBJECT (notebook), "loom-dock", NULL);
  }
  g_ptr_array_set_size (self->notebooks, 0);
  set_current (self, NULL);
  g_clear_object (&self->session);
  GTK_WIDGET_CLASS (loom_dock_parent_class)->destroy (widget);
}

static void
loom_dock_finalize (GObject *object)
{
  g_ptr_array_unref (LOOM_DOCK (object)->notebooks);
  G_OBJECT_CLASS (loom_dock_parent_class)->finalize (object);
}

static void
loom_dock_class_init (LoomDockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_dock_finalize;
  GTK_WIDGET_CLASS (klass)->destroy = loom_dock_destroy;
  signals[OPENED] = g_signal_new ("opened", LOOM_TYPE_DOCK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
  signals[EMPTIED] = g_signal_new ("emptied", LOOM_TYPE_DOCK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[KEYBOARD_FREED] = g_signal_new ("keyboard-freed", LOOM_TYPE_DOCK, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_dock_init (LoomDock *self)
{
  self->notebooks = g_ptr_array_new ();
  self->tiles = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_box_set_homogeneous (GTK_BOX (self->tiles), TRUE);
  gtk_widget_show (self->tiles);
  gtk_stack_add_named (GTK_STACK (self), make_empty (), PAGE_EMPTY);
  gtk_stack_add_named (GTK_STACK (self), self->tiles, PAGE_TILES);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "loom-dock");
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("Consoles"));
  gtk_widget_show (GTK_WIDGET (self));
}

GtkWidget *
loom_dock_new (LoomSession *session)
{
  LoomDock *self = g_object_new (LOOM_TYPE_DOCK, NULL);

  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}

void
loom_dock_open (LoomDock *self, const char *node, const char *type)
{
  LoomConsole *screen = find_console (self, node, "spice");
  LoomConsole *serial = find_console (self, node, "serial");
  LoomConsole *front;

  if (screen == NULL && (serial == NULL || g_strcmp0 (type, "spice") == 0))
    screen = open_console (self, node, "spice");
  if (serial == NULL)
    serial = open_console (self, node, "serial");
  front = g_strcmp0 (type, "serial") == 0 || screen == NULL ? serial : screen;
  gtk_notebook_set_current_page (
      GTK_NOTEBOOK (get_notebook (front)),
      gtk_notebook_page_num (GTK_NOTEBOOK (get_notebook (front)), GTK_WIDGET (front)));
  set_current (self, front);
  if (is_in_dock (self, get_notebook (front)))
    g_signal_emit (self, signals[OPENED], 0);
  else
    gtk_window_present (GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (front))));
  loom_console_grab_focus (front);
}

void
loom_dock_follow (LoomDock *self, const LoomChange *change)
{
  g_autoptr (GPtrArray) consoles = list_consoles (self);

  for (guint i = 0; i < consoles->len; i++) {
    LoomConsole *console = g_ptr_array_index (consoles, i);
    const LoomNodeChange *node = find_change (change, loom_console_get_node (console));

    if (node == NULL)
      continue;
    if (node->after == NULL)
      gtk_widget_destroy (GTK_WIDGET (console));
    else if (!g_str_equal (node->after->name, node->before->name))
      loom_console_set_node (console, node->after->name);
  }
}

void
loom_dock_close_all (LoomDock *self)
{
  g_autoptr (GPtrArray) consoles = list_consoles (self);

  for (guint i = 0; i < consoles->len; i++)
    gtk_widget_destroy (g_ptr_array_index (consoles, i));
}

LoomConsole *
loom_dock_get_current (LoomDock *self)
{
  return self->current;
}

void
loom_dock_tile (LoomDock *self, LoomConsole *console)
{
  loom_tile_add (LOOM_TILE (add_notebook (self)), console);
  loom_console_grab_focus (console);
}

void
loom_dock_untile (LoomDock *self)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (self->tiles));

  for (GList *child = children != NULL ? children->next : NULL; child != NULL;
       child = child->next) {
    GtkNotebook *notebook = child->data;

    while (gtk_notebook_get_n_pages (notebook) > 0)
      loom_tile_add (LOOM_TILE (children->data),
                     LOOM_CONSOLE (gtk_notebook_get_nth_page (notebook, 0)));
  }
}

/* Beside what else of its machine is in the dock. */
static GtkWidget *
find_way_back (LoomDock *self, LoomConsole *console)
{
  g_autoptr (GPtrArray) consoles = list_consoles (self);

  for (guint i = 0; i < consoles->len; i++) {
    LoomConsole *other = g_ptr_array_index (consoles, i);

    if (other != console && is_in_dock (self, get_notebook (other))
        && g_str_equal (loom_console_get_node (other), loom_console_get_node (console)))
      return get_notebook (other);
  }
  return notebook_for_node (self, "");
}

static void
tear_off (LoomDock *self, LoomConsole *console)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));
  GtkWidget *notebook = get_notebook (console);

  loom_tile_add (LOOM_TILE (make_window (self, gtk_widget_get_allocated_width (notebook),
                                         gtk_widget_get_allocated_height (notebook))),
                 console);
  /* GTK gives the focus to the tab that is beside: keys meant for the window would go to a machine
   * that nobody chose. */
  if (GTK_IS_WINDOW (top))
    gtk_window_set_focus (GTK_WINDOW (top), NULL);
}

void
loom_dock_toggle_window (LoomDock *self, LoomConsole *console)
{
  if (is_in_dock (self, get_notebook (console))) {
    tear_off (self, console);
  } else {
    loom_tile_add (LOOM_TILE (find_way_back (self, console)), console);
    g_signal_emit (self, signals[OPENED], 0);
  }
  loom_console_grab_focus (console);
}

gboolean
loom_dock_is_empty (LoomDock *self)
{
  return self->notebooks->len == 0;
}
