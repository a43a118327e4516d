/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lab. One slot a node, which knows what is plugged into each of its ports: the canonical order
 * of links is then a walk over the slots in the order of their names, and nothing but a listing
 * costs more than a search. Next: lab-diff.c compares two labs; edit.c makes changes. */

#include "canvas/model/lab.h"

#include <string.h>

/* A node and its cables. Owned by the slots array. */
typedef struct {
  LoomNode *node;
  LoomLink **links; /* node->n_ports references, NULL where nothing is plugged in */
} Slot;

struct _LoomLab {
  GObject parent;

  LoomCatalogue *catalogue;
  char *name;
  char *description;
  GHashTable *by_name; /* name (the node's) -> Slot, borrowed from slots */
  GPtrArray *slots;    /* of Slot, in order of name */
  guint n_links;
  GPtrArray *extra;
};

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LoomLab, loom_lab, G_TYPE_OBJECT)

static void
slot_free (gpointer data)
{
  Slot *slot = data;

  for (int i = 0; i < slot->node->n_ports; i++)
    g_clear_pointer (&slot->links[i], loom_link_unref);
  g_free (slot->links);
  loom_node_unref (slot->node);
  g_free (slot);
}

/* Where @name is in the slots, or would be. */
static guint
find_place (LoomLab *self, const char *name)
{
  guint low = 0;
  guint high = self->slots->len;

  /* Files are sorted: most often the place is the end. */
  if (high > 0 && strcmp (((Slot *) self->slots->pdata[high - 1])->node->name, name) < 0)
    return high;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    const Slot *slot = self->slots->pdata[middle];

    if (strcmp (slot->node->name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static Slot *
get_slot (LoomLab *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

static void
insert_node (LoomLab *self, LoomNode *node)
{
  Slot *slot = g_new0 (Slot, 1);

  slot->node = loom_node_ref (node);
  slot->links = g_new0 (LoomLink *, node->n_ports);
  g_ptr_array_insert (self->slots, (int) find_place (self, node->name), slot);
  g_hash_table_insert (self->by_name, node->name, slot);
}

static void
remove_node (LoomLab *self, const char *name)
{
  g_hash_table_remove (self->by_name, name);
  g_ptr_array_remove_index (self->slots, find_place (self, name));
}

/* The same name, other settings: cables on ports that stay are not touched. */
static void
replace_node (LoomLab *self, LoomNode *after)
{
  Slot *slot = get_slot (self, after->name);
  int n_before = slot->node->n_ports;

  for (int i = after->n_ports; i < n_before; i++)
    g_assert (slot->links[i] == NULL);
  slot->links = g_renew (LoomLink *, slot->links, after->n_ports);
  for (int i = n_before; i < after->n_ports; i++)
    slot->links[i] = NULL;
  loom_node_ref (after);
  g_hash_table_steal (self->by_name, after->name);
  loom_node_unref (slot->node);
  slot->node = after;
  g_hash_table_insert (self->by_name, after->name, slot);
}

static void
insert_link (LoomLab *self, LoomLink *link)
{
  LoomLink **a = &get_slot (self, link->a.node)->links[link->a.port];
  LoomLink **b = &get_slot (self, link->b.node)->links[link->b.port];

  g_assert (*a == NULL && *b == NULL);
  *a = loom_link_ref (link);
  *b = loom_link_ref (link);
  self->n_links++;
}

static void
remove_link (LoomLab *self, const LoomLink *like)
{
  Slot *a = get_slot (self, like->a.node);
  Slot *b = get_slot (self, like->b.node);

  /* The other end first: @like may be the very link, and ours the last reference but one. */
  g_clear_pointer (&b->links[like->b.port], loom_link_unref);
  g_clear_pointer (&a->links[like->a.port], loom_link_unref);
  self->n_links--;
}

static gboolean
is_held (LoomLab *self, const LoomChange *change)
{
  for (guint i = 0; i < change->nodes->len; i++) {
    LoomNodeChange *pair = &g_array_index (change->nodes, LoomNodeChange, i);
    LoomNode *held = pair->before != NULL ? loom_lab_get_node (self, pair->before->name) : NULL;

    if (pair->before != NULL && (held == NULL || !loom_node_equal (held, pair->before)))
      return FALSE;
  }
  for (guint i = 0; i < change->links->len; i++) {
    LoomLink *before = g_array_index (change->links, LoomLinkChange, i).before;
    LoomLink *held = before != NULL ? loom_lab_get_link_at (self, before->a.node, before->a.port)
                                    : NULL;

    if (before != NULL && (held == NULL || !loom_link_equal (held, before)))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_replacement (const LoomNodeChange *pair)
{
  return pair->before != NULL && pair->after != NULL
         && strcmp (pair->before->name, pair->after->name) == 0;
}

static void
set_text (char **text, const char *value)
{
  if (value == NULL)
    return;
  g_free (*text);
  *text = g_strdup (value);
}

static void
loom_lab_finalize (GObject *object)
{
  LoomLab *self = LOOM_LAB (object);

  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->slots);
  g_ptr_array_unref (self->extra);
  g_free (self->name);
  g_free (self->description);
  g_object_unref (self->catalogue);
  G_OBJECT_CLASS (loom_lab_parent_class)->finalize (object);
}

static void
loom_lab_class_init (LoomLabClass *class)
{
  G_OBJECT_CLASS (class)->finalize = loom_lab_finalize;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, LOOM_TYPE_CHANGE);
}

static void
loom_lab_init (LoomLab *self)
{
  self->name = g_strdup ("");
  self->description = g_strdup ("");
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->slots = g_ptr_array_new_with_free_func (slot_free);
  self->extra = g_ptr_array_new_with_free_func (g_free);
}

/**
 * loom_lab_new:
 * @catalogue: the kinds its nodes may be of
 *
 * Returns: (transfer full): an empty lab
 */
LoomLab *
loom_lab_new (LoomCatalogue *catalogue)
{
  LoomLab *self;

  g_return_val_if_fail (LOOM_IS_CATALOGUE (catalogue), NULL);

  self = g_object_new (LOOM_TYPE_LAB, NULL);
  self->catalogue = g_object_ref (catalogue);
  return self;
}

/**
 * loom_lab_get_catalogue:
 *
 * Returns: (transfer none)
 */
LoomCatalogue *
loom_lab_get_catalogue (LoomLab *self)
{
  g_return_val_if_fail (LOOM_IS_LAB (self), NULL);

  return self->catalogue;
}

/**
 * loom_lab_get_name:
 *
 * Returns: (transfer none): the lab's title; "" if it has none
 */
const char *
loom_lab_get_name (LoomLab *self)
{
  g_return_val_if_fail (LOOM_IS_LAB (self), NULL);

  return self->name;
}

/**
 * loom_lab_get_description:
 *
 * Returns: (transfer none): "" if it has none
 */
const char *
loom_lab_get_description (LoomLab *self)
{
  g_return_val_if_fail (LOOM_IS_LAB (self), NULL);

  return self->description;
}

guint
loom_lab_get_n_nodes (LoomLab *self)
{
  g_return_val_if_fail (LOOM_IS_LAB (self), 0);

  return self->slots->len;
}

guint
loom_lab_get_n_links (LoomLab *self)
{
  g_return_val_if_fail (LOOM_IS_LAB (self), 0);

  return self->n_links;
}

/**
 * loom_lab_get_node:
 *
 * Returns: (transfer none) (nullable): the node called @name
 */
LoomNode *
loom_lab_get_node (LoomLab *self, const char *name)
{
  Slot *slot;

  g_return_val_if_fail (LOOM_IS_LAB (self) && name != NULL, NULL);

  slot = get_slot (self, name);
  return slot != NULL ? slot->node : NULL;
}

/**
 * loom_lab_get_kind:
 *
 * Returns: (transfer none): the kind of @node; never %NULL for a node the lab holds
 */
const LoomKind *
loom_lab_get_kind (LoomLab *self, const LoomNode *node)
{
  g_return_val_if_fail (LOOM_IS_LAB (self) && node != NULL, NULL);

  return loom_catalogue_lookup (self->catalogue, node->kind);
}

/**
 * loom_lab_get_link_at:
 *
 * Returns: (transfer none) (nullable): the cable in that port; %NULL also if there is no such port
 */
LoomLink *
loom_lab_get_link_at (LoomLab *self, const char *node, int port)
{
  Slot *slot;

  g_return_val_if_fail (LOOM_IS_LAB (self) && node != NULL, NULL);

  slot = get_slot (self, node);
  if (slot == NULL || port < 0 || port >= slot->node->n_ports)
    return NULL;
  return slot->links[port];
}

/**
 * loom_lab_get_link:
 * @id: "pc1:0 pc2:0", the ends in canonical order
 *
 * Returns: (transfer none) (nullable): that cable
 */
LoomLink *
loom_lab_get_link (LoomLab *self, const char *id)
{
  const char *space;
  g_autofree char *first = NULL;
  LoomEnd end = {NULL, 0};
  LoomEnd other = {NULL, 0};
  LoomLink *link = NULL;

  g_return_val_if_fail (LOOM_IS_LAB (self) && id != NULL, NULL);

  space = strchr (id, ' ');
  if (space == NULL)
    return NULL;
  first = g_strndup (id, space - id);
  if (loom_end_parse (first, &end) && loom_end_parse (space + 1, &other)) {
    link = loom_lab_get_link_at (self, end.node, end.port);
    if (link != NULL
        && (loom_end_compare (&link->a, &end) != 0 || loom_end_compare (&link->b, &other) != 0))
      link = NULL;
  }
  loom_end_clear (&end);
  loom_end_clear (&other);
  return link;
}

/**
 * loom_lab_list_nodes:
 *
 * Returns: (transfer container) (element-type LoomNode): in order of name
 */
GPtrArray *
loom_lab_list_nodes (LoomLab *self)
{
  GPtrArray *nodes;

  g_return_val_if_fail (LOOM_IS_LAB (self), NULL);

  nodes = g_ptr_array_new_full (self->slots->len, (GDestroyNotify) loom_node_unref);
  for (guint i = 0; i < self->slots->len; i++)
    g_ptr_array_add (nodes, loom_node_ref (((Slot *) self->slots->pdata[i])->node));
  return nodes;
}

/**
 * loom_lab_list_links:
 *
 * Returns: (transfer container) (element-type LoomLink): in order of end a
 */
GPtrArray *
loom_lab_list_links (LoomLab *self)
{
  GPtrArray *links;

  g_return_val_if_fail (LOOM_IS_LAB (self), NULL);

  links = g_ptr_array_new_full (self->n_links, (GDestroyNotify) loom_link_unref);
  for (guint i = 0; i < self->slots->len; i++) {
    Slot *slot = self->slots->pdata[i];

    for (int port = 0; port < slot->node->n_ports; port++) {
      LoomLink *link = slot->links[port];

      if (link != NULL && link->a.port == port && strcmp (link->a.node, slot->node->name) == 0)
        g_ptr_array_add (links, loom_link_ref (link));
    }
  }
  return links;
}

/**
 * loom_lab_list_links_of:
 *
 * Returns: (transfer container) (element-type LoomLink): the cables of the node called @node, in
 *   order of its ports; one that joins two of its ports is there once
 */
GPtrArray *
loom_lab_list_links_of (LoomLab *self, const char *node)
{
  GPtrArray *links;
  Slot *slot;

  g_return_val_if_fail (LOOM_IS_LAB (self) && node != NULL, NULL);

  links = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_link_unref);
  slot = get_slot (self, node);
  for (int port = 0; slot != NULL && port < slot->node->n_ports; port++) {
    LoomLink *link = slot->links[port];
    gboolean is_loop = link != NULL && strcmp (link->a.node, link->b.node) == 0;

    if (link != NULL && (!is_loop || link->a.port == port))
      g_ptr_array_add (links, loom_link_ref (link));
  }
  return links;
}

int
loom_lab_get_free_port (LoomLab *self, const char *node)
{
  Slot *slot;

  g_return_val_if_fail (LOOM_IS_LAB (self) && node != NULL, -1);

  slot = get_slot (self, node);
  for (int port = 0; slot != NULL && port < slot->node->n_ports; port++) {
    if (slot->links[port] == NULL)
      return port;
  }
  return -1;
}

/**
 * loom_lab_apply:
 * @change: one whose every `before` the lab holds
 *
 * All that was leaves before anything comes, so that two nodes can swap names in one change.
 */
void
loom_lab_apply (LoomLab *self, LoomChange *change)
{
  g_return_if_fail (LOOM_IS_LAB (self) && change != NULL);
  g_return_if_fail (is_held (self, change));

  loom_change_ref (change);
  for (guint i = 0; i < change->links->len; i++) {
    LoomLinkChange *pair = &g_array_index (change->links, LoomLinkChange, i);

    if (pair->before != NULL)
      remove_link (self, pair->before);
  }
  for (guint i = 0; i < change->nodes->len; i++) {
    LoomNodeChange *pair = &g_array_index (change->nodes, LoomNodeChange, i);

    if (pair->before != NULL && !is_replacement (pair))
      remove_node (self, pair->before->name);
  }
  for (guint i = 0; i < change->nodes->len; i++) {
    LoomNodeChange *pair = &g_array_index (change->nodes, LoomNodeChange, i);

    if (is_replacement (pair))
      replace_node (self, pair->after);
    else if (pair->after != NULL)
      insert_node (self, pair->after);
  }
  for (guint i = 0; i < change->links->len; i++) {
    LoomLinkChange *pair = &g_array_index (change->links, LoomLinkChange, i);

    if (pair->after != NULL)
      insert_link (self, pair->after);
  }
  set_text (&self->name, change->name_after);
  set_text (&self->description, change->description_after);
  g_signal_emit (self, signals[CHANGED], 0, change);
  loom_change_unref (change);
}

/**
 * loom_lab_get_extra:
 *
 * Returns: (transfer none) (element-type utf8): never %NULL; the reader fills it
 */
GPtrArray *
loom_lab_get_extra (LoomLab *self)
{
  g_return_val_if_fail (LOOM_IS_LAB (self), NULL);

  return self->extra;
}
