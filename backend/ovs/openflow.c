/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See openflow.h for the sources of the layouts. */

#include "backend/ovs/openflow.h"

#include <string.h>

#define ONF_EXPERIMENTER 0x4f4e4600u
#define ONF_BUNDLE_CONTROL 2300
#define ONF_BUNDLE_ADD 2301
#define BUNDLE_HEADER_SIZE 24
#define BUNDLE_ATOMIC_ORDERED 0x0003

#define FLOW_ADD 0
#define FLOW_DELETE 3
#define FLOW_DELETE_STRICT 4
#define FLOW_TABLE_ALL 0xff
#define PORT_STATUS_SIZE 80 /* OpenFlow 1.3.5 section 7.4.3 */
#define PORT_STATUS_NAME 32
#define PORT_REASON_DELETE 1
#define PORT_ANY 0xffffffffu
#define GROUP_ANY 0xffffffffu
#define NO_BUFFER 0xffffffffu

#define MATCH_OXM 1
#define OXM_IN_PORT 0x80000004u
#define INSTRUCTION_APPLY_ACTIONS 4
#define ACTION_OUTPUT 0
#define ACTION_OUTPUT_SIZE 16

#define MULTIPART_PORT_STATS 4
#define MULTIPART_HEADER_SIZE 16
#define MULTIPART_MORE 0x0001
#define PORT_STATS_SIZE 112

static void
put_zeros (GByteArray *out, guint n)
{
  static const guint8 zeros[8] = {0};

  g_byte_array_append (out, zeros, n);
}

static void
put_u8 (GByteArray *out, guint8 value)
{
  g_byte_array_append (out, &value, 1);
}

static void
put_u16 (GByteArray *out, guint16 value)
{
  guint16 big = GUINT16_TO_BE (value);

  g_byte_array_append (out, (guint8 *) &big, sizeof big);
}

static void
put_u32 (GByteArray *out, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (out, (guint8 *) &big, sizeof big);
}

static void
put_u64 (GByteArray *out, guint64 value)
{
  guint64 big = GUINT64_TO_BE (value);

  g_byte_array_append (out, (guint8 *) &big, sizeof big);
}

static guint16
get_u16 (const guint8 *data)
{
  return (guint16) (data[0] << 8 | data[1]);
}

static guint32
get_u32 (const guint8 *data)
{
  return (guint32) get_u16 (data) << 16 | get_u16 (data + 2);
}

static guint64
get_u64 (const guint8 *data)
{
  return (guint64) get_u32 (data) << 32 | get_u32 (data + 4);
}

/* Starts a message; returns where, for end_message () to fill in its size. */
static guint
begin_message (GByteArray *out, LoomOpenFlowType type, guint32 xid)
{
  guint start = out->len;

  put_u8 (out, LOOM_OPENFLOW_VERSION);
  put_u8 (out, type);
  put_u16 (out, 0);
  put_u32 (out, xid);
  return start;
}

static void
end_message (GByteArray *out, guint start)
{
  guint16 size = GUINT16_TO_BE (out->len - start);

  g_assert (out->len - start <= G_MAXUINT16);
  memcpy (out->data + start + 2, &size, sizeof size);
}

static void
put_bundle_header (GByteArray *out, guint32 subtype, guint32 bundle_id, guint16 control)
{
  put_u32 (out, ONF_EXPERIMENTER);
  put_u32 (out, subtype);
  put_u32 (out, bundle_id);
  put_u16 (out, control);
  put_u16 (out, BUNDLE_ATOMIC_ORDERED);
}

/* ofp_match: on @in_port, or on nothing when it is 0. */
static void
put_match (GByteArray *out, guint32 in_port)
{
  put_u16 (out, MATCH_OXM);
  if (in_port == 0) {
    put_u16 (out, 4);
    put_zeros (out, 4);
    return;
  }
  put_u16 (out, 12);
  put_u32 (out, OXM_IN_PORT);
  put_u32 (out, in_port);
  put_zeros (out, 4);
}

static void
put_outputs (GByteArray *out, const guint32 *outputs, guint n_outputs)
{
  put_u16 (out, INSTRUCTION_APPLY_ACTIONS);
  put_u16 (out, 8 + ACTION_OUTPUT_SIZE * n_outputs);
  put_zeros (out, 4);
  for (guint i = 0; i < n_outputs; i++) {
    put_u16 (out, ACTION_OUTPUT);
    put_u16 (out, ACTION_OUTPUT_SIZE);
    put_u32 (out, outputs[i]);
    put_u16 (out, 0);
    put_zeros (out, 6);
  }
}

/* A flow mod, wrapped for @bundle_id unless that is 0. @rule is what it says; for deletions its
 * outputs are not written. The message inside a bundle repeats the outer xid. */
static void
put_flow_mod (GByteArray *out, guint32 xid, guint32 bundle_id, guint8 command,
              const LoomOpenFlowRule *rule)
{
  guint outer = out->len;
  guint start;

  if (bundle_id != 0) {
    begin_message (out, LOOM_OPENFLOW_EXPERIMENTER, xid);
    put_bundle_header (out, ONF_BUNDLE_ADD, bundle_id, 0);
  }
  start = begin_message (out, LOOM_OPENFLOW_FLOW_MOD, xid);
  put_u64 (out, rule->cookie);
  put_u64 (out, 0); /* cookie mask: the cookie selects nothing */
  put_u8 (out, command == FLOW_DELETE ? FLOW_TABLE_ALL : 0);
  put_u8 (out, command);
  put_u32 (out, 0); /* timeouts: none */
  put_u16 (out, rule->priority);
  put_u32 (out, NO_BUFFER);
  put_u32 (out, PORT_ANY);
  put_u32 (out, GROUP_ANY);
  put_u32 (out, 0); /* flags, padding */
  put_match (out, rule->in_port);
  if (command == FLOW_ADD)
    put_outputs (out, rule->outputs, rule->n_outputs);
  end_message (out, start);
  if (bundle_id != 0)
    end_message (out, outer);
}

void
loom_openflow_put_hello (GByteArray *out, guint32 xid)
{
  guint start = begin_message (out, LOOM_OPENFLOW_HELLO, xid);

  put_u16 (out, 1); /* element: version bitmap */
  put_u16 (out, 8);
  put_u32 (out, 1u << LOOM_OPENFLOW_VERSION);
  end_message (out, start);
}

void
loom_openflow_put_header_only (GByteArray *out, LoomOpenFlowType type, guint32 xid)
{
  end_message (out, begin_message (out, type, xid));
}

void
loom_openflow_put_echo_reply (GByteArray *out, guint32 xid, const guint8 *body, gsize size)
{
  guint start = begin_message (out, LOOM_OPENFLOW_ECHO_REPLY, xid);

  g_byte_array_append (out, body, size);
  end_message (out, start);
}

void
loom_openflow_put_port_stats_request (GByteArray *out, guint32 xid)
{
  guint start = begin_message (out, LOOM_OPENFLOW_MULTIPART_REQUEST, xid);

  put_u16 (out, MULTIPART_PORT_STATS);
  put_u16 (out, 0);
  put_zeros (out, 4);
  put_u32 (out, PORT_ANY);
  put_zeros (out, 4);
  end_message (out, start);
}

void
loom_openflow_put_set_config (GByteArray *out, guint32 xid, guint16 miss_send_bytes)
{
  guint start = begin_message (out, LOOM_OPENFLOW_SET_CONFIG, xid);

  put_u16 (out, 0);
  put_u16 (out, miss_send_bytes);
  end_message (out, start);
}

void
loom_openflow_put_bundle_control (GByteArray *out, guint32 xid, guint32 bundle_id,
                                  LoomBundleControl control)
{
  guint start = begin_message (out, LOOM_OPENFLOW_EXPERIMENTER, xid);

  put_bundle_header (out, ONF_BUNDLE_CONTROL, bundle_id, control);
  end_message (out, start);
}

void
loom_openflow_put_add_rule (GByteArray *out, guint32 xid, guint32 bundle_id,
                            const LoomOpenFlowRule *rule)
{
  put_flow_mod (out, xid, bundle_id, FLOW_ADD, rule);
}

void
loom_openflow_put_delete_rule (GByteArray *out, guint32 xid, guint32 bundle_id, guint32 in_port,
                               guint16 priority)
{
  LoomOpenFlowRule rule = {.in_port = in_port, .priority = priority};

  put_flow_mod (out, xid, bundle_id, FLOW_DELETE_STRICT, &rule);
}

void
loom_openflow_put_delete_all (GByteArray *out, guint32 xid, guint32 bundle_id)
{
  LoomOpenFlowRule rule = {0};

  put_flow_mod (out, xid, bundle_id, FLOW_DELETE, &rule);
}

gboolean
loom_openflow_read_header (const guint8 *data, gsize size, LoomOpenFlowHeader *ret_header)
{
  if (size < LOOM_OPENFLOW_HEADER_SIZE || get_u16 (data + 2) < LOOM_OPENFLOW_HEADER_SIZE)
    return FALSE;
  ret_header->version = data[0];
  ret_header->type = data[1];
  ret_header->size_bytes = get_u16 (data + 2);
  ret_header->xid = get_u32 (data + 4);
  return TRUE;
}

/* Whether @data is one whole message of @type with at least @min_size bytes. */
static gboolean
is_message (const guint8 *data, gsize size, LoomOpenFlowType type, gsize min_size)
{
  LoomOpenFlowHeader header;

  return size >= min_size && loom_openflow_read_header (data, size, &header)
         && header.size_bytes == size && header.type == type;
}

gboolean
loom_openflow_read_error (const guint8 *data, gsize size, guint16 *ret_type, guint16 *ret_code)
{
  if (!is_message (data, size, LOOM_OPENFLOW_ERROR, 12))
    return FALSE;
  *ret_type = get_u16 (data + 8);
  *ret_code = get_u16 (data + 10);
  return TRUE;
}

gboolean
loom_openflow_read_port_status (const guint8 *data, gsize size, char *ret_name,
                                gboolean *ret_removed)
{
  if (!is_message (data, size, LOOM_OPENFLOW_PORT_STATUS, PORT_STATUS_SIZE))
    return FALSE;
  *ret_removed = data[8] == PORT_REASON_DELETE;
  memcpy (ret_name, data + PORT_STATUS_NAME, LOOM_OPENFLOW_NAME_SIZE - 1);
  ret_name[LOOM_OPENFLOW_NAME_SIZE - 1] = '\0';
  return TRUE;
}

gboolean
loom_openflow_read_bundle_control (const guint8 *data, gsize size, guint32 *ret_bundle_id,
                                   guint16 *ret_control)
{
  if (!is_message (data, size, LOOM_OPENFLOW_EXPERIMENTER, BUNDLE_HEADER_SIZE)
      || get_u32 (data + 8) != ONF_EXPERIMENTER || get_u32 (data + 12) != ONF_BUNDLE_CONTROL)
    return FALSE;
  *ret_bundle_id = get_u32 (data + 16);
  *ret_control = get_u16 (data + 20);
  return TRUE;
}

/* All ones means "not counted". */
static guint64
get_counter (const guint8 *data)
{
  guint64 value = get_u64 (data);

  return value == G_MAXUINT64 ? 0 : value;
}

gboolean
loom_openflow_read_port_stats (const guint8 *data, gsize size, GArray *stats, gboolean *ret_more)
{
  if (!is_message (data, size, LOOM_OPENFLOW_MULTIPART_REPLY, MULTIPART_HEADER_SIZE)
      || get_u16 (data + 8) != MULTIPART_PORT_STATS
      || (size - MULTIPART_HEADER_SIZE) % PORT_STATS_SIZE != 0
      || stats->len + (size - MULTIPART_HEADER_SIZE) / PORT_STATS_SIZE > LOOM_OPENFLOW_MAX_PORTS)
    return FALSE;
  for (gsize at = MULTIPART_HEADER_SIZE; at < size; at += PORT_STATS_SIZE) {
    const guint8 *entry = data + at;
    LoomOpenFlowPortStats port = {
        .port_no = get_u32 (entry),
        .rx_frames = get_counter (entry + 8),
        .tx_frames = get_counter (entry + 16),
        .rx_bytes = get_counter (entry + 24),
        .tx_bytes = get_counter (entry + 32),
        .rx_drops = get_counter (entry + 40),
        .tx_drops = get_counter (entry + 48),
        .rx_errors = get_counter (entry + 56),
        .tx_errors = get_counter (entry + 64),
    };

    g_array_append_val (stats, port);
  }
  *ret_more = (get_u16 (data + 10) & MULTIPART_MORE) != 0;
  return TRUE;
}
