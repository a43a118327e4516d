/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames in a few words: one of each kind, and cut off at every byte. */

#include "backend/engine/frame-words.h"

#include <string.h>

#define MACS                                                                                       \
  "ffffffffffff"                                                                                   \
  "020000000001"
#define IPV4(protocol, rest)                                                                       \
  MACS "0800"                                                                                      \
       "4500001c00004000"                                                                          \
       "40" protocol "0000"                                                                        \
       "0a000001"                                                                                  \
       "0a000002" rest
#define IPV6(protocol, rest)                                                                       \
  MACS "86dd"                                                                                      \
       "6000000000"                                                                                \
       "08" protocol "ff"                                                                          \
       "fe800000000000000000000000000001"                                                          \
       "20010db8000000000000000000000002" rest

static const struct {
  const char *hex;
  LoomFrameClass class;
  const char *words;
} FRAMES[] = {
    {MACS "0806"
          "0001080006040001"
          "020000000001"
          "0a000001"
          "000000000000"
          "0a000002",
     LOOM_FRAME_ARP, "ARP who has 10.0.0.2, says 10.0.0.1"},
    {MACS "0806"
          "0001080006040002"
          "020000000001"
          "0a000001"
          "020000000002"
          "0a000002",
     LOOM_FRAME_ARP, "ARP 10.0.0.1 is at 02:00:00:00:00:01"},
    {IPV4 ("01", "0800000000000000"), LOOM_FRAME_ICMP, "ICMP 10.0.0.1 → 10.0.0.2 echo request"},
    {IPV4 ("06", "109200500000000000000000"
                 "5012"),
     LOOM_FRAME_TCP, "TCP 10.0.0.1:4242 → 10.0.0.2:80 SYN ACK"},
    {IPV4 ("11", "109200350000"), LOOM_FRAME_NAMES, "UDP 10.0.0.1:4242 → 10.0.0.2:53 DNS"},
    {IPV4 ("11", "004400430000"), LOOM_FRAME_DHCP, "UDP 10.0.0.1:68 → 10.0.0.2:67 DHCP"},
    {IPV4 ("59", "0000"), LOOM_FRAME_ROUTING, "OSPF 10.0.0.1 → 10.0.0.2"},
    {IPV4 ("06", "001600b30000"), LOOM_FRAME_ROUTING, "TCP 10.0.0.1:22 → 10.0.0.2:179"},
    {IPV4 ("2f", ""), LOOM_FRAME_OTHER, "IPv4 10.0.0.1 → 10.0.0.2"},
    {IPV6 ("3a", "8700"), LOOM_FRAME_ICMP, "ICMPv6 fe80::1 → 2001:db8::2 neighbor solicitation"},
    {IPV6 ("11", "00010002"), LOOM_FRAME_UDP, "UDP [fe80::1]:1 → [2001:db8::2]:2"},
    {MACS "8100"
          "000a"
          "88cc"
          "00",
     LOOM_FRAME_BRIDGING, "VLAN 10: LLDP"},
    {MACS "0026"
          "424203",
     LOOM_FRAME_BRIDGING, "STP"},
    {MACS "88b5"
          "0000",
     LOOM_FRAME_OTHER, "Ethernet type 0x88b5"},
};

/* (transfer full) */
static guint8 *
from_hex (const char *hex, gsize *ret_size)
{
  gsize size = strlen (hex) / 2;
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4
                         | g_ascii_xdigit_value (hex[2 * i + 1]));
  *ret_size = size;
  return bytes;
}

static void
test_words (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (FRAMES); i++) {
    gsize size;
    g_autofree guint8 *bytes = from_hex (FRAMES[i].hex, &size);
    g_autofree char *words = loom_frame_describe (bytes, size);

    g_assert_cmpstr (words, ==, FRAMES[i].words);
    g_assert_cmpint (loom_frame_classify (bytes, size), ==, FRAMES[i].class);
  }
}

/* The sanitizers see a byte that is read too far: each cut has a block of memory of its own. */
static void
test_cut_off (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (FRAMES); i++) {
    gsize size;
    g_autofree guint8 *bytes = from_hex (FRAMES[i].hex, &size);

    for (gsize n = 0; n < size; n++) {
      g_autofree guint8 *part = g_memdup2 (bytes, n);
      g_autofree char *words = loom_frame_describe (part, n);

      g_assert_true (g_utf8_validate (words, -1, NULL));
      loom_frame_classify (part, n);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame-words/words", test_words);
  g_test_add_func ("/frame-words/cut-off", test_cut_off);
  return g_test_run ();
}
