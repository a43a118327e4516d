/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Blocks of a capture file (IETF draft-ietf-opsawg-pcapng), in this host's byte order, which the
 * format allows. Each function appends one block to @bytes. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The first block of a file. @program: who wrote it. */
void loom_wire_pcapng_section (GByteArray *bytes, const char *program);

/* An Ethernet interface; those that follow are numbered from 0. Times are in nanoseconds. @snaplen:
 * 0 for no limit. @filter: "" or what was let through. */
void loom_wire_pcapng_interface (GByteArray *bytes, const char *name, guint snaplen,
                                 const char *filter);

/* A frame of @length octets of which @captured are at @octets. @time_ns: since 1970. @direction: 1
 * in, 2 out. */
void loom_wire_pcapng_frame (GByteArray *bytes, guint interface, gint64 time_ns, guint direction,
                             guint length, const guint8 *octets, guint captured);

/* What statistics take. */
#define LOOM_WIRE_PCAPNG_STATISTICS_BYTES 52
/* At the end: how many frames of an interface were taken, and how many not for want of room. */
void loom_wire_pcapng_statistics (GByteArray *bytes, guint interface, gint64 time_ns,
                                  guint64 n_received, guint64 n_dropped);

G_END_DECLS
