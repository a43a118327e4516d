/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Buffers and numbers of the guest's program. */

#include "backend/guest/guest.h"

#include <stdlib.h>
#include <string.h>

bool
bytes_append (bytes_t *bytes, const void *data, size_t size)
{
  if (bytes->size + size > bytes->allocated) {
    size_t wanted = bytes->size + size < 4096 ? 4096 : 2 * (bytes->size + size);
    char *larger = realloc (bytes->data, wanted);

    if (larger == NULL)
      return false;
    bytes->data = larger;
    bytes->allocated = wanted;
  }
  if (size > 0)
    memcpy (bytes->data + bytes->size, data, size);
  bytes->size += size;
  return true;
}

void
bytes_consume (bytes_t *bytes, size_t size)
{
  bytes->size -= size;
  if (bytes->size > 0)
    memmove (bytes->data, bytes->data + size, bytes->size);
  else if (bytes->allocated > 65536)
    bytes_clear (bytes);
}

void
bytes_clear (bytes_t *bytes)
{
  free (bytes->data);
  *bytes = (bytes_t){0};
}

void
put_u32 (void *at, uint32_t value)
{
  unsigned char *p = at;

  p[0] = (unsigned char) value;
  p[1] = (unsigned char) (value >> 8);
  p[2] = (unsigned char) (value >> 16);
  p[3] = (unsigned char) (value >> 24);
}

uint32_t
get_u32 (const void *at)
{
  const unsigned char *p = at;

  return p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}
