/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the canvas sets on the cables that are selected: faults and presets. Each is one change,
 * however many cables there are. */

#include "canvas/widget/canvas-private.h"

#include <glib/gi18n-lib.h>

/* Which end of a cable is near a point: a little more than a light's way into it. */
#define NEAR_END 0.25

/* (transfer full): copies of the selected cables, else of the one with the focus, to be changed. */
static GPtrArray *
copy_subjects (LoomCanvas *self)
{
  GPtrArray *links = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_link_unref);
  LoomLab *lab = loom_canvas_get_lab (self);
  g_auto (GStrv) selected = loom_canvas_dup_selected_links (self);

  if (lab == NULL)
    return links;
  for (int i = 0; selected[i] != NULL; i++)
    g_ptr_array_add (links, loom_link_copy (loom_lab_get_link (lab, selected[i])));
  if (links->len == 0 && self->focus_kind == LOOM_ITEM_LINK) {
    const LoomLink *focused = loom_lab_get_link (lab, self->focus_id);

    if (focused != NULL)
      g_ptr_array_add (links, loom_link_copy (focused));
  }
  return links;
}

static void
commit (LoomCanvas *self, GPtrArray *links)
{
  GError *error = NULL;
  LoomChange *change = loom_edit_set_links (loom_canvas_get_lab (self), links, &error);
  /* Translators: what was done, as the history calls it */
  g_autofree char *message = change != NULL
                                 ? g_strdup_printf (_ ("%s: Ctrl+Z takes it back"), change->label)
                                 : NULL;

  loom_canvas_do (self, change, error, NULL, message);
}

gboolean
loom_canvas_set_fault (LoomCanvas *self, LoomFault fault, int end)
{
  g_autoptr (GPtrArray) links = NULL;

  g_return_val_if_fail (LOOM_IS_CANVAS (self), FALSE);

  links = copy_subjects (self);
  for (guint i = 0; i < links->len; i++) {
    LoomLink *link = links->pdata[i];

    link->fault = fault;
    link->fault_end = end;
  }
  if (links->len == 0)
    return FALSE;
  commit (self, links);
  return TRUE;
}

gboolean
loom_canvas_toggle_plugged (LoomCanvas *self)
{
  g_autoptr (GPtrArray) links = NULL;
  gboolean any_whole = FALSE;

  g_return_val_if_fail (LOOM_IS_CANVAS (self), FALSE);

  links = copy_subjects (self);
  for (guint i = 0; i < links->len; i++)
    any_whole |= ((LoomLink *) links->pdata[i])->fault == LOOM_FAULT_NONE;
  return loom_canvas_set_fault (self, any_whole ? LOOM_FAULT_UNPLUGGED : LOOM_FAULT_NONE, 0);
}

gboolean
loom_canvas_apply_preset (LoomCanvas *self, const LoomPreset *preset)
{
  g_autoptr (GPtrArray) links = NULL;

  g_return_val_if_fail (LOOM_IS_CANVAS (self), FALSE);

  links = copy_subjects (self);
  for (guint i = 0; i < links->len; i++) {
    LoomLink *link = links->pdata[i];

    if (preset != NULL) {
      loom_preset_apply (preset, loom_canvas_get_lab (self), link);
    } else {
      loom_impairment_init (&link->forward);
      loom_impairment_init (&link->backward);
    }
  }
  if (links->len == 0)
    return FALSE;
  commit (self, links);
  return TRUE;
}

int
loom_canvas_get_end_at (LoomCanvas *self, const char *link, double x_px, double y_px)
{
  LoomHit hit;

  g_return_val_if_fail (LOOM_IS_CANVAS (self), -1);

  hit = loom_canvas_hit (self, x_px, y_px);
  if (hit.kind != LOOM_ITEM_LINK || g_strcmp0 (hit.id, link) != 0)
    return -1;
  return hit.t < NEAR_END ? 0 : hit.t > 1 - NEAR_END ? 1 : -1;
}
