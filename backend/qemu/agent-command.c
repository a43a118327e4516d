/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See agent-command.h.
 *
 * The descriptors belong to somebody's pipes or terminal and may be shared with them, so they are
 * not made non-blocking. poll () tells when PIPE_BUF bytes can be written without waiting. */

#include "backend/qemu/agent-command.h"

#include "backend/guest/protocol.h"
#include "backend/qemu/agent-codec.h"

#include <glib-unix.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define READ_SIZE (16 * 1024)

/* One of the two outputs. */
typedef struct {
  LoomAgentCommand *command;
  int fd; /* -1: nobody listens (any more) */
  GByteArray *pending;
  guint source;
  GIOCondition condition; /* what the source waits for */
} Output;

struct _LoomAgentCommand {
  guint32 id;
  LoomAgentCommandCalls calls;
  gpointer user_data;
  GTask *task;
  int in_fd;
  guint in_source;
  guint32 in_credit;
  Output outputs[2];
  gsize n_outstanding; /* bytes the guest sent and was not given credit back for */
  gsize n_taken;       /* of these, written out or dropped */
  gboolean abandoned;
  gboolean exited;
  guint32 status;
};

static void watch_input (LoomAgentCommand *self);
static void watch_output (Output *output);

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
remove_source (guint *source)
{
  if (*source != 0)
    g_source_remove (*source);
  *source = 0;
}

static void
give_credit (LoomAgentCommand *self, gsize n_bytes)
{
  self->n_taken += n_bytes;
  if (self->n_taken < LOOM_AGENT_WINDOW / 4 || self->exited)
    return;
  self->calls.send (self->user_data,
                    loom_agent_encode_u32 (LOOM_AGENT_CREDIT, self->id, (guint32) self->n_taken));
  self->n_outstanding -= self->n_taken;
  self->n_taken = 0;
}

static void
end_if_done (LoomAgentCommand *self)
{
  if (self->exited && self->outputs[0].pending->len == 0 && self->outputs[1].pending->len == 0)
    self->calls.ended (self->user_data, self, (int) self->status, NULL);
}

static void
drop_output (Output *output)
{
  gsize n = output->pending->len;

  remove_source (&output->source);
  close_fd (&output->fd);
  g_byte_array_set_size (output->pending, 0);
  give_credit (output->command, n);
}

static gboolean
is_writable (int fd)
{
  struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};

  return poll (&poll_fd, 1, 0) == 1 && (poll_fd.revents & (POLLERR | POLLNVAL)) == 0
         && (poll_fd.revents & POLLOUT) != 0;
}

/* FALSE: whoever read it has gone. */
static gboolean
write_pending (Output *output)
{
  gsize at = 0;
  gboolean good = TRUE;

  while (good && at < output->pending->len && is_writable (output->fd)) {
    gssize n = write (output->fd, output->pending->data + at,
                      MIN (output->pending->len - at, PIPE_BUF));

    if (n > 0)
      at += (gsize) n;
    else
      good = n < 0 && (errno == EINTR || errno == EAGAIN);
    if (n <= 0)
      break;
  }
  if (at > 0)
    g_byte_array_remove_range (output->pending, 0, (guint) at);
  give_credit (output->command, at);
  return good;
}

static gboolean
on_output_ready (int fd, GIOCondition condition, gpointer user_data)
{
  Output *output = user_data;
  LoomAgentCommand *self = output->command;

  output->source = 0;
  if ((condition & (G_IO_ERR | G_IO_NVAL)) != 0 || !write_pending (output)) {
    drop_output (output);
    loom_agent_command_abandon (self); /* as a shell's pipe does: nobody reads, so it ends */
  } else {
    watch_output (output);
  }
  end_if_done (self);
  return G_SOURCE_REMOVE;
}

static void
watch_output (Output *output)
{
  GIOCondition condition = G_IO_ERR | (output->pending->len > 0 ? G_IO_OUT : 0);

  if (output->fd < 0 || (output->source != 0 && output->condition == condition))
    return;
  remove_source (&output->source);
  output->condition = condition;
  output->source = g_unix_fd_add (output->fd, condition, on_output_ready, output);
}

static gboolean
on_input_ready (int fd, GIOCondition condition, gpointer user_data)
{
  LoomAgentCommand *self = user_data;
  guint8 data[READ_SIZE];
  gssize n = read (fd, data, MIN (sizeof data, self->in_credit));

  self->in_source = 0;
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
    watch_input (self);
    return G_SOURCE_REMOVE;
  }
  if (n <= 0) {
    n = 0;
    close_fd (&self->in_fd);
  }
  self->in_credit -= (guint32) n;
  self->calls.send (self->user_data,
                    loom_agent_encode (LOOM_AGENT_STDIN, self->id, data, (gsize) n));
  watch_input (self);
  return G_SOURCE_REMOVE;
}

static void
watch_input (LoomAgentCommand *self)
{
  if (self->in_fd < 0 || self->in_source != 0 || self->in_credit == 0 || self->exited)
    return;
  self->in_source = g_unix_fd_add (self->in_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input_ready,
                                   self);
}

static gboolean
duplicate (int fd, int *ret_fd, GError **error)
{
  int copy = fd < 0 ? -1 : fcntl (fd, F_DUPFD_CLOEXEC, 3);

  if (fd >= 0 && copy < 0) {
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
    return FALSE;
  }
  *ret_fd = copy;
  return TRUE;
}

LoomAgentCommand *
loom_agent_command_new (guint32 id, int in_fd, int out_fd, int err_fd,
                        const LoomAgentCommandCalls *calls, gpointer user_data, GTask *task,
                        GError **error)
{
  LoomAgentCommand *self = g_new0 (LoomAgentCommand, 1);

  self->id = id;
  self->calls = *calls;
  self->user_data = user_data;
  self->in_fd = -1;
  self->in_credit = LOOM_AGENT_WINDOW;
  for (int i = 0; i < 2; i++) {
    self->outputs[i].command = self;
    self->outputs[i].fd = -1;
    self->outputs[i].pending = g_byte_array_new ();
  }
  if (!duplicate (in_fd, &self->in_fd, error) || !duplicate (out_fd, &self->outputs[0].fd, error)
      || !duplicate (err_fd, &self->outputs[1].fd, error)) {
    loom_agent_command_free (self);
    return NULL;
  }
  self->task = task;
  if (self->in_fd < 0)
    calls->send (user_data, loom_agent_encode (LOOM_AGENT_STDIN, id, NULL, 0));
  watch_input (self);
  watch_output (&self->outputs[0]);
  watch_output (&self->outputs[1]);
  return self;
}

void
loom_agent_command_free (LoomAgentCommand *self)
{
  remove_source (&self->in_source);
  close_fd (&self->in_fd);
  for (int i = 0; i < 2; i++) {
    remove_source (&self->outputs[i].source);
    close_fd (&self->outputs[i].fd);
    g_byte_array_unref (self->outputs[i].pending);
  }
  g_clear_object (&self->task);
  g_free (self);
}

guint32
loom_agent_command_get_id (LoomAgentCommand *self)
{
  return self->id;
}

GTask *
loom_agent_command_get_task (LoomAgentCommand *self)
{
  return self->task;
}

GTask *
loom_agent_command_steal_task (LoomAgentCommand *self)
{
  return g_steal_pointer (&self->task);
}

gboolean
loom_agent_command_take_output (LoomAgentCommand *self, gboolean is_error, const guint8 *data,
                                gsize size)
{
  Output *output = &self->outputs[is_error ? 1 : 0];

  if (self->exited || size > LOOM_AGENT_WINDOW - self->n_outstanding)
    return FALSE;
  self->n_outstanding += size;
  if (output->fd < 0) {
    give_credit (self, size);
    return TRUE;
  }
  g_byte_array_append (output->pending, data, (guint) size);
  watch_output (output);
  return TRUE;
}

void
loom_agent_command_take_credit (LoomAgentCommand *self, guint32 size)
{
  if (size <= LOOM_AGENT_WINDOW - MIN (self->in_credit, LOOM_AGENT_WINDOW))
    self->in_credit += size;
  watch_input (self);
}

void
loom_agent_command_take_exit (LoomAgentCommand *self, guint32 status)
{
  self->exited = TRUE;
  self->status = MIN (status, 255);
  remove_source (&self->in_source);
  close_fd (&self->in_fd);
  end_if_done (self);
}

void
loom_agent_command_abandon (LoomAgentCommand *self)
{
  if (self->abandoned)
    return;
  self->abandoned = TRUE;
  if (!self->exited)
    self->calls.send (self->user_data, loom_agent_encode (LOOM_AGENT_END, self->id, NULL, 0));
  remove_source (&self->in_source);
  close_fd (&self->in_fd);
  drop_output (&self->outputs[0]);
  drop_output (&self->outputs[1]);
}
