/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a guest or another program wrote, made fit for one line of a message: a terminal that shows
 * it obeys escape sequences otherwise, and text that runs backwards says what is not there. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): the first @max_size bytes of @data as valid UTF-8 on one line. Control and
 * format characters (Unicode's Cc, Cf, Zl, Zp: C1 and bidirectional marks too) become spaces, and
 * spaces at both ends fall away. Takes any bytes; never NULL. */
char *loom_plain_text (const void *data, gsize size, gsize max_size);

G_END_DECLS
