/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What reader.c (from text to nodes and cables) and reader-whole.c (what they are together) share.
 */

#pragma once

#include "canvas/model/reader.h"

G_BEGIN_DECLS

/* A node as the file has it. */
typedef struct {
  LoomNode *node; /* NULL: it is there, but nobody can say what it is */
  int line;
  gboolean is_placed;
} LoomReaderEntry;

typedef struct {
  LoomCatalogue *catalogue;
  GPtrArray *problems;
  LoomLab *lab;
  LoomChange *all;     /* what makes the lab of an empty one */
  GHashTable *entries; /* name -> LoomReaderEntry */
  GPtrArray *names;    /* of char *, borrowed from entries, in the order of the file */
  GHashTable *used;    /* "pc1:0", of ports with a cable, a set */
} LoomReader;

/* Adds a problem, with a sentence of its own. @line: 0 is the file; @item: (nullable). */
void loom_reader_report (LoomReader *reader, int line, const char *item, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* reader-whole.c */
/* Reports addresses that two network cards have, and orders of starts that nothing can fulfil. */
void loom_reader_check_whole (LoomReader *reader);
/* Nodes without a place stand below the others, on a grid: a file written by hand need not care. */
void loom_reader_place_rest (LoomReader *reader);

G_END_DECLS
