/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector when several things are selected: how many, and what can be done to all. */

#include "gui/inspector-page.h"

#include <glib/gi18n-lib.h>

#include "gui/form.h"

#define LOOM_TYPE_MANY_PAGE (loom_many_page_get_type ())
G_DECLARE_FINAL_TYPE (LoomManyPage, loom_many_page, LOOM, MANY_PAGE, LoomInspectorPage)

struct _LoomManyPage {
  LoomInspectorPage parent_instance;
};

G_DEFINE_TYPE (LoomManyPage, loom_many_page, LOOM_TYPE_INSPECTOR_PAGE)

/* The selection changes with what it names, and with it the page. */
static void
loom_many_page_update (LoomInspectorPage *page)
{
}

static void
loom_many_page_class_init (LoomManyPageClass *klass)
{
  LOOM_INSPECTOR_PAGE_CLASS (klass)->update = loom_many_page_update;
}

static void
loom_many_page_init (LoomManyPage *self)
{
}

GtkWidget *
loom_many_page_new (LoomDocument *document, LoomSession *session, const char *const *nodes,
                    const char *const *links)
{
  LoomManyPage *self = g_object_new (LOOM_TYPE_MANY_PAGE, NULL);
  GtkContainer *box = GTK_CONTAINER (self);
  guint n_nodes = g_strv_length ((char **) nodes);
  guint n_links = g_strv_length ((char **) links);
  g_autofree char *node_text = g_strdup_printf (ngettext ("%u node", "%u nodes", n_nodes), n_nodes);
  g_autofree char *link_text = g_strdup_printf (ngettext ("%u cable", "%u cables", n_links),
                                                n_links);
  /* Translators: "4 nodes, 3 cables" */
  g_autofree char *both = g_strdup_printf (_ ("%s, %s"), node_text, link_text);
  g_autofree char *names = g_strjoinv (", ", (char **) nodes);
  GtkWidget *buttons;
  GtkWidget *button;

  loom_inspector_page_set_sources (LOOM_INSPECTOR_PAGE (self), document, session);
  loom_form_add_title (box, n_links == 0 ? node_text : n_nodes == 0 ? link_text : both);
  loom_form_add_note (box, names);
  buttons = loom_form_add_buttons (box);
  button = loom_form_add_button (GTK_CONTAINER (buttons), _ ("_Delete"),
                                 _ ("Delete what is selected. Undo brings it back."));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.delete");
  if (n_links > 0) {
    button = loom_form_add_button (GTK_CONTAINER (buttons), _ ("_Unplug"),
                                   _ ("Pull all these cables out: carriers drop at both ends (U)"));
    gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.unplug");
    button = loom_form_add_button (GTK_CONTAINER (buttons), _ ("_Plug In"),
                                   _ ("Make all these cables whole again (U)"));
    gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.plug");
  }
  gtk_widget_show_all (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
