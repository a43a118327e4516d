/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The live state of a lab, as last told. Holds no clock and asks nobody: the window feeds it. */

#include "canvas/model/status.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  LoomNodeState state;
  char *detail; /* or NULL */
  double progress;
} NodeEntry;

typedef struct {
  LoomLinkStatus status;
  guint round; /* the round that last set it */
} LinkEntry;

struct _LoomStatus {
  GObject parent;

  LoomLabState lab;
  GHashTable *nodes; /* name -> NodeEntry; a node that is off and has no detail is not in it */
  GHashTable *links; /* id -> LinkEntry */
  guint round;
  gboolean links_differ; /* since the last "links-changed" */
  gint64 links_time_us;
};

enum {
  LAB_CHANGED,
  NODE_CHANGED,
  LINKS_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LoomStatus, loom_status, G_TYPE_OBJECT)

static const char *const node_state_ids[] = {"off",    "preparing", "booting", "ready",
                                             "paused", "stopping",  "failed"};
static const char *const lab_state_ids[] = {"off", "starting", "running", "stopping"};

G_STATIC_ASSERT (G_N_ELEMENTS (node_state_ids) == LOOM_NODE_FAILED + 1);
G_STATIC_ASSERT (G_N_ELEMENTS (lab_state_ids) == LOOM_LAB_STOPPING + 1);

static void
node_entry_free (gpointer data)
{
  NodeEntry *entry = data;

  g_free (entry->detail);
  g_free (entry);
}

static gboolean
flow_equal (const LoomFlow *a, const LoomFlow *b)
{
  return a->n_frames == b->n_frames && a->n_bytes == b->n_bytes && a->n_drops == b->n_drops
         && a->n_errors == b->n_errors && a->rate_bps == b->rate_bps && a->rate_fps == b->rate_fps;
}

static gboolean
measure_equal (const LoomLinkMeasure *a, const LoomLinkMeasure *b)
{
  return a->known == b->known && a->delay_ms == b->delay_ms && a->jitter_ms == b->jitter_ms
         && a->loss_percent == b->loss_percent && a->rate_bps == b->rate_bps
         && a->duplicated == b->duplicated && a->reordered == b->reordered
         && a->corrupted == b->corrupted && a->late == b->late && a->held == b->held;
}

static gboolean
link_status_equal (const LoomLinkStatus *a, const LoomLinkStatus *b)
{
  return a->carrier == b->carrier && flow_equal (&a->from_a, &b->from_a)
         && flow_equal (&a->from_b, &b->from_b) && measure_equal (&a->measured[0], &b->measured[0])
         && measure_equal (&a->measured[1], &b->measured[1]);
}

static gboolean
is_stale (gpointer key, gpointer value, gpointer user_data)
{
  const LinkEntry *entry = value;
  const guint *round = user_data;

  return entry->round != *round;
}

static void
loom_status_finalize (GObject *object)
{
  LoomStatus *self = LOOM_STATUS (object);

  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->links);
  G_OBJECT_CLASS (loom_status_parent_class)->finalize (object);
}

static void
loom_status_class_init (LoomStatusClass *class)
{
  GType type = G_TYPE_FROM_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = loom_status_finalize;

  signals[LAB_CHANGED] = g_signal_new ("lab-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
  signals[NODE_CHANGED] = g_signal_new ("node-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[LINKS_CHANGED] = g_signal_new ("links-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 0);
}

static void
loom_status_init (LoomStatus *self)
{
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, node_entry_free);
  self->links = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

LoomStatus *
loom_status_new (void)
{
  return g_object_new (LOOM_TYPE_STATUS, NULL);
}

LoomLabState
loom_status_get_lab (LoomStatus *self)
{
  g_return_val_if_fail (LOOM_IS_STATUS (self), LOOM_LAB_OFF);

  return self->lab;
}

void
loom_status_set_lab (LoomStatus *self, LoomLabState state)
{
  g_return_if_fail (LOOM_IS_STATUS (self));

  if (self->lab == state)
    return;
  self->lab = state;
  g_signal_emit (self, signals[LAB_CHANGED], 0);
}

/**
 * loom_status_get_node:
 *
 * Returns: the state of the node called @name; one never heard of is off
 */
LoomNodeState
loom_status_get_node (LoomStatus *self, const char *name)
{
  const NodeEntry *entry;

  g_return_val_if_fail (LOOM_IS_STATUS (self), LOOM_NODE_OFF);

  entry = g_hash_table_lookup (self->nodes, name);
  return entry != NULL ? entry->state : LOOM_NODE_OFF;
}

const char *
loom_status_get_node_detail (LoomStatus *self, const char *name)
{
  const NodeEntry *entry;

  g_return_val_if_fail (LOOM_IS_STATUS (self), NULL);

  entry = g_hash_table_lookup (self->nodes, name);
  return entry != NULL ? entry->detail : NULL;
}

double
loom_status_get_node_progress (LoomStatus *self, const char *name)
{
  const NodeEntry *entry;

  g_return_val_if_fail (LOOM_IS_STATUS (self), -1);

  entry = g_hash_table_lookup (self->nodes, name);
  return entry != NULL ? entry->progress : -1;
}

/**
 * loom_status_set_node:
 * @detail: (nullable): the sentence to show; "" is none
 * @progress: 0.0 … 1.0, or less than 0 if unknown
 *
 * A node that is off, without a detail, is forgotten: this is how deleted nodes leave.
 */
void
loom_status_set_node (LoomStatus *self, const char *name, LoomNodeState state, const char *detail,
                      double progress)
{
  NodeEntry *entry;

  g_return_if_fail (LOOM_IS_STATUS (self) && name != NULL);

  if (detail != NULL && *detail == '\0')
    detail = NULL;
  progress = progress < 0 ? -1 : MIN (progress, 1.0);
  entry = g_hash_table_lookup (self->nodes, name);
  if (entry == NULL && state == LOOM_NODE_OFF && detail == NULL)
    return;
  if (entry != NULL && entry->state == state && entry->progress == progress
      && g_strcmp0 (entry->detail, detail) == 0)
    return;

  if (state == LOOM_NODE_OFF && detail == NULL) {
    /* @name may be the key itself */
    g_autofree char *kept = g_strdup (name);

    g_hash_table_remove (self->nodes, kept);
    g_signal_emit (self, signals[NODE_CHANGED], 0, kept);
    return;
  }
  if (entry == NULL) {
    entry = g_new0 (NodeEntry, 1);
    g_hash_table_insert (self->nodes, g_strdup (name), entry);
  }
  entry->state = state;
  entry->progress = progress;
  if (g_strcmp0 (entry->detail, detail) != 0) {
    g_free (entry->detail);
    entry->detail = g_strdup (detail);
  }
  g_signal_emit (self, signals[NODE_CHANGED], 0, name);
}

typedef struct {
  char *name;
  LoomNodeState state;
  char *detail;
  double progress;
} Carried;

static void
carried_clear (gpointer data)
{
  Carried *carried = data;

  g_free (carried->name);
  g_free (carried->detail);
}

void
loom_status_carry (LoomStatus *self, const LoomChange *change)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Carried));

  g_return_if_fail (LOOM_IS_STATUS (self) && change != NULL);

  /* All renames of a change happen at once, hence two passes. */
  g_array_set_clear_func (list, carried_clear);
  for (guint i = 0; i < change->nodes->len; i++) {
    const LoomNodeChange *node = &g_array_index (change->nodes, LoomNodeChange, i);
    Carried carried;

    if (node->before == NULL || node->after == NULL
        || g_str_equal (node->before->name, node->after->name))
      continue;
    carried.name = g_strdup (node->after->name);
    carried.state = loom_status_get_node (self, node->before->name);
    carried.detail = g_strdup (loom_status_get_node_detail (self, node->before->name));
    carried.progress = loom_status_get_node_progress (self, node->before->name);
    g_array_append_val (list, carried);
    loom_status_set_node (self, node->before->name, LOOM_NODE_OFF, NULL, -1);
  }
  for (guint i = 0; i < list->len; i++) {
    const Carried *carried = &g_array_index (list, Carried, i);

    loom_status_set_node (self, carried->name, carried->state, carried->detail, carried->progress);
  }
}

/**
 * loom_status_get_link:
 * @id: as of loom_link_dup_id ()
 *
 * Returns: (transfer none) (nullable): valid until the next call that sets something
 */
const LoomLinkStatus *
loom_status_get_link (LoomStatus *self, const char *id)
{
  const LinkEntry *entry;

  g_return_val_if_fail (LOOM_IS_STATUS (self), NULL);

  entry = g_hash_table_lookup (self->links, id);
  return entry != NULL ? &entry->status : NULL;
}

void
loom_status_foreach_link (LoomStatus *self, LoomLinkStatusFunc func, gpointer user_data)
{
  GHashTableIter iter;
  gpointer id;
  gpointer entry;

  g_return_if_fail (LOOM_IS_STATUS (self) && func != NULL);

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, &id, &entry))
    func (id, &((LinkEntry *) entry)->status, user_data);
}

void
loom_status_set_link (LoomStatus *self, const char *id, const LoomLinkStatus *link)
{
  LinkEntry *entry;

  g_return_if_fail (LOOM_IS_STATUS (self) && id != NULL && link != NULL);

  entry = g_hash_table_lookup (self->links, id);
  if (entry == NULL) {
    entry = g_new0 (LinkEntry, 1);
    g_hash_table_insert (self->links, g_strdup (id), entry);
    self->links_differ = TRUE;
  } else if (!link_status_equal (&entry->status, link)) {
    self->links_differ = TRUE;
  }
  entry->status = *link;
  entry->round = self->round;
}

/**
 * loom_status_end_links:
 * @now_us: the monotonic time of the reading
 */
void
loom_status_end_links (LoomStatus *self, gint64 now_us)
{
  g_return_if_fail (LOOM_IS_STATUS (self));

  if (g_hash_table_foreach_remove (self->links, is_stale, &self->round) > 0)
    self->links_differ = TRUE;
  self->round++;
  self->links_time_us = now_us;
  if (!self->links_differ)
    return;
  self->links_differ = FALSE;
  g_signal_emit (self, signals[LINKS_CHANGED], 0);
}

gint64
loom_status_get_links_time_us (LoomStatus *self)
{
  g_return_val_if_fail (LOOM_IS_STATUS (self), 0);

  return self->links_time_us;
}

void
loom_status_clear (LoomStatus *self)
{
  g_autoptr (GList) names = NULL;
  g_autoptr (GHashTable) gone = NULL;

  g_return_if_fail (LOOM_IS_STATUS (self));

  gone = g_steal_pointer (&self->nodes);
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, node_entry_free);
  names = g_hash_table_get_keys (gone);
  for (GList *l = names; l != NULL; l = l->next)
    g_signal_emit (self, signals[NODE_CHANGED], 0, l->data);

  if (g_hash_table_size (self->links) > 0) {
    g_hash_table_remove_all (self->links);
    g_signal_emit (self, signals[LINKS_CHANGED], 0);
  }
  self->links_differ = FALSE;
  loom_status_set_lab (self, LOOM_LAB_OFF);
}

const char *
loom_node_state_to_id (LoomNodeState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (node_state_ids), "off");

  return node_state_ids[state];
}

gboolean
loom_node_state_from_id (const char *id, LoomNodeState *ret_state)
{
  for (guint i = 0; i < G_N_ELEMENTS (node_state_ids); i++) {
    if (g_strcmp0 (id, node_state_ids[i]) == 0) {
      *ret_state = (LoomNodeState) i;
      return TRUE;
    }
  }
  return FALSE;
}

const char *
loom_lab_state_to_id (LoomLabState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (lab_state_ids), "off");

  return lab_state_ids[state];
}

gboolean
loom_lab_state_from_id (const char *id, LoomLabState *ret_state)
{
  for (guint i = 0; i < G_N_ELEMENTS (lab_state_ids); i++) {
    if (g_strcmp0 (id, lab_state_ids[i]) == 0) {
      *ret_state = (LoomLabState) i;
      return TRUE;
    }
  }
  return FALSE;
}

const char *
loom_node_state_to_label (LoomNodeState state)
{
  switch (state) {
  case LOOM_NODE_OFF:
    return C_ ("state of a node", "off");
  case LOOM_NODE_PREPARING:
    return C_ ("state of a node", "preparing");
  case LOOM_NODE_BOOTING:
    return C_ ("state of a node", "booting");
  case LOOM_NODE_READY:
    return C_ ("state of a node", "ready");
  case LOOM_NODE_PAUSED:
    return C_ ("state of a node", "paused");
  case LOOM_NODE_STOPPING:
    return C_ ("state of a node", "stopping");
  case LOOM_NODE_FAILED:
    return C_ ("state of a node", "failed");
  }
  g_return_val_if_reached ("");
}
