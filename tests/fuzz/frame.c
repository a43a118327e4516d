/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The words and the class of a frame that waits on a cable, which are the engine's own reading of
 * what a guest sent. */

#include "backend/engine/frame-words.h"

#include <string.h>

#define MAX_WORDS 512

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *words = loom_frame_describe (data, size);

  g_assert_true (g_utf8_validate (words, -1, NULL) && strlen (words) < MAX_WORDS);
  g_assert_nonnull (loom_frame_class_to_id (loom_frame_classify (data, size)));
  return 0;
}
