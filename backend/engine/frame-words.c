/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One pass down the headers, as far as the bytes go: Ethernet (IEEE 802.3) and its VLAN tags
 * (802.1Q), ARP (RFC 826), IPv4 (RFC 791), IPv6 (RFC 8200), then ICMP, TCP, UDP. */

#include "backend/engine/frame-words.h"

#include <string.h>

#define ETHER_ADDRESS 6
#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806
#define TYPE_VLAN 0x8100
#define TYPE_QINQ 0x88a8
#define TYPE_IPV6 0x86dd
#define TYPE_LACP 0x8809
#define TYPE_LLDP 0x88cc
#define FIRST_TYPE 0x0600 /* below: a length, IEEE 802.3 */
#define PROTOCOL_ICMP 1
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_ICMPV6 58
#define PROTOCOL_OSPF 89
#define MAX_TAGS 4
#define ADDRESS_TEXT 48

/* What is known of a frame. Texts are empty where the bytes did not go so far. */
typedef struct {
  const guint8 *bytes;
  gsize size;
  gsize at; /* of the header that comes next */
  guint16 type;
  int vlan; /* -1: none */
  guint8 protocol;
  gboolean is_fragment; /* not the first: no header of the protocol */
  char from[ADDRESS_TEXT];
  char to[ADDRESS_TEXT];
  int from_port; /* -1: none */
  int to_port;
} Frame;

static gboolean
has (const Frame *frame, gsize n)
{
  return frame->size >= n && frame->at <= frame->size - n;
}

static guint16
read16 (const Frame *frame, gsize offset)
{
  const guint8 *p = frame->bytes + frame->at + offset;

  return (guint16) (p[0] << 8 | p[1]);
}

static void
format_ipv4 (char text[static ADDRESS_TEXT], const guint8 *p)
{
  g_snprintf (text, ADDRESS_TEXT, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
}

/* The longest run of zero groups becomes "::" (RFC 5952 section 4.2). */
static void
format_ipv6 (char text[static ADDRESS_TEXT], const guint8 *p)
{
  int best = -1, best_length = 1;
  gsize used = 0;

  for (int i = 0, length = 0; i < 8; i++) {
    length = p[2 * i] == 0 && p[2 * i + 1] == 0 ? length + 1 : 0;
    if (length > best_length) {
      best_length = length;
      best = i - length + 1;
    }
  }
  text[0] = '\0';
  for (int i = 0; i < 8; i++) {
    if (i == best) {
      used += (gsize) g_snprintf (text + used, ADDRESS_TEXT - used, "::");
      i += best_length - 1;
      continue;
    }
    const char *colon = used > 0 && text[used - 1] != ':' ? ":" : "";
    used += (gsize) g_snprintf (text + used, ADDRESS_TEXT - used, "%s%x", colon,
                                (guint) (p[2 * i] << 8 | p[2 * i + 1]));
  }
}

static gboolean
read_ethernet (Frame *frame)
{
  if (!has (frame, 14))
    return FALSE;
  frame->at = 2 * ETHER_ADDRESS;
  frame->type = read16 (frame, 0);
  frame->at += 2;
  for (int i = 0; i < MAX_TAGS && (frame->type == TYPE_VLAN || frame->type == TYPE_QINQ); i++) {
    if (!has (frame, 4))
      return FALSE;
    frame->vlan = read16 (frame, 0) & 0xfff;
    frame->type = read16 (frame, 2);
    frame->at += 4;
  }
  return TRUE;
}

static void
read_ipv4 (Frame *frame)
{
  if (!has (frame, 20))
    return;
  const guint8 *p = frame->bytes + frame->at;
  frame->protocol = p[9];
  frame->is_fragment = (read16 (frame, 6) & 0x1fff) != 0;
  format_ipv4 (frame->from, p + 12);
  format_ipv4 (frame->to, p + 16);
  frame->at += (gsize) (p[0] & 0xf) * 4;
}

static void
read_ipv6 (Frame *frame)
{
  if (!has (frame, 40))
    return;
  const guint8 *p = frame->bytes + frame->at;
  frame->protocol = p[6];
  format_ipv6 (frame->from, p + 8);
  format_ipv6 (frame->to, p + 24);
  frame->at += 40;
}

static void
read_frame (Frame *frame, const guint8 *bytes, gsize size)
{
  *frame = (Frame){.bytes = bytes, .size = size, .vlan = -1, .from_port = -1, .to_port = -1};
  if (!read_ethernet (frame))
    return;
  if (frame->type == TYPE_IPV4)
    read_ipv4 (frame);
  else if (frame->type == TYPE_IPV6)
    read_ipv6 (frame);
  if ((frame->protocol == PROTOCOL_TCP || frame->protocol == PROTOCOL_UDP) && !frame->is_fragment
      && has (frame, 4)) {
    frame->from_port = read16 (frame, 0);
    frame->to_port = read16 (frame, 2);
  }
}

static gboolean
has_port (const Frame *frame, int port)
{
  return frame->from_port == port || frame->to_port == port;
}

static LoomFrameClass
classify (const Frame *frame)
{
  if (frame->type == TYPE_ARP)
    return LOOM_FRAME_ARP;
  if (frame->type == TYPE_LLDP || frame->type == TYPE_LACP
      || (frame->size >= 14 && frame->type < FIRST_TYPE))
    return LOOM_FRAME_BRIDGING;
  switch (frame->protocol) {
  case PROTOCOL_ICMP:
  case PROTOCOL_ICMPV6:
    return LOOM_FRAME_ICMP;
  case PROTOCOL_OSPF:
    return LOOM_FRAME_ROUTING;
  case PROTOCOL_TCP:
    return has_port (frame, 179) ? LOOM_FRAME_ROUTING : LOOM_FRAME_TCP;
  case PROTOCOL_UDP:
    if (has_port (frame, 53) || has_port (frame, 5353))
      return LOOM_FRAME_NAMES;
    if (has_port (frame, 67) || has_port (frame, 68) || has_port (frame, 546)
        || has_port (frame, 547))
      return LOOM_FRAME_DHCP;
    return has_port (frame, 520) ? LOOM_FRAME_ROUTING : LOOM_FRAME_UDP;
  default:
    return LOOM_FRAME_OTHER;
  }
}

LoomFrameClass
loom_frame_classify (const guint8 *bytes, gsize size)
{
  Frame frame;

  read_frame (&frame, bytes, size);
  return classify (&frame);
}

const char *
loom_frame_class_to_id (LoomFrameClass class)
{
  static const char *const ids[] = {"other", "arp",  "icmp",    "tcp",     "udp",
                                    "names", "dhcp", "routing", "bridging"};

  return ids[class];
}

static void
append_arp (GString *text, const Frame *frame)
{
  char sender[ADDRESS_TEXT], target[ADDRESS_TEXT];

  g_string_append (text, "ARP");
  if (!has (frame, 28) || read16 (frame, 2) != TYPE_IPV4)
    return;
  const guint8 *p = frame->bytes + frame->at;
  format_ipv4 (sender, p + 14);
  format_ipv4 (target, p + 24);
  if (read16 (frame, 6) == 1)
    g_string_append_printf (text, " who has %s, says %s", target, sender);
  else
    g_string_append_printf (text, " %s is at %02x:%02x:%02x:%02x:%02x:%02x", sender, p[8], p[9],
                            p[10], p[11], p[12], p[13]);
}

static void
append_tcp_flags (GString *text, const Frame *frame)
{
  static const struct {
    guint8 bit;
    const char *name;
  } flags[] = {{2, "SYN"}, {16, "ACK"}, {1, "FIN"}, {4, "RST"}, {8, "PSH"}, {32, "URG"}};

  if (frame->is_fragment || !has (frame, 14))
    return;
  guint8 bits = frame->bytes[frame->at + 13];
  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++) {
    if ((bits & flags[i].bit) != 0)
      g_string_append_printf (text, " %s", flags[i].name);
  }
}

static const char *
name_icmp (const Frame *frame)
{
  static const struct {
    guint8 protocol;
    guint8 type;
    const char *name;
  } types[] = {
      {PROTOCOL_ICMP, 0, "echo reply"},
      {PROTOCOL_ICMP, 3, "destination unreachable"},
      {PROTOCOL_ICMP, 5, "redirect"},
      {PROTOCOL_ICMP, 8, "echo request"},
      {PROTOCOL_ICMP, 11, "time exceeded"},
      {PROTOCOL_ICMPV6, 1, "destination unreachable"},
      {PROTOCOL_ICMPV6, 2, "packet too big"},
      {PROTOCOL_ICMPV6, 3, "time exceeded"},
      {PROTOCOL_ICMPV6, 128, "echo request"},
      {PROTOCOL_ICMPV6, 129, "echo reply"},
      {PROTOCOL_ICMPV6, 133, "router solicitation"},
      {PROTOCOL_ICMPV6, 134, "router advertisement"},
      {PROTOCOL_ICMPV6, 135, "neighbor solicitation"},
      {PROTOCOL_ICMPV6, 136, "neighbor advertisement"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types) && !frame->is_fragment && has (frame, 1); i++) {
    if (types[i].protocol == frame->protocol && types[i].type == frame->bytes[frame->at])
      return types[i].name;
  }
  return "";
}

static void
append_ip (GString *text, const Frame *frame)
{
  const char *name = frame->protocol == PROTOCOL_TCP      ? "TCP"
                     : frame->protocol == PROTOCOL_UDP    ? "UDP"
                     : frame->protocol == PROTOCOL_ICMP   ? "ICMP"
                     : frame->protocol == PROTOCOL_ICMPV6 ? "ICMPv6"
                     : frame->protocol == PROTOCOL_OSPF   ? "OSPF"
                     : frame->type == TYPE_IPV6           ? "IPv6"
                                                          : "IPv4";

  if (frame->from_port >= 0) {
    gboolean is_six = frame->type == TYPE_IPV6;
    g_string_append_printf (text, "%s %s%s%s:%d → %s%s%s:%d", name, is_six ? "[" : "", frame->from,
                            is_six ? "]" : "", frame->from_port, is_six ? "[" : "", frame->to,
                            is_six ? "]" : "", frame->to_port);
  } else {
    g_string_append_printf (text, "%s %s → %s", name, frame->from, frame->to);
  }
  if (frame->protocol == PROTOCOL_TCP)
    append_tcp_flags (text, frame);
  if (frame->protocol == PROTOCOL_ICMP || frame->protocol == PROTOCOL_ICMPV6)
    g_string_append_printf (text, " %s", name_icmp (frame));
  if (frame->is_fragment)
    g_string_append (text, " fragment");
  if (classify (frame) == LOOM_FRAME_NAMES)
    g_string_append (text, " DNS");
  if (classify (frame) == LOOM_FRAME_DHCP)
    g_string_append (text, " DHCP");
}

char *
loom_frame_describe (const guint8 *bytes, gsize size)
{
  GString *text = g_string_new (NULL);
  Frame frame;

  read_frame (&frame, bytes, size);
  if (frame.vlan >= 0)
    g_string_append_printf (text, "VLAN %d: ", frame.vlan);
  if (frame.type == TYPE_ARP)
    append_arp (text, &frame);
  else if (frame.from[0] != '\0')
    append_ip (text, &frame);
  else if (frame.type == TYPE_LLDP)
    g_string_append (text, "LLDP");
  else if (frame.type == TYPE_LACP)
    g_string_append (text, "LACP");
  else if (size >= 14 && frame.type < FIRST_TYPE)
    g_string_append (text, has (&frame, 3) && bytes[frame.at] == 0x42 ? "STP" : "LLC");
  else
    g_string_append_printf (text, "Ethernet type 0x%04x", frame.type);
  return g_strchomp (g_string_free (text, FALSE));
}
