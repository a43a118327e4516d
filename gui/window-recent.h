/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How much of what just passed is kept: actions "win.recent-seconds" and "win.recent-mib". */

#pragma once

#define LOOM_RECENT_SECONDS 30
#define LOOM_RECENT_SECONDS_MIN 1
#define LOOM_RECENT_SECONDS_MAX 3600
#define LOOM_RECENT_MIB 16
#define LOOM_RECENT_MIB_MIN 1
#define LOOM_RECENT_MIB_MAX 256
