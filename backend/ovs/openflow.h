/* SPDX-License-Identifier: GPL-3.0-or-later */

/* OpenFlow 1.3 messages as bytes: the few kinds that a patch panel takes. Pure.
 *
 * Layouts are those of the OpenFlow Switch Specification 1.3.5, sections 7.1 (header), 7.2.3
 * (matches), 7.2.4 (instructions), 7.2.5 (actions), 7.3.4.2 (flow mod), 7.3.5.6 (port statistics);
 * bundles are ONF extension EXT-230, which carries those of OpenFlow 1.4 in 1.3. All integers are
 * big endian. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_OPENFLOW_VERSION 0x04
#define LOOM_OPENFLOW_HEADER_SIZE 8
#define LOOM_OPENFLOW_MAX_PORTS 16384
/* Port numbers from here on are special: LOCAL, ANY. */
#define LOOM_OPENFLOW_NAME_SIZE 17 /* of a port, with the end */
#define LOOM_OPENFLOW_PORT_MAX 0xffffff00u

typedef enum {
  LOOM_OPENFLOW_HELLO = 0,
  LOOM_OPENFLOW_ERROR = 1,
  LOOM_OPENFLOW_ECHO_REQUEST = 2,
  LOOM_OPENFLOW_ECHO_REPLY = 3,
  LOOM_OPENFLOW_EXPERIMENTER = 4,
  LOOM_OPENFLOW_FEATURES_REQUEST = 5,
  LOOM_OPENFLOW_FEATURES_REPLY = 6,
  LOOM_OPENFLOW_SET_CONFIG = 9,
  LOOM_OPENFLOW_PORT_STATUS = 12,
  LOOM_OPENFLOW_FLOW_MOD = 14,
  LOOM_OPENFLOW_MULTIPART_REQUEST = 18,
  LOOM_OPENFLOW_MULTIPART_REPLY = 19,
  LOOM_OPENFLOW_BARRIER_REQUEST = 20,
  LOOM_OPENFLOW_BARRIER_REPLY = 21,
} LoomOpenFlowType;

/* Types of a bundle control message (EXT-230 section 2.1). */
typedef enum {
  LOOM_BUNDLE_OPEN_REQUEST = 0,
  LOOM_BUNDLE_OPEN_REPLY = 1,
  LOOM_BUNDLE_COMMIT_REQUEST = 4,
  LOOM_BUNDLE_COMMIT_REPLY = 5,
} LoomBundleControl;

typedef struct {
  guint8 version;
  guint8 type;
  guint16 size_bytes; /* of the whole message */
  guint32 xid;
} LoomOpenFlowHeader;

/* One port of a port statistics reply; what the switch does not count is 0. */
typedef struct {
  guint32 port_no;
  guint64 rx_frames;
  guint64 tx_frames;
  guint64 rx_bytes;
  guint64 tx_bytes;
  guint64 rx_drops;
  guint64 tx_drops;
  guint64 rx_errors;
  guint64 tx_errors;
} LoomOpenFlowPortStats;

/* A rule: frames from @in_port (0: from anywhere) go out of each of @outputs. */
typedef struct {
  guint32 in_port;
  guint16 priority;
  guint64 cookie;
  const guint32 *outputs;
  guint n_outputs;
} LoomOpenFlowRule;

/* Writers append one message to @out. */
void loom_openflow_put_hello (GByteArray *out, guint32 xid);
void loom_openflow_put_header_only (GByteArray *out, LoomOpenFlowType type, guint32 xid);
void loom_openflow_put_echo_reply (GByteArray *out, guint32 xid, const guint8 *body, gsize size);
void loom_openflow_put_port_stats_request (GByteArray *out, guint32 xid);
/* Open vSwitch sends a management connection nothing unasked for until it says how much of a packet
 * it wants to see (its "Asynchronous Messages"). */
void loom_openflow_put_set_config (GByteArray *out, guint32 xid, guint16 miss_send_bytes);
void loom_openflow_put_bundle_control (GByteArray *out, guint32 xid, guint32 bundle_id,
                                       LoomBundleControl control);
/* Flow mods go into a bundle: with @bundle_id 0 they are written bare. */
void loom_openflow_put_add_rule (GByteArray *out, guint32 xid, guint32 bundle_id,
                                 const LoomOpenFlowRule *rule);
/* Deletes the rule with exactly that in_port and priority. */
void loom_openflow_put_delete_rule (GByteArray *out, guint32 xid, guint32 bundle_id,
                                    guint32 in_port, guint16 priority);
void loom_openflow_put_delete_all (GByteArray *out, guint32 xid, guint32 bundle_id);

/* Reads a header; FALSE when fewer than 8 bytes are there, or the size in it is below 8. */
gboolean loom_openflow_read_header (const guint8 *data, gsize size, LoomOpenFlowHeader *ret_header);

/* Readers take one whole message. FALSE: it is not of that kind, or cut short. */
gboolean loom_openflow_read_error (const guint8 *data, gsize size, guint16 *ret_type,
                                   guint16 *ret_code);
/* @ret_name: LOOM_OPENFLOW_NAME_SIZE bytes; @ret_removed: the port is there no more. */
gboolean loom_openflow_read_port_status (const guint8 *data, gsize size, char *ret_name,
                                         gboolean *ret_removed);
gboolean loom_openflow_read_bundle_control (const guint8 *data, gsize size, guint32 *ret_bundle_id,
                                            guint16 *ret_control);
/* Appends to @stats (of LoomOpenFlowPortStats, at most LOOM_OPENFLOW_MAX_PORTS in all). @ret_more:
 * another reply with the same xid follows. */
gboolean loom_openflow_read_port_stats (const guint8 *data, gsize size, GArray *stats,
                                        gboolean *ret_more);

G_END_DECLS
