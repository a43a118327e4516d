/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Inside the reader: how problems are gathered, and how a node's line becomes a node. */

#pragma once

#include "canvas/model/json.h"
#include "canvas/model/reader.h"

G_BEGIN_DECLS

#define LOOM_READER_MAX_PROBLEMS 100

/* Remembers a problem; @message (transfer full). Beyond the limit it is only counted as one. */
void loom_reader_add_problem (GPtrArray *problems, int line, const char *item, char *message);
/* Takes @error (transfer full) for a problem. */
void loom_reader_add_error (GPtrArray *problems, int line, const char *item, GError *error);
/* Adds the member @value to *@extra, which is made when needed. */
void loom_reader_keep (GPtrArray **extra, const LoomJsonValue *value);
/* Whether @value is of @type; if not, that is a problem: "“nics” of “pc1” must be a number." */
gboolean loom_reader_expect (GPtrArray *problems, const LoomJsonValue *value, LoomJsonType type,
                             const char *item);

/* (transfer full) (nullable): the node that the object @value describes, without its place. Of what
 * is wrong, problems are added. NULL if nobody can say what the node is: then *@ret_name (transfer
 * full) (nullable) is what it was to be called. */
LoomNode *loom_reader_read_node (LoomCatalogue *catalogue, const LoomJsonValue *value,
                                 GPtrArray *problems, char **ret_name);

G_END_DECLS
