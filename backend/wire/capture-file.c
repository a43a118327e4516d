/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole blocks are gathered in memory and written in large pieces. When a piece does not fit on the
 * disk the file is cut back to the last that did: what there is can be read. */

#include "backend/wire/capture-file.h"

#include "backend/wire/law/pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES 262144u
#define PROGRAM "Lanloom"
/* A reader of a pipe that takes nothing for so long is given up. */
#define STALLED_MS 5000

struct _LoomWireCaptureFile {
  char *path;
  const LoomWireCaptureFormat *format;
  int fd;
  guint turn; /* which of the files in turn */
  GByteArray *bytes;
  guint64 n_file;   /* octets of this file, those in @bytes and of its end included */
  guint64 n_bytes;  /* written to all */
  guint64 n_frames; /* written to all … */
  guint n_pending;  /* … and still in @bytes */
  gint64 last_ns;   /* the time of the last record */
};

G_DEFINE_QUARK (loom - wire - capture - error - quark, loom_wire_capture_error)

/* "a.pcapng" becomes "a-2.pcapng". (transfer full) */
static char *
dup_turn_path (LoomWireCaptureFile *self)
{
  const char *dot = strrchr (self->path, '.');
  gsize length = dot != NULL && strchr (dot, '/') == NULL ? (gsize) (dot - self->path)
                                                          : strlen (self->path);

  if (self->format->ring_files == 0)
    return g_strdup (self->path);
  return g_strdup_printf ("%.*s-%u%s", (int) length, self->path, self->turn + 1,
                          self->path + length);
}

static void
set_error (LoomWireCaptureFile *self, int code, GError **error)
{
  if (code == ENOSPC || code == EDQUOT)
    g_set_error (error, LOOM_WIRE_CAPTURE_ERROR, LOOM_WIRE_CAPTURE_ERROR_FULL,
                 _ ("There is no room left for “%s”: make room there, or capture to another disk."),
                 self->path);
  else if (code == EPIPE || code == ENXIO || code == ETIMEDOUT)
    g_set_error (error, LOOM_WIRE_CAPTURE_ERROR, LOOM_WIRE_CAPTURE_ERROR_READER,
                 _ ("Nobody reads “%s” any more."), self->path);
  else
    g_set_error (error, LOOM_WIRE_CAPTURE_ERROR, LOOM_WIRE_CAPTURE_ERROR_FAILED,
                 _ ("Cannot write to “%s”: %s."), self->path, g_strerror (code));
}

static void
add_heads (LoomWireCaptureFile *self)
{
  loom_wire_pcapng_section (self->bytes, PROGRAM);
  for (guint i = 0; self->format->names[i] != NULL; i++)
    loom_wire_pcapng_interface (self->bytes, self->format->names[i], self->format->snaplen,
                                self->format->filter);
  /* Every file may be the last one, which ends with the counts. */
  self->n_file = self->bytes->len + LOOM_WIRE_PCAPNG_STATISTICS_BYTES;
}

/* Writes all of @bytes; a pipe may need patience. */
static gboolean
write_all (LoomWireCaptureFile *self)
{
  guint done = 0;

  while (done < self->bytes->len) {
    struct pollfd wait = {self->fd, POLLOUT, 0};
    gssize n = write (self->fd, self->bytes->data + done, self->bytes->len - done);

    if (n >= 0)
      done += (guint) n;
    else if (errno == EAGAIN && poll (&wait, 1, STALLED_MS) == 0)
      errno = ETIMEDOUT;
    if (n < 0 && errno != EAGAIN && errno != EINTR)
      break;
  }
  self->n_bytes += done;
  return done == self->bytes->len;
}

LoomWireCaptureFile *
loom_wire_capture_file_new (const char *path, const LoomWireCaptureFormat *format)
{
  LoomWireCaptureFile *self = g_new0 (LoomWireCaptureFile, 1);

  self->path = g_strdup (path);
  self->format = format;
  self->fd = -1;
  self->bytes = g_byte_array_sized_new (2 * PIECE_BYTES);
  return self;
}

void
loom_wire_capture_file_free (LoomWireCaptureFile *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_byte_array_unref (self->bytes);
  g_free (self->path);
  g_free (self);
}

gboolean
loom_wire_capture_file_open (LoomWireCaptureFile *self, GError **error)
{
  g_autofree char *path = dup_turn_path (self);
  struct stat status;
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

  /* Without a reader a pipe cannot be opened for writing: ENXIO. */
  self->fd = open (path, flags, 0600);
  if (self->fd < 0 && errno == ENXIO)
    return FALSE;
  if (self->fd < 0 || fstat (self->fd, &status) < 0
      || (S_ISREG (status.st_mode) && ftruncate (self->fd, 0) < 0)) {
    set_error (self, errno, error);
    return FALSE;
  }
  g_byte_array_set_size (self->bytes, 0);
  add_heads (self);
  return TRUE;
}

/* The next of the files in turn. */
static gboolean
open_next (LoomWireCaptureFile *self, GError **error)
{
  if (!loom_wire_capture_file_flush (self, error))
    return FALSE;
  close (self->fd);
  self->turn = (self->turn + 1) % self->format->ring_files;
  if (loom_wire_capture_file_open (self, error))
    return TRUE;
  /* It is a pipe, and nobody reads it: there is no waiting in the middle of a capture. */
  if (error != NULL && *error == NULL)
    set_error (self, ENXIO, error);
  return FALSE;
}

gboolean
loom_wire_capture_file_add (LoomWireCaptureFile *self, const LoomWireRecord *record, GError **error)
{
  guint before = self->bytes->len;
  guint size;

  self->last_ns = record->time_ns + self->format->wall_ns;
  loom_wire_pcapng_frame (self->bytes, record->interface, self->last_ns, record->flags,
                          record->length, (const guint8 *) (record + 1), record->captured);
  size = self->bytes->len - before;
  if (self->format->max_bytes > 0 && self->n_file + size > self->format->max_bytes) {
    g_byte_array_set_size (self->bytes, before);
    if (self->format->ring_files == 0) {
      g_set_error (error, LOOM_WIRE_CAPTURE_ERROR, LOOM_WIRE_CAPTURE_ERROR_LIMIT,
                   _ ("“%s” has reached its largest size."), self->path);
      return FALSE;
    }
    if (!open_next (self, error))
      return FALSE;
    loom_wire_pcapng_frame (self->bytes, record->interface, self->last_ns, record->flags,
                            record->length, (const guint8 *) (record + 1), record->captured);
  }
  self->n_file += size;
  self->n_pending++;
  return self->bytes->len < PIECE_BYTES || loom_wire_capture_file_flush (self, error);
}

gboolean
loom_wire_capture_file_flush (LoomWireCaptureFile *self, GError **error)
{
  off_t before = lseek (self->fd, 0, SEEK_CUR);
  int code;

  if (write_all (self)) {
    g_byte_array_set_size (self->bytes, 0);
    self->n_frames += self->n_pending;
    self->n_pending = 0;
    return TRUE;
  }
  code = errno;
  /* Fails for a pipe, which has no use for it. */
  if (before >= 0 && ftruncate (self->fd, before) == 0)
    lseek (self->fd, before, SEEK_SET);
  g_byte_array_set_size (self->bytes, 0);
  self->n_pending = 0;
  set_error (self, code, error);
  return FALSE;
}

/* The counts are of the capture, not of one interface: they stand with the first. */
void
loom_wire_capture_file_close (LoomWireCaptureFile *self, guint64 n_dropped)
{
  if (self->fd < 0)
    return;
  loom_wire_pcapng_statistics (self->bytes, 0, self->last_ns, self->n_frames + self->n_pending,
                               n_dropped);
  loom_wire_capture_file_flush (self, NULL);
  close (self->fd);
  self->fd = -1;
}

guint64
loom_wire_capture_file_get_n_frames (LoomWireCaptureFile *self)
{
  return self->n_frames;
}

guint64
loom_wire_capture_file_get_n_bytes (LoomWireCaptureFile *self)
{
  return self->n_bytes;
}
