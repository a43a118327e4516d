/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lab's log: standard error, which lanloom-init made the file engine.log of the runtime folder.
 * Lines have a time; the file is bounded. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_LOG_MAX_BYTES (1024 * 1024)

/* From now on GLib's messages of this process go to standard error, one line each, and the file
 * behind it (if it is one) is emptied when it reaches LOOM_LOG_MAX_BYTES. */
void loom_log_install (void);

G_END_DECLS
