/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Inside the reader: what is set on a cable, besides its ends. */

#pragma once

#include "canvas/model/json.h"
#include "canvas/model/link.h"

G_BEGIN_DECLS

/* Reads all members of the object @value but “ends” into @link. @is_turned: the file has the ends
 * the other way round, so that its “forward” is @link's backward. Of what is wrong, problems are
 * added. */
void loom_reader_read_link (LoomLink *link, const LoomJsonValue *value, gboolean is_turned,
                            GPtrArray *problems);

G_END_DECLS
