/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads the text of a project file. The format is described in data/FORMAT.md and, for programs,
 * in data/lanloom.schema.json. */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

#define LOOM_READER_MAX_SIZE_BYTES (32 * 1024 * 1024)
#define LOOM_READER_MAX_DEPTH 32

/* Something wrong in a file. */
typedef struct {
  int line;      /* 1 …; 0: the file as a whole */
  char *item;    /* "pc1", "pc1:0 pc2:0"; or NULL */
  char *message; /* translated sentence that names the item */
} LoomProblem;

void loom_problem_free (LoomProblem *problem);

/* Reads @size bytes at @data (need not end in NUL).
 * Returns (transfer full) the lab; or NULL, with @error holding the first problem ("line 7: …") and
 * @ret_problems (optional, transfer full, of LoomProblem) all of them, at most 100. */
LoomLab *loom_reader_read (LoomCatalogue *catalogue, const char *data, gsize size,
                           GPtrArray **ret_problems, GError **error);

G_END_DECLS
