/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Undo and redo: a row of changes and a place in it. Only the lab knows the lab; this file knows
 * which changes made it, and which of them the file on disk has seen. */

#include "canvas/model/history.h"

/* Older steps are forgotten: memory has an end, patience too. A step of n nodes and cables keeps up
 * to n former values alive, some 200 bytes each: those of all steps together stay below 100 MB. */
#define MAX_STEPS 1000
#define MAX_ITEMS (500 * 1000)

typedef struct {
  LoomChange *change;
  char *merge_key; /* or NULL: never merges */
} Step;

struct _LoomHistory {
  GObject parent;

  LoomLab *lab;
  GPtrArray *steps; /* of Step; those before `place` are done, the others undone */
  gsize n_items;    /* nodes and links of all steps */
  guint place;
  int saved_place; /* -1: no way leads back to what was saved */
  gboolean may_merge;
};

enum {
  PROP_CAN_UNDO = 1,
  PROP_CAN_REDO,
  PROP_MODIFIED,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (LoomHistory, loom_history, G_TYPE_OBJECT)

static gsize
count_items (const Step *step)
{
  return step->change->nodes->len + step->change->links->len;
}

static void
step_free (gpointer data)
{
  Step *step = data;

  loom_change_unref (step->change);
  g_free (step->merge_key);
  g_free (step);
}

/* What the properties were, to tell those that changed. */
typedef struct {
  gboolean can_undo;
  gboolean can_redo;
  gboolean modified;
} Before;

static Before
look (LoomHistory *self)
{
  Before before = {loom_history_get_can_undo (self), loom_history_get_can_redo (self),
                   loom_history_get_modified (self)};

  return before;
}

static void
tell (LoomHistory *self, const Before *before)
{
  GObject *object = G_OBJECT (self);

  if (before->can_undo != loom_history_get_can_undo (self))
    g_object_notify_by_pspec (object, properties[PROP_CAN_UNDO]);
  if (before->can_redo != loom_history_get_can_redo (self))
    g_object_notify_by_pspec (object, properties[PROP_CAN_REDO]);
  if (before->modified != loom_history_get_modified (self))
    g_object_notify_by_pspec (object, properties[PROP_MODIFIED]);
}

static void
forget_steps (LoomHistory *self, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    self->n_items -= count_items (self->steps->pdata[i]);
  if (n > 0)
    g_ptr_array_remove_range (self->steps, first, n);
}

static void
forget_undone (LoomHistory *self)
{
  forget_steps (self, self->place, self->steps->len - self->place);
  if (self->saved_place > (int) self->place)
    self->saved_place = -1;
}

/* The last one stays, however large: what was just done can be undone. */
static void
forget_oldest (LoomHistory *self)
{
  while (self->steps->len > MAX_STEPS || (self->n_items > MAX_ITEMS && self->steps->len > 1)) {
    forget_steps (self, 0, 1);
    self->place--;
    self->saved_place = MAX (self->saved_place - 1, -1);
  }
}

/* Makes @change part of the last step. Not if that step is what was saved: the way back to it would
 * be lost. */
static gboolean
merge (LoomHistory *self, LoomChange *change, const char *merge_key)
{
  Step *last;
  LoomChange *merged;

  if (!self->may_merge || merge_key == NULL || self->place == 0
      || self->saved_place == (int) self->place)
    return FALSE;
  last = self->steps->pdata[self->place - 1];
  if (g_strcmp0 (last->merge_key, merge_key) != 0)
    return FALSE;
  merged = loom_change_merged (last->change, change);
  self->n_items -= count_items (last);
  loom_change_unref (last->change);
  last->change = merged;
  self->n_items += count_items (last);
  if (loom_change_is_empty (merged))
    forget_steps (self, --self->place, 1);
  return TRUE;
}

static void
loom_history_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LoomHistory *self = LOOM_HISTORY (object);

  switch (id) {
  case PROP_CAN_UNDO:
    g_value_set_boolean (value, loom_history_get_can_undo (self));
    break;
  case PROP_CAN_REDO:
    g_value_set_boolean (value, loom_history_get_can_redo (self));
    break;
  case PROP_MODIFIED:
    g_value_set_boolean (value, loom_history_get_modified (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
loom_history_finalize (GObject *object)
{
  LoomHistory *self = LOOM_HISTORY (object);

  g_ptr_array_unref (self->steps);
  g_object_unref (self->lab);
  G_OBJECT_CLASS (loom_history_parent_class)->finalize (object);
}

static void
loom_history_class_init (LoomHistoryClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = loom_history_get_property;
  object_class->finalize = loom_history_finalize;

  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, flags);
  properties[PROP_MODIFIED] = g_param_spec_boolean ("modified", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
loom_history_init (LoomHistory *self)
{
  self->steps = g_ptr_array_new_with_free_func (step_free);
}

/**
 * loom_history_new:
 * @lab: what is undone and redone; not modified as of now
 *
 * Returns: (transfer full)
 */
LoomHistory *
loom_history_new (LoomLab *lab)
{
  LoomHistory *self;

  g_return_val_if_fail (LOOM_IS_LAB (lab), NULL);

  self = g_object_new (LOOM_TYPE_HISTORY, NULL);
  self->lab = g_object_ref (lab);
  return self;
}

LoomLab *
loom_history_get_lab (LoomHistory *self)
{
  g_return_val_if_fail (LOOM_IS_HISTORY (self), NULL);

  return self->lab;
}

/**
 * loom_history_do:
 * @change: (transfer none): applied to the lab; an empty one is no step
 * @merge_key: (nullable): "move:pc1"
 */
void
loom_history_do (LoomHistory *self, LoomChange *change, const char *merge_key)
{
  Before before;

  g_return_if_fail (LOOM_IS_HISTORY (self) && change != NULL);

  if (loom_change_is_empty (change))
    return;
  before = look (self);
  forget_undone (self);
  if (!merge (self, change, merge_key)) {
    Step *step = g_new0 (Step, 1);

    step->change = loom_change_ref (change);
    step->merge_key = g_strdup (merge_key);
    g_ptr_array_add (self->steps, step);
    self->n_items += count_items (step);
    self->place++;
    forget_oldest (self);
  }
  self->may_merge = TRUE;
  loom_lab_apply (self->lab, change);
  tell (self, &before);
}

void
loom_history_break (LoomHistory *self)
{
  g_return_if_fail (LOOM_IS_HISTORY (self));

  self->may_merge = FALSE;
}

/**
 * loom_history_undo:
 *
 * Returns: whether there was a step to undo
 */
gboolean
loom_history_undo (LoomHistory *self)
{
  g_autoptr (LoomChange) reversed = NULL;
  Before before;

  g_return_val_if_fail (LOOM_IS_HISTORY (self), FALSE);

  if (self->place == 0)
    return FALSE;
  before = look (self);
  self->place--;
  self->may_merge = FALSE;
  reversed = loom_change_reversed (((Step *) self->steps->pdata[self->place])->change);
  loom_lab_apply (self->lab, reversed);
  tell (self, &before);
  return TRUE;
}

/**
 * loom_history_redo:
 *
 * Returns: whether there was a step to redo
 */
gboolean
loom_history_redo (LoomHistory *self)
{
  Step *step;
  Before before;

  g_return_val_if_fail (LOOM_IS_HISTORY (self), FALSE);

  if (self->place == self->steps->len)
    return FALSE;
  before = look (self);
  step = self->steps->pdata[self->place++];
  self->may_merge = FALSE;
  loom_lab_apply (self->lab, step->change);
  tell (self, &before);
  return TRUE;
}

const char *
loom_history_get_undo_label (LoomHistory *self)
{
  g_return_val_if_fail (LOOM_IS_HISTORY (self), NULL);

  return self->place > 0 ? ((Step *) self->steps->pdata[self->place - 1])->change->label : NULL;
}

const char *
loom_history_get_redo_label (LoomHistory *self)
{
  g_return_val_if_fail (LOOM_IS_HISTORY (self), NULL);

  if (self->place == self->steps->len)
    return NULL;
  return ((Step *) self->steps->pdata[self->place])->change->label;
}

gboolean
loom_history_get_can_undo (LoomHistory *self)
{
  g_return_val_if_fail (LOOM_IS_HISTORY (self), FALSE);

  return self->place > 0;
}

gboolean
loom_history_get_can_redo (LoomHistory *self)
{
  g_return_val_if_fail (LOOM_IS_HISTORY (self), FALSE);

  return self->place < self->steps->len;
}

gboolean
loom_history_get_modified (LoomHistory *self)
{
  g_return_val_if_fail (LOOM_IS_HISTORY (self), FALSE);

  return self->saved_place != (int) self->place;
}

/**
 * loom_history_mark_saved:
 *
 * What the lab is now is what the file holds.
 */
void
loom_history_mark_saved (LoomHistory *self)
{
  Before before;

  g_return_if_fail (LOOM_IS_HISTORY (self));

  before = look (self);
  self->saved_place = (int) self->place;
  tell (self, &before);
}
