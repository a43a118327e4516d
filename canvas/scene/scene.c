/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scene: keeps one item for each node and link, and says what to draw again. How it follows the
 * lab is in scene-follow.c, how it follows the status in scene-status.c; geometry is in
 * scene-items.c, drawing in scene-draw.c. */

#include "canvas/scene/scene-private.h"

G_DEFINE_FINAL_TYPE (LoomScene, loom_scene, G_TYPE_OBJECT)

enum {
  SIGNAL_DAMAGE,
  SIGNAL_DAMAGE_ALL,
  SIGNAL_SELECTION_CHANGED,
  SIGNAL_NODE_ADDED,
  SIGNAL_NODE_REMOVED,
  SIGNAL_NODE_RENAMED,
  SIGNAL_NODE_CHANGED,
  SIGNAL_LINK_ADDED,
  SIGNAL_LINK_REMOVED,
  SIGNAL_LINK_CHANGED,
  SIGNAL_LAB_REPLACED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

SceneNode *
loom_scene_lookup_node (LoomScene *self, const char *name)
{
  return name != NULL ? g_hash_table_lookup (self->nodes, name) : NULL;
}

SceneLink *
loom_scene_lookup_link (LoomScene *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->links, id) : NULL;
}

void
loom_scene_damage (LoomScene *self, LoomLayers layers, const LoomRect *area)
{
  g_signal_emit (self, signals[SIGNAL_DAMAGE], 0, (int) layers, area->x, area->y, area->width,
                 area->height);
}

void
loom_scene_damage_node (LoomScene *self, SceneNode *node)
{
  loom_scene_damage (self, LOOM_LAYER_STILL | LOOM_LAYER_LIVE, &node->bounds);
}

void
loom_scene_damage_link (LoomScene *self, SceneLink *link)
{
  loom_scene_damage (self, LOOM_LAYER_STILL | LOOM_LAYER_LIVE, &link->bounds);
}

static void
reset_typesetter (LoomScene *self)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_remove_all (self->texts);
  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    SceneNode *node = item;
    g_clear_pointer (&node->name, loom_text_free);
    g_clear_pointer (&node->second, loom_text_free);
  }
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    g_clear_pointer (&((SceneLink *) item)->note, loom_text_free);
  g_clear_pointer (&self->typesetter, loom_typesetter_free);
  self->typesetter = loom_typesetter_new (&self->theme);
  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    loom_scene_update_texts (self, item);
    loom_scene_place_node (self, item);
  }
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    loom_scene_update_note (self, item);
}

static void
loom_scene_dispose (GObject *object)
{
  LoomScene *self = LOOM_SCENE (object);

  loom_scene_set_lab (self, NULL);
  loom_scene_set_status (self, NULL);
  G_OBJECT_CLASS (loom_scene_parent_class)->dispose (object);
}

static void
loom_scene_finalize (GObject *object)
{
  LoomScene *self = LOOM_SCENE (object);

  loom_motion_free (self->motion);
  g_hash_table_unref (self->held);
  g_array_unref (self->hues);
  g_hash_table_unref (self->moving);
  g_hash_table_unref (self->dragged);
  g_hash_table_unref (self->unplaced);
  g_hash_table_unref (self->bundles);
  g_hash_table_unref (self->links);
  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->texts);
  g_hash_table_unref (self->icons);
  g_clear_pointer (&self->accepting, g_hash_table_unref);
  loom_index_free (self->index);
  loom_sprites_free (self->sprites);
  loom_typesetter_free (self->typesetter);
  g_free (self->hover_id);
  g_free (self->focus_id);
  g_free (self->pull_from);
  G_OBJECT_CLASS (loom_scene_parent_class)->finalize (object);
}

static guint
new_signal (const char *name, guint n_params, GType first, GType second)
{
  return g_signal_new (name, LOOM_TYPE_SCENE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       n_params, first, second);
}

static void
loom_scene_class_init (LoomSceneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_scene_dispose;
  object_class->finalize = loom_scene_finalize;
  signals[SIGNAL_DAMAGE] = g_signal_new ("damage", LOOM_TYPE_SCENE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 5, G_TYPE_INT, G_TYPE_DOUBLE,
                                         G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  signals[SIGNAL_DAMAGE_ALL] = new_signal ("damage-all", 0, 0, 0);
  signals[SIGNAL_SELECTION_CHANGED] = new_signal ("selection-changed", 0, 0, 0);
  signals[SIGNAL_NODE_ADDED] = new_signal ("node-added", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_NODE_REMOVED] = new_signal ("node-removed", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_NODE_RENAMED] = new_signal ("node-renamed", 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[SIGNAL_NODE_CHANGED] = new_signal ("node-changed", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_LINK_ADDED] = new_signal ("link-added", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_LINK_REMOVED] = new_signal ("link-removed", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_LINK_CHANGED] = new_signal ("link-changed", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_LAB_REPLACED] = new_signal ("lab-replaced", 0, 0, 0);
}

static void
loom_scene_init (LoomScene *self)
{
  loom_theme_init_light (&self->theme);
  self->typesetter = loom_typesetter_new (&self->theme);
  self->sprites = loom_sprites_new ();
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) loom_text_free);
  self->icons = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) loom_icon_free);
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) scene_node_free);
  self->links = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) scene_link_free);
  self->bundles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) g_ptr_array_unref);
  self->unplaced = g_hash_table_new (NULL, NULL);
  self->moving = g_hash_table_new (NULL, NULL);
  self->dragged = g_hash_table_new (NULL, NULL);
  self->index = loom_index_new ();
  self->motion = loom_motion_new ();
  self->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, scene_held_free);
  self->hues = g_array_new (FALSE, FALSE, sizeof (LoomHue));
}

LoomScene *
loom_scene_new (void)
{
  return g_object_new (LOOM_TYPE_SCENE, NULL);
}

void
loom_scene_set_theme (LoomScene *self, const LoomTheme *theme)
{
  gboolean same_font = g_str_equal (theme->font, self->theme.font)
                       && theme->text_scale == self->theme.text_scale
                       && theme->greek == self->theme.greek;

  self->theme = *theme;
  loom_sprites_clear (self->sprites);
  if (!same_font) {
    reset_typesetter (self);
    loom_scene_settle (self);
  }
  g_signal_emit (self, signals[SIGNAL_DAMAGE_ALL], 0);
}

const LoomTheme *
loom_scene_get_theme (LoomScene *self)
{
  return &self->theme;
}
