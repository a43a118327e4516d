/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The labels of cables that something is set on: "20 ms · loss 1 %". They stand in the still layer,
 * for they change with edits only; rates give way to them. */

#include "canvas/scene/scene-private.h"

#include "canvas/scene/cable-words.h"

#include <math.h>

#define NOTE_PADDING 9.0
#define NOTE_MARGIN 10.0 /* to the tiles: a light, and clearance */
#define NOTE_MAX_WIDTH 220.0
#define NOTE_MIN_WIDTH 24.0 /* a word and its ellipsis; less says nothing */

static void
typeset (LoomScene *self, SceneLink *link, double max_width)
{
  g_autofree char *text = loom_cable_summarize (link->link);

  g_clear_pointer (&link->note, loom_text_free);
  if (text != NULL)
    link->note = loom_text_new (self->typesetter, text, LOOM_TEXT_RATE, max_width);
  link->note_is_cut = max_width < NOTE_MAX_WIDTH;
}

void
loom_scene_update_note (LoomScene *self, SceneLink *link)
{
  if (link->note == NULL && link->link->fault == LOOM_FAULT_NONE
      && !loom_link_needs_wire (link->link))
    return;
  loom_scene_lift_note (self, link);
  typeset (self, link, NOTE_MAX_WIDTH);
  link->no_room = FALSE;
  g_hash_table_add (self->unplaced, link);
}

void
loom_scene_lift_note (LoomScene *self, SceneLink *link)
{
  if (!link->has_note_place)
    return;
  loom_scene_damage (self, LOOM_LAYER_STILL | LOOM_LAYER_LIVE, &link->note_at);
  loom_index_remove (self->index, &link->note_entry);
  link->has_note_place = FALSE;
}

static gboolean
try_place (LoomScene *self, SceneLink *link, LoomPillCost cost, gpointer user_data)
{
  double width = loom_text_get_width (link->note) + 2 * NOTE_PADDING;

  return loom_pills_place_note (&link->curve, width, scene_link_has_lanes (self, link), cost,
                                user_data, &link->note_at);
}

/* Cut to the room between two tiles that stand side by side, if it must be. */
void
loom_scene_place_note (LoomScene *self, SceneLink *link, LoomPillCost cost, gpointer user_data)
{
  double room = fabs (link->curve.end.x - link->curve.start.x) - 2 * NOTE_MARGIN;

  if (link->note == NULL)
    return;
  if (link->note_is_cut)
    typeset (self, link, NOTE_MAX_WIDTH);
  link->has_note_place = try_place (self, link, cost, user_data);
  if (!link->has_note_place && room > NOTE_MIN_WIDTH + 2 * NOTE_PADDING) {
    typeset (self, link, room - 2 * NOTE_PADDING);
    link->has_note_place = try_place (self, link, cost, user_data);
  }
  if (!link->has_note_place)
    return;
  loom_index_put_rect (self->index, &link->note_entry, &link->note_at);
  loom_scene_damage (self, LOOM_LAYER_STILL | LOOM_LAYER_LIVE, &link->note_at);
}
