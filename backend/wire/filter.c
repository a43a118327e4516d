/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libpcap compiles, and its interpreter runs the program: some tens of nanoseconds a frame. */

#include "backend/wire/filter.h"

#include "backend/proto/proto-error.h"

#include <pcap/pcap.h>
#include <string.h>

#define MAX_TEXT 4096
#define SNAPLEN 65535

struct _LoomWireFilter {
  struct bpf_program program;
};

LoomWireFilter *
loom_wire_filter_new (const char *text, GError **error)
{
  pcap_t *pcap;
  LoomWireFilter *self;

  if (text == NULL || text[0] == '\0')
    return NULL;
  if (strlen (text) > MAX_TEXT) {
    g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX,
                 "a filter has at most %d characters", MAX_TEXT);
    return NULL;
  }
  pcap = pcap_open_dead (DLT_EN10MB, SNAPLEN);
  self = g_new0 (LoomWireFilter, 1);
  if (pcap_compile (pcap, &self->program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
    g_set_error_literal (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX, pcap_geterr (pcap));
    g_clear_pointer (&self, g_free);
  }
  pcap_close (pcap);
  return self;
}

void
loom_wire_filter_free (LoomWireFilter *self)
{
  if (self == NULL)
    return;
  pcap_freecode (&self->program);
  g_free (self);
}

gboolean
loom_wire_filter_matches (const LoomWireFilter *self, const guint8 *frame, guint length)
{
  return self == NULL || bpf_filter (self->program.bf_insns, frame, length, length) != 0;
}
