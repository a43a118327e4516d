/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a click beside a cable does: its handles unplug it, and the mark of one that is held shows
 * what waits there. */

#include "canvas/widget/canvas-private.h"

#include <glib/gi18n-lib.h>

/* Below this zoom details fall away. */
#define MIN_ZOOM 0.5

const char *
loom_canvas_find_plug (LoomCanvas *self, double x_px, double y_px, LoomPlug *ret_plug)
{
  LoomPoint at = loom_canvas_to_unit (self, x_px, y_px);
  const char *held;

  *ret_plug = LOOM_PLUG_NONE;
  if (self->view.zoom < MIN_ZOOM || self->tool != LOOM_TOOL_SELECT || self->pull.from != NULL)
    return NULL;
  held = loom_scene_hit_hold_mark (self->scene, at.x, at.y);
  if (held != NULL)
    return held;
  *ret_plug = loom_scene_hit_plug (self->scene, at.x, at.y);
  return *ret_plug != LOOM_PLUG_NONE ? loom_scene_get_hovered_link (self->scene) : NULL;
}

void
loom_canvas_use_plug (LoomCanvas *self, const char *link, LoomPlug plug)
{
  g_autoptr (GPtrArray) links = NULL;
  const LoomLink *was = loom_lab_get_link (loom_canvas_get_lab (self), link);
  g_autofree char *message = NULL;
  GError *error = NULL;
  LoomLink *is;
  LoomChange *change;

  if (plug == LOOM_PLUG_NONE) {
    g_signal_emit_by_name (self, "hold-activated", link);
    return;
  }
  if (was == NULL)
    return;
  links = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_link_unref);
  is = loom_link_copy (was);
  loom_plug_toggle (plug, is);
  g_ptr_array_add (links, is);
  change = loom_edit_set_links (loom_canvas_get_lab (self), links, &error);
  if (change != NULL)
    message = g_strdup_printf (_ ("%s: Ctrl+Z takes it back"), change->label);
  loom_canvas_do (self, change, error, NULL, message);
}
