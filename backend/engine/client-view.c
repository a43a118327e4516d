/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a client knows of its lab, kept in step with what the engine tells: states of nodes, the
 * document, the state of the lab. Which of the document changes is our own is decided here. */

#include "backend/engine/client-private.h"

#include <string.h>

typedef struct {
  char *document;
  guint64 generation;
  GHashTable *renames;
} DocumentChange;

static void
client_node_free (gpointer data)
{
  LoomClientNode *node = data;

  g_free (node->name);
  g_free (node->detail);
  g_free (node);
}

static void
document_change_free (gpointer data)
{
  DocumentChange *change = data;

  g_free (change->document);
  g_hash_table_unref (change->renames);
  g_free (change);
}

void
loom_client_set_lab_state (LoomClient *self, LoomLabState state)
{
  if (self->lab_state == state)
    return;
  self->lab_state = state;
  g_signal_emit_by_name (self, "lab-state-changed", (int) state);
}

static void
set_node (LoomClient *self, const char *name, const char *state_id, const char *detail,
          double progress)
{
  LoomClientNode *node = g_hash_table_lookup (self->nodes, name);
  LoomNodeState state;

  if (!loom_node_state_from_id (state_id, &state))
    return;
  if (node == NULL) {
    node = g_new0 (LoomClientNode, 1);
    node->name = g_strdup (name);
    g_hash_table_insert (self->nodes, node->name, node);
  }
  node->state = state;
  node->progress = progress;
  g_free (node->detail);
  node->detail = g_strdup (detail);
  g_signal_emit_by_name (self, "node-changed", name, (int) state, detail, progress);
}

static void
on_node_changed (LoomDBusEngine *proxy, const char *name, const char *state, const char *detail,
                 double progress, gpointer user_data)
{
  set_node (user_data, name, state, detail, progress);
}

static void
on_node_gone (LoomDBusEngine *proxy, const char *name, gpointer user_data)
{
  LoomClient *self = user_data;
  g_autofree char *kept = g_strdup (name);

  if (g_hash_table_remove (self->nodes, kept))
    g_signal_emit_by_name (self, "node-gone", kept);
}

static void
on_message (LoomDBusEngine *proxy, const char *severity, const char *text, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "message", severity, text);
}

static void
on_state_changed (LoomDBusEngine *proxy, GParamSpec *pspec, gpointer user_data)
{
  LoomLabState state;

  if (loom_lab_state_from_id (loom_dbus_engine_get_state (proxy), &state))
    loom_client_set_lab_state (user_data, state);
}

static void
take_document (LoomClient *self, const char *document, guint64 generation)
{
  g_autofree char *old = self->document;

  self->document = g_strdup (document);
  self->generation = generation;
}

static void
report_document (LoomClient *self, DocumentChange *change)
{
  if (change->generation <= self->generation)
    return;
  take_document (self, change->document, change->generation);
  g_signal_emit_by_name (self, "document-changed", change->document, change->generation,
                         change->renames);
}

static GHashTable *
new_renames (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static GHashTable *
renames_from_variant (GVariant *variant)
{
  GHashTable *renames = new_renames ();
  GVariantIter iter;
  char *old;
  char *new;

  g_variant_iter_init (&iter, variant);
  while (g_variant_iter_next (&iter, "{ss}", &old, &new))
    g_hash_table_insert (renames, old, new);
  return renames;
}

/* The engine has another document. @renames: (transfer full) */
static void
hear_document (LoomClient *self, const char *document, guint64 generation, GHashTable *renames)
{
  DocumentChange *change = g_new0 (DocumentChange, 1);

  change->document = g_strdup (document);
  change->generation = generation;
  change->renames = renames;
  if (self->n_applies > 0) {
    g_queue_push_tail (&self->held, change);
    return;
  }
  report_document (self, change);
  document_change_free (change);
}

static void
on_document_changed (LoomDBusEngine *proxy, const char *document, guint64 generation,
                     GVariant *renames, gpointer user_data)
{
  LoomClient *self = user_data;

  if (generation != self->own_generation)
    hear_document (self, document, generation, renames_from_variant (renames));
}

void
loom_client_hold_documents (LoomClient *self)
{
  self->n_applies++;
}

void
loom_client_release_documents (LoomClient *self, const char *document, guint64 generation)
{
  DocumentChange *change;

  g_return_if_fail (self->n_applies > 0);
  self->n_applies--;
  if (generation > 0) {
    self->own_generation = generation;
    if (generation > self->generation)
      take_document (self, document, generation);
  }
  if (self->n_applies > 0)
    return;
  while ((change = g_queue_pop_head (&self->held)) != NULL) {
    report_document (self, change);
    document_change_free (change);
  }
}

/* Nodes that the engine no longer has are gone; all others are reported afresh. */
static void
take_nodes (LoomClient *self, GVariant *nodes)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) known = loom_client_list_nodes (self);
  GVariantIter iter;
  const char *name;
  const char *state;
  const char *detail;
  double progress;

  g_variant_iter_init (&iter, nodes);
  while (g_variant_iter_next (&iter, "(&s&s&sd)", &name, &state, &detail, &progress))
    g_hash_table_add (seen, (gpointer) name);
  for (guint i = 0; i < known->len; i++) {
    LoomClientNode *node = g_ptr_array_index (known, i);

    if (!g_hash_table_contains (seen, node->name))
      on_node_gone (NULL, node->name, self);
  }
  g_variant_iter_init (&iter, nodes);
  while (g_variant_iter_next (&iter, "(&s&s&sd)", &name, &state, &detail, &progress))
    set_node (self, name, state, detail, progress);
}

/* After a reconnect somebody else may have changed the lab unseen. */
static void
catch_up_document (LoomClient *self)
{
  const char *document = loom_dbus_engine_get_document (self->proxy);
  guint64 generation = loom_dbus_engine_get_generation (self->proxy);

  if (document == NULL)
    document = "";
  if (self->state != LOOM_CLIENT_RECONNECTING) {
    take_document (self, document, generation);
    return;
  }
  /* An engine that could not write its last edits down knows less than the one before. */
  if (generation < self->generation)
    self->generation = self->own_generation = 0;
  hear_document (self, document, generation, new_renames ());
}

static int
compare_nodes (gconstpointer a, gconstpointer b)
{
  const LoomClientNode *one = *(LoomClientNode *const *) a;
  const LoomClientNode *other = *(LoomClientNode *const *) b;

  return strcmp (one->name, other->name);
}

GPtrArray *
loom_client_list_nodes (LoomClient *self)
{
  GPtrArray *nodes = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer node;

  g_return_val_if_fail (LOOM_IS_CLIENT (self), nodes);
  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    g_ptr_array_add (nodes, node);
  g_ptr_array_sort (nodes, compare_nodes);
  return nodes;
}

GStrv
loom_client_dup_off (LoomClient *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const LoomClientNode *node = value;

    if (node->state == LOOM_NODE_OFF)
      g_strv_builder_add (names, node->name);
  }
  return g_strv_builder_end (names);
}

void
loom_client_view_init (LoomClient *self)
{
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, client_node_free);
  self->lab_state = LOOM_LAB_OFF;
  g_queue_init (&self->held);
}

void
loom_client_view_clear (LoomClient *self)
{
  g_hash_table_remove_all (self->nodes);
  g_clear_pointer (&self->document, g_free);
  g_queue_clear_full (&self->held, document_change_free);
  self->generation = 0;
  self->own_generation = 0;
}

static void
on_hangs_changed (LoomDBusEngine *proxy, GParamSpec *pspec, gpointer user_data)
{
  loom_client_update_hangs (user_data);
}

void
loom_client_view_watch (LoomClient *self)
{
  g_signal_connect (self->proxy, "node-changed", G_CALLBACK (on_node_changed), self);
  g_signal_connect (self->proxy, "node-gone", G_CALLBACK (on_node_gone), self);
  g_signal_connect (self->proxy, "document-changed", G_CALLBACK (on_document_changed), self);
  g_signal_connect (self->proxy, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->proxy, "notify::state", G_CALLBACK (on_state_changed), self);
  g_signal_connect (self->proxy, "notify::hangs", G_CALLBACK (on_hangs_changed), self);
}

void
loom_client_view_take (LoomClient *self, GVariant *nodes)
{
  catch_up_document (self);
  on_state_changed (self->proxy, NULL, self);
  loom_client_update_hangs (self);
  take_nodes (self, nodes);
}
