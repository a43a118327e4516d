/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The orders of an attached client to the engine: an edit, repair, a machine's power. Each packs
 * arguments, calls the engine, and unpacks the answer. */

#include "backend/engine/client-fit.h"
#include "backend/engine/client-private.h"

#include <glib/gi18n-lib.h>

gboolean
loom_client_check_attached (LoomClient *self, GTask *task)
{
  if (self->proxy != NULL
      && (self->state == LOOM_CLIENT_ATTACHED || self->state == LOOM_CLIENT_STOPPING))
    return TRUE;
  g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING,
                           _ ("The lab of “%s” is not running. Start it first."), self->file);
  return FALSE;
}

GTask *
loom_client_task_new (LoomClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  return loom_client_check_attached (self, task) ? g_steal_pointer (&task) : NULL;
}

void
loom_client_return_error (GTask *task, GError *error)
{
  g_task_return_error (task, loom_client_translate_error (g_task_get_source_object (task), error));
}

/* --- apply ------------------------------------------------------------------------------------*/

static GVariant *
renames_to_variant (GHashTable *renames)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer old;
  gpointer new;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  if (renames != NULL) {
    g_hash_table_iter_init (&iter, renames);
    while (g_hash_table_iter_next (&iter, &old, &new))
      g_variant_builder_add (&builder, "{ss}", (const char *) old, (const char *) new);
  }
  return g_variant_builder_end (&builder);
}

/* One edit on its way to the engine. */
typedef struct {
  LoomClientFit *fit; /* NULL: not checked */
  char *document;
  GVariant *renames;
  guint64 base;
} Applying;

static void
applying_free (gpointer data)
{
  Applying *applying = data;

  g_clear_pointer (&applying->fit, loom_client_fit_free);
  g_free (applying->document);
  g_variant_unref (applying->renames);
  g_free (applying);
}

/* Consumes @task. @generation: 0 with @error (transfer full) */
static void
end_apply (GTask *task, guint64 generation, GError *error)
{
  const Applying *applying = g_task_get_task_data (task);

  loom_client_release_documents (g_task_get_source_object (task), applying->document, generation);
  if (error != NULL)
    loom_client_return_error (task, error);
  else
    g_task_return_pointer (task, g_memdup2 (&generation, sizeof generation), g_free);
  g_object_unref (task);
}

static void
on_apply_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  LoomClient *self = g_task_get_source_object (task);
  guint64 generation = 0;
  GError *error = NULL;

  loom_dbus_engine_call_apply_finish (LOOM_DBUS_ENGINE (source), &generation, result, &error);
  if (!loom_client_was_lost (error)
      || (self->state != LOOM_CLIENT_ATTACHED && self->state != LOOM_CLIENT_RECONNECTING)) {
    end_apply (task, generation, error);
    return;
  }
  g_error_free (error);
  g_queue_push_tail (&self->unanswered, task);
  if (self->proxy != NULL && self->proxy != LOOM_DBUS_ENGINE (source))
    loom_client_resume_applies (self); /* the next engine was faster than this error */
}

/* Without an end of patience: an engine that hangs is told of by client-pulse.c, and may take the
 * edit when it goes on. Consumes @task. */
static void
send_apply (GTask *task)
{
  LoomClient *self = g_task_get_source_object (task);
  const Applying *applying = g_task_get_task_data (task);

  g_dbus_proxy_call (
      G_DBUS_PROXY (self->proxy), "Apply",
      g_variant_new ("(st@a{ss})", applying->document, applying->base, applying->renames),
      G_DBUS_CALL_FLAGS_NONE, G_MAXINT, g_task_get_cancellable (task), on_apply_ready, task);
}

void
loom_client_resume_applies (LoomClient *self)
{
  GQueue unanswered = self->unanswered;
  GTask *task;

  g_queue_init (&self->unanswered);
  while ((task = g_queue_pop_head (&unanswered)) != NULL) {
    const Applying *applying = g_task_get_task_data (task);
    guint64 generation = loom_dbus_engine_get_generation (self->proxy);

    if (generation > applying->base
        && g_strcmp0 (loom_dbus_engine_get_document (self->proxy), applying->document) == 0)
      end_apply (task, generation, NULL); /* it was taken, and the answer was lost */
    else
      send_apply (task);
  }
}

void
loom_client_fail_applies (LoomClient *self)
{
  GTask *task;

  while ((task = g_queue_pop_head (&self->unanswered)) != NULL)
    end_apply (task, 0, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "closed"));
}

static void
call_apply (GTask *task)
{
  LoomClient *self = g_task_get_source_object (task);

  if (!loom_client_check_attached (self, task)) {
    g_object_unref (task);
    return;
  }
  loom_client_hold_documents (self);
  send_apply (task);
}

static void
on_fit_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error)) {
    call_apply (task);
  } else {
    g_task_return_error (task, error);
    g_object_unref (task);
  }
}

static void
check_fit (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (loom_client_fit_check (task_data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
loom_client_apply_async (LoomClient *self, const char *document, guint64 base, GHashTable *renames,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GTask) check = NULL;
  Applying *applying;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = loom_client_task_new (self, cancellable, callback, user_data);
  if (task == NULL)
    return;
  applying = g_new0 (Applying, 1);
  applying->document = g_strdup (document);
  applying->renames = g_variant_ref_sink (renames_to_variant (renames));
  applying->base = base;
  g_task_set_task_data (task, applying, applying_free);
  if (self->force) {
    call_apply (g_steal_pointer (&task));
    return;
  }
  /* Holds the data alive as long as the thread looks at it. */
  applying->fit = loom_client_fit_new (document);
  applying->fit->running = g_strdup (self->document);
  applying->fit->off = loom_client_dup_off (self);
  check = g_task_new (self, NULL, on_fit_checked, g_steal_pointer (&task));
  g_task_set_task_data (check, applying->fit, NULL);
  g_task_run_in_thread (check, check_fit);
}

gboolean
loom_client_apply_finish (LoomClient *self, GAsyncResult *result, guint64 *ret_generation,
                          GError **error)
{
  g_autofree guint64 *generation = g_task_propagate_pointer (G_TASK (result), error);

  if (generation == NULL)
    return FALSE;
  if (ret_generation != NULL)
    *ret_generation = *generation;
  return TRUE;
}

/* --- repair and power -------------------------------------------------------------------------*/

static void
on_plain_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) answer = NULL;
  GError *error = NULL;

  answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  if (answer == NULL)
    loom_client_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
call_plain (LoomClient *self, const char *method, GVariant *arguments, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (arguments);
  g_autoptr (GTask) task = loom_client_task_new (self, cancellable, callback, user_data);

  if (task == NULL)
    return;
  g_dbus_proxy_call (G_DBUS_PROXY (self->proxy), method, sunk, G_DBUS_CALL_FLAGS_NONE, -1,
                     cancellable, on_plain_ready, g_steal_pointer (&task));
}

void
loom_client_repair_async (LoomClient *self, const char *const *nodes, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  static const char *const none[] = {NULL};

  g_return_if_fail (LOOM_IS_CLIENT (self));
  if (!loom_client_wake (self)) {
    g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

    g_task_return_boolean (task, TRUE);
    return;
  }
  call_plain (self, "Repair", g_variant_new ("(^as)", nodes != NULL ? nodes : none), cancellable,
              callback, user_data);
}

gboolean
loom_client_repair_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* An order to switch on, once it is known to fit. */
typedef struct {
  LoomClientFit *fit;
  char *node;
} PoweringOn;

static void
powering_on_free (gpointer data)
{
  PoweringOn *powering = data;

  loom_client_fit_free (powering->fit);
  g_free (powering->node);
  g_free (powering);
}

static void
on_power_fit_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomClient *self = LOOM_CLIENT (source);
  const PoweringOn *powering = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error)) {
    g_task_return_error (task, error);
    return;
  }
  if (loom_client_check_attached (self, task))
    g_dbus_proxy_call (G_DBUS_PROXY (self->proxy), "Power",
                       g_variant_new ("(ss)", powering->node, "start"), G_DBUS_CALL_FLAGS_NONE, -1,
                       g_task_get_cancellable (task), on_plain_ready, g_object_ref (task));
}

static void
power_on_if_it_fits (LoomClient *self, GTask *task, const char *node)
{
  g_autoptr (GTask) check = NULL;
  PoweringOn *powering = g_new0 (PoweringOn, 1);

  powering->fit = loom_client_fit_new (self->document);
  powering->fit->running = g_strdup (self->document);
  powering->fit->off = loom_client_dup_off (self);
  powering->fit->power_on = g_strdup (node);
  powering->node = g_strdup (node);
  g_task_set_task_data (task, powering, powering_on_free);
  check = g_task_new (self, NULL, on_power_fit_checked, g_object_ref (task));
  g_task_set_task_data (check, powering->fit, NULL);
  g_task_run_in_thread (check, check_fit);
}

void
loom_client_power_async (LoomClient *self, const char *node, const char *action,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  if (self->force || !g_str_equal (action, "start")) {
    call_plain (self, "Power", g_variant_new ("(ss)", node, action), cancellable, callback,
                user_data);
    return;
  }
  task = loom_client_task_new (self, cancellable, callback, user_data);
  if (task != NULL)
    power_on_if_it_fits (self, task, node);
}

gboolean
loom_client_power_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
