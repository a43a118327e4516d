/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One OpenFlow message from a switch. */

#include <stddef.h>
#include <stdint.h>

#include "backend/ovs/openflow.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GArray) stats = g_array_new (FALSE, FALSE, sizeof (LoomOpenFlowPortStats));
  LoomOpenFlowHeader header;
  gboolean more;
  guint32 bundle_id;
  guint16 type;
  guint16 code;

  loom_openflow_read_header (data, size, &header);
  loom_openflow_read_error (data, size, &type, &code);
  loom_openflow_read_bundle_control (data, size, &bundle_id, &code);
  loom_openflow_read_port_stats (data, size, stats, &more);
  return 0;
}
