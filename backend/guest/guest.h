/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the parts of the guest's one program tell each other. Plain C and the C library: it is
 * linked statically and runs as the first process. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* init.c: writes a line to the kernel's log; errors end up on the consoles. */
__attribute__ ((format (printf, 1, 2))) void guest_log (const char *format, ...);

/* agent.c: takes the configuration, runs the boot script and serves the host until power off.
 * @ready_fd is closed when the configuration is in force. Never returns. */
__attribute__ ((noreturn)) void agent_run (int ready_fd);

/* port.c: opens the port that the host speaks on, without waiting on it. -1: it is not there. */
int port_open (void);

/* script.c: runs @text as a shell script in the background. Its pid, or -1. */
pid_t script_start (const char *text);
/* Puts the last line that it wrote into @text, or "". */
void script_read_last_line (char *text, size_t text_size);

/* screen.c: the program of that name; @argv[1] says what it is to do. Its exit status. */
int screen_main (int argc, char **argv);

/* A growing run of bytes. */
typedef struct {
  char *data;
  size_t size;
  size_t allocated;
} bytes_t;

/* bytes.c. All return false, and leave the bytes as they were, when memory is short. */
bool bytes_append (bytes_t *bytes, const void *data, size_t size);
void bytes_consume (bytes_t *bytes, size_t size);
void bytes_clear (bytes_t *bytes);
void put_u32 (void *at, uint32_t value);
uint32_t get_u32 (const void *at);

/* command.c: one program run for the host. */
typedef struct {
  uint32_t id; /* 0: the place is free */
  pid_t pid;   /* leads its own process group */
  int in_fd;   /* -1: closed */
  int out_fd;
  int err_fd;
  bytes_t in; /* for stdin, at most LOOM_AGENT_WINDOW */
  bool in_ended;
  uint32_t in_taken; /* of stdin, for which no credit was given back yet */
  uint32_t credit;   /* bytes of output the host takes */
  bool exited;
  uint32_t status;    /* of an exited one */
  int64_t kill_at_ms; /* 0: nobody asked it to end */
} command_t;

/* Starts the NUL-separated @argv. Returns 0 or a negative errno. */
int command_start (command_t *command, uint32_t id, const char *argv, size_t size);
/* Writes what stdin takes. */
void command_feed (command_t *command);
/* Closes everything and frees the place. */
void command_clear (command_t *command);
/* Of waitpid (): exit status, or 128 + signal. */
uint32_t command_status (int wait_status);
int64_t now_ms (void);

/* config.c: the configuration that the host wants. */
typedef struct config config_t;

/* Parses @size bytes at @text, which it may change. NULL: out of memory. */
config_t *config_parse (char *text, size_t size);
/* Makes @next what is in force instead of @old (may be NULL; freed). Puts what went wrong into
 * @message, or "". */
void config_apply (config_t *next, config_t *old, char *message, size_t message_size);
/* Sets up NICs of @config that appeared since. */
void config_apply_links (config_t *config);
/* NULL: none. */
const char *config_get_boot_script (const config_t *config);

/* netlink.c: addresses and links. */
int netlink_open_events (void);
/* Reads all pending events; true if a link appeared or went. */
bool netlink_drain_events (int fd);
/* The interface with this MAC ("02:…"); 0: none. Its name goes to @name (16 bytes). */
int netlink_find (const char *mac, char *name);
int netlink_rename (const char *from, const char *to);
int netlink_set_up (const char *name);
/* @address: "10.0.0.1/24" or "fd00::1/64". All return 0 or a negative errno. */
int netlink_change_address (int index, const char *address, bool add);
