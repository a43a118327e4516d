/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What menus ask of the selected cables: plug and unplug, faults, presets; and the menu of a cable,
 * which names its ends. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "gui/fault-row.h"
#include "gui/presets.h"
#include "gui/words.h"

#define NO_PRESET "none"

static GPtrArray *
get_presets (LoomWindow *self)
{
  return loom_application_get_presets (
      LOOM_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
}

/* (nullable): the only cable that is selected. */
static LoomLink *
get_only_link (LoomWindow *self)
{
  g_auto (GStrv) links = loom_canvas_dup_selected_links (self->canvas);

  return g_strv_length (links) == 1
             ? loom_lab_get_link (loom_document_get_lab (self->document), links[0])
             : NULL;
}

static void
on_unplug_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_canvas_set_fault (LOOM_WINDOW (user_data)->canvas, LOOM_FAULT_UNPLUGGED, 0);
}

/* The parameter is a choice of the faults: the carrier of one end. */
static void
on_unplug_end_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomFault fault;
  int end;

  if (loom_fault_row_get_choice (g_variant_get_uint32 (parameter), &fault, &end))
    loom_canvas_set_fault (LOOM_WINDOW (user_data)->canvas, fault, end);
}

static void
on_plug_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_canvas_set_fault (LOOM_WINDOW (user_data)->canvas, LOOM_FAULT_NONE, 0);
}

static void
on_fault_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  LoomFault fault;
  int end;

  if (loom_fault_row_get_choice (g_variant_get_uint32 (state), &fault, &end))
    loom_canvas_set_fault (LOOM_WINDOW (user_data)->canvas, fault, end);
}

static void
on_preset_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  LoomWindow *self = user_data;
  const char *id = g_variant_get_string (state, NULL);
  const LoomPreset *preset = loom_presets_find (get_presets (self), id);

  if (preset != NULL || g_str_equal (id, NO_PRESET))
    loom_canvas_apply_preset (self->canvas, preset);
}

static const GActionEntry entries[] = {
    {"unplug", on_unplug_activated},
    {"unplug-end", on_unplug_end_activated, "u"},
    {"plug", on_plug_activated},
    {"fault", NULL, "u", "uint32 99", on_fault_changed},
    {"preset", NULL, "s", "''", on_preset_changed},
};

static GSimpleAction *
get_action (LoomWindow *self, const char *name)
{
  return G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name));
}

/* What the marks in the menus say: of one cable what it is, of several nothing. */
static void
update_states (LoomWindow *self, const LoomLink *link)
{
  guint32 choice = G_MAXUINT32;
  const char *preset_id = "";

  if (link != NULL) {
    const LoomPreset *preset = loom_presets_match (get_presets (self), link);
    LoomFault fault;
    int end;

    for (guint i = 0; loom_fault_row_get_choice (i, &fault, &end); i++) {
      if (fault == link->fault && end == link->fault_end)
        choice = i;
    }
    if (preset != NULL)
      preset_id = preset->id;
    else if (!loom_link_needs_wire (link))
      preset_id = NO_PRESET;
  }
  g_simple_action_set_state (get_action (self, "fault"), g_variant_new_uint32 (choice));
  g_simple_action_set_state (get_action (self, "preset"), g_variant_new_string (preset_id));
}

void
loom_window_update_cable_actions (LoomWindow *self)
{
  LoomLab *lab = loom_document_get_lab (self->document);
  g_auto (GStrv) links = loom_canvas_dup_selected_links (self->canvas);
  gboolean any_whole = FALSE;
  gboolean any_faulty = FALSE;

  for (int i = 0; links[i] != NULL; i++) {
    const LoomLink *link = loom_lab_get_link (lab, links[i]);

    any_whole |= link != NULL && link->fault == LOOM_FAULT_NONE;
    any_faulty |= link != NULL && link->fault != LOOM_FAULT_NONE;
  }
  g_simple_action_set_enabled (get_action (self, "unplug"), any_whole);
  g_simple_action_set_enabled (get_action (self, "plug"), any_faulty);
  g_simple_action_set_enabled (get_action (self, "fault"), links[0] != NULL);
  g_simple_action_set_enabled (get_action (self, "preset"), links[0] != NULL);
  update_states (self, get_only_link (self));
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomWindow *self)
{
  if (change->links->len > 0)
    loom_window_update_cable_actions (self);
}

static void
on_replaced (LoomDocument *document, LoomWindow *self)
{
  g_signal_connect_object (loom_document_get_lab (document), "changed", G_CALLBACK (on_lab_changed),
                           self, G_CONNECT_AFTER);
}

void
loom_window_add_cable_actions (LoomWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  loom_window_add_frame_actions (self);
  g_signal_connect_object (self->document, "replaced", G_CALLBACK (on_replaced), self, 0);
  on_replaced (self->document, self);
}

/* Appends an item that is left out while its action can do nothing. */
static void
append_if_enabled (GMenu *menu, const char *label, const char *action)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, action);

  g_menu_item_set_attribute (item, "hidden-when", "s", "action-disabled");
  g_menu_append_item (menu, item);
}

static GMenuModel *
build_faults (const LoomLink *link)
{
  GMenu *menu = g_menu_new ();
  LoomFault fault;
  int end;

  for (guint i = 0; loom_fault_row_get_choice (i, &fault, &end); i++) {
    g_autofree char *label = loom_fault_row_dup_label (i, link);
    g_autofree char *shown = loom_words_menu_label (label);
    g_autoptr (GMenuItem) item = g_menu_item_new (shown, NULL);

    g_menu_item_set_action_and_target (item, "win.fault", "u", i);
    g_menu_append_item (menu, item);
  }
  return G_MENU_MODEL (menu);
}

static GMenuModel *
build_presets (LoomWindow *self)
{
  GMenu *menu = g_menu_new ();
  GPtrArray *presets = get_presets (self);
  g_autoptr (GMenuItem) none = g_menu_item_new (_ ("Perfect Cable"), NULL);

  g_menu_item_set_action_and_target (none, "win.preset", "s", NO_PRESET);
  g_menu_append_item (menu, none);
  for (guint i = 0; i < presets->len; i++) {
    const LoomPreset *preset = presets->pdata[i];
    g_autoptr (GMenuItem) item = g_menu_item_new (preset->label, NULL);

    g_menu_item_set_action_and_target (item, "win.preset", "s", preset->id);
    g_menu_append_item (menu, item);
  }
  return G_MENU_MODEL (menu);
}

/* At an end: what befalls that end alone. */
static void
append_end (GMenu *menu, const LoomLink *link, int end)
{
  const LoomEnd *at = end == 0 ? &link->a : &link->b;
  /* Translators: the end of a cable at a machine: only its carrier drops */
  g_autofree char *label = g_strdup_printf (_ ("Unplug at %s Only"), at->node);
  g_autofree char *shown = loom_words_menu_label (label);
  g_autoptr (GMenuItem) item = g_menu_item_new (shown, NULL);
  LoomFault fault;
  int choice_end;

  for (guint i = 0; loom_fault_row_get_choice (i, &fault, &choice_end); i++) {
    if (fault == LOOM_FAULT_PORT && choice_end == end)
      g_menu_item_set_action_and_target (item, "win.unplug-end", "u", i);
  }
  g_menu_append_item (menu, item);
}

GMenuModel *
loom_window_build_link_menu (LoomWindow *self, const char *id, int end)
{
  g_autoptr (GMenu) plugs = g_menu_new ();
  g_autoptr (GMenu) settings = g_menu_new ();
  g_autoptr (GMenu) frames = g_menu_new ();
  g_autoptr (GMenu) recent = g_menu_new ();
  g_autoptr (GMenu) rest = g_menu_new ();
  GMenu *menu = g_menu_new ();
  const LoomLink *link = loom_lab_get_link (loom_document_get_lab (self->document), id);
  g_autoptr (GMenuModel) faults = build_faults (link);
  g_autoptr (GMenuModel) presets = build_presets (self);

  append_if_enabled (plugs, _ ("_Unplug"), "win.unplug");
  append_if_enabled (plugs, link->fault == LOOM_FAULT_UNPLUGGED ? _ ("_Plug In") : _ ("_Repair"),
                     "win.plug");
  if (end >= 0 && link->fault == LOOM_FAULT_NONE)
    append_end (plugs, link, end);
  g_menu_append_submenu (settings, _ ("_Faults"), faults);
  g_menu_append_submenu (settings, _ ("_Impairments"), presets);
  g_menu_append (frames, _ ("_List Frames"), "win.list-frames");
  g_menu_append (frames, _ ("_Hold Frames…"), "win.hold");
  g_menu_append (frames, _ ("_Capture in Wireshark"), "win.capture");
  g_menu_append (frames, _ ("Capture to _File…"), "win.capture-file");
  g_menu_append (recent, _ ("_Keep the Last Seconds"), "win.keep-recent");
  append_if_enabled (recent, _ ("Show _What Just Happened"), "win.show-recent");
  append_if_enabled (recent, _ ("_Save What Just Happened…"), "win.save-recent");
  g_menu_append (rest, _ ("_Delete"), "win.delete");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (plugs));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (settings));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (frames));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (recent));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (rest));
  return G_MENU_MODEL (menu);
}
