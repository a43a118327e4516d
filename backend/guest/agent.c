/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Serves the host on the virtio-serial port, as protocol.h says. One poll loop, no threads. How the
 * port is found is in port.c, how the boot script runs in script.c.
 *
 * Nothing here grows with what a command writes: a pipe is read only while the host's credit and
 * the outbox have room, so that the command itself waits. */

#include "backend/guest/guest.h"

#include "backend/guest/protocol.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  OUTBOX_FULL = 128 * 1024, /* pipes are not read while more waits for the host */
  LATE_SCRIPT_MS = 10000,   /* then the guest is ready although its boot script still runs */
  KILL_AFTER_MS = 1000,
  LOOK_FOR_HOST_MS = 100,
};

struct agent {
  int port_fd;
  bool host_here;
  bool confused; /* a header that no host sends: drop all until the port hangs up */
  bytes_t inbox;
  bytes_t outbox;
  bytes_t next_config;
  bool config_lost; /* a piece of it found no room */
  config_t *config;
  int signal_fd;
  int link_fd;
  command_t commands[LOOM_AGENT_MAX_COMMANDS];
  pid_t script_pid;
  int64_t script_late_at_ms;
  uint32_t state;
  uint32_t note;
  uint32_t value;
  char text[256];
};

static void
queue_frame (struct agent *self, uint16_t type, uint32_t id, const void *data, size_t size)
{
  unsigned char header[LOOM_AGENT_HEADER] = {0};

  if (!self->host_here)
    return;
  put_u32 (header, (uint32_t) size);
  put_u32 (header + 4, type); /* u16 type, u16 zero */
  put_u32 (header + 8, id);
  if (bytes_append (&self->outbox, header, sizeof header))
    bytes_append (&self->outbox, data, size);
}

static void
queue_u32 (struct agent *self, uint16_t type, uint32_t id, uint32_t value)
{
  unsigned char data[4];

  put_u32 (data, value);
  queue_frame (self, type, id, data, sizeof data);
}

static size_t
format_state (const struct agent *self, unsigned char *data)
{
  size_t size = strlen (self->text);

  put_u32 (data, self->state);
  put_u32 (data + 4, self->note);
  put_u32 (data + 8, self->value);
  memcpy (data + 12, self->text, size);
  return 12 + size;
}

static void
set_state (struct agent *self, uint32_t state, uint32_t note, uint32_t value)
{
  unsigned char data[12 + sizeof self->text];

  self->state = state;
  self->note = note;
  self->value = value;
  queue_frame (self, LOOM_AGENT_STATE, 0, data, format_state (self, data));
}

static command_t *
find_command (struct agent *self, uint32_t id)
{
  for (int i = 0; i < LOOM_AGENT_MAX_COMMANDS; i++)
    if (self->commands[i].id == id)
      return &self->commands[i];
  return NULL;
}

static void
signal_command (const command_t *command, int number)
{
  if (kill (-command->pid, number) < 0)
    kill (command->pid, number); /* it has no group of its own yet */
}

static void
end_command (command_t *command)
{
  if (command->exited || command->kill_at_ms != 0)
    return;
  signal_command (command, SIGHUP);
  signal_command (command, SIGCONT);
  command->kill_at_ms = now_ms () + KILL_AFTER_MS;
}

static void
start_command (struct agent *self, uint32_t id, const char *argv, size_t size)
{
  command_t *command = find_command (self, 0);
  int result = -EAGAIN;

  if (id == 0 || find_command (self, id) != NULL)
    return;
  if (command != NULL)
    result = command_start (command, id, argv, size);
  if (result < 0) {
    const char *why = strerror (-result);

    queue_frame (self, LOOM_AGENT_STDERR, id, why, strlen (why));
    queue_frame (self, LOOM_AGENT_STDERR, id, "\n", 1);
    queue_u32 (self, LOOM_AGENT_EXIT, id, 126);
    return;
  }
  command->credit = LOOM_AGENT_WINDOW;
}

static void
drop_next_config (struct agent *self)
{
  bytes_clear (&self->next_config);
  self->config_lost = false;
}

static void
add_config (struct agent *self, const char *data, size_t size)
{
  if (self->next_config.size + size > LOOM_AGENT_MAX_CONFIG
      || !bytes_append (&self->next_config, data, size))
    self->config_lost = true;
}

/* All of it or nothing: half a configuration would take addresses away. */
static void
end_config (struct agent *self, uint32_t id)
{
  char message[256] = "nothing changed: the text is too long, or memory short";
  config_t *next = NULL;

  if (!self->config_lost)
    next = config_parse (self->next_config.data, self->next_config.size);
  drop_next_config (self);
  if (next != NULL) {
    config_apply (next, self->config, message, sizeof message);
    self->config = next;
  }
  queue_frame (self, LOOM_AGENT_DONE, id, message, strlen (message));
}

static void
power_off (void)
{
  sync ();
  kill (1, SIGUSR2); /* as busybox poweroff does */
}

static void
take_stdin (command_t *command, const char *data, size_t size)
{
  if (size == 0)
    command->in_ended = true;
  else if (command->in.size + size <= LOOM_AGENT_WINDOW) /* else the host broke its promise */
    bytes_append (&command->in, data, size);
  command_feed (command);
}

static void
take_hello (struct agent *self, const char *data, size_t size)
{
  unsigned char reply[LOOM_AGENT_COOKIE + 4 + 12 + sizeof self->text];

  if (size != LOOM_AGENT_COOKIE)
    return;
  memcpy (reply, data, size);
  put_u32 (reply + size, LOOM_AGENT_VERSION);
  queue_frame (self, LOOM_AGENT_HELLO, 0, reply, size + 4 + format_state (self, reply + size + 4));
}

static void
take_frame (struct agent *self, uint32_t type, uint32_t id, const char *data, size_t size)
{
  command_t *command = id != 0 ? find_command (self, id) : NULL;

  switch (type) {
  case LOOM_AGENT_HELLO:
    take_hello (self, data, size);
    break;
  case LOOM_AGENT_EXEC:
    start_command (self, id, data, size);
    break;
  case LOOM_AGENT_CONFIG:
    if (size > 0)
      add_config (self, data, size);
    else
      end_config (self, id);
    break;
  case LOOM_AGENT_POWER:
    power_off ();
    break;
  case LOOM_AGENT_STDIN:
    if (command != NULL)
      take_stdin (command, data, size);
    break;
  case LOOM_AGENT_CREDIT:
    if (command != NULL && size == 4)
      command->credit += get_u32 (data);
    break;
  case LOOM_AGENT_SIGNAL:
    if (command != NULL && size == 4 && !command->exited)
      signal_command (command, (int) get_u32 (data));
    break;
  case LOOM_AGENT_END:
    if (command != NULL)
      end_command (command);
    break;
  default:
    self->confused = true;
  }
}

static void
take_frames (struct agent *self)
{
  size_t at = 0;

  while (!self->confused && self->inbox.size - at >= LOOM_AGENT_HEADER) {
    const char *header = self->inbox.data + at;
    uint32_t size = get_u32 (header);

    if (size > LOOM_AGENT_MAX_PAYLOAD) {
      self->confused = true;
      break;
    }
    if (self->inbox.size - at - LOOM_AGENT_HEADER < size)
      break;
    take_frame (self, get_u32 (header + 4), get_u32 (header + 8), header + LOOM_AGENT_HEADER, size);
    at += LOOM_AGENT_HEADER + size;
  }
  if (at > 0)
    bytes_consume (&self->inbox, at);
  if (self->confused)
    bytes_clear (&self->inbox);
}

static void
forget_host (struct agent *self)
{
  self->host_here = false;
  self->confused = false;
  bytes_clear (&self->inbox);
  bytes_clear (&self->outbox);
  drop_next_config (self);
  for (int i = 0; i < LOOM_AGENT_MAX_COMMANDS; i++)
    if (self->commands[i].id != 0) {
      end_command (&self->commands[i]);
      self->commands[i].credit = UINT32_MAX; /* its output is dropped */
    }
}

static void
read_port (struct agent *self)
{
  char buffer[32768];
  ssize_t n = read (self->port_fd, buffer, sizeof buffer);

  if (n == 0) {
    forget_host (self);
  } else if (n > 0) {
    self->host_here = true;
    if (!self->confused && bytes_append (&self->inbox, buffer, (size_t) n))
      take_frames (self);
  }
}

static void
write_port (struct agent *self)
{
  while (self->outbox.size > 0) {
    ssize_t n = write (self->port_fd, self->outbox.data, self->outbox.size);

    if (n <= 0)
      return;
    bytes_consume (&self->outbox, (size_t) n);
  }
}

/* Moves what fits from a pipe to the outbox; closes a pipe that has ended. */
static void
read_stream (struct agent *self, command_t *command, int *fd, uint16_t type)
{
  char buffer[16384];
  size_t room = command->credit < sizeof buffer ? command->credit : sizeof buffer;
  ssize_t n;

  if (*fd < 0 || room == 0 || self->outbox.size >= OUTBOX_FULL)
    return;
  n = read (*fd, buffer, room);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0) {
    close (*fd);
    *fd = -1;
    return;
  }
  if (self->host_here)
    command->credit -= (uint32_t) n;
  queue_frame (self, type, command->id, buffer, (size_t) n);
}

/* Whether nothing waits in a stream of an ended command: nobody waits for a background process that
 * keeps it open. */
static bool
is_dry (int fd)
{
  struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

  return fd < 0 || poll (&poll_fd, 1, 0) <= 0 || (poll_fd.revents & POLLIN) == 0;
}

static void
serve_command (struct agent *self, command_t *command)
{
  command_feed (command);
  if (command->in_taken > 0 && (command->in_taken >= LOOM_AGENT_WINDOW / 4 || command->in_fd < 0)) {
    queue_u32 (self, LOOM_AGENT_CREDIT, command->id, command->in_taken);
    command->in_taken = 0;
  }
  read_stream (self, command, &command->out_fd, LOOM_AGENT_STDOUT);
  read_stream (self, command, &command->err_fd, LOOM_AGENT_STDERR);
  if (command->kill_at_ms != 0 && !command->exited && now_ms () >= command->kill_at_ms)
    signal_command (command, SIGKILL);
  if (command->exited && is_dry (command->out_fd) && is_dry (command->err_fd)) {
    queue_u32 (self, LOOM_AGENT_EXIT, command->id, command->status);
    command_clear (command);
  }
}

/* With what the configuration at boot could not set, if there is such a thing. */
static void
become_ready (struct agent *self)
{
  set_state (self, LOOM_AGENT_READY,
             self->text[0] != '\0' ? LOOM_AGENT_NOTE_CONFIG_FAILED : LOOM_AGENT_NOTE_NONE, 0);
}

static void
on_script_exited (struct agent *self, uint32_t status)
{
  self->script_pid = 0;
  if (status == 0) {
    become_ready (self);
    return;
  }
  script_read_last_line (self->text, sizeof self->text);
  set_state (self, LOOM_AGENT_READY, LOOM_AGENT_NOTE_SCRIPT_FAILED, status);
}

static void
reap (struct agent *self)
{
  struct signalfd_siginfo info;
  int status;
  pid_t pid;

  while (read (self->signal_fd, &info, sizeof info) > 0)
    ;
  while ((pid = waitpid (-1, &status, WNOHANG)) > 0) {
    if (pid == self->script_pid)
      on_script_exited (self, command_status (status));
    for (int i = 0; i < LOOM_AGENT_MAX_COMMANDS; i++)
      if (self->commands[i].id != 0 && self->commands[i].pid == pid) {
        self->commands[i].exited = true;
        self->commands[i].status = command_status (status);
      }
  }
}

static void
load_boot_config (struct agent *self)
{
  FILE *file = fopen ("/sys/firmware/qemu_fw_cfg/by_name/" LOOM_AGENT_FW_CFG "/raw", "re");
  char buffer[4096];
  size_t n;

  if (file == NULL)
    return;
  while ((n = fread (buffer, 1, sizeof buffer, file)) > 0
         && self->next_config.size < LOOM_AGENT_MAX_CONFIG)
    bytes_append (&self->next_config, buffer, n);
  fclose (file);
  self->config = config_parse (self->next_config.data, self->next_config.size);
  bytes_clear (&self->next_config);
  if (self->config != NULL)
    config_apply (self->config, NULL, self->text, sizeof self->text);
}

static void
boot (struct agent *self)
{
  const char *script;

  load_boot_config (self);
  script = config_get_boot_script (self->config);
  if (script != NULL)
    self->script_pid = script_start (script);
  if (self->script_pid > 0) {
    self->script_late_at_ms = now_ms () + LATE_SCRIPT_MS;
    set_state (self, LOOM_AGENT_BOOTING, LOOM_AGENT_NOTE_SCRIPT_RUNS, 0);
  } else {
    become_ready (self);
  }
}

static int
get_timeout_ms (const struct agent *self)
{
  int timeout_ms = self->host_here ? -1 : LOOK_FOR_HOST_MS;

  if (self->state == LOOM_AGENT_BOOTING)
    timeout_ms = LOOK_FOR_HOST_MS;
  for (int i = 0; i < LOOM_AGENT_MAX_COMMANDS; i++)
    if (self->commands[i].id != 0 && self->commands[i].kill_at_ms != 0)
      timeout_ms = LOOK_FOR_HOST_MS;
  return timeout_ms;
}

static void
wait_for_something (struct agent *self)
{
  struct pollfd fds[3 + 3 * LOOM_AGENT_MAX_COMMANDS];
  nfds_t n = 0;
  bool room = self->outbox.size < OUTBOX_FULL;

  fds[n++] = (struct pollfd){.fd = self->signal_fd, .events = POLLIN};
  fds[n++] = (struct pollfd){.fd = self->link_fd, .events = POLLIN};
  /* A port without a host hangs up all the time: it is looked at now and then instead. */
  fds[n++] = (struct pollfd){.fd = self->host_here ? self->port_fd : -1,
                             .events = POLLIN | (self->outbox.size > 0 ? POLLOUT : 0)};
  for (int i = 0; i < LOOM_AGENT_MAX_COMMANDS; i++) {
    const command_t *command = &self->commands[i];
    bool wanted = command->id != 0 && room && command->credit > 0;

    if (command->id == 0)
      continue;
    fds[n++] = (struct pollfd){.fd = wanted ? command->out_fd : -1, .events = POLLIN};
    fds[n++] = (struct pollfd){.fd = wanted ? command->err_fd : -1, .events = POLLIN};
    fds[n++] = (struct pollfd){.fd = command->in.size > 0 ? command->in_fd : -1, .events = POLLOUT};
  }
  poll (fds, n, get_timeout_ms (self));
}

static void
serve (struct agent *self)
{
  reap (self);
  if (netlink_drain_events (self->link_fd))
    config_apply_links (self->config);
  if (self->port_fd < 0)
    self->port_fd = port_open ();
  if (self->port_fd >= 0)
    read_port (self);
  for (int i = 0; i < LOOM_AGENT_MAX_COMMANDS; i++)
    if (self->commands[i].id != 0)
      serve_command (self, &self->commands[i]);
  if (self->state == LOOM_AGENT_BOOTING && now_ms () >= self->script_late_at_ms)
    set_state (self, LOOM_AGENT_READY, LOOM_AGENT_NOTE_SCRIPT_RUNS, 0);
  if (self->port_fd >= 0)
    write_port (self);
}

void
agent_run (int ready_fd)
{
  struct agent *self = calloc (1, sizeof *self);
  sigset_t child;

  if (self == NULL)
    _exit (1);
  signal (SIGPIPE, SIG_IGN);
  sigemptyset (&child);
  sigaddset (&child, SIGCHLD);
  sigprocmask (SIG_BLOCK, &child, NULL);
  self->signal_fd = signalfd (-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  self->link_fd = netlink_open_events ();
  self->port_fd = -1;
  boot (self);
  close (ready_fd);
  for (;;) {
    serve (self);
    wait_for_something (self);
  }
}
