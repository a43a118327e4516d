/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What hovering says: a cable's counters, and what a node reports of itself. */

#include "canvas/widget/canvas-private.h"

#include <glib/gi18n-lib.h>

#define TIP_DELAY_US (700 * 1000) /* GTK shows a tooltip after 500 ms */

/* What a click there would do. */
static gboolean
show_plug_tip (LoomCanvas *self, int x, int y, GtkTooltip *tooltip)
{
  LoomPlug plug;
  const char *link = loom_canvas_find_plug (self, x, y, &plug);
  g_autofree char *text = NULL;

  if (link == NULL || self->hand != HAND_IDLE || gtk_grab_get_current () != NULL)
    return FALSE;
  text = plug != LOOM_PLUG_NONE ? loom_scene_describe_plug (self->scene, link, plug)
                                : g_strdup (_ ("Frames wait here. Click to see them."));
  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  LoomItemKind kind = self->focus_kind;
  const char *id = self->focus_id;
  g_autofree char *text = NULL;
  GdkRectangle area;

  if (!by_keyboard && show_plug_tip (self, x, y, tooltip))
    return TRUE;
  if (!by_keyboard) {
    LoomHit hit = loom_canvas_hit (self, x, y);
    kind = hit.kind;
    id = hit.id;
  }
  /* A menu or a drag has the pointer. */
  if (self->hand != HAND_IDLE || self->pull.from != NULL || gtk_grab_get_current () != NULL)
    return FALSE;
  const char *tip_id = kind == LOOM_ITEM_LINK ? id : NULL;
  if (g_strcmp0 (tip_id, self->tip_id) != 0) {
    g_free (self->tip_id);
    self->tip_id = g_strdup (tip_id);
    self->tip_since_us = g_get_monotonic_time ();
  }
  if (kind == LOOM_ITEM_LINK)
    text = loom_scene_describe_link (self->scene, id);
  else if (kind == LOOM_ITEM_NODE && self->status != NULL)
    text = g_strdup (loom_status_get_node_detail (self->status, id));
  if (text == NULL || *text == '\0')
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  if (kind == LOOM_ITEM_NODE && loom_canvas_get_item_area (self, kind, id, &area))
    gtk_tooltip_set_tip_area (tooltip, &area);
  return TRUE;
}

void
loom_canvas_tips_class_init (GtkWidgetClass *widget_class)
{
  widget_class->query_tooltip = query_tooltip;
}

void
loom_canvas_refresh_tip (LoomCanvas *self)
{
  /* The tooltip of a cable counts along while it is shown; asked before, it would never come. */
  if (self->tip_id != NULL && g_get_monotonic_time () - self->tip_since_us > TIP_DELAY_US)
    gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
}
