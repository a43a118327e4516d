/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether somebody still answers. Its owner ticks it every LOOM_PULSE_PERIOD_MS or so, asks a
 * question that costs nothing when told to, and says when the answer came; one question is under
 * way at a time. Pure: time comes in. */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define LOOM_PULSE_PERIOD_MS 2000
#define LOOM_PULSE_PATIENCE_S 5

/* Zero is a good beginning. */
typedef struct {
  gint64 ticked_us;
  gint64 asked_us; /* 0: no question is under way */
  gboolean is_late;
} LoomPulse;

typedef enum {
  LOOM_PULSE_WAIT, /* nothing to do */
  LOOM_PULSE_ASK,  /* ask now */
  LOOM_PULSE_LATE, /* no answer for LOOM_PULSE_PATIENCE_S: say so, once */
} LoomPulseStep;

/* A tick that comes much too late means that it was we who stood still: patience begins anew. */
LoomPulseStep loom_pulse_tick (LoomPulse *pulse, gint64 now_us);
/* TRUE: it had been late, and answers again. */
gboolean loom_pulse_answer (LoomPulse *pulse);
/* The question came to nothing: another is asked, and late stays late. */
void loom_pulse_drop (LoomPulse *pulse);

/* Whether process @pid is stopped (SIGSTOP, a debugger), as /proc says it. */
gboolean loom_process_is_stopped (pid_t pid);

G_END_DECLS
