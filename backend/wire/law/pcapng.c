/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A block is its type, its length, a body, options, and its length again; everything is padded to
 * 32 bits. Numbers of sections are those of the draft, version 01. */

#include "backend/wire/law/pcapng.h"

#include <string.h>

#define SECTION_HEADER 0x0a0d0d0a /* 4.1 */
#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define INTERFACE_DESCRIPTION 1 /* 4.2 */
#define INTERFACE_STATISTICS 5  /* 4.6 */
#define ENHANCED_PACKET 6       /* 4.3 */
#define LINKTYPE_ETHERNET 1

#define OPTION_END 0
#define SHB_USERAPPL 4
#define IF_NAME 2
#define IF_TSRESOL 9
#define IF_FILTER 11
#define EPB_FLAGS 2
#define ISB_IFRECV 4
#define ISB_IFDROP 5

/* An enhanced packet block before and behind its octets. */
typedef struct {
  guint32 type;
  guint32 size;
  guint32 interface;
  guint32 time_high;
  guint32 time_low;
  guint32 captured;
  guint32 length;
} FrameHead;

typedef struct {
  guint16 flags_code;
  guint16 flags_size;
  guint32 flags;
  guint16 end_code;
  guint16 end_size;
  guint32 size;
} FrameTail;

static void
add_16 (GByteArray *bytes, guint16 value)
{
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
add_32 (GByteArray *bytes, guint32 value)
{
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
add_padded (GByteArray *bytes, const void *data, guint size)
{
  static const guint8 ZEROS[4] = {0};

  g_byte_array_append (bytes, data, size);
  g_byte_array_append (bytes, ZEROS, -size % 4);
}

static void
add_option (GByteArray *bytes, guint16 code, const void *data, guint size)
{
  add_16 (bytes, code);
  add_16 (bytes, (guint16) size);
  add_padded (bytes, data, size);
}

static void
add_time (GByteArray *bytes, gint64 time_ns)
{
  add_32 (bytes, (guint32) ((guint64) time_ns >> 32));
  add_32 (bytes, (guint32) time_ns);
}

/* Where the block begins, for end_block (). */
static guint
begin_block (GByteArray *bytes, guint32 type)
{
  guint start = bytes->len;

  add_32 (bytes, type);
  add_32 (bytes, 0);
  return start;
}

static void
end_block (GByteArray *bytes, guint start)
{
  guint32 size = bytes->len + sizeof size - start;

  add_32 (bytes, size);
  memcpy (bytes->data + start + 4, &size, sizeof size);
}

void
loom_wire_pcapng_section (GByteArray *bytes, const char *program)
{
  guint start = begin_block (bytes, SECTION_HEADER);

  add_32 (bytes, BYTE_ORDER_MAGIC);
  add_16 (bytes, 1);
  add_16 (bytes, 0);
  add_32 (bytes, G_MAXUINT32); /* the section's length is not known */
  add_32 (bytes, G_MAXUINT32);
  add_option (bytes, SHB_USERAPPL, program, (guint) strlen (program));
  add_option (bytes, OPTION_END, NULL, 0);
  end_block (bytes, start);
}

void
loom_wire_pcapng_interface (GByteArray *bytes, const char *name, guint snaplen, const char *filter)
{
  const guint8 nanoseconds = 9;
  guint start = begin_block (bytes, INTERFACE_DESCRIPTION);

  add_16 (bytes, LINKTYPE_ETHERNET);
  add_16 (bytes, 0);
  add_32 (bytes, snaplen);
  add_option (bytes, IF_NAME, name, (guint) strlen (name));
  add_option (bytes, IF_TSRESOL, &nanoseconds, sizeof nanoseconds);
  if (filter[0] != '\0') {
    g_autofree char *text = g_strconcat (" ", filter, NULL);

    text[0] = 0; /* "a libpcap filter string follows" */
    add_option (bytes, IF_FILTER, text, (guint) strlen (filter) + 1);
  }
  add_option (bytes, OPTION_END, NULL, 0);
  end_block (bytes, start);
}

/* The one block that there are millions of: written in one piece. */
void
loom_wire_pcapng_frame (GByteArray *bytes, guint interface, gint64 time_ns, guint direction,
                        guint length, const guint8 *octets, guint captured)
{
  const guint padding = -captured % 4;
  const guint start = bytes->len;
  const guint32 size = (guint32) (sizeof (FrameHead) + captured + padding + sizeof (FrameTail));
  const FrameHead head = {
      ENHANCED_PACKET,   size,     interface, (guint32) ((guint64) time_ns >> 32),
      (guint32) time_ns, captured, length};
  const FrameTail tail = {EPB_FLAGS, sizeof tail.flags, direction, OPTION_END, 0, size};
  guint8 *at;

  g_byte_array_set_size (bytes, start + size);
  at = bytes->data + start;
  memcpy (at, &head, sizeof head);
  at += sizeof head;
  memcpy (at, octets, captured);
  memset (at + captured, 0, padding);
  memcpy (at + captured + padding, &tail, sizeof tail);
}

void
loom_wire_pcapng_statistics (GByteArray *bytes, guint interface, gint64 time_ns, guint64 n_received,
                             guint64 n_dropped)
{
  guint start = begin_block (bytes, INTERFACE_STATISTICS);

  add_32 (bytes, interface);
  add_time (bytes, time_ns);
  add_option (bytes, ISB_IFRECV, &n_received, sizeof n_received);
  add_option (bytes, ISB_IFDROP, &n_dropped, sizeof n_dropped);
  add_option (bytes, OPTION_END, NULL, 0);
  end_block (bytes, start);
}
