/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the decoder says of one frame in detail (tshark -T pdml, Wireshark's README.xml-output): a
 * tree of sentences, each with the octets it is of. Pure; any text will do. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  char *label; /* "Time to Live: 64" */
  guint first; /* octet of the frame; ... */
  guint size;  /* ... 0: of none in particular */
} LoomDecodedItem;

/* (transfer full) (nullable): the root, without an item; its children are the layers. */
GNode *loom_decoded_tree_new (const char *text, gsize size, GError **error);
void loom_decoded_tree_free (GNode *root);

G_END_DECLS
