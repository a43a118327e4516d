/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Links: cables between two ports, as reference-counted values. Next: lab.c, which holds them. */

#include "canvas/model/link.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "canvas/model/error.h"

static const char *const fault_ids[] = {"none", "unplugged", "port", "one-way", "flapping"};

G_STATIC_ASSERT (G_N_ELEMENTS (fault_ids) == LOOM_FAULT_FLAPPING + 1);

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
 * Returns: (transfer full): the cable between them, as perfect as a cable can be
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
  loom_impairment_init (&link->forward);
  loom_impairment_init (&link->backward);
  link->period_s = LOOM_PERIOD_DEFAULT_S;
  link->up_percent = LOOM_UP_DEFAULT_PERCENT;
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
  return loom_link_copy_between (link, &link->a, &link->b);
}

static GPtrArray *
ref_extra (GPtrArray *extra)
{
  return extra != NULL ? g_ptr_array_ref (extra) : NULL;
}

LoomLink *
loom_link_copy_between (const LoomLink *link, const LoomEnd *a, const LoomEnd *b)
{
  LoomLink *copy = loom_link_new (a, b);
  gboolean is_turned = loom_end_compare (&copy->a, a) != 0;
  gboolean has_end = link->fault == LOOM_FAULT_PORT || link->fault == LOOM_FAULT_ONE_WAY;

  copy->forward = is_turned ? link->backward : link->forward;
  copy->backward = is_turned ? link->forward : link->backward;
  copy->forward_extra = ref_extra (is_turned ? link->backward_extra : link->forward_extra);
  copy->backward_extra = ref_extra (is_turned ? link->forward_extra : link->backward_extra);
  copy->seed = link->seed;
  copy->fault = link->fault;
  copy->fault_end = is_turned && has_end ? 1 - link->fault_end : link->fault_end;
  copy->period_s = link->period_s;
  copy->up_percent = link->up_percent;
  copy->extra = ref_extra (link->extra);
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
  g_clear_pointer (&link->forward_extra, g_ptr_array_unref);
  g_clear_pointer (&link->backward_extra, g_ptr_array_unref);
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
             && loom_impairment_equal (&a->forward, &b->forward)
             && loom_impairment_equal (&a->backward, &b->backward) && a->seed == b->seed
             && a->fault == b->fault && a->fault_end == b->fault_end && a->period_s == b->period_s
             && a->up_percent == b->up_percent && extra_equal (a->extra, b->extra)
             && extra_equal (a->forward_extra, b->forward_extra)
             && extra_equal (a->backward_extra, b->backward_extra));
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

gboolean
loom_link_needs_wire (const LoomLink *link)
{
  return !loom_impairment_is_clean (&link->forward) || !loom_impairment_is_clean (&link->backward);
}

void
loom_link_normalize (LoomLink *link)
{
  if (link->fault != LOOM_FAULT_PORT && link->fault != LOOM_FAULT_ONE_WAY)
    link->fault_end = 0;
  if (link->fault == LOOM_FAULT_FLAPPING) {
    link->period_s = round (link->period_s * 100) / 100; /* as files hold it */
  } else {
    link->period_s = LOOM_PERIOD_DEFAULT_S;
    link->up_percent = LOOM_UP_DEFAULT_PERCENT;
  }
}

/**
 * loom_link_check:
 *
 * Returns: whether a cable may be as @link is; the reader and every edit ask this
 */
gboolean
loom_link_check (const LoomLink *link, GError **error)
{
  g_autofree char *id = loom_link_dup_id (link);

  if (!loom_impairment_check (&link->forward, id, error)
      || !loom_impairment_check (&link->backward, id, error))
    return FALSE;
  if (link->seed > LOOM_SEED_MAX) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s”: “seed” must be a whole number from 0 to %s."), id, LOOM_SEED_MAX_TEXT);
    return FALSE;
  }
  if (!(link->period_s >= 0.5 && link->period_s <= 3600)) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s”: “period_s” must be from 0.5 to 3600."), id);
    return FALSE;
  }
  if (link->up_percent < 1 || link->up_percent > 99) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s”: “up_percent” must be a whole number from 1 to 99."), id);
    return FALSE;
  }
  return TRUE;
}

const char *
loom_fault_to_id (LoomFault fault)
{
  g_return_val_if_fail (fault < G_N_ELEMENTS (fault_ids), "none");

  return fault_ids[fault];
}

gboolean
loom_fault_from_id (const char *id, LoomFault *ret_fault)
{
  for (guint i = 0; i < G_N_ELEMENTS (fault_ids); i++) {
    if (strcmp (fault_ids[i], id) == 0) {
      *ret_fault = (LoomFault) i;
      return TRUE;
    }
  }
  return FALSE;
}
