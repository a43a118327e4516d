/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Labs that tests of the canvas draw. */

#pragma once

#include "canvas/model/lab.h"
#include "canvas/model/status.h"

/* (transfer full): a lab of nodes given as "name kind x y" and links as "pc1:0 sw1:3", each list
 * NULL-terminated. */
LoomLab *sample_lab (const char *const *nodes, const char *const *links);
/* (transfer full): six nodes and seven cables, two of them side by side. */
LoomLab *sample_campus (void);
/* (transfer full): that lab running, every state shown once, traffic on most cables. */
LoomStatus *sample_campus_status (void);
/* (transfer full): @n_nodes in a square grid, @n_links between neighbours. */
LoomLab *sample_mesh (int n_nodes, int n_links);
/* One round of counters: traffic on every link of @lab. */
void sample_traffic (LoomLab *lab, LoomStatus *status, int round);
