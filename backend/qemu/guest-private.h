/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of one machine's life share: guest.c (states and ends), guest-start.c,
 * guest-agent.c, guest-orders.c and guest-doze.c. Nobody else includes it. */

#pragma once

#include "backend/qemu/agent-client.h"
#include "backend/qemu/guest.h"
#include "backend/qemu/listener.h"
#include "backend/qemu/process.h"
#include "backend/qemu/qmp-client.h"

G_BEGIN_DECLS

struct _LoomGuest {
  GObject parent_instance;

  LoomGuestSpec *spec;
  LoomGuestState state;
  char *detail;
  double progress;

  LoomProcess *process;
  LoomQmpClient *qmp;
  LoomAgentClient *agent;
  GCancellable *connecting; /* to QMP or the agent; of this run of QEMU */
  int qmp_listener;
  LoomPlaceholder nics[LOOM_GUEST_MAX_NICS];

  LoomGuestState running_state; /* BOOTING or READY: what PAUSED goes back to */
  gboolean powered_off;         /* QEMU said SHUTDOWN */
  gboolean start_cancelled;
  GTask *start_task;
  GPtrArray *stop_tasks; /* of GTask */
  gboolean config_dirty; /* the guest has yet to hear of a change of its configuration */
  gboolean nic_busy;     /* one is being plugged in or out */

  gboolean is_dozing; /* paused and left alone: stopped by us; see guest-doze.c */

  guint doze_timeout;
  guint start_timeout;
  guint replace_timeout;
  guint stop_timeout;
  guint agent_timeout;
  int stop_step; /* 0: asked the guest, 1: asked QEMU, 2: killed */
};

/* guest.c */
void loom_guest_change_state (LoomGuest *self, LoomGuestState state, const char *detail,
                              double progress);
gboolean loom_guest_is_down (LoomGuest *self);
/* FALSE: not running; @task has returned. */
gboolean loom_guest_check_running (LoomGuest *self, GTask *task);
/* @spec: (transfer full) */
void loom_guest_replace_spec (LoomGuest *self, LoomGuestSpec *spec);
void loom_guest_remove_timeout (guint *source);
void loom_guest_close_listeners (LoomGuest *self);
/* Lets go of everything that belongs to one run of QEMU, which itself may go on. */
void loom_guest_drop_run (LoomGuest *self);
/* The run is over: FAILED. */
void loom_guest_fail_run (LoomGuest *self, GError *error);
/* As fail_run, and kills a QEMU that is of no use. */
void loom_guest_abort_run (LoomGuest *self, GError *error);
void loom_guest_adopt_process (LoomGuest *self, LoomProcess *process);
void loom_guest_adopt_qmp (LoomGuest *self, GSocketConnection *connection);
/* A callback for orders whose answer does not matter. */
void loom_guest_ignore_answer (GObject *source, GAsyncResult *result, gpointer user_data);

/* guest-agent.c */
void loom_guest_connect_agent (LoomGuest *self);
/* Without waiting for it; a guest that cannot be told yet is told when it answers. */
void loom_guest_push_config (LoomGuest *self);

G_END_DECLS
