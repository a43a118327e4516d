/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Headers by RFC 791 (IPv4), RFC 8200 (IPv6) and RFC 9293 (TCP); tags by IEEE 802.1Q. Every number
 * that is read from the frame is held against its size before it is used. */

#include "backend/wire/law/segment.h"

#include "backend/wire/law/checksum.h"

#include <arpa/inet.h>
#include <string.h>

#define ETHERTYPE_AT 12
#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define TYPE_VLAN 0x8100
#define TYPE_QINQ 0x88a8
#define MAX_TAGS 2

#define IPV4_MIN 20
#define IPV6_SIZE 40
#define TCP_MIN 20
#define PROTOCOL_TCP 6
#define IPV6_EXTENSIONS_MAX 8

#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_CWR 0x80

static guint16
get_16 (const guint8 *at)
{
  return (guint16) (at[0] << 8 | at[1]);
}

static void
set_16 (guint8 *at, guint value)
{
  at[0] = (guint8) (value >> 8);
  at[1] = (guint8) value;
}

/* Behind the Ethernet header and its tags; 0 when neither IP follows. */
static guint
find_ip (const guint8 *frame, gsize size, gboolean *ret_is_ipv6)
{
  guint at = ETHERTYPE_AT;
  int n_tags = 0;

  while (at + 2 <= size) {
    guint16 type = get_16 (frame + at);

    at += 2;
    *ret_is_ipv6 = type == TYPE_IPV6;
    if (type == TYPE_IPV4 || type == TYPE_IPV6)
      return at;
    if ((type != TYPE_VLAN && type != TYPE_QINQ) || n_tags++ == MAX_TAGS)
      return 0;
    at += 2;
  }
  return 0;
}

/* Where TCP begins in an IPv4 packet; 0 when it does not. */
static guint
find_tcp_in_ipv4 (const guint8 *frame, gsize size, guint ip)
{
  guint header_size;

  if (ip + IPV4_MIN > size || frame[ip] >> 4 != 4 || frame[ip + 9] != PROTOCOL_TCP)
    return 0;
  header_size = (frame[ip] & 15) * 4;
  return header_size >= IPV4_MIN ? ip + header_size : 0;
}

/* The same for IPv6: options for hops, destinations and routing may stand between (RFC 8200,
 * section 4); all of them tell their length in the second octet, in units of 8 after the first 8.
 */
static guint
find_tcp_in_ipv6 (const guint8 *frame, gsize size, guint ip)
{
  guint at = ip + IPV6_SIZE;
  guint8 next;

  if (at > size || frame[ip] >> 4 != 6)
    return 0;
  next = frame[ip + 6];
  for (int i = 0; i < IPV6_EXTENSIONS_MAX && next != PROTOCOL_TCP; i++) {
    if ((next != 0 && next != 43 && next != 60) || at + 8 > size)
      return 0;
    next = frame[at];
    at += (frame[at + 1] + 1u) * 8;
  }
  return next == PROTOCOL_TCP ? at : 0;
}

static guint64
sum_pseudo_header (const LoomWireCut *cut, guint tcp_size)
{
  const guint8 *ip = cut->frame + cut->ip;
  guint8 rest[4] = {0, PROTOCOL_TCP};
  guint64 sum;

  set_16 (rest + 2, tcp_size);
  sum = cut->is_ipv6 ? loom_wire_checksum_add (0, ip + 8, 32)
                     : loom_wire_checksum_add (0, ip + 12, 8);
  return loom_wire_checksum_add (sum, rest, sizeof rest);
}

static void
fix_ip (const LoomWireCut *cut, guint i, guint8 *frame, gsize size)
{
  guint8 *ip = frame + cut->ip;
  guint16 checksum;

  if (cut->is_ipv6) {
    set_16 (ip + 4, (guint) (size - cut->ip - IPV6_SIZE));
    return;
  }
  set_16 (ip + 2, (guint) (size - cut->ip));
  set_16 (ip + 4, get_16 (ip + 4) + i);
  set_16 (ip + 10, 0);
  checksum = loom_wire_checksum_finish (loom_wire_checksum_add (0, ip, cut->tcp - cut->ip));
  memcpy (ip + 10, &checksum, sizeof checksum);
}

static void
fix_tcp (const LoomWireCut *cut, guint i, guint8 *frame, gsize size)
{
  guint8 *tcp = frame + cut->tcp;
  guint tcp_size = (guint) (size - cut->tcp);
  guint32 sequence;
  guint16 checksum;

  memcpy (&sequence, tcp + 4, sizeof sequence);
  sequence = htonl (ntohl (sequence) + i * cut->segment_size);
  memcpy (tcp + 4, &sequence, sizeof sequence);
  /* The end is with the last frame, "window reduced" said by the first (RFC 3168, section 6.1.2).
   */
  if (i + 1 < cut->n_frames)
    tcp[13] &= (guint8) ~(TCP_FIN | TCP_PSH);
  if (i > 0)
    tcp[13] &= (guint8) ~TCP_CWR;
  set_16 (tcp + 16, 0);
  checksum = loom_wire_checksum_finish (
      loom_wire_checksum_add (sum_pseudo_header (cut, tcp_size), tcp, tcp_size));
  memcpy (tcp + 16, &checksum, sizeof checksum);
}

gboolean
loom_wire_cut_init (LoomWireCut *ret_cut, const guint8 *frame, gsize size, guint segment_size)
{
  LoomWireCut cut = {.frame = frame, .size = size, .segment_size = segment_size};
  gsize n_octets;

  cut.ip = find_ip (frame, size, &cut.is_ipv6);
  if (cut.ip == 0 || segment_size == 0)
    return FALSE;
  cut.tcp = cut.is_ipv6 ? find_tcp_in_ipv6 (frame, size, cut.ip)
                        : find_tcp_in_ipv4 (frame, size, cut.ip);
  if (cut.tcp == 0 || cut.tcp + TCP_MIN > size)
    return FALSE;
  cut.payload = cut.tcp + (frame[cut.tcp + 12] >> 4) * 4;
  if (cut.payload < cut.tcp + TCP_MIN || cut.payload > size)
    return FALSE;
  n_octets = size - cut.payload;
  cut.n_frames = (guint) MAX ((n_octets + segment_size - 1) / segment_size, 1);
  *ret_cut = cut;
  return TRUE;
}

gsize
loom_wire_cut_get_size (const LoomWireCut *cut, guint i)
{
  gsize before = (gsize) i * cut->segment_size;

  return cut->payload + MIN (cut->segment_size, cut->size - cut->payload - before);
}

void
loom_wire_cut_write (const LoomWireCut *cut, guint i, guint8 *ret_frame)
{
  gsize size = loom_wire_cut_get_size (cut, i);

  memcpy (ret_frame, cut->frame, cut->payload);
  memcpy (ret_frame + cut->payload, cut->frame + cut->payload + (gsize) i * cut->segment_size,
          size - cut->payload);
  fix_ip (cut, i, ret_frame, size);
  fix_tcp (cut, i, ret_frame, size);
}
