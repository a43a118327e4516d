/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One reading of each kind is under way at a time; a slow engine is asked less often by that. A lab
 * without traffic is asked less often too. */

#include "gui/meters.h"

#define COUNTERS_MS 100
#define COUNTERS_QUIET_MS 250
/* After so long without a frame anywhere the counters are read less often. */
#define QUIET_AFTER_US (5 * G_USEC_PER_SEC)
#define COST_MS 2000
/* A difference that is not worth a redraw. */
#define CPU_STEP_PERCENT 0.5
#define MEMORY_STEP_KIB 1024

enum {
  COST_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomMeters {
  GObject parent_instance;

  LoomStatus *status;
  LoomClient *client; /* NULL: rests */

  guint counters_source;
  gboolean counters_busy;
  int counters_interval_ms;
  gint64 last_traffic_us; /* monotonic */

  guint cost_source;
  gboolean cost_busy;
  guint64 cpu_ms;
  gint64 cpu_time_us; /* monotonic, of cpu_ms; 0: none yet */
  double cpu_percent;
  gint64 memory_kib;
  gint64 started_us; /* monotonic */
  gint64 minute;     /* of the run, at the last signal; in the first one seconds are shown */
};

G_DEFINE_TYPE (LoomMeters, loom_meters, G_TYPE_OBJECT)

static void set_interval (LoomMeters *self, int interval_ms);

/* Counters */

/* Whether a frame went by, or a carrier came or went. */
static gboolean
keep_counters (LoomMeters *self, GPtrArray *links)
{
  gboolean moved = FALSE;

  for (guint i = 0; i < links->len; i++) {
    const LoomClientCounters *link = g_ptr_array_index (links, i);
    const LoomLinkStatus *before = loom_status_get_link (self->status, link->id);

    moved |= before == NULL || before->from_a.n_frames != link->status.from_a.n_frames
             || before->from_b.n_frames != link->status.from_b.n_frames
             || before->carrier != link->status.carrier;
    loom_status_set_link (self->status, link->id, &link->status);
  }
  return moved;
}

static void
on_counters_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomMeters) self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  g_autoptr (GPtrArray)
      links = loom_client_counters_finish (LOOM_CLIENT (source), result, NULL, NULL);

  self->counters_busy = FALSE;
  if (links == NULL || (gpointer) self->client != (gpointer) source)
    return;
  if (keep_counters (self, links))
    self->last_traffic_us = now_us;
  loom_status_end_links (self->status, now_us);
  set_interval (self,
                now_us - self->last_traffic_us > QUIET_AFTER_US ? COUNTERS_QUIET_MS : COUNTERS_MS);
}

static gboolean
on_counters_due (gpointer user_data)
{
  LoomMeters *self = user_data;

  if (!self->counters_busy && loom_client_get_state (self->client) == LOOM_CLIENT_ATTACHED) {
    self->counters_busy = TRUE;
    loom_client_counters_async (self->client, NULL, on_counters_ready, g_object_ref (self));
  }
  return G_SOURCE_CONTINUE;
}

static void
set_interval (LoomMeters *self, int interval_ms)
{
  if (self->counters_source != 0 && interval_ms == self->counters_interval_ms)
    return;
  self->counters_interval_ms = interval_ms;
  g_clear_handle_id (&self->counters_source, g_source_remove);
  self->counters_source = g_timeout_add (interval_ms, on_counters_due, self);
}

/* Cost */

/* Whether there is something new to show. */
static gboolean
keep_cost (LoomMeters *self, GPtrArray *processes, gint64 now_us)
{
  double before_percent = self->cpu_percent;
  gint64 before_kib = self->memory_kib;
  gint64 minute = (now_us - self->started_us) / (60 * G_USEC_PER_SEC);
  guint64 cpu_ms = 0;
  guint64 resident_kib = 0;

  for (guint i = 0; i < processes->len; i++) {
    const LoomClientProcess *process = g_ptr_array_index (processes, i);

    cpu_ms += process->cpu_ms;
    resident_kib += process->resident_kib;
  }
  /* A process that ended takes its time with it: that interval says nothing. */
  if (self->cpu_time_us > 0 && cpu_ms >= self->cpu_ms && now_us > self->cpu_time_us)
    self->cpu_percent = (cpu_ms - self->cpu_ms) * 100000.0 / (now_us - self->cpu_time_us);
  self->cpu_ms = cpu_ms;
  self->cpu_time_us = now_us;
  self->memory_kib = (gint64) resident_kib;
  if (ABS (self->cpu_percent - before_percent) < CPU_STEP_PERCENT
      && ABS (self->memory_kib - before_kib) < MEMORY_STEP_KIB && minute == self->minute
      && minute > 0) {
    self->cpu_percent = before_percent;
    self->memory_kib = before_kib;
    return FALSE;
  }
  self->minute = minute;
  return TRUE;
}

static void
on_processes_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomMeters) self = user_data;
  g_autoptr (GPtrArray)
      processes = loom_client_processes_finish (LOOM_CLIENT (source), result, NULL);

  self->cost_busy = FALSE;
  if (processes == NULL || (gpointer) self->client != (gpointer) source)
    return;
  if (keep_cost (self, processes, g_get_monotonic_time ()))
    g_signal_emit (self, signals[COST_CHANGED], 0);
}

static gboolean
on_cost_due (gpointer user_data)
{
  LoomMeters *self = user_data;

  if (!self->cost_busy && loom_client_get_state (self->client) == LOOM_CLIENT_ATTACHED) {
    self->cost_busy = TRUE;
    loom_client_processes_async (self->client, NULL, on_processes_ready, g_object_ref (self));
  }
  return G_SOURCE_CONTINUE;
}

static void
loom_meters_dispose (GObject *object)
{
  LoomMeters *self = LOOM_METERS (object);

  loom_meters_read (self, NULL);
  g_clear_object (&self->status);
  G_OBJECT_CLASS (loom_meters_parent_class)->dispose (object);
}

static void
loom_meters_class_init (LoomMetersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_meters_dispose;
  signals[COST_CHANGED] = g_signal_new ("cost-changed", LOOM_TYPE_METERS, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_meters_init (LoomMeters *self)
{
  loom_meters_begin (self, 0);
}

LoomMeters *
loom_meters_new (LoomStatus *status)
{
  LoomMeters *self = g_object_new (LOOM_TYPE_METERS, NULL);

  self->status = g_object_ref (status);
  return self;
}

void
loom_meters_read (LoomMeters *self, LoomClient *client)
{
  if (client == self->client)
    return;
  g_set_object (&self->client, client);
  g_clear_handle_id (&self->counters_source, g_source_remove);
  g_clear_handle_id (&self->cost_source, g_source_remove);
  if (client == NULL)
    return;
  self->last_traffic_us = g_get_monotonic_time ();
  set_interval (self, COUNTERS_MS);
  self->cost_source = g_timeout_add (COST_MS, on_cost_due, self);
  on_cost_due (self);
}

void
loom_meters_begin (LoomMeters *self, gint64 started_us)
{
  self->started_us = started_us;
  self->cpu_time_us = 0;
  self->cpu_percent = -1;
  self->memory_kib = -1;
}

double
loom_meters_get_cpu_percent (LoomMeters *self)
{
  return self->cpu_percent;
}

gint64
loom_meters_get_memory_kib (LoomMeters *self)
{
  return self->memory_kib;
}
