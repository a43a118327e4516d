/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes from a socket: framer, parser, then what OVSDB makes of them. */

#include <stddef.h>
#include <stdint.h>

#include "backend/ovs/fabric-diff.h"
#include "backend/proto/framer.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (LoomFramer) framer = loom_framer_new (65536, 32);
  g_autoptr (LoomOvsdbCache) cache = loom_ovsdb_cache_new ();
  g_autoptr (GPtrArray) ops = NULL;
  g_autoptr (GHashTable) ports = NULL;
  g_autofree char *errors = NULL;
  GBytes *message;

  loom_framer_push (framer, data, size / 2, NULL);
  loom_framer_push (framer, data + size / 2, size - size / 2, NULL);
  while ((message = loom_framer_pop (framer)) != NULL) {
    g_autoptr (GBytes) owned = message;
    g_autoptr (JsonNode) node = loom_json_parse (owned, NULL);

    if (node != NULL)
      loom_ovsdb_cache_update (cache, node, NULL);
  }
  ops = loom_fabric_diff (NULL, cache);
  ports = loom_fabric_observed_ports (cache, LOOM_PANEL);
  errors = loom_fabric_observed_errors (cache);
  return 0;
}
