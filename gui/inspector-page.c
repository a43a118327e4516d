/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/inspector-page.h"

enum {
  MESSAGE,
  OPEN_CONSOLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct {
  LoomDocument *document;
  LoomSession *session;
  gboolean is_updating;
} LoomInspectorPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (LoomInspectorPage, loom_inspector_page, GTK_TYPE_BOX)

#define PRIV(self) ((LoomInspectorPagePrivate *) loom_inspector_page_get_instance_private (self))

static void
loom_inspector_page_finalize (GObject *object)
{
  LoomInspectorPagePrivate *priv = PRIV (LOOM_INSPECTOR_PAGE (object));

  g_clear_object (&priv->document);
  g_clear_object (&priv->session);
  G_OBJECT_CLASS (loom_inspector_page_parent_class)->finalize (object);
}

static void
loom_inspector_page_class_init (LoomInspectorPageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_inspector_page_finalize;
  signals[MESSAGE] = g_signal_new ("message", LOOM_TYPE_INSPECTOR_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[OPEN_CONSOLE] = g_signal_new ("open-console", LOOM_TYPE_INSPECTOR_PAGE, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                        G_TYPE_STRING);
}

static void
loom_inspector_page_init (LoomInspectorPage *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 10);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "loom-page");
}

void
loom_inspector_page_set_sources (LoomInspectorPage *self, LoomDocument *document,
                                 LoomSession *session)
{
  g_set_object (&PRIV (self)->document, document);
  g_set_object (&PRIV (self)->session, session);
}

LoomDocument *
loom_inspector_page_get_document (LoomInspectorPage *self)
{
  return PRIV (self)->document;
}

LoomLab *
loom_inspector_page_get_lab (LoomInspectorPage *self)
{
  return loom_document_get_lab (PRIV (self)->document);
}

LoomSession *
loom_inspector_page_get_session (LoomInspectorPage *self)
{
  return PRIV (self)->session;
}

void
loom_inspector_page_update (LoomInspectorPage *self)
{
  PRIV (self)->is_updating = TRUE;
  LOOM_INSPECTOR_PAGE_GET_CLASS (self)->update (self);
  PRIV (self)->is_updating = FALSE;
}

gboolean
loom_inspector_page_is_updating (LoomInspectorPage *self)
{
  return PRIV (self)->is_updating;
}

gboolean
loom_inspector_page_do (LoomInspectorPage *self, LoomChange *change, const char *merge_key,
                        GError *error)
{
  g_autoptr (LoomChange) owned_change = change;
  g_autoptr (GError) owned_error = error;

  if (change == NULL) {
    loom_inspector_page_say (self, "warning", error->message);
    return FALSE;
  }
  if (!loom_change_is_empty (change))
    loom_history_do (loom_document_get_history (PRIV (self)->document), change, merge_key);
  return TRUE;
}

void
loom_inspector_page_say (LoomInspectorPage *self, const char *severity, const char *text)
{
  g_signal_emit (self, signals[MESSAGE], 0, severity, text);
}

void
loom_inspector_page_open_console (LoomInspectorPage *self, const char *node, const char *type)
{
  g_signal_emit (self, signals[OPEN_CONSOLE], 0, node, type);
}
