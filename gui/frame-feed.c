/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/frame-feed.h"

#include <glib-unix.h>
#include <unistd.h>

#define PIECE_BYTES 65536
/* 12 MB a second: ten times what can be decoded. */
#define PIECES_A_TURN 4
#define PAUSE_MS 20

struct _LoomFrameFeed {
  LoomFrames *frames;
  int fd;
  void (*on_broken) (const char *why, gpointer user_data);
  gpointer user_data;
  guint source; /* waits for octets, or for the next turn; 0: nothing more is read */
};

static void wait_for_more (LoomFrameFeed *self);

/* FALSE: there is no more for now. */
static gboolean
read_piece (LoomFrameFeed *self)
{
  guint8 octets[PIECE_BYTES];
  gssize n = read (self->fd, octets, sizeof octets);
  g_autoptr (GError) error = NULL;

  if (n <= 0)
    return FALSE;
  if (loom_frames_feed (self->frames, octets, (gsize) n, &error))
    return TRUE;
  g_clear_handle_id (&self->source, g_source_remove);
  self->on_broken (error->message, self->user_data);
  return FALSE;
}

static gboolean
on_pause_over (gpointer user_data)
{
  wait_for_more (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  LoomFrameFeed *self = user_data;

  for (guint i = 0; i < PIECES_A_TURN; i++) {
    if (!read_piece (self))
      return self->source != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
  }
  self->source = g_timeout_add (PAUSE_MS, on_pause_over, self);
  return G_SOURCE_REMOVE;
}

/* After drawing. */
static void
wait_for_more (LoomFrameFeed *self)
{
  self->source = g_unix_fd_add_full (G_PRIORITY_DEFAULT_IDLE, self->fd, G_IO_IN, on_readable, self,
                                     NULL);
}

LoomFrameFeed *
loom_frame_feed_new (LoomFrames *frames, int fd,
                     void (*on_broken) (const char *why, gpointer user_data), gpointer user_data)
{
  LoomFrameFeed *self = g_new0 (LoomFrameFeed, 1);

  self->frames = g_object_ref (frames);
  self->fd = fd;
  self->on_broken = on_broken;
  self->user_data = user_data;
  wait_for_more (self);
  return self;
}

/* A pipe holds 64 KiB. */
void
loom_frame_feed_free (LoomFrameFeed *self)
{
  if (self == NULL)
    return;
  if (self->source != 0)
    read_piece (self);
  if (self->source != 0)
    g_source_remove (self->source);
  g_object_unref (self->frames);
  g_free (self);
}
