/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of cables: impairments and faults. A cable is replaced by a changed copy; its ends
 * stay. What may be set is decided by loom_link_check (). */

#include "canvas/model/edit.h"

#include <glib/gi18n-lib.h>

#include "canvas/model/edit-common.h"

/* What a person did, for the history: from the faults before and after. */
static char *
describe_one (const LoomLink *before, const LoomLink *after)
{
  gboolean was_unplugged = before->fault == LOOM_FAULT_UNPLUGGED;
  gboolean is_unplugged = after->fault == LOOM_FAULT_UNPLUGGED;

  if (is_unplugged && !was_unplugged)
    return g_strdup_printf (_ ("Unplug %s from %s"), after->a.node, after->b.node);
  if (was_unplugged && after->fault == LOOM_FAULT_NONE)
    return g_strdup_printf (_ ("Plug %s into %s"), after->a.node, after->b.node);
  /* Translators: a cable between two nodes */
  return g_strdup_printf (_ ("Change Cable %s ↔ %s"), after->a.node, after->b.node);
}

/* The same for several. All may be unplugged by one command, never half of them. */
static char *
describe_many (const GPtrArray *after)
{
  guint n_unplugged = 0;
  guint n_whole = 0;

  for (guint i = 0; i < after->len; i++) {
    const LoomLink *link = after->pdata[i];

    n_unplugged += link->fault == LOOM_FAULT_UNPLUGGED;
    n_whole += link->fault == LOOM_FAULT_NONE;
  }
  if (n_unplugged == after->len)
    return g_strdup_printf (ngettext ("Unplug %u Cable", "Unplug %u Cables", after->len),
                            after->len);
  if (n_whole == after->len)
    return g_strdup_printf (ngettext ("Plug In %u Cable", "Plug In %u Cables", after->len),
                            after->len);
  return g_strdup_printf (ngettext ("Change %u Cable", "Change %u Cables", after->len), after->len);
}

static gboolean
add_link (LoomLab *lab, LoomChange *change, const LoomLink *after, GError **error)
{
  g_autofree char *id = loom_link_dup_id (after);
  LoomLink *before = loom_lab_get_link (lab, id);
  g_autoptr (LoomLink) taken = NULL;
  GError *reason = NULL;

  if (before == NULL)
    return loom_edit_refuse (error, _ ("There is no cable “%s”."), id);
  taken = loom_link_copy (after);
  loom_link_normalize (taken);
  if (!loom_link_check (taken, &reason))
    return loom_edit_refuse_as (error, reason);
  if (!loom_link_equal (before, taken))
    loom_change_add_link (change, before, taken);
  return TRUE;
}

/**
 * loom_edit_set_links:
 * @after: (element-type LoomLink) (transfer none): what cables of the lab are to be, each once
 *
 * A change to what they are already is empty.
 */
LoomChange *
loom_edit_set_links (LoomLab *lab, GPtrArray *after, GError **error)
{
  g_autoptr (LoomChange) change = loom_change_new (NULL);

  for (guint i = 0; i < after->len; i++) {
    if (!add_link (lab, change, after->pdata[i], error))
      return NULL;
  }
  if (change->links->len == 1) {
    const LoomLinkChange *pair = &g_array_index (change->links, LoomLinkChange, 0);

    change->label = describe_one (pair->before, pair->after);
  } else {
    change->label = describe_many (after);
  }
  return g_steal_pointer (&change);
}

/**
 * loom_edit_set_link:
 * @after: (transfer none): what the cable is to be; a copy of it, in canonical form, is taken
 */
LoomChange *
loom_edit_set_link (LoomLab *lab, LoomLink *after, GError **error)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();

  g_ptr_array_add (one, after);
  return loom_edit_set_links (lab, one, error);
}
