/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Nodes: reference-counted values that never change once shared. Next: lab.c, which holds them. */

#include "canvas/model/node.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/error.h"
#include "canvas/model/text.h"

G_DEFINE_BOXED_TYPE (LoomNode, loom_node, loom_node_ref, loom_node_unref)

static gboolean
extra_equal (const GPtrArray *a, const GPtrArray *b)
{
  guint a_length = a != NULL ? a->len : 0;
  guint b_length = b != NULL ? b->len : 0;

  if (a == b)
    return TRUE;
  if (a_length != b_length)
    return FALSE;
  for (guint i = 0; i < a_length; i++) {
    if (strcmp (a->pdata[i], b->pdata[i]) != 0)
      return FALSE;
  }
  return TRUE;
}

static gboolean
after_equal (const LoomNode *a, const LoomNode *b)
{
  if (a->after == NULL || b->after == NULL)
    return a->after == b->after;
  return g_strv_equal ((const char *const *) a->after, (const char *const *) b->after);
}

static void
node_free (LoomNode *node)
{
  for (int i = 0; i < node->n_ports; i++)
    loom_port_clear (&node->ports[i]);
  g_free (node->ports);
  g_free (node->name);
  g_free (node->kind);
  g_free (node->image);
  g_free (node->boot);
  g_strfreev (node->after);
  g_clear_pointer (&node->extra, g_ptr_array_unref);
  g_clear_pointer (&node->canvas_extra, g_ptr_array_unref);
  g_free (node);
}

/**
 * loom_node_new:
 * @name: a valid name
 * @kind: the id of a kind
 * @n_ports: 0 … LOOM_NODE_MAX_PORTS
 *
 * Returns: (transfer full): a node at (0, 0) with the defaults of its kind
 */
LoomNode *
loom_node_new (const char *name, const char *kind, int n_ports)
{
  LoomNode *node;

  g_return_val_if_fail (name != NULL && kind != NULL, NULL);
  g_return_val_if_fail (n_ports >= 0 && n_ports <= LOOM_NODE_MAX_PORTS, NULL);

  node = g_new0 (LoomNode, 1);
  g_atomic_ref_count_init (&node->ref_count);
  node->name = g_strdup (name);
  node->kind = g_strdup (kind);
  node->n_ports = n_ports;
  node->ports = g_new0 (LoomPort, n_ports);
  return node;
}

/**
 * loom_node_copy:
 *
 * Returns: (transfer full): a node of its own, to be changed before it is shared
 */
LoomNode *
loom_node_copy (const LoomNode *node)
{
  LoomNode *copy = loom_node_new (node->name, node->kind, node->n_ports);

  copy->x = node->x;
  copy->y = node->y;
  copy->memory_mib = node->memory_mib;
  copy->n_cpus = node->n_cpus;
  copy->image = g_strdup (node->image);
  copy->boot = g_strdup (node->boot);
  copy->after = g_strdupv (node->after);
  for (int i = 0; i < node->n_ports; i++)
    loom_port_init_copy (&copy->ports[i], &node->ports[i]);
  if (node->extra != NULL)
    copy->extra = g_ptr_array_ref (node->extra);
  if (node->canvas_extra != NULL)
    copy->canvas_extra = g_ptr_array_ref (node->canvas_extra);
  return copy;
}

/**
 * loom_node_copy_at:
 *
 * Returns: (transfer full): @node, standing at (@x, @y)
 */
LoomNode *
loom_node_copy_at (const LoomNode *node, double x, double y)
{
  LoomNode *copy = loom_node_copy (node);

  copy->x = x;
  copy->y = y;
  return copy;
}

/**
 * loom_node_copy_named:
 *
 * Returns: (transfer full): @node, called @name
 */
LoomNode *
loom_node_copy_named (const LoomNode *node, const char *name)
{
  LoomNode *copy = loom_node_copy (node);

  g_free (copy->name);
  copy->name = g_strdup (name);
  return copy;
}

LoomNode *
loom_node_ref (LoomNode *node)
{
  g_atomic_ref_count_inc (&node->ref_count);
  return node;
}

void
loom_node_unref (LoomNode *node)
{
  if (g_atomic_ref_count_dec (&node->ref_count))
    node_free (node);
}

/**
 * loom_node_equal:
 *
 * Returns: whether both would be written alike
 */
gboolean
loom_node_equal (const LoomNode *a, const LoomNode *b)
{
  return a == b
         || (a->x == b->x && a->y == b->y && extra_equal (a->canvas_extra, b->canvas_extra)
             && loom_node_equal_but_layout (a, b));
}

/**
 * loom_node_equal_but_layout:
 *
 * Returns: whether both are the same to whoever runs the lab
 */
gboolean
loom_node_equal_but_layout (const LoomNode *a, const LoomNode *b)
{
  if (a == b)
    return TRUE;
  if (strcmp (a->name, b->name) != 0 || strcmp (a->kind, b->kind) != 0
      || a->memory_mib != b->memory_mib || a->n_cpus != b->n_cpus || a->n_ports != b->n_ports
      || g_strcmp0 (a->image, b->image) != 0 || g_strcmp0 (a->boot, b->boot) != 0
      || !after_equal (a, b) || !extra_equal (a->extra, b->extra))
    return FALSE;
  for (int i = 0; i < a->n_ports; i++) {
    if (!loom_port_equal (&a->ports[i], &b->ports[i]))
      return FALSE;
  }
  return TRUE;
}

/**
 * loom_node_set_n_ports:
 * @node: a node not shared yet
 * @n_ports: 0 … LOOM_NODE_MAX_PORTS
 */
void
loom_node_set_n_ports (LoomNode *node, int n_ports)
{
  g_return_if_fail (n_ports >= 0 && n_ports <= LOOM_NODE_MAX_PORTS);

  for (int i = n_ports; i < node->n_ports; i++)
    loom_port_clear (&node->ports[i]);
  node->ports = g_renew (LoomPort, node->ports, n_ports);
  for (int i = node->n_ports; i < n_ports; i++)
    memset (&node->ports[i], 0, sizeof (LoomPort));
  node->n_ports = n_ports;
}

/**
 * loom_node_dup_mac:
 * @port: 0 … n_ports - 1
 *
 * An address that is not set comes from the FNV-1a hash of "name:port": 46 bits of it, with the
 * bits of RFC 5342 section 2.1 for a local unicast address.
 *
 * Returns: (transfer full): "02:…", lower case
 */
char *
loom_node_dup_mac (const LoomNode *node, int port)
{
  guint64 hash = G_GUINT64_CONSTANT (0xcbf29ce484222325);
  g_autofree char *text = NULL;

  g_return_val_if_fail (port >= 0 && port < node->n_ports, NULL);

  if (node->ports[port].mac != NULL)
    return g_strdup (node->ports[port].mac);

  text = g_strdup_printf ("%s:%d", node->name, port);
  for (const char *p = text; *p != '\0'; p++)
    hash = (hash ^ (guchar) *p) * G_GUINT64_CONSTANT (0x100000001b3);
  hash ^= hash >> 32; /* the low bits of FNV mix worst, and a MAC takes the low ones */
  return g_strdup_printf ("%02x:%02x:%02x:%02x:%02x:%02x", ((guint) (hash >> 40) & 0xfc) | 0x02,
                          (guint) (hash >> 32) & 0xff, (guint) (hash >> 24) & 0xff,
                          (guint) (hash >> 16) & 0xff, (guint) (hash >> 8) & 0xff,
                          (guint) hash & 0xff);
}

/**
 * loom_node_name_is_valid:
 * @name: any text
 * @error: LOOM_MODEL_ERROR_INVALID
 *
 * Returns: whether @name may name a node
 */
gboolean
loom_node_name_is_valid (const char *name, GError **error)
{
  g_autofree char *shown = NULL;

  if (*name == '\0') {
    g_set_error_literal (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                         _ ("A node needs a name: letters, digits, “.”, “_” or “-”."));
    return FALSE;
  }
  if (strlen (name) > LOOM_NODE_NAME_MAX) {
    shown = loom_text_for_display (name);
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("The name “%s” is too long: a node's name has at most %d characters."), shown,
                 LOOM_NODE_NAME_MAX);
    return FALSE;
  }
  for (const char *p = name; *p != '\0'; p++) {
    if (g_ascii_isalnum (*p) || (p > name && strchr ("._-", *p) != NULL))
      continue;
    shown = loom_text_for_display (name);
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s” cannot name a node: use letters, digits, “.”, “_” and “-”, "
                    "beginning with a letter or a digit."),
                 shown);
    return FALSE;
  }
  return TRUE;
}
