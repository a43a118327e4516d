/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How classes of frames are shown: the same colour and the same word wherever frames are listed. */

#pragma once

#include "backend/engine/frame-words.h"

G_BEGIN_DECLS

#define LOOM_N_FRAME_CLASSES (LOOM_FRAME_BRIDGING + 1)

/* "#8f6400": behind white letters, 4.5 : 1 at least. Told apart by red-green blind eyes too, and
 * the class always stands beside it in words. */
const char *loom_frame_class_get_color (LoomFrameClass class);
/* "A": what a dot has room for; "" for other frames. */
const char *loom_frame_class_get_letter (LoomFrameClass class);
/* "ARP"; translated. */
const char *loom_frame_class_get_label (LoomFrameClass class);

G_END_DECLS
