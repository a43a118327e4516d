/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames that are held, shown on their cables. Whoever holds a cable (a window, lanloomctl), its
 * frames are read when the engine says that their number changed. */

#include "gui/window-private.h"

#include "backend/engine/engine-dbus.h"
#include "gui/frame-class.h"
#include "gui/holds.h"

/* Cables that are asked about when a lab that runs is attached to. */
#define MAX_ASKED 64

typedef struct {
  LoomWindow *window;
  LoomDBusEngine *proxy; /* whose signal is heard; or NULL */
  GHashTable *holds;     /* link → LoomHolds */
  guint sweep_id;
} Marks;

static void
marks_free (gpointer data)
{
  Marks *marks = data;

  g_clear_handle_id (&marks->sweep_id, g_source_remove);
  if (marks->proxy != NULL)
    g_signal_handlers_disconnect_by_data (marks->proxy, marks);
  g_clear_object (&marks->proxy);
  g_hash_table_unref (marks->holds);
  g_free (marks);
}

static gboolean
is_over (gpointer link, gpointer holds, gpointer user_data)
{
  return !loom_holds_is_on (holds) && !loom_holds_is_busy (holds);
}

/* Those that hold nothing any more are let go, but not while they speak. */
static gboolean
on_sweep (gpointer user_data)
{
  Marks *marks = user_data;

  marks->sweep_id = 0;
  g_hash_table_foreach_remove (marks->holds, is_over, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_holds_changed (LoomHolds *holds, Marks *marks)
{
  const char *link = loom_holds_get_link (holds);
  GPtrArray *frames = loom_holds_get_frames (holds);
  g_autoptr (GArray) dots = g_array_new (FALSE, FALSE, sizeof (LoomHeldDot));
  const char *second = strchr (link, ' ');

  for (guint i = 0; i < frames->len; i++) {
    const LoomHeldFrame *frame = g_ptr_array_index (frames, i);
    LoomHeldDot dot = {second != NULL && g_str_equal (frame->from, second + 1),
                       loom_frame_classify (frame->head, frame->head_size)};

    g_array_append_val (dots, dot);
  }
  loom_canvas_set_held (marks->window->canvas, link, loom_holds_is_on (holds),
                        (const LoomHeldDot *) dots->data, dots->len);
  loom_window_update_motion (marks->window);
  if (is_over (NULL, holds, NULL) && marks->sweep_id == 0)
    marks->sweep_id = g_idle_add (on_sweep, marks);
}

/* It may live on until it has its answer, and has nothing to say here then. */
static void
drop_holds (gpointer holds)
{
  g_signal_handlers_disconnect_matched (holds, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, on_holds_changed,
                                        NULL);
  g_object_unref (holds);
}

static void
ensure_holds (Marks *marks, const char *link)
{
  LoomHolds *holds;

  if (g_hash_table_contains (marks->holds, link))
    return;
  holds = loom_holds_new (marks->window->session, link);
  g_hash_table_insert (marks->holds, g_strdup (link), holds);
  g_signal_connect (holds, "changed", G_CALLBACK (on_holds_changed), marks);
}

static void
on_held_changed (LoomDBusEngine *proxy, const char *link, guint n, Marks *marks)
{
  ensure_holds (marks, link);
}

static void
forget_all (Marks *marks)
{
  GHashTableIter iter;
  gpointer link;

  g_hash_table_iter_init (&iter, marks->holds);
  while (g_hash_table_iter_next (&iter, &link, NULL)) {
    loom_canvas_set_held (marks->window->canvas, link, FALSE, NULL, 0);
    g_hash_table_iter_remove (&iter);
  }
}

/* A lab that runs already may hold frames. */
static void
ask_about_all (Marks *marks)
{
  g_autoptr (GPtrArray)
      links = loom_lab_list_links (loom_document_get_lab (marks->window->document));

  for (guint i = 0; i < MIN (links->len, MAX_ASKED); i++) {
    g_autofree char *id = loom_link_dup_id (g_ptr_array_index (links, i));

    ensure_holds (marks, id);
  }
}

static void
on_session_changed (LoomSession *session, Marks *marks)
{
  LoomClient *client = loom_session_get_client (session);
  LoomDBusEngine *proxy = client != NULL ? loom_client_get_proxy (client) : NULL;

  if (proxy == marks->proxy)
    return;
  if (marks->proxy != NULL)
    g_signal_handlers_disconnect_by_data (marks->proxy, marks);
  g_set_object (&marks->proxy, proxy);
  forget_all (marks);
  if (proxy == NULL)
    return;
  g_signal_connect (proxy, "held-changed", G_CALLBACK (on_held_changed), marks);
  ask_about_all (marks);
}

static void
on_hold_activated (LoomCanvas *canvas, const char *link, LoomWindow *self)
{
  loom_window_show_holds (self, link);
}

static void
set_hues (LoomScene *scene)
{
  LoomHue hues[LOOM_N_FRAME_CLASSES];

  for (guint i = 0; i < LOOM_N_FRAME_CLASSES; i++) {
    guint32 rgb = (guint32) strtoul (loom_frame_class_get_color (i) + 1, NULL, 16);

    hues[i].color = (LoomColor){(rgb >> 16) / 255.0, (rgb >> 8 & 0xff) / 255.0,
                                (rgb & 0xff) / 255.0};
    g_strlcpy (hues[i].letter, loom_frame_class_get_letter (i), sizeof hues[i].letter);
  }
  loom_scene_set_hues (scene, hues, G_N_ELEMENTS (hues));
}

void
loom_window_begin_holds (LoomWindow *self)
{
  Marks *marks = g_new0 (Marks, 1);

  marks->window = self;
  marks->holds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, drop_holds);
  set_hues (loom_canvas_get_scene (self->canvas));
  g_signal_connect (self->canvas, "hold-activated", G_CALLBACK (on_hold_activated), self);
  g_signal_connect (self->session, "changed", G_CALLBACK (on_session_changed), marks);
  self->hold_marks = marks;
}

void
loom_window_end_holds (LoomWindow *self)
{
  if (self->hold_marks == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->session, self->hold_marks);
  g_clear_pointer (&self->hold_marks, marks_free);
}

GStrv
loom_window_list_held (LoomWindow *self)
{
  Marks *marks = self->hold_marks;
  g_autoptr (GStrvBuilder) links = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer link;
  gpointer holds;

  if (marks != NULL) {
    g_hash_table_iter_init (&iter, marks->holds);
    while (g_hash_table_iter_next (&iter, &link, &holds))
      if (loom_holds_is_on (holds))
        g_strv_builder_add (links, link);
  }
  return g_strv_builder_end (links);
}
