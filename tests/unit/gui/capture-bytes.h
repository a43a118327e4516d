/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A capture as the wire writes it, for tests of what reads it. */

#pragma once

#include <gio/gio.h>
#include <string.h>

#define PING_BYTES 42

static inline void
add_number (GByteArray *bytes, gsize size, guint64 value)
{
  g_byte_array_append (bytes, (const guint8 *) &value, (guint) size);
}

static inline void
add_block (GByteArray *bytes, guint32 type, const GByteArray *body)
{
  add_number (bytes, 4, type);
  add_number (bytes, 4, body->len + 12);
  g_byte_array_append (bytes, body->data, body->len);
  add_number (bytes, 4, body->len + 12);
}

/* Section and interfaces; @digits: of a second. */
static inline void
add_head (GByteArray *bytes, guint n_interfaces, guint digits)
{
  g_autoptr (GByteArray) section = g_byte_array_new ();

  add_number (section, 4, 0x1a2b3c4d);
  add_number (section, 4, 1);
  add_number (section, 8, G_MAXUINT64);
  add_block (bytes, 0x0a0d0d0a, section);
  for (guint i = 0; i < n_interfaces; i++) {
    g_autoptr (GByteArray) interface = g_byte_array_new ();

    add_number (interface, 4, 1); /* Ethernet */
    add_number (interface, 4, 0); /* no limit */
    add_number (interface, 2, 2); /* if_name */
    add_number (interface, 2, 5);
    g_byte_array_append (interface, (const guint8 *) "pc1:0\0\0", 8);
    add_number (interface, 2, 9); /* if_tsresol */
    add_number (interface, 2, 1);
    add_number (interface, 4, digits);
    add_number (interface, 4, 0);
    add_block (bytes, 1, interface);
  }
}

/* @way: 1 in, 2 out. */
static inline void
add_frame (GByteArray *bytes, guint interface, guint64 time, guint way, const guint8 *octets,
           guint size)
{
  g_autoptr (GByteArray) packet = g_byte_array_new ();

  add_number (packet, 4, interface);
  add_number (packet, 4, time >> 32);
  add_number (packet, 4, time & G_MAXUINT32);
  add_number (packet, 4, size);
  add_number (packet, 4, size);
  g_byte_array_append (packet, octets, size);
  add_number (packet, -size % 4, 0);
  add_number (packet, 2, 2); /* epb_flags */
  add_number (packet, 2, 4);
  add_number (packet, 4, way);
  add_number (packet, 4, 0);
  add_block (bytes, 6, packet);
}

/* An echo request of 10.0.0.1 to 10.0.0.2, or the answer. */
static inline void
add_ping (GByteArray *bytes, guint interface, guint64 time, guint way, guint sequence)
{
  guint8 octets[PING_BYTES] = {2,    0, 0,  0,  0, 2, 2, 0, 0,  0, 0, 1, 8,  0,
                               0x45, 0, 0,  28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0,
                               0,    1, 10, 0,  0, 2, 8, 0, 0,  0, 0, 7, 0,  0};

  octets[41] = (guint8) sequence;
  if (way == 1) {
    octets[29] = 2;
    octets[33] = 1;
    octets[34] = 0;
  }
  add_frame (bytes, interface, time, way, octets, sizeof octets);
}
