/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Links: cables between two ports, as reference-counted values. Next: lab.c, which holds them. */

#include "canvas/model/link.h"

#include <string.h>

G_DEFINE_BOXED_TYPE (LoomLink, loom_link, loom_link_ref, loom_link_unref)

static gboolean
extra_equal (const GPtrArray *a, const GPtrArray *b)
{
  guint a_length = a != NULL ? a->len : 0;
  guint b_length = b != NULL ? b->len : 0;

  if (a_length != b_length)
    return FALSE;
  for (guint i = 0; i < a_length; i++) {
    if (strcmp (a->pdata[i], b->pdata[i]) != 0)
      return FALSE;
  }
  return TRUE;
}

/**
 * loom_link_new:
 * @one: an end
 * @other: another end, not the same port
 *
 * Returns: (transfer full): the cable between them
 */
LoomLink *
loom_link_new (const LoomEnd *one, const LoomEnd *other)
{
  gboolean in_order = loom_end_compare (one, other) < 0;
  const LoomEnd *a = in_order ? one : other;
  const LoomEnd *b = in_order ? other : one;
  LoomLink *link = g_new0 (LoomLink, 1);

  g_atomic_ref_count_init (&link->ref_count);
  link->a.node = g_strdup (a->node);
  link->a.port = a->port;
  link->b.node = g_strdup (b->node);
  link->b.port = b->port;
  return link;
}

/**
 * loom_link_copy:
 *
 * Returns: (transfer full): a link of its own, to be changed before it is shared
 */
LoomLink *
loom_link_copy (const LoomLink *link)
{
  LoomLink *copy = loom_link_new (&link->a, &link->b);

  if (link->extra != NULL)
    copy->extra = g_ptr_array_ref (link->extra);
  return copy;
}

LoomLink *
loom_link_ref (LoomLink *link)
{
  g_atomic_ref_count_inc (&link->ref_count);
  return link;
}

void
loom_link_unref (LoomLink *link)
{
  if (!g_atomic_ref_count_dec (&link->ref_count))
    return;
  loom_end_clear (&link->a);
  loom_end_clear (&link->b);
  g_clear_pointer (&link->extra, g_ptr_array_unref);
  g_free (link);
}

/**
 * loom_link_equal:
 *
 * Returns: whether both would be written alike
 */
gboolean
loom_link_equal (const LoomLink *a, const LoomLink *b)
{
  return a == b
         || (loom_end_compare (&a->a, &b->a) == 0 && loom_end_compare (&a->b, &b->b) == 0
             && extra_equal (a->extra, b->extra));
}

/**
 * loom_link_dup_id:
 *
 * Returns: (transfer full): "pc1:0 pc2:0"
 */
char *
loom_link_dup_id (const LoomLink *link)
{
  return g_strdup_printf ("%s:%d %s:%d", link->a.node, link->a.port, link->b.node, link->b.port);
}
