/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain of backend/ovs, in a file of its own because the pure parts use it too. */

#include "backend/ovs/switch.h"

GQuark
loom_switch_error_quark (void)
{
  return g_quark_from_static_string ("loom-switch-error-quark");
}
