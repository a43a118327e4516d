/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector holds one page at a time and refreshes it when the lab or its state changes. */

#include "gui/inspector.h"

#include <glib/gi18n-lib.h>

#include "gui/inspector-page.h"

enum {
  MESSAGE,
  OPEN_CONSOLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomInspector {
  GtkScrolledWindow parent_instance;

  LoomDocument *document;
  LoomSession *session;
  GPtrArray *presets;
  LoomRateHistory *history; /* of all cables, whatever is shown */
  LoomLab *lab;             /* whose "changed" is heard */
  LoomInspectorPage *page;
  char *shown; /* what the page is of, to tell whether it must be another */
};

G_DEFINE_TYPE (LoomInspector, loom_inspector, GTK_TYPE_SCROLLED_WINDOW)

static void
on_page_message (LoomInspectorPage *page, const char *severity, const char *text,
                 LoomInspector *self)
{
  g_signal_emit (self, signals[MESSAGE], 0, severity, text);
}

static void
on_page_open_console (LoomInspectorPage *page, const char *node, const char *type,
                      LoomInspector *self)
{
  g_signal_emit (self, signals[OPEN_CONSOLE], 0, node, type);
}

static void
set_page (LoomInspector *self, GtkWidget *page)
{
  GtkWidget *old = gtk_bin_get_child (GTK_BIN (self));

  if (old != NULL)
    gtk_container_remove (GTK_CONTAINER (self), old);
  self->page = LOOM_INSPECTOR_PAGE (page);
  g_signal_connect (page, "message", G_CALLBACK (on_page_message), self);
  g_signal_connect (page, "open-console", G_CALLBACK (on_page_open_console), self);
  gtk_container_add (GTK_CONTAINER (self), page);
}

static void
refresh (LoomInspector *self)
{
  if (self->page != NULL)
    loom_inspector_page_update (self->page);
}

static void
on_counters_changed (LoomInspector *self)
{
  if (self->page != NULL && !LOOM_INSPECTOR_PAGE_GET_CLASS (self->page)->ignores_counters)
    refresh (self);
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomInspector *self)
{
  refresh (self);
}

static void
on_replaced (LoomDocument *document, LoomInspector *self)
{
  const char *const nothing[] = {NULL};

  if (self->lab != NULL)
    g_signal_handlers_disconnect_by_data (self->lab, self);
  g_set_object (&self->lab, loom_document_get_lab (document));
  g_signal_connect (self->lab, "changed", G_CALLBACK (on_lab_changed), self);
  g_clear_pointer (&self->shown, g_free);
  loom_inspector_show (self, nothing, nothing);
}

static void
loom_inspector_destroy (GtkWidget *widget)
{
  LoomInspector *self = LOOM_INSPECTOR (widget);

  self->page = NULL;
  if (self->lab != NULL)
    g_signal_handlers_disconnect_by_data (self->lab, self);
  g_clear_object (&self->lab);
  if (self->session != NULL) {
    g_signal_handlers_disconnect_by_data (self->session, self);
    g_signal_handlers_disconnect_by_data (loom_session_get_status (self->session), self);
  }
  g_clear_object (&self->session);
  g_clear_object (&self->history);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->document);
  GTK_WIDGET_CLASS (loom_inspector_parent_class)->destroy (widget);
}

static void
loom_inspector_finalize (GObject *object)
{
  g_free (LOOM_INSPECTOR (object)->shown);
  g_clear_pointer (&LOOM_INSPECTOR (object)->presets, g_ptr_array_unref);
  G_OBJECT_CLASS (loom_inspector_parent_class)->finalize (object);
}

static void
loom_inspector_class_init (LoomInspectorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_inspector_finalize;
  GTK_WIDGET_CLASS (klass)->destroy = loom_inspector_destroy;
  signals[MESSAGE] = g_signal_new ("message", LOOM_TYPE_INSPECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[OPEN_CONSOLE] = g_signal_new ("open-console", LOOM_TYPE_INSPECTOR, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                        G_TYPE_STRING);
}

static void
loom_inspector_init (LoomInspector *self)
{
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "loom-inspector");
}

GtkWidget *
loom_inspector_new (LoomDocument *document, LoomSession *session, GPtrArray *presets)
{
  LoomInspector *self = g_object_new (LOOM_TYPE_INSPECTOR, NULL);

  self->document = g_object_ref (document);
  self->session = g_object_ref (session);
  self->presets = g_ptr_array_ref (presets);
  self->history = loom_rate_history_new (loom_session_get_status (session));
  g_signal_connect (document, "replaced", G_CALLBACK (on_replaced), self);
  g_signal_connect_swapped (document, "title-changed", G_CALLBACK (refresh), self);
  g_signal_connect_swapped (session, "changed", G_CALLBACK (refresh), self);
  g_signal_connect_swapped (session, "cost-changed", G_CALLBACK (refresh), self);
  g_signal_connect_swapped (loom_session_get_status (session), "links-changed",
                            G_CALLBACK (on_counters_changed), self);
  on_replaced (document, self);
  /* Not earlier: a scrolled window's accessible wants its adjustments. */
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("Inspector"));
  return GTK_WIDGET (self);
}

static char **
keep_known (LoomInspector *self, const char *const *names, gboolean are_links)
{
  GPtrArray *known = g_ptr_array_new ();

  for (; *names != NULL; names++) {
    if (are_links ? loom_lab_get_link (self->lab, *names) != NULL
                  : loom_lab_get_node (self->lab, *names) != NULL)
      g_ptr_array_add (known, g_strdup (*names));
  }
  g_ptr_array_add (known, NULL);
  return (char **) g_ptr_array_free (known, FALSE);
}

void
loom_inspector_show (LoomInspector *self, const char *const *nodes, const char *const *links)
{
  g_auto (GStrv) known_nodes = keep_known (self, nodes, FALSE);
  g_auto (GStrv) known_links = keep_known (self, links, TRUE);
  guint n_nodes = g_strv_length (known_nodes);
  guint n_links = g_strv_length (known_links);
  g_autofree char *node_text = g_strjoinv ("\n", known_nodes);
  g_autofree char *link_text = g_strjoinv ("\n", known_links);
  g_autofree char *shown = g_strconcat (node_text, "\n\n", link_text, NULL);

  if (self->page != NULL && g_strcmp0 (shown, self->shown) == 0) {
    refresh (self);
    return;
  }
  g_free (self->shown);
  self->shown = g_steal_pointer (&shown);
  if (n_nodes == 0 && n_links == 0)
    set_page (self, loom_lab_page_new (self->document, self->session));
  else if (n_nodes == 1 && n_links == 0)
    set_page (self, loom_node_page_new (self->document, self->session, known_nodes[0]));
  else if (n_nodes == 0 && n_links == 1)
    set_page (self, loom_link_page_new (self->document, self->session, self->presets, self->history,
                                        known_links[0]));
  else
    set_page (self,
              loom_many_page_new (self->document, self->session, (const char *const *) known_nodes,
                                  (const char *const *) known_links));
}
