/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The host's side of one command in a guest: moves data between the caller's descriptors and
 * frames, within the credit that backend/guest/protocol.h describes. Used by agent-client.c. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _LoomAgentCommand LoomAgentCommand;

/* What a command needs of its connection. */
typedef struct {
  /* (transfer full) */
  void (*send) (gpointer user_data, GBytes *frame);
  /* The command is over: @status as of EXIT, or @error (transfer none). Called once; the command
   * may be freed in it. */
  void (*ended) (gpointer user_data, LoomAgentCommand *command, int status, const GError *error);
} LoomAgentCommandCalls;

/* @task: (transfer full): kept for whoever owns the command. Descriptors are duplicated; -1: none.
 * NULL, @task untouched: no descriptors left. */
LoomAgentCommand *loom_agent_command_new (guint32 id, int in_fd, int out_fd, int err_fd,
                                          const LoomAgentCommandCalls *calls, gpointer user_data,
                                          GTask *task, GError **error);
void loom_agent_command_free (LoomAgentCommand *self);
guint32 loom_agent_command_get_id (LoomAgentCommand *self);
/* (transfer none) (nullable) */
GTask *loom_agent_command_get_task (LoomAgentCommand *self);
/* (transfer full) (nullable): nobody waits any more. */
GTask *loom_agent_command_steal_task (LoomAgentCommand *self);

/* Frames of the guest. FALSE: it sent more than it was given credit for. */
gboolean loom_agent_command_take_output (LoomAgentCommand *self, gboolean is_error,
                                         const guint8 *data, gsize size);
void loom_agent_command_take_credit (LoomAgentCommand *self, guint32 size);
void loom_agent_command_take_exit (LoomAgentCommand *self, guint32 status);

/* Nobody wants it any more: tells the guest to end it and drops what it still writes. */
void loom_agent_command_abandon (LoomAgentCommand *self);

G_END_DECLS
