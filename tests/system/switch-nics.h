/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A real switch and four NICs that are vhost-user sockets of the test: frames go in here and come
 * out there, or do not. Inside of namespaces: real-switch.h. */

#pragma once

#include "tests/system/real-switch.h"
#include "tests/system/vhost-peer.h"

G_BEGIN_DECLS

#define SWITCH_NICS_N 4

typedef struct {
  char *folder;
  LoomSwitch *switch_;
  VhostPeer *nics[SWITCH_NICS_N]; /* "m0.0" … "m3.0" */
  GError *failure;                /* of the last "failed" */
} SwitchNics;

/* For g_test_add (): the switch runs, and knows no NIC yet; afterwards nothing of it is left. */
void switch_nics_set_up (SwitchNics *f, gconstpointer data);
void switch_nics_tear_down (SwitchNics *f, gconstpointer data);

/* (transfer full): another switch on the same folder, not started. */
LoomSwitch *switch_nics_new_switch (SwitchNics *f);
/* (transfer full): the NICs, and no cable. */
LoomFabric *switch_nics_new_fabric (SwitchNics *f);
/* Takes a SwitchNics *: a RealSwitchCondition. */
gboolean switch_nics_all_connected (gpointer f);

/* (transfer full): LoomPortCounters by key. */
GHashTable *switch_nics_read_counters (SwitchNics *f);
/* Those of a port that must be there. */
const LoomPortCounters *switch_nics_look_up (GHashTable *counters, const char *key);

/* No two frames of a run are alike. */
guint32 switch_nics_next_mark (void);
/* A frame of 100 octets from NIC @from, broadcast, of a type nobody uses, marked by @mark; @vlan 0:
 * untagged. */
void switch_nics_send (SwitchNics *f, int from, guint32 mark, int vlan);

typedef struct {
  SwitchNics *f;
  int nic;
  guint32 mark;
  int vlan; /* out: of the frame that came */
} SwitchNicsFrame;

/* Takes frames off until the one of a SwitchNicsFrame * came: a RealSwitchCondition. */
gboolean switch_nics_has_come (gpointer frame);

/* Whether a frame sent from @from comes to @to before our patience ends, tagged as @ret_vlan
 * (nullable) says. A NIC that has just connected may lose the first ones, and the switch may go the
 * old way for a moment. */
gboolean switch_nics_reach (SwitchNics *f, int from, int to, int vlan, int *ret_vlan);
/* Whether frames from @from stop coming to @to before our patience ends: one frame that reached
 * NIC @witness (-1: nobody has to get it) and not @to. */
gboolean switch_nics_avoid (SwitchNics *f, int from, int to, int vlan, int witness);

typedef struct {
  const char *path; /* "/switch/cables" */
  void (*run) (SwitchNics *f, gconstpointer data);
} SwitchNicsTest;

/* What the main () of such a program does: runs the @n @tests inside of namespaces, each with a
 * switch of its own; skips them where there can be none. Returns the exit status. */
int switch_nics_run_tests (int argc, char **argv, const SwitchNicsTest *tests, gsize n);

G_END_DECLS
