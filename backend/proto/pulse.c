/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "backend/proto/pulse.h"

#include <string.h>

#define PATIENCE_US (LOOM_PULSE_PATIENCE_S * G_USEC_PER_SEC)
#define OWN_GAP_US (2 * LOOM_PULSE_PERIOD_MS * G_TIME_SPAN_MILLISECOND)

LoomPulseStep
loom_pulse_tick (LoomPulse *pulse, gint64 now_us)
{
  if (pulse->asked_us != 0 && now_us - pulse->ticked_us > OWN_GAP_US)
    pulse->asked_us = now_us;
  pulse->ticked_us = now_us;
  if (pulse->asked_us == 0) {
    pulse->asked_us = now_us;
    return LOOM_PULSE_ASK;
  }
  if (pulse->is_late || now_us - pulse->asked_us < PATIENCE_US)
    return LOOM_PULSE_WAIT;
  pulse->is_late = TRUE;
  return LOOM_PULSE_LATE;
}

gboolean
loom_pulse_answer (LoomPulse *pulse)
{
  gboolean was_late = pulse->is_late;

  pulse->asked_us = 0;
  pulse->is_late = FALSE;
  return was_late;
}

void
loom_pulse_drop (LoomPulse *pulse)
{
  pulse->asked_us = 0;
}

/* proc (5): "pid (name) state …", where the name may hold anything. */
gboolean
loom_process_is_stopped (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *text = NULL;
  const char *end;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  end = strrchr (text, ')');
  return end != NULL && end[1] == ' ' && (end[2] == 'T' || end[2] == 't');
}
