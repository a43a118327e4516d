/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See proto-error.h. */

#include "backend/proto/proto-error.h"

GQuark
loom_proto_error_quark (void)
{
  return g_quark_from_static_string ("loom-proto-error-quark");
}
