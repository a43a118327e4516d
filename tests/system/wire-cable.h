/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A wire process with one cable, and the test at both of its ends: what the tests of the wire start
 * from. */

#pragma once

#include "tests/system/wire-peer.h"
#include "tests/system/wire-process.h"

G_BEGIN_DECLS

#define WIRE_CABLE_COOKIE 7
#define WIRE_CABLE_KEY "pc1:0 pc2:0"
/* Octets of a frame. */
#define WIRE_CABLE_SIZE 200
#define WIRE_CABLE_MS G_GINT64_CONSTANT (1000000)
/* After which a computer is not slow, but something broken. */
#define WIRE_CABLE_PATIENCE_NS (20000 * WIRE_CABLE_MS)

typedef struct {
  guint n_buffers; /* of the wire; 0: as many as usual */
  char *folder;
  WireProcess *wire;
  char *paths[2];
  WirePeer *peers[2];
} WireCable;

/* For g_test_add (). */
void wire_cable_set_up (WireCable *f, gconstpointer data);
void wire_cable_tear_down (WireCable *f, gconstpointer data);

/* With settings for each direction, as JSON with apostrophes; returns when both ends are there. */
void wire_cable_attach (WireCable *f, const char *forward, const char *backward);
void wire_cable_set (WireCable *f, const char *forward);
/* Brings the ends that are missing. */
void wire_cable_connect (WireCable *f);

/* A turn of the main loop, and a little while. */
void wire_cable_turn (void);

/* A marked frame from one end. */
void wire_cable_send (WireCable *f, int from, guint64 number);
/* Sends @packet, which it takes, once the wire has room. */
void wire_cable_send_packet (WireCable *f, int from, struct rte_mbuf *packet);
/* The next frame that comes to @to, or G_MAXUINT64 when none does before @wait_ns are over. */
guint64 wire_cable_receive (WireCable *f, int to, gint64 wait_ns, gint64 *ret_delay_ns);
/* The same for as long as our patience lasts. */
guint64 wire_cable_receive_next (WireCable *f, int to);
/* Whether nothing comes to @end for a moment. */
gboolean wire_cable_is_silent (WireCable *f, int end);

typedef struct {
  const char *path; /* "/wire/pass" */
  void (*run) (WireCable *f, gconstpointer data);
} WireCableTest;

/* What the main () of such a program does: starts DPDK, runs the @n @tests, each with a wire of its
 * own, and leaves nothing in the folder of temporary files. Returns the exit status. */
int wire_cable_run_tests (int argc, char **argv, const WireCableTest *tests, gsize n);

G_END_DECLS
