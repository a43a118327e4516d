/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dock without a running lab: consoles go where their machines go. */

#include "gui/dock.h"

#include "tests/unit/gui/catalogue.h"

#include <string.h>

typedef struct {
  LoomCatalogue *catalogue;
  LoomDocument *document;
  LoomSession *session;
  GtkWidget *window;
  LoomDock *dock;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->catalogue = make_catalogue ();
  f->document = loom_document_new (f->catalogue, NULL);
  g_assert_true (
      loom_document_recover (f->document, NULL, TWO_MACHINES, strlen (TWO_MACHINES), &error));
  f->session = loom_session_new (f->document);
  f->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  f->dock = LOOM_DOCK (loom_dock_new (f->session));
  gtk_container_add (GTK_CONTAINER (f->window), GTK_WIDGET (f->dock));
  gtk_widget_show (f->window);
  loom_dock_open (f->dock, "pc1", "serial");
  loom_dock_open (f->dock, "pc2", "serial");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_widget_destroy (f->window);
  g_object_unref (f->session);
  g_object_unref (f->document);
  g_object_unref (f->catalogue);
}

/* "serial of pc1, …": all consoles below @widget. */
static void
list_below (GtkWidget *widget, gpointer user_data)
{
  GString *list = user_data;

  if (LOOM_IS_CONSOLE (widget))
    g_string_append_printf (list, "%s %s, ", loom_console_get_node (LOOM_CONSOLE (widget)),
                            loom_console_get_console_type (LOOM_CONSOLE (widget)));
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), list_below, user_data);
}

static void
assert_consoles (Fixture *f, const char *expected)
{
  g_autoptr (GString) list = g_string_new (NULL);

  list_below (GTK_WIDGET (f->dock), list);
  g_assert_cmpstr (list->str, ==, expected);
}

/* Adds to @change that the node called @before is called @after; NULL: is gone. */
static void
add (LoomChange *change, const char *before, const char *after)
{
  g_autoptr (LoomNode) old_node = loom_node_new (before, "tiny", 1);
  g_autoptr (LoomNode) new_node = after != NULL ? loom_node_new (after, "tiny", 1) : NULL;

  loom_change_add_node (change, old_node, new_node);
}

static void
test_swap (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomChange) change = loom_change_new ("swap");

  assert_consoles (f, "pc1 spice, pc1 serial, pc2 spice, pc2 serial, ");
  add (change, "pc1", "pc2");
  add (change, "pc2", "pc1");
  loom_dock_follow (f->dock, change);
  assert_consoles (f, "pc2 spice, pc2 serial, pc1 spice, pc1 serial, ");
}

/* One takes the name of another that goes. */
static void
test_successor (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomChange) change = loom_change_new ("succeed");

  add (change, "pc1", "pc2");
  add (change, "pc2", NULL);
  loom_dock_follow (f->dock, change);
  assert_consoles (f, "pc2 spice, pc2 serial, ");
  loom_dock_close_all (f->dock);
  assert_consoles (f, "");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/dock/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("swap", test_swap);
  ADD ("successor", test_successor);
  return g_test_run ();
}
