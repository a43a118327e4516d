/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the host and the guest that ships say to each other. Plain C: both sides include it.
 *
 * A virtio-serial port called org.lanloom.agent carries frames in both directions. All numbers are
 * little endian. A frame is a header of 12 bytes and at most LOOM_AGENT_MAX_PAYLOAD bytes:
 *
 *   u32 size of the payload · u16 type · u16 zero · u32 id
 *
 * id is chosen by the host and names a command or a configuration; 0 is the connection itself.
 *
 * The stream survives neither side: a host that connects may find the end of a frame meant for its
 * predecessor. It sends HELLO with a fresh random cookie and drops every byte up to that cookie's
 * return; the guest forgets commands and half frames when the port hangs up. A guest that finds a
 * header no host would send drops everything until the port hangs up.
 *
 * Flow: neither side sends data of a command without credit. A command starts with
 * LOOM_AGENT_WINDOW bytes of credit for stdin, and as much for stdout and stderr together; CREDIT
 * gives back what was taken in. So nothing that a guest writes can pile up in the host.
 *
 * Configuration, as lines of text, in the fw_cfg file LOOM_AGENT_FW_CFG at boot and in CONFIG
 * frames later:
 *
 *   hostname pc1
 *   nic 02:00:00:00:00:01 10.0.0.1/24 fd00::1/64     (first nic: eth0; addresses optional)
 *   host 10.0.0.2 pc2                                (a line of /etc/hosts)
 *   boot                                             (the rest is the boot script)
 *
 * At most LOOM_AGENT_MAX_CONFIG bytes: more than the host ever sends. One that is longer changes
 * nothing, and DONE says so.
 */

#pragma once

#define LOOM_AGENT_PORT "org.lanloom.agent"
#define LOOM_AGENT_FW_CFG "opt/org.lanloom/config"
#define LOOM_AGENT_VERSION 1
#define LOOM_AGENT_HEADER 12
#define LOOM_AGENT_MAX_PAYLOAD (64 * 1024 - LOOM_AGENT_HEADER)
#define LOOM_AGENT_WINDOW (256 * 1024)
#define LOOM_AGENT_MAX_COMMANDS 64
#define LOOM_AGENT_MAX_CONFIG (1024 * 1024)
#define LOOM_AGENT_COOKIE 16

/* Types of frames; H: sent by the host, G: by the guest. */
enum loom_agent_type {
  LOOM_AGENT_HELLO = 1,   /* H: cookie; G: cookie, u32 version, then as STATE */
  LOOM_AGENT_STATE = 2,   /* G: u32 state, u32 note, u32 value, then text (may be empty) */
  LOOM_AGENT_EXEC = 3,    /* H: the argument list, each argument ending in NUL */
  LOOM_AGENT_STDIN = 4,   /* H: data; empty: end of file */
  LOOM_AGENT_STDOUT = 5,  /* G: data, never empty */
  LOOM_AGENT_STDERR = 6,  /* G: data, never empty */
  LOOM_AGENT_CREDIT = 7,  /* both: u32 bytes; H: of output, G: of stdin */
  LOOM_AGENT_SIGNAL = 8,  /* H: u32 number, to the command's process group */
  LOOM_AGENT_END = 9,     /* H: SIGHUP now and SIGKILL a second later */
  LOOM_AGENT_EXIT = 10,   /* G: u32 exit status or 128 + signal; the id is free again */
  LOOM_AGENT_CONFIG = 11, /* H: a piece of configuration text; empty: that was all, apply it */
  LOOM_AGENT_DONE = 12,   /* G: a configuration was applied; text: what went wrong, or empty */
  LOOM_AGENT_POWER = 13,  /* H: power off */
};

enum loom_agent_state {
  LOOM_AGENT_BOOTING = 1,
  LOOM_AGENT_READY = 2,
};

/* What there is to say about a state; the host has the words. */
enum loom_agent_note {
  LOOM_AGENT_NOTE_NONE = 0,
  LOOM_AGENT_NOTE_SCRIPT_RUNS = 1,   /* the boot script is not done; READY: it takes long */
  LOOM_AGENT_NOTE_SCRIPT_FAILED = 2, /* value: as EXIT; text: the last line it wrote */
  LOOM_AGENT_NOTE_CONFIG_FAILED = 3, /* text: what could not be set */
};
