/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames stand in a ring of slots, by their numbers. */

#include "gui/frame-store.h"

struct _LoomFrameStore {
  LoomPcapng *reader;
  guint max_frames;
  gsize max_bytes;
  LoomKeptFrame *slots;
  guint64 oldest;
  guint64 newest;
  gsize n_bytes;
};

static LoomKeptFrame *
get_slot (LoomFrameStore *self, guint64 number)
{
  return &self->slots[number % self->max_frames];
}

static void
forget_oldest (LoomFrameStore *self)
{
  LoomKeptFrame *frame = get_slot (self, self->oldest);

  self->n_bytes -= g_bytes_get_size (frame->block);
  g_clear_pointer (&frame->block, g_bytes_unref);
  self->oldest++;
}

static gboolean
is_empty (LoomFrameStore *self)
{
  return self->oldest > self->newest;
}

static void
on_frame (const LoomPcapngFrame *frame, gpointer user_data)
{
  LoomFrameStore *self = user_data;
  const guint8 *octets;
  LoomKeptFrame *kept;

  while (!is_empty (self)
         && (self->newest - self->oldest + 1 == self->max_frames
             || self->n_bytes + frame->block_size > self->max_bytes))
    forget_oldest (self);
  kept = get_slot (self, ++self->newest);
  *kept = (LoomKeptFrame){
      .number = self->newest,
      .time_ns = frame->time_ns,
      .interface = frame->interface,
      .way = frame->way,
      .length = frame->length,
      .size = frame->size,
      .block = g_bytes_new (frame->block, frame->block_size),
  };
  octets = g_bytes_get_data (kept->block, NULL);
  kept->octets = octets + (frame->octets - frame->block);
  self->n_bytes += frame->block_size;
}

LoomFrameStore *
loom_frame_store_new (guint max_frames, gsize max_bytes)
{
  LoomFrameStore *self = g_new0 (LoomFrameStore, 1);

  self->reader = loom_pcapng_new (on_frame, self);
  self->max_frames = max_frames;
  self->max_bytes = max_bytes;
  self->slots = g_new0 (LoomKeptFrame, max_frames);
  self->oldest = 1;
  return self;
}

void
loom_frame_store_free (LoomFrameStore *self)
{
  if (self == NULL)
    return;
  loom_frame_store_clear (self);
  loom_pcapng_free (self->reader);
  g_free (self->slots);
  g_free (self);
}

gboolean
loom_frame_store_feed (LoomFrameStore *self, const guint8 *octets, gsize size, GError **error)
{
  return loom_pcapng_feed (self->reader, octets, size, error);
}

void
loom_frame_store_clear (LoomFrameStore *self)
{
  while (!is_empty (self))
    forget_oldest (self);
}

const LoomKeptFrame *
loom_frame_store_get (LoomFrameStore *self, guint64 number)
{
  return number >= self->oldest && number <= self->newest ? get_slot (self, number) : NULL;
}

guint64
loom_frame_store_get_oldest (LoomFrameStore *self)
{
  return self->oldest;
}

guint64
loom_frame_store_get_newest (LoomFrameStore *self)
{
  return self->newest;
}

guint
loom_frame_store_get_n_interfaces (LoomFrameStore *self)
{
  return loom_pcapng_get_n_interfaces (self->reader);
}

GBytes *
loom_frame_store_dup_head (LoomFrameStore *self)
{
  return loom_pcapng_dup_head (self->reader);
}

GBytes *
loom_frame_store_dup_file (LoomFrameStore *self, guint64 first, guint64 last)
{
  g_autoptr (GBytes) head = loom_frame_store_dup_head (self);
  GByteArray *file = g_byte_array_sized_new ((guint) (g_bytes_get_size (head) + self->n_bytes));

  g_byte_array_append (file, g_bytes_get_data (head, NULL), (guint) g_bytes_get_size (head));
  for (guint64 number = MAX (first, self->oldest); number <= MIN (last, self->newest); number++) {
    GBytes *block = get_slot (self, number)->block;

    g_byte_array_append (file, g_bytes_get_data (block, NULL), (guint) g_bytes_get_size (block));
  }
  return g_byte_array_free_to_bytes (file);
}
