/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One line of the decoder (tshark -T tabs) on one frame. Pure; any octets will do. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The columns that are asked for, as tshark's option has them; "Source" and "Destination" beside
 * each other would get an arrow between them. */
#define LOOM_DECODED_COLUMNS                                                                       \
  "gui.column.format:\"n\",\"%m\",\"s\",\"%us\",\"p\",\"%p\",\"d\",\"%ud\",\"i\",\"%i\""

typedef struct {
  guint64 number; /* of the frame, in what was decoded; from 1 */
  char *source;   /* addresses: of IP if there are, else of Ethernet */
  char *destination;
  char *protocol; /* "ICMP" */
  char *info;
} LoomDecodedLine;

/* (transfer full) (nullable): NULL if @text, of @size octets without the end of the line, is none.
 */
LoomDecodedLine *loom_decoded_line_new (const char *text, gsize size);
void loom_decoded_line_free (LoomDecodedLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomDecodedLine, loom_decoded_line_free)

G_END_DECLS
