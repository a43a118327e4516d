/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Parts that hang: they live and do not answer. That is noticed here, told, and mended when
 * somebody asks for a repair; nothing is ended because of it by itself, since a part that was
 * stopped goes on where it was, and a busy computer is slow. Clients look after this process and
 * the keeper. */

#include "backend/engine/engine-private.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

static char *
dup_init_hang (LoomEngine *self)
{
  if (!self->init_pulse.is_late)
    return NULL;
  return g_strdup (
      _ ("lanloom-init, the first process of the lab, was stopped. The lab goes on; an "
         "engine that crashes is not started again until it goes on, too. Repair "
         "brings it back."));
}

static char *
dup_wire_hang (LoomEngine *self)
{
  if (!loom_wire_is_late (self->wire))
    return NULL;
  return g_strdup_printf (
      _ ("The wire has not answered for %d s: its cables carry frames as they come, without what "
         "they were asked for. It goes on by itself when it answers; Repair brings it back."),
      LOOM_PULSE_PATIENCE_S);
}

static char *
dup_folder_trouble (LoomEngine *self)
{
  if (self->generation > 0 && loom_engine_has_lost_folder (self))
    return g_strdup_printf (
        _ ("The lab's folder %s was deleted. Nothing can start or connect any more, and the lab "
           "ends when its last window closes. Save what matters inside the machines; then stop "
           "the lab and start it again."),
        self->runtime_folder);
  if (self->state_failure == NULL)
    return NULL;
  return g_strdup_printf (
      _ ("What was changed last cannot be kept in the lab's folder %s: %s. The lab goes on; "
         "should its engine end, it would go back to what was kept before. Make room there."),
      self->runtime_folder, self->state_failure);
}

/* @sentence: (transfer full) (nullable) */
static void
add_hang (GVariantDict *hangs, const char *item, char *sentence)
{
  if (sentence != NULL)
    g_variant_dict_insert (hangs, item, "s", sentence);
  g_free (sentence);
}

static void
add_machine_hangs (LoomEngine *self, GVariantDict *hangs)
{
  GHashTableIter iter;
  gpointer machine;

  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine)) {
    const char *name = loom_engine_get_machine_name (self, machine);

    if (name != NULL && loom_machine_is_late (machine))
      add_hang (hangs, name, g_strdup (loom_machine_get_detail (machine)));
  }
}

/* (transfer full): a{ss} of the a{sv} that GVariantDict makes. */
static GVariant *
to_strings (GVariant *dict)
{
  GVariantBuilder builder;
  GVariantIter iter;
  const char *item;
  GVariant *sentence;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_loop (&iter, "{&sv}", &item, &sentence))
    g_variant_builder_add (&builder, "{ss}", item, g_variant_get_string (sentence, NULL));
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* What is new is said, so that those who only listen hear of it. */
static void
say_news (LoomEngine *self, GVariant *before, GVariant *now)
{
  GVariantIter iter;
  const char *item, *sentence;

  g_variant_iter_init (&iter, now);
  while (g_variant_iter_next (&iter, "{&s&s}", &item, &sentence)) {
    if (before != NULL && g_variant_lookup (before, item, "&s", NULL))
      continue;
    g_message ("%s", sentence);
    g_signal_emit_by_name (self, "message", "warning", sentence);
  }
  if (before != NULL && g_variant_n_children (before) > 0 && g_variant_n_children (now) == 0)
    g_signal_emit_by_name (self, "message", "info", _ ("Every part of the lab answers again."));
}

void
loom_engine_report_hangs (LoomEngine *self)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) hangs = NULL;
  g_autoptr (GVariant) now = NULL;
  g_autoptr (GVariant) before = NULL;

  add_hang (&dict, LOOM_HANG_SWITCH, loom_panel_dup_hang (self->panel));
  add_hang (&dict, LOOM_HANG_WIRE, dup_wire_hang (self));
  add_hang (&dict, LOOM_HANG_INIT, dup_init_hang (self));
  add_hang (&dict, LOOM_HANG_FOLDER, dup_folder_trouble (self));
  add_machine_hangs (self, &dict);
  hangs = g_variant_ref_sink (g_variant_dict_end (&dict));
  now = to_strings (hangs);
  if (self->hangs != NULL && g_variant_equal (now, self->hangs))
    return;
  before = g_steal_pointer (&self->hangs);
  self->hangs = g_variant_ref (now);
  say_news (self, before, now);
  g_signal_emit_by_name (self, "hangs-changed");
}

/* PID 1 answers nobody: all that can be seen is whether it was stopped. */
static void
tick_init (LoomEngine *self, gint64 now_us)
{
  loom_pulse_tick (&self->init_pulse, now_us);
  if (!loom_process_is_stopped (1))
    loom_pulse_answer (&self->init_pulse);
}

void
loom_engine_tick (LoomEngine *self, gint64 now_us)
{
  GHashTableIter iter;
  gpointer machine;

  if (now_us - self->ticked_us < (LOOM_PULSE_PERIOD_MS - 100) * G_TIME_SPAN_MILLISECOND
      || self->state == LOOM_LAB_STOPPING)
    return;
  self->ticked_us = now_us;
  loom_panel_tick (self->panel, now_us);
  loom_wire_tick (self->wire, now_us);
  tick_init (self, now_us);
  if (self->state_failure != NULL)
    loom_engine_save_state (self);
  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine))
    loom_machine_tick (machine, now_us);
  loom_engine_report_hangs (self);
}

void
loom_engine_wake (LoomEngine *self, const char *const *nodes)
{
  loom_panel_wake (self->panel);
  loom_wire_wake (self->wire);
  if (self->init_pulse.is_late)
    kill (1, SIGCONT);
  for (const char *const *node = nodes; node != NULL && *node != NULL; node++) {
    const LoomInstance *instance = loom_record_get_by_name (self->record, *node);
    LoomMachine *machine = instance != NULL ? g_hash_table_lookup (self->machines, instance->key)
                                            : NULL;

    if (machine != NULL)
      loom_machine_wake (machine);
  }
  loom_engine_kick (self);
}

GVariant *
loom_engine_get_hangs (LoomEngine *self)
{
  return self->hangs;
}
