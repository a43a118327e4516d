/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How deep the switch of a lab may sleep: a pure decision, and whether the computer runs on its
 * battery. The numbers behind it are in DESIGN.md. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  LOOM_QUIET_UNKNOWN, /* nobody has told it yet */
  LOOM_QUIET_AWAKE,   /* the poll thread naps 500 µs at most: nobody notices */
  LOOM_QUIET_DROWSY,  /* on battery and silent: longer naps, until a frame moves */
  LOOM_QUIET_ASLEEP,  /* every machine that runs is held: the switch is held, too */
} LoomQuiet;

/* @n_running: machines that run, @n_paused of them held. @silent_us: since a frame moved last. */
LoomQuiet loom_quiet_choose (guint n_running, guint n_paused, gboolean on_battery,
                             gint64 silent_us);
/* How long the poll thread may sleep, in µs. */
int loom_quiet_get_sleep_us (LoomQuiet quiet);
/* Whether a battery is being emptied and no mains is connected, by the folder of the kernel's class
 * "power_supply" (Documentation/ABI/testing/sysfs-class-power). */
gboolean loom_quiet_read_battery (const char *folder);

G_END_DECLS
