/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sums are of words as they lie in memory: the ones' complement sum does not care about byte order
 * (RFC 1071, section 2), and 2^32 additions of 32 bits fit into 64. */

#include "backend/wire/law/checksum.h"

#include <string.h>

guint64
loom_wire_checksum_add (guint64 sum, const guint8 *data, gsize size)
{
  guint32 word;

  for (; size >= sizeof word; data += sizeof word, size -= sizeof word) {
    memcpy (&word, data, sizeof word);
    sum += word;
  }
  word = 0;
  memcpy (&word, data, size);
  return sum + word;
}

guint16
loom_wire_checksum_finish (guint64 sum)
{
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return (guint16) ~sum;
}

gboolean
loom_wire_checksum_complete (guint8 *frame, gsize size, guint start, guint offset)
{
  gsize field = (gsize) start + offset;
  guint16 checksum;

  if (field + sizeof checksum > size)
    return FALSE;
  checksum = loom_wire_checksum_finish (loom_wire_checksum_add (0, frame + start, size - start));
  /* UDP writes 0 as its other form: 0 would say that there is none (RFC 768). */
  if (checksum == 0)
    checksum = 0xffff;
  memcpy (frame + field, &checksum, sizeof checksum);
  return TRUE;
}
