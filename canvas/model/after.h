/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The order of starting: a machine may wait until other nodes are ready ("after" in the file). The
 * names form a graph without cycles over the nodes of a lab; here is what keeps it so, for the
 * reader and for edits alike. Names are kept as a sorted array without repetitions, NULL when it
 * would be empty. */

#pragma once

#include "canvas/model/node.h"

G_BEGIN_DECLS

/* As many as a machine may wait for. */
#define LOOM_AFTER_MAX 64

/* The node called @name as it would be; NULL if there is none. */
typedef const LoomNode *(*LoomAfterLookup) (gpointer data, const char *name);

gboolean loom_after_has (const LoomNode *node, const char *name);
/* (transfer full) (nullable): @names sorted, each once; NULL if there are none. */
GStrv loom_after_normalize (const char *const *names);
/* (transfer full) (nullable): the names that @node waits for with @name called @new_name; or, with
 * a @new_name of NULL, without it. */
GStrv loom_after_replace (const LoomNode *node, const char *name, const char *new_name);
/* (transfer full) (nullable): "a", "b", "a" if one of @names waits for itself in the end, or for
 * nodes that do; else NULL. Names that @lookup does not know are passed over. Linear in nodes and
 * names. */
GStrv loom_after_find_cycle (LoomAfterLookup lookup, gpointer data, const char *const *names,
                             gsize n_names);

/* (transfer full): @names and all that they wait for, directly or not, sorted, each once. */
GStrv loom_after_close (LoomAfterLookup lookup, gpointer data, const char *const *names);

G_END_DECLS
