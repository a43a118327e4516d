/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What hangs, as a client sees it: what the engine tells, and the two processes that the engine
 * cannot tell of: itself, asked over D-Bus, and the keeper, which answers nobody, so that only
 * whether it was stopped can be seen. */

#include "backend/engine/client-private.h"
#include "backend/engine/host-pid.h"
#include "backend/engine/runtime.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <unistd.h>

static void
take_engine_hangs (LoomClient *self, GHashTable *hangs)
{
  GVariant *told = self->proxy != NULL ? loom_dbus_engine_get_hangs (self->proxy) : NULL;
  GVariantIter iter;
  const char *item, *sentence;

  if (told == NULL)
    return;
  g_variant_iter_init (&iter, told);
  while (g_variant_iter_next (&iter, "{&s&s}", &item, &sentence))
    g_hash_table_insert (hangs, g_strdup (item), g_strdup (sentence));
}

static void
take_own_hangs (LoomClient *self, GHashTable *hangs)
{
  if (self->engine_pulse.is_late)
    g_hash_table_insert (
        hangs, g_strdup (LOOM_CLIENT_HANG_ENGINE),
        g_strdup_printf (_ ("The engine of the lab has not answered for %d s. Machines and cables "
                            "carry on, and changes wait. It goes on by itself when it answers; "
                            "Repair brings it back."),
                         LOOM_PULSE_PATIENCE_S));
  if (self->keeper_pulse.is_late)
    g_hash_table_insert (
        hangs, g_strdup (LOOM_CLIENT_HANG_KEEPER),
        g_strdup (_ ("The keeper of the lab, which removes what the lab leaves, was stopped. The "
                     "lab carries on. Repair brings the keeper back.")));
}

static gboolean
are_equal (GHashTable *one, GHashTable *other)
{
  GHashTableIter iter;
  gpointer item, sentence;

  if (g_hash_table_size (one) != g_hash_table_size (other))
    return FALSE;
  g_hash_table_iter_init (&iter, one);
  while (g_hash_table_iter_next (&iter, &item, &sentence))
    if (g_strcmp0 (g_hash_table_lookup (other, item), sentence) != 0)
      return FALSE;
  return TRUE;
}

void
loom_client_update_hangs (LoomClient *self)
{
  g_autoptr (GHashTable) hangs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  take_engine_hangs (self, hangs);
  take_own_hangs (self, hangs);
  if (are_equal (hangs, self->hangs))
    return;
  g_hash_table_unref (self->hangs);
  self->hangs = g_steal_pointer (&hangs);
  g_signal_emit_by_name (self, "hangs-changed");
}

static void
on_pinged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomClient) self = user_data;
  g_autoptr (GVariant) answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, NULL);

  if (self->proxy != LOOM_DBUS_ENGINE (source))
    return; /* an engine before this one */
  if (answer == NULL)
    loom_pulse_drop (&self->engine_pulse);
  else if (loom_pulse_answer (&self->engine_pulse))
    loom_client_update_hangs (self);
}

/* A property, since those are answered by the engine's main loop. While there is no engine the
 * question is put to nobody, and no less late. */
static void
tick_engine (LoomClient *self, gint64 now_us)
{
  if (loom_pulse_tick (&self->engine_pulse, now_us) != LOOM_PULSE_ASK || self->proxy == NULL)
    return;
  g_dbus_proxy_call (G_DBUS_PROXY (self->proxy), "org.freedesktop.DBus.Properties.Get",
                     g_variant_new ("(ss)", "org.lanloom.Engine", "Version"),
                     G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, on_pinged, g_object_ref (self));
}

static void
on_processes_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomClient *self = LOOM_CLIENT (source);
  g_autoptr (GPtrArray) processes = loom_client_processes_finish (self, result, NULL);

  for (guint i = 0; processes != NULL && i < processes->len; i++) {
    const LoomClientProcess *process = g_ptr_array_index (processes, i);

    if (g_str_equal (process->role, "keeper"))
      self->keeper_host_pid = process->host_pid;
  }
}

static void
tick_keeper (LoomClient *self, gint64 now_us)
{
  if (loom_pulse_tick (&self->keeper_pulse, now_us) == LOOM_PULSE_ASK && self->keeper_host_pid == 0)
    loom_client_processes_async (self, NULL, on_processes_listed, NULL);
  if (self->keeper_host_pid == 0 || !loom_process_is_stopped ((pid_t) self->keeper_host_pid))
    loom_pulse_answer (&self->keeper_pulse);
}

static gboolean
on_tick (gpointer user_data)
{
  LoomClient *self = user_data;
  gint64 now_us = g_get_monotonic_time ();

  tick_engine (self, now_us);
  tick_keeper (self, now_us);
  loom_client_update_hangs (self);
  return G_SOURCE_CONTINUE;
}

void
loom_client_pulse_begin (LoomClient *self)
{
  loom_client_pulse_end (self);
  self->pulse_id = g_timeout_add (LOOM_PULSE_PERIOD_MS, on_tick, self);
}

void
loom_client_pulse_end (LoomClient *self)
{
  g_clear_handle_id (&self->pulse_id, g_source_remove);
  self->engine_pulse = (LoomPulse){0};
  self->keeper_pulse = (LoomPulse){0};
  self->keeper_host_pid = 0;
  loom_client_update_hangs (self);
}

/* Who would have started the next engine was stopped itself. */
static void
wake_init (LoomClient *self)
{
  guint32 keeper = loom_runtime_find_keeper (self->runtime_dir);
  int init = loom_host_pid_open (loom_host_pid_first_child (keeper));

  loom_host_pid_signal (init, SIGCONT);
  if (init >= 0)
    close (init);
}

gboolean
loom_client_wake (LoomClient *self)
{
  /* Ours by the lock of the lab's folder, which it holds as long as it lives. */
  if (self->keeper_pulse.is_late)
    kill ((pid_t) self->keeper_host_pid, SIGCONT);
  if (self->engine_pulse.is_late && self->state == LOOM_CLIENT_RECONNECTING) {
    wake_init (self);
    return FALSE;
  }
  if (!self->engine_pulse.is_late || self->engine_host_pid == 0)
    return TRUE;
  /* The connection stands: the engine has not ended, and the number is its own. PID 1 of the lab
   * starts it again. */
  kill ((pid_t) self->engine_host_pid,
        loom_process_is_stopped ((pid_t) self->engine_host_pid) ? SIGCONT : SIGKILL);
  return FALSE;
}

GHashTable *
loom_client_get_hangs (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->hangs;
}
