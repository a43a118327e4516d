/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The ports of a node in the inspector: addresses of a machine's network cards, VLANs of a switch.
 *
 * Signals:
 *  "edited" (LoomNode *after):  the person set something; @after is the node as it would be
 */

#pragma once

#include <gtk/gtk.h>

#include "canvas/model/lab.h"

G_BEGIN_DECLS

#define LOOM_TYPE_PORT_ROWS (loom_port_rows_get_type ())
G_DECLARE_FINAL_TYPE (LoomPortRows, loom_port_rows, LOOM, PORT_ROWS, GtkGrid)

/* @addresses: rows for addresses; else for VLANs. */
GtkWidget *loom_port_rows_new (gboolean addresses);
void loom_port_rows_update (LoomPortRows *self, LoomLab *lab, const LoomNode *node);

/* "10, 20-22" as a sorted list of VLANs, 1 … 4094, without doubles; "" is an empty list.
 * (transfer full) (nullable): NULL when it is not of that form. */
GArray *loom_port_rows_parse_vlans (const char *text);
/* (transfer full) */
char *loom_port_rows_format_vlans (const GArray *vlans);

G_END_DECLS
