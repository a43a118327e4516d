/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A real switch and a wire beside it, with the test as the two guests' cards at the ends of one
 * cable. Inside of namespaces: real-switch.h. */

#pragma once

#include "tests/system/real-switch.h"
#include "tests/system/vhost-peer.h"
#include "tests/system/wire-process.h"

G_BEGIN_DECLS

#define WIRE_SWITCH_CABLE 1

typedef struct {
  char *folder;
  LoomSwitch *switch_;
  WireProcess *wire;
  VhostPeer *guests[2];
} WireSwitch;

/* For g_test_add (). */
void wire_switch_set_up (WireSwitch *f, gconstpointer data);
void wire_switch_tear_down (WireSwitch *f, gconstpointer data);

/* Makes the wire listen at the sockets w1.0 and w1.1, with @settings both ways. */
void wire_switch_attach (WireSwitch *f, const char *settings);

/* Joins the guests by two rules, or with @through by four: guest 0 with port "@through.0", port
 * "@through.1" with guest 1. */
void wire_switch_plug (WireSwitch *f, const char *through);

G_END_DECLS
