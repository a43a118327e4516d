/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last bytes that a console said: a ring that grows by doubling.
 *
 * The file is a Header and a ring of full size, a hole where nothing was said. It is written, not
 * mapped: a full disk then costs the file, not the process. */

#include "backend/engine/scrollback.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FIRST_SIZE_BYTES 4096
#define MAGIC "lanloom\1"

typedef struct {
  char magic[8];
  guint64 end;
} Header;

static void
close_file (LoomScrollback *scrollback)
{
  if (scrollback->file > 0)
    close (scrollback->file - 1);
  scrollback->file = 0;
}

void
loom_scrollback_clear (LoomScrollback *scrollback)
{
  close_file (scrollback);
  g_clear_pointer (&scrollback->bytes, g_free);
  scrollback->size_bytes = 0;
  scrollback->end = 0;
}

guint64
loom_scrollback_get_start (const LoomScrollback *scrollback)
{
  return scrollback->end > scrollback->size_bytes ? scrollback->end - scrollback->size_bytes : 0;
}

/* Grows only while nothing has been overwritten, so that bytes stay where their position says. */
static void
grow (LoomScrollback *scrollback, gsize more_bytes)
{
  gsize size = MAX (scrollback->size_bytes, FIRST_SIZE_BYTES);

  if (scrollback->end > scrollback->size_bytes)
    return;
  while (size < LOOM_SCROLLBACK_SIZE_BYTES && size < scrollback->end + more_bytes)
    size *= 2;
  if (size != scrollback->size_bytes) {
    scrollback->bytes = g_realloc (scrollback->bytes, size);
    scrollback->size_bytes = size;
  }
}

/* Reads the ring of @fd, as far as its header says that there is one. */
static void
read_file (LoomScrollback *scrollback, int fd)
{
  Header header;

  if (pread (fd, &header, sizeof header, 0) != sizeof header
      || memcmp (header.magic, MAGIC, sizeof header.magic) != 0 || header.end > G_MAXINT64)
    return;
  gsize size = FIRST_SIZE_BYTES;
  while (size < MIN (header.end, LOOM_SCROLLBACK_SIZE_BYTES))
    size *= 2;
  g_autofree guint8 *bytes = g_malloc0 (size);
  if (header.end == 0
      || pread (fd, bytes, MIN (size, header.end), sizeof header)
             != (gssize) MIN (size, header.end))
    return;
  scrollback->bytes = g_steal_pointer (&bytes);
  scrollback->size_bytes = size;
  scrollback->end = header.end;
}

gboolean
loom_scrollback_open (LoomScrollback *scrollback, const char *path)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return FALSE;

  g_return_val_if_fail (scrollback->end == 0 && scrollback->file == 0, FALSE);
  read_file (scrollback, fd);
  scrollback->file = fd + 1;
  return TRUE;
}

/* Brings the file up to date with the last @size_bytes. */
static void
write_file (LoomScrollback *scrollback, gsize size_bytes)
{
  guint64 position = scrollback->end - MIN (size_bytes, scrollback->size_bytes);
  const Header header = {.magic = MAGIC, .end = scrollback->end};
  const guint8 *data;
  gsize size;

  while ((size = loom_scrollback_peek (scrollback, &position, &data)) > 0) {
    gsize offset = position & (LOOM_SCROLLBACK_SIZE_BYTES - 1);
    size = MIN (size, LOOM_SCROLLBACK_SIZE_BYTES - offset);
    if (pwrite (scrollback->file - 1, data, size, (off_t) (sizeof header + offset))
        != (gssize) size)
      break;
    position += size;
  }
  if (position == scrollback->end
      && pwrite (scrollback->file - 1, &header, sizeof header, 0) == sizeof header)
    return;
  /* The disk is full. Better nothing than what is wrong. */
  if (ftruncate (scrollback->file - 1, 0) == 0)
    close_file (scrollback);
}

void
loom_scrollback_append (LoomScrollback *scrollback, const guint8 *data, gsize size_bytes)
{
  const gsize n_new = size_bytes;

  grow (scrollback, size_bytes);
  while (size_bytes > 0) {
    gsize offset = scrollback->end & (scrollback->size_bytes - 1);
    gsize n = MIN (size_bytes, scrollback->size_bytes - offset);
    memcpy (scrollback->bytes + offset, data, n);
    scrollback->end += n;
    data += n;
    size_bytes -= n;
  }
  if (scrollback->file > 0)
    write_file (scrollback, n_new);
}

gsize
loom_scrollback_peek (const LoomScrollback *scrollback, guint64 *position, const guint8 **ret_data)
{
  *position = MAX (*position, loom_scrollback_get_start (scrollback));
  if (*position >= scrollback->end)
    return 0;

  gsize offset = *position & (scrollback->size_bytes - 1);
  *ret_data = scrollback->bytes + offset;
  return MIN (scrollback->end - *position, scrollback->size_bytes - offset);
}
