/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/frame-class.h"

#include <glib/gi18n-lib.h>

const char *
loom_frame_class_get_color (LoomFrameClass class)
{
  static const char *const colors[] = {
      [LOOM_FRAME_OTHER] = "#77767b",    [LOOM_FRAME_ARP] = "#8f6400",
      [LOOM_FRAME_ICMP] = "#9141ac",     [LOOM_FRAME_TCP] = "#1c71d8",
      [LOOM_FRAME_UDP] = "#1a7486",      [LOOM_FRAME_NAMES] = "#63452c",
      [LOOM_FRAME_DHCP] = "#c64600",     [LOOM_FRAME_ROUTING] = "#26734d",
      [LOOM_FRAME_BRIDGING] = "#5e5c64",
  };

  return colors[class];
}

const char *
loom_frame_class_get_letter (LoomFrameClass class)
{
  static const char *const letters[] = {
      [LOOM_FRAME_OTHER] = "", [LOOM_FRAME_ARP] = "A",     [LOOM_FRAME_ICMP] = "I",
      [LOOM_FRAME_TCP] = "T",  [LOOM_FRAME_UDP] = "U",     [LOOM_FRAME_NAMES] = "D",
      [LOOM_FRAME_DHCP] = "H", [LOOM_FRAME_ROUTING] = "R", [LOOM_FRAME_BRIDGING] = "B",
  };

  return letters[class];
}

const char *
loom_frame_class_get_label (LoomFrameClass class)
{
  static const char *const labels[] = {
      [LOOM_FRAME_OTHER] = N_ ("other"),
      [LOOM_FRAME_ARP] = "ARP",
      [LOOM_FRAME_ICMP] = "ICMP",
      [LOOM_FRAME_TCP] = "TCP",
      [LOOM_FRAME_UDP] = "UDP",
      [LOOM_FRAME_NAMES] = "DNS",
      [LOOM_FRAME_DHCP] = "DHCP",
      [LOOM_FRAME_ROUTING] = N_ ("routing"),
      [LOOM_FRAME_BRIDGING] = N_ ("bridging"),
  };

  return class == LOOM_FRAME_OTHER || class == LOOM_FRAME_ROUTING || class == LOOM_FRAME_BRIDGING
             ? _ (labels[class])
             : labels[class];
}
