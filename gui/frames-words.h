/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the pane of listed frames says about them, as words for people. */

#pragma once

#include "gui/frames.h"

G_BEGIN_DECLS

/* All (transfer full). */

/* "pc1 – sw1, pc2 – sw1"; @links: NULL-terminated ids, as of loom_link_dup_id (). */
char *loom_frames_words_title (const char *const *links);
/* How many frames there were, and what became of those that are not shown. @is_filtered: @n_rows of
 * them are shown. */
char *loom_frames_words_counts (LoomFrames *frames, gboolean is_filtered, guint n_rows);
/* (nullable): what is wrong with the filter or with the decoder. */
char *loom_frames_words_wrong (LoomFrames *frames);

G_END_DECLS
