/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes a lab as the text of a project file, in canonical form: reading it and writing it again
 * gives the same bytes. */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

/* (transfer full): NUL-terminated UTF-8 that ends in a newline; @ret_size (optional): bytes. */
char *loom_writer_write (LoomLab *lab, gsize *ret_size);

G_END_DECLS
