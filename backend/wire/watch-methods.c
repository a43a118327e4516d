/* SPDX-License-Identifier: GPL-3.0-or-later */

/* watch and unwatch: samples of the frames of cables go to a pipe. The datapath thread puts them
 * into one ring (law/sampler.h), which is emptied here forty times a second as long as somebody
 * watches. A pipe that is full costs its reader records, which it is told of, and nobody else
 * anything. A reader that goes ends its watch. */

#include "backend/wire/control-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <limits.h>
#include <unistd.h>

#define EMPTY_MS 25
#define RING_BYTES (1u << 20)
#define MAX_WATCHES 32
#define MAX_ID 64
/* What a pipe takes in one piece or not at all (pipe(7)). */
#define BATCH (PIPE_BUF / sizeof (LoomFrameSample))

typedef struct {
  LoomWireControl *control;
  char *id;
  GHashTable *cookies; /* set of gint64 */
  guint per_second;
  int fd;
  guint gone_id;    /* of the reader */
  guint32 n_missed; /* records that found no room, since the last that did */
  guint n;
  LoomFrameSample batch[BATCH];
} Watch;

typedef struct {
  LoomWireOrder order;
  LoomWireCable *cable;
  LoomWireRing *ring;
  guint64 cookie;
  guint per_second;
} SampleOrder;

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  g_clear_handle_id (&watch->gone_id, g_source_remove);
  if (watch->fd >= 0)
    close (watch->fd);
  g_hash_table_unref (watch->cookies);
  g_free (watch->id);
  g_free (watch);
}

static void
run_sample (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  SampleOrder *self = (SampleOrder *) order;

  for (guint8 i = 0; i < 2; i++)
    loom_wire_sampler_set (&self->cable->directions[i].sampler, self->ring, self->cookie, i,
                           self->per_second);
}

static void
done_sample (LoomWireOrder *order)
{
  g_free (order);
}

/* FALSE: too many orders are under way. */
static gboolean
post_rate (LoomWireAttachment *attachment, guint per_second)
{
  SampleOrder *order = g_new0 (SampleOrder, 1);

  order->order = (LoomWireOrder){run_sample, done_sample};
  order->cable = attachment->cable;
  order->ring = attachment->control->samples;
  order->cookie = (guint64) attachment->cookie;
  order->per_second = per_second;
  if (!loom_wire_datapath_is_busy (attachment->control->datapath)
      && loom_wire_datapath_post (attachment->control->datapath, &order->order))
    return TRUE;
  g_free (order);
  return FALSE;
}

/* As many as the most curious wants. */
static guint
find_rate (LoomWireControl *control, gint64 cookie)
{
  guint per_second = 0;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, control->watches);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Watch *watch = value;

    if (g_hash_table_contains (watch->cookies, &cookie))
      per_second = MAX (per_second, watch->per_second);
  }
  return per_second;
}

void
loom_wire_watches_follow (LoomWireControl *control)
{
  GHashTableIter iter;
  gpointer value;

  if (control->samples == NULL)
    return;
  g_hash_table_iter_init (&iter, control->attachments);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    LoomWireAttachment *attachment = value;
    guint per_second = find_rate (control, attachment->cookie);

    if (per_second != attachment->sample_rate && post_rate (attachment, per_second))
      attachment->sample_rate = per_second;
  }
}

/* FALSE: the reader is gone. */
static gboolean
flush (Watch *watch)
{
  gsize size = watch->n * sizeof *watch->batch;
  guint32 n_missed = watch->n_missed;
  gssize written;

  if (watch->n == 0)
    return TRUE;
  watch->batch[0].n_missed += n_missed;
  written = write (watch->fd, watch->batch, size);
  watch->n_missed = written < 0 ? n_missed + watch->n : 0;
  watch->n = 0;
  return written >= 0 || errno == EAGAIN || errno == EINTR;
}

static void
end (Watch *watch)
{
  LoomWireControl *control = watch->control;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  loom_json_put_string (builder, "id", watch->id);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  loom_wire_control_notify (control, "watch-ended", json_builder_get_root (builder));
  g_hash_table_remove (control->watches, watch->id);
  loom_wire_watches_follow (control);
}

static gboolean
on_gone (int fd, GIOCondition condition, gpointer user_data)
{
  Watch *watch = user_data;

  watch->gone_id = 0;
  end (watch);
  return G_SOURCE_REMOVE;
}

static void
hand_on (LoomWireControl *control, const LoomFrameSample *sample)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, control->watches);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Watch *watch = value;

    if (!g_hash_table_contains (watch->cookies, &sample->cable))
      continue;
    watch->batch[watch->n++] = *sample;
    /* A reader that has gone is noticed by its pipe. */
    if (watch->n == BATCH)
      flush (watch);
  }
}

static gboolean
on_samples_due (gpointer user_data)
{
  LoomWireControl *self = user_data;
  const LoomFrameSample *sample;
  GHashTableIter iter;
  gpointer watch;
  gsize size;

  while ((sample = loom_wire_ring_peek (self->samples, &size)) != NULL) {
    hand_on (self, sample);
    loom_wire_ring_release (self->samples);
  }
  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &watch))
    flush (watch);
  /* Orders for which there was no room are given now. */
  loom_wire_watches_follow (self);
  if (g_hash_table_size (self->watches) > 0)
    return G_SOURCE_CONTINUE;
  self->samples_id = 0;
  return G_SOURCE_REMOVE;
}

/* FALSE: @cables is no list of numbers. */
static gboolean
parse_cookies (JsonArray *cables, GHashTable *cookies)
{
  guint n = cables != NULL ? json_array_get_length (cables) : 0;

  if (n == 0 || n > LOOM_WIRE_MAX_CABLES)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    gint64 cookie;

    if (!loom_json_node_int (json_array_get_element (cables, i), &cookie))
      return FALSE;
    g_hash_table_add (cookies, g_memdup2 (&cookie, sizeof cookie));
  }
  return TRUE;
}

/* What is wrong with @params; or NULL. */
static const char *
fill (Watch *watch, JsonObject *params)
{
  const char *id = loom_json_get_string (params, "id");
  const char *path = loom_json_get_string (params, "path");
  gint64 per_second = 0;

  if (id == NULL || id[0] == '\0' || strlen (id) > MAX_ID || path == NULL)
    return "a watch needs an id and a pipe";
  if (g_hash_table_contains (watch->control->watches, id))
    return "there is such a watch already";
  if (g_hash_table_size (watch->control->watches) == MAX_WATCHES)
    return "too many watch";
  if (!loom_json_get_int (params, "per_second", &per_second) || per_second < 1
      || per_second > LOOM_WIRE_MAX_SAMPLE_RATE)
    return "a watch needs 1 to 1000 samples a second";
  if (!parse_cookies (loom_json_get_array (params, "cables"), watch->cookies))
    return "a watch needs 1 to 256 cables";
  watch->fd = open (path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (watch->fd < 0)
    return "nobody reads the pipe";
  watch->id = g_strdup (id);
  watch->per_second = (guint) per_second;
  return NULL;
}

void
loom_wire_watch (LoomWireCall *call, JsonObject *params)
{
  LoomWireControl *control = call->control;
  Watch *watch = g_new0 (Watch, 1);
  const char *wrong;

  watch->control = control;
  watch->fd = -1;
  watch->cookies = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  wrong = fill (watch, params);
  if (wrong != NULL) {
    loom_wire_call_fail (call, "%s", wrong);
    watch_free (watch);
    return;
  }
  if (control->samples == NULL)
    control->samples = loom_wire_ring_new (RING_BYTES);
  watch->gone_id = g_unix_fd_add (watch->fd, G_IO_ERR | G_IO_HUP, on_gone, watch);
  g_hash_table_insert (control->watches, watch->id, watch);
  if (control->samples_id == 0)
    control->samples_id = g_timeout_add (EMPTY_MS, on_samples_due, control);
  loom_wire_watches_follow (control);
  loom_wire_call_answer (call, NULL);
}

void
loom_wire_unwatch (LoomWireCall *call, JsonObject *params)
{
  const char *id = loom_json_get_string (params, "id");

  if (id == NULL || !g_hash_table_remove (call->control->watches, id)) {
    loom_wire_call_fail (call, "there is no such watch");
    return;
  }
  loom_wire_watches_follow (call->control);
  loom_wire_call_answer (call, NULL);
}

void
loom_wire_watches_add (LoomWireControl *control, gint64 cookie, JsonBuilder *builder)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, control->watches);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Watch *watch = value;

    if (g_hash_table_contains (watch->cookies, &cookie))
      json_builder_add_string_value (builder, watch->id);
  }
}

void
loom_wire_watches_init (LoomWireControl *control)
{
  control->watches = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, watch_free);
}

void
loom_wire_watches_end (LoomWireControl *control)
{
  g_clear_handle_id (&control->samples_id, g_source_remove);
  g_hash_table_unref (control->watches);
  loom_wire_ring_free (control->samples);
}
