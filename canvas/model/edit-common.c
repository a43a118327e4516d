/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of edits share: refusing in a sentence, and MAC addresses, which are the one thing
 * about a node that depends on all others. */

#include "canvas/model/edit-common.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/text.h"

gboolean
loom_edit_refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_REFUSED, format, args);
  va_end (args);
  return FALSE;
}

gboolean
loom_edit_refuse_as (GError **error, GError *reason)
{
  reason->code = LOOM_MODEL_ERROR_REFUSED;
  g_propagate_error (error, reason);
  return FALSE;
}

LoomNode *
loom_edit_get_node (LoomLab *lab, const char *name, GError **error)
{
  LoomNode *node = loom_lab_get_node (lab, name);
  g_autofree char *shown = NULL;

  if (node != NULL)
    return node;
  shown = loom_text_for_display (name);
  loom_edit_refuse (error, _ ("There is no node called “%s”."), shown);
  return NULL;
}

gboolean
loom_edit_is_machine (LoomLab *lab, const LoomNode *node)
{
  return loom_lab_get_kind (lab, node)->role == LOOM_ROLE_MACHINE;
}

static gboolean
check_macs_against (const LoomNode *node, const LoomNode *other, GHashTable *macs, GError **error)
{
  for (int port = 0; port < other->n_ports; port++) {
    g_autofree char *mac = loom_node_dup_mac (other, port);
    gpointer taken_by = NULL;

    if (g_hash_table_lookup_extended (macs, mac, NULL, &taken_by))
      return loom_edit_refuse (
          error,
          _ ("“%s:%d” would have the MAC address %s, which is that of “%s:%d”. Set "
             "another one."),
          node->name, GPOINTER_TO_INT (taken_by), mac, other->name, port);
  }
  return TRUE;
}

gboolean
loom_edit_check_macs (LoomLab *lab, const LoomNode *node, const char *except, GError **error)
{
  g_autoptr (GHashTable) macs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) nodes = NULL;

  for (int port = 0; port < node->n_ports; port++) {
    if (!g_hash_table_insert (macs, loom_node_dup_mac (node, port), GINT_TO_POINTER (port)))
      return loom_edit_refuse (error, _ ("Two NICs of “%s” would have the same MAC address."),
                               node->name);
  }
  nodes = loom_lab_list_nodes (lab);
  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *other = nodes->pdata[i];

    if (loom_edit_is_machine (lab, other) && g_strcmp0 (other->name, except) != 0
        && !check_macs_against (node, other, macs, error))
      return FALSE;
  }
  return TRUE;
}
