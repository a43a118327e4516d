/* SPDX-License-Identifier: GPL-3.0-or-later */

/* DPDK's own test program where a wire could be: forwards between two virtio-user ports. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  GPid pid;
  char *paths[2]; /* where it listens: FOLDER/NAME.0, FOLDER/NAME.1 */
} Testpmd;

/* (transfer full): started. It forwards once somebody has come to both sockets. NULL and why. */
Testpmd *testpmd_new (const char *folder, const char *name, char **ret_reason);
/* (nullable) */
void testpmd_free (Testpmd *self);
gboolean testpmd_has_ended (Testpmd *self);

/* It polls without rest: it is stopped while others are measured. */
void testpmd_pause (Testpmd *self);
void testpmd_resume (Testpmd *self);

G_END_DECLS
