/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What switch.c (the life of a switch) and switch-running.c (what one that runs is asked) share. */

#pragma once

#include "backend/ovs/switch.h"

#include "backend/ovs/counter-book.h"
#include "backend/ovs/switch-parts.h"
#include "backend/ovs/switch-sync.h"

G_BEGIN_DECLS

struct _LoomSwitch {
  GObject parent_instance;

  char *folder; /* <runtime folder>/ovs */
  LoomSwitchOptions options;
  LoomSwitchState state;

  LoomSwitchParts *parts; /* running, failed; else NULL */
  LoomSwitchInstalled *installed;
  LoomCounterBook *counters;
  GHashTable *removed; /* names of ports that went, not judged yet */
  GHashTable *lost;    /* key of a port the switch gave up -> why */
  LoomFabric *wanted;  /* the last one asked for; or NULL */

  GCancellable *boot_cancellable; /* while starting */
  GTask *boot_task;               /* start, attach or restart under way */
  gboolean syncing;
  GPtrArray *sync_tasks;    /* of GTask: answered by the update under way */
  GPtrArray *waiting_tasks; /* of GTask: answered by the one after it */
  GTask *end_task;          /* stop or restart that waits for the update under way to fail */
  GPtrArray *stop_tasks;    /* of GTask: answered when all is gone */
};

/* (transfer full): it does not run. */
GError *loom_switch_new_gone_error (void);

G_END_DECLS
