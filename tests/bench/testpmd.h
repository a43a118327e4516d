/* SPDX-License-Identifier: GPL-3.0-or-later */

/* DPDK's own test program where a wire could be: forwards between two virtio-user ports. */

#pragma once

#include "tests/system/wire-peer.h"

G_BEGIN_DECLS

typedef struct {
  pid_t pid;
  char *paths[2]; /* where it listens */
  WirePeer *peers[2];
} Testpmd;

/* (transfer full): started in @folder, paused, and with peers at both ends. NULL and why. */
Testpmd *testpmd_new (const char *folder, char **ret_reason);
/* (nullable) */
void testpmd_free (Testpmd *self);

/* It polls without rest: it is stopped while others are measured. */
void testpmd_pause (Testpmd *self);
void testpmd_resume (Testpmd *self);

G_END_DECLS
