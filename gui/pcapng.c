/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/pcapng.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SECTION_HEADER 0x0a0d0d0a /* 4.1 */
#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define INTERFACE_DESCRIPTION 1 /* 4.2 */
#define ENHANCED_PACKET 6       /* 4.3 */
#define LINKTYPE_ETHERNET 1
#define OPTION_END 0
#define IF_NAME 2
#define IF_TSRESOL 9
#define EPB_FLAGS 2
#define WAY_MASK 3

#define BLOCK_OVERHEAD 12 /* type, length, length */
#define PACKET_HEAD 20
#define INTERFACE_HEAD 8
#define MAX_BLOCK_BYTES (256u << 10)
#define MAX_INTERFACES 64
#define MAX_NAME_BYTES 256
#define DEFAULT_DIGITS 6 /* of a second, where the interface does not say */
#define NS_DIGITS 9

typedef struct {
  char *name; /* or NULL */
  gint64 ns_per_unit;
} Interface;

struct _LoomPcapng {
  LoomPcapngFunc func;
  gpointer user_data;
  GByteArray *pending; /* the beginning of a block */
  GByteArray *head;
  GArray *interfaces;
  gboolean has_section;
  gboolean is_broken;
};

static void
clear_interface (gpointer data)
{
  g_free (((Interface *) data)->name);
}

LoomPcapng *
loom_pcapng_new (LoomPcapngFunc func, gpointer user_data)
{
  LoomPcapng *self = g_new0 (LoomPcapng, 1);

  self->func = func;
  self->user_data = user_data;
  self->pending = g_byte_array_new ();
  self->head = g_byte_array_new ();
  self->interfaces = g_array_new (FALSE, TRUE, sizeof (Interface));
  g_array_set_clear_func (self->interfaces, clear_interface);
  return self;
}

void
loom_pcapng_free (LoomPcapng *self)
{
  if (self == NULL)
    return;
  g_byte_array_unref (self->pending);
  g_byte_array_unref (self->head);
  g_array_unref (self->interfaces);
  g_free (self);
}

static guint16
read_16 (const guint8 *octets)
{
  guint16 value;

  memcpy (&value, octets, sizeof value);
  return value;
}

static guint32
read_32 (const guint8 *octets)
{
  guint32 value;

  memcpy (&value, octets, sizeof value);
  return value;
}

static gsize
pad (gsize size)
{
  return (size + 3) & ~(gsize) 3;
}

/* (nullable): the value of option @code among @options. */
static const guint8 *
find_option (const guint8 *options, gsize size, guint16 code, guint *ret_size)
{
  gsize at = 0;

  while (at + 4 <= size) {
    guint16 this_code = read_16 (options + at);
    guint16 this_size = read_16 (options + at + 2);

    if (this_code == OPTION_END || at + 4 + this_size > size)
      return NULL;
    if (this_code == code) {
      *ret_size = this_size;
      return options + at + 4;
    }
    at += 4 + pad (this_size);
  }
  return NULL;
}

static gboolean
add_interface (LoomPcapng *self, const guint8 *body, gsize size)
{
  Interface interface = {NULL, 1};
  guint digits = DEFAULT_DIGITS;
  const guint8 *value;
  guint value_size;

  if (size < INTERFACE_HEAD || read_16 (body) != LINKTYPE_ETHERNET
      || self->interfaces->len == MAX_INTERFACES)
    return FALSE;
  body += INTERFACE_HEAD;
  size -= INTERFACE_HEAD;
  value = find_option (body, size, IF_TSRESOL, &value_size);
  if (value != NULL && value_size == 1)
    digits = value[0];
  if (digits > NS_DIGITS) /* finer, or a power of two */
    return FALSE;
  for (; digits < NS_DIGITS; digits++)
    interface.ns_per_unit *= 10;
  value = find_option (body, size, IF_NAME, &value_size);
  if (value != NULL && value_size <= MAX_NAME_BYTES)
    interface.name = g_utf8_make_valid ((const char *) value, (gssize) value_size);
  g_array_append_val (self->interfaces, interface);
  return TRUE;
}

static LoomFrameWay
read_way (const guint8 *options, gsize size)
{
  guint value_size;
  const guint8 *value = find_option (options, size, EPB_FLAGS, &value_size);
  guint32 way = value != NULL && value_size == 4 ? read_32 (value) & WAY_MASK : 0;

  return way <= LOOM_FRAME_OUTBOUND ? (LoomFrameWay) way : LOOM_FRAME_UNKNOWN_WAY;
}

static gboolean
read_packet (LoomPcapng *self, const guint8 *block, guint block_size)
{
  const guint8 *body = block + 8;
  gsize size = block_size - BLOCK_OVERHEAD;
  LoomPcapngFrame frame = {.block = block, .block_size = block_size};
  guint64 units;

  if (size < PACKET_HEAD)
    return FALSE;
  frame.interface = read_32 (body);
  frame.size = read_32 (body + 12);
  frame.length = read_32 (body + 16);
  if (frame.interface >= self->interfaces->len || frame.size > size - PACKET_HEAD)
    return FALSE;
  units = (guint64) read_32 (body + 4) << 32 | read_32 (body + 8);
  frame.time_ns = (gint64) (units
                            * (guint64) g_array_index (self->interfaces, Interface, frame.interface)
                                  .ns_per_unit);
  frame.octets = body + PACKET_HEAD;
  if (PACKET_HEAD + pad (frame.size) <= size)
    frame.way = read_way (frame.octets + pad (frame.size), size - PACKET_HEAD - pad (frame.size));
  self->func (&frame, self->user_data);
  return TRUE;
}

static gboolean
read_block (LoomPcapng *self, const guint8 *block, guint size)
{
  guint32 type = read_32 (block);

  if (read_32 (block + size - 4) != size)
    return FALSE;
  if (type == SECTION_HEADER) {
    if (self->has_section || size < BLOCK_OVERHEAD + 4 || read_32 (block + 8) != BYTE_ORDER_MAGIC)
      return FALSE;
    self->has_section = TRUE;
    g_byte_array_append (self->head, block, size);
    return TRUE;
  }
  if (!self->has_section)
    return FALSE;
  if (type == INTERFACE_DESCRIPTION) {
    if (!add_interface (self, block + 8, size - BLOCK_OVERHEAD))
      return FALSE;
    g_byte_array_append (self->head, block, size);
    return TRUE;
  }
  return type != ENHANCED_PACKET || read_packet (self, block, size);
}

gboolean
loom_pcapng_feed (LoomPcapng *self, const guint8 *octets, gsize size, GError **error)
{
  gsize at = 0;

  if (!self->is_broken)
    g_byte_array_append (self->pending, octets, (guint) size);
  while (!self->is_broken && at + BLOCK_OVERHEAD <= self->pending->len) {
    const guint8 *block = self->pending->data + at;
    guint32 block_size = read_32 (block + 4);

    if (block_size < BLOCK_OVERHEAD || block_size % 4 != 0 || block_size > MAX_BLOCK_BYTES)
      self->is_broken = TRUE;
    else if (at + block_size > self->pending->len)
      break;
    else if (!read_block (self, block, block_size))
      self->is_broken = TRUE;
    else
      at += block_size;
  }
  if (!self->is_broken) {
    g_byte_array_remove_range (self->pending, 0, (guint) at);
    return TRUE;
  }
  g_byte_array_set_size (self->pending, 0);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _ ("The capture is not written as captures are (pcapng)."));
  return FALSE;
}

GBytes *
loom_pcapng_dup_head (LoomPcapng *self)
{
  return g_bytes_new (self->head->data, self->interfaces->len > 0 ? self->head->len : 0);
}

guint
loom_pcapng_get_n_interfaces (LoomPcapng *self)
{
  return self->interfaces->len;
}

const char *
loom_pcapng_get_interface_name (LoomPcapng *self, guint interface)
{
  return interface < self->interfaces->len
             ? g_array_index (self->interfaces, Interface, interface).name
             : NULL;
}
