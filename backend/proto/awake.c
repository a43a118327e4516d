/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "backend/proto/awake.h"

#define TICK_MS 1000

typedef struct {
  guint n_left;
  GSourceFunc function;
  gpointer user_data;
} Awake;

/* However long we were stopped, a source is dispatched once for it. */
static gboolean
on_tick (gpointer user_data)
{
  Awake *awake = user_data;

  return --awake->n_left > 0 ? G_SOURCE_CONTINUE : awake->function (awake->user_data);
}

GSource *
loom_awake_source_new (guint timeout_ms, GSourceFunc function, gpointer user_data)
{
  Awake *awake = g_new0 (Awake, 1);
  GSource *source = g_timeout_source_new (MIN (timeout_ms, TICK_MS));

  awake->n_left = MAX (timeout_ms / TICK_MS, 1);
  awake->function = function;
  awake->user_data = user_data;
  g_source_set_callback (source, on_tick, awake, g_free);
  return source;
}

guint
loom_awake_timeout_add (guint seconds, GSourceFunc function, gpointer user_data)
{
  g_autoptr (GSource) source = loom_awake_source_new (seconds * TICK_MS, function, user_data);

  return g_source_attach (source, NULL);
}
