/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last bytes that a console said: a ring that grows by doubling. */

#include "backend/engine/scrollback.h"

#include <string.h>

#define FIRST_SIZE_BYTES 4096

void
loom_scrollback_clear (LoomScrollback *scrollback)
{
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

void
loom_scrollback_append (LoomScrollback *scrollback, const guint8 *data, gsize size_bytes)
{
  grow (scrollback, size_bytes);
  while (size_bytes > 0) {
    gsize offset = scrollback->end & (scrollback->size_bytes - 1);
    gsize n = MIN (size_bytes, scrollback->size_bytes - offset);
    memcpy (scrollback->bytes + offset, data, n);
    scrollback->end += n;
    data += n;
    size_bytes -= n;
  }
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
