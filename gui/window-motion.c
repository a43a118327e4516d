/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Animating: what the wire tells of frames becomes dots on the canvas, as long as a person wants to
 * see it, a lab runs and the window is seen; and the legend of their colours. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "gui/frame-class.h"
#include "gui/frame-legend.h"
#include "gui/watch.h"

#define SETTING_ANIMATE "animate-frames"
#define SETTING_PACE "frame-pace"
/* Each of them goes by the wire meanwhile. */
#define MAX_CABLES 64
/* Of one direction, at real time; slowed down, more fit into the same film. */
#define PER_SECOND 20
#define MAX_PER_SECOND 500

static const struct {
  const char *id;
  double slowness;
  gboolean one_by_one;
} paces[] = {
    {"real", 1, FALSE},
    {"tenth", 10, FALSE},
    {"hundredth", 100, FALSE},
    {"one-by-one", 100, TRUE},
};

typedef struct {
  LoomWindow *window;
  LoomWatch *watch;
  guint pace;
  gboolean on;
  gboolean told_of_failure;
} Motion;

/* Cables to watch: all, or if those are too many, the selected ones. When nobody asked for it,
 * those that are held, which are in the wire anyway: what is let go travels on. (transfer full) */
static GStrv
list_links (Motion *motion)
{
  LoomWindow *self = motion->window;
  g_autoptr (GPtrArray) links = loom_lab_list_links (loom_document_get_lab (self->document));
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  if (loom_session_get_client (self->session) == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self))
      || !loom_canvas_may_animate (self->canvas))
    return g_strv_builder_end (ids);
  if (!motion->on)
    return loom_window_list_held (self);
  if (links->len > MAX_CABLES)
    return loom_canvas_dup_selected_links (self->canvas);
  for (guint i = 0; i < links->len; i++) {
    g_autofree char *id = loom_link_dup_id (g_ptr_array_index (links, i));

    g_strv_builder_add (ids, id);
  }
  return g_strv_builder_end (ids);
}

static void
follow (Motion *motion)
{
  g_auto (GStrv) links = list_links (motion);
  double per_second = MIN (PER_SECOND * paces[motion->pace].slowness, MAX_PER_SECOND);

  for (guint i = g_strv_length (links); i > MAX_CABLES; i--)
    g_clear_pointer (&links[i - 1], g_free);
  loom_canvas_set_lanes (motion->window->canvas,
                         motion->on && loom_canvas_may_animate (motion->window->canvas));
  loom_watch_set_links (motion->watch, (const char *const *) links, (guint) per_second);
}

static LoomMotionFate
get_fate (const LoomFrameSample *sample)
{
  switch (sample->fate) {
  case LOOM_SAMPLE_LOST:
    return LOOM_MOTION_LOST;
  case LOOM_SAMPLE_QUEUE_DROP:
  case LOOM_SAMPLE_RED_DROP:
    return LOOM_MOTION_REFUSED;
  case LOOM_SAMPLE_HELD:
    return LOOM_MOTION_HELD;
  case LOOM_SAMPLE_DROPPED:
    return LOOM_MOTION_DROPPED;
  default:
    return LOOM_MOTION_PASSES;
  }
}

static void
on_frame (LoomWatch *watch, const char *link, gboolean from_b, gpointer data, Motion *motion)
{
  const LoomFrameSample *sample = data;
  LoomMotionFrame frame = {
      .link = (char *) link,
      .from_b = from_b,
      .hue = loom_frame_classify (sample->head, sample->head_size),
      .fate = get_fate (sample),
      .came_us = sample->arrived_ns / 1000,
      .travel_us = sample->due_ns > 0 ? (sample->due_ns - sample->arrived_ns) / 1000 : 0,
  };

  frame.marks |= sample->marks & LOOM_SAMPLE_DUPLICATED ? LOOM_MOTION_DOUBLED : 0;
  frame.marks |= sample->marks & LOOM_SAMPLE_CORRUPTED ? LOOM_MOTION_CORRUPTED : 0;
  frame.marks |= sample->marks & LOOM_SAMPLE_RELEASED ? LOOM_MOTION_RELEASED : 0;
  motion->told_of_failure = FALSE;
  loom_canvas_show_frame (motion->window->canvas, &frame);
}

static void
on_failed (LoomWatch *watch, const char *sentence, Motion *motion)
{
  if (!motion->told_of_failure && sentence[0] != '\0')
    loom_window_say (motion->window, sentence);
  motion->told_of_failure = TRUE;
}

static void
say_limit (LoomWindow *self)
{
  g_autofree char *text = g_strdup_printf (
      _ ("This lab has more cables than are shown at a time: "
         "frames are shown on those that are selected, on at most "
         "%u."),
      (guint) MAX_CABLES);

  loom_window_say (self, text);
}

static void
say_what_moves (Motion *motion)
{
  LoomWindow *self = motion->window;
  guint n_links = loom_lab_get_n_links (loom_document_get_lab (self->document));

  if (!loom_canvas_may_animate (self->canvas))
    loom_window_say (self, _ ("The desktop is set to show no animations: lights at the cables show "
                              "traffic, frames are not drawn."));
  else if (n_links > MAX_CABLES)
    say_limit (self);
  else if (loom_session_get_client (self->session) == NULL)
    loom_window_say (self, _ ("Frames will be shown when the lab runs."));
  else
    loom_window_say (self, _ ("Frames are shown as they pass. The cables go by the wire meanwhile, "
                              "which makes them a little slower."));
}

static void
on_animate_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  LoomWindow *self = user_data;
  Motion *motion = self->motion;

  motion->on = g_variant_get_boolean (state);
  loom_settings_set_boolean (self->settings, SETTING_ANIMATE, motion->on);
  g_simple_action_set_state (action, state);
  gtk_widget_set_visible (self->legend, motion->on);
  follow (motion);
  if (motion->on)
    say_what_moves (motion);
  else
    loom_canvas_clear_motion (self->canvas);
}

static void
set_pace (Motion *motion, guint pace)
{
  motion->pace = pace;
  loom_settings_set_int (motion->window->settings, SETTING_PACE, (int) pace);
  loom_canvas_set_pace (motion->window->canvas, paces[pace].slowness, paces[pace].one_by_one);
  follow (motion);
}

static void
on_pace_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (paces); i++) {
    if (!g_str_equal (paces[i].id, g_variant_get_string (state, NULL)))
      continue;
    set_pace (LOOM_WINDOW (user_data)->motion, i);
    g_simple_action_set_state (action, state);
  }
}

static const GActionEntry entries[] = {
    {"animate", NULL, NULL, "false", on_animate_changed},
    {"frame-pace", NULL, "s", "'real'", on_pace_changed},
};

static void
restore (Motion *motion)
{
  LoomWindow *self = motion->window;
  int pace = loom_settings_get_int (self->settings, SETTING_PACE, 0, 0, G_N_ELEMENTS (paces) - 1);
  GAction *animate = g_action_map_lookup_action (G_ACTION_MAP (self), "animate");
  GAction *speed = g_action_map_lookup_action (G_ACTION_MAP (self), "frame-pace");

  g_simple_action_set_state (G_SIMPLE_ACTION (speed), g_variant_new_string (paces[pace].id));
  set_pace (motion, (guint) pace);
  motion->on = loom_settings_get_boolean (self->settings, SETTING_ANIMATE, FALSE);
  g_simple_action_set_state (G_SIMPLE_ACTION (animate), g_variant_new_boolean (motion->on));
  gtk_widget_set_visible (self->legend, motion->on);
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomWindow *self)
{
  if (self->motion != NULL && (change->links->len > 0 || change->nodes->len > 0))
    follow (self->motion);
}

static void
on_replaced (LoomDocument *document, LoomWindow *self)
{
  g_signal_connect_object (loom_document_get_lab (document), "changed", G_CALLBACK (on_lab_changed),
                           self, G_CONNECT_AFTER);
  loom_canvas_clear_motion (self->canvas);
  follow (self->motion);
}

void
loom_window_update_motion (LoomWindow *self)
{
  if (self->motion != NULL)
    follow (self->motion);
}

void
loom_window_begin_motion (LoomWindow *self)
{
  Motion *motion = g_new0 (Motion, 1);

  motion->window = self;
  motion->watch = loom_watch_new (self->session);
  self->motion = motion;
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect (motion->watch, "frame", G_CALLBACK (on_frame), motion);
  g_signal_connect (motion->watch, "failed", G_CALLBACK (on_failed), motion);
  g_signal_connect_object (self->document, "replaced", G_CALLBACK (on_replaced), self, 0);
  g_signal_connect_object (self->session, "changed", G_CALLBACK (loom_window_update_motion), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "selection-changed",
                           G_CALLBACK (loom_window_update_motion), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (loom_window_update_motion), NULL);
  g_signal_connect_after (self, "unmap", G_CALLBACK (loom_window_update_motion), NULL);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (self)),
                           "notify::gtk-enable-animations", G_CALLBACK (loom_window_update_motion),
                           self, G_CONNECT_SWAPPED);
  restore (motion);
  on_replaced (self->document, self);
}

void
loom_window_end_motion (LoomWindow *self)
{
  Motion *motion = g_steal_pointer (&self->motion);

  if (motion == NULL)
    return;
  g_signal_handlers_disconnect_by_data (motion->watch, motion);
  loom_watch_set_links (motion->watch, (const char *const[]){NULL}, 1);
  g_object_unref (motion->watch);
  g_free (motion);
}
