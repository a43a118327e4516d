/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The D-Bus face of the engine. One skeleton is exported on every connection, so that signals reach
 * all clients. Who may connect: the socket's folder is 0700, and the kernel says who the peer is.
 */

#include "backend/engine/service.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "backend/engine/engine-dbus.h"
#include "backend/engine/error.h"
#include "backend/engine/gate.h"
#include "backend/engine/peer.h"
#include "backend/engine/service-exec.h"
#include "backend/engine/service-wire.h"
#include "lanloom-config.h"

#define MAX_CLIENTS 64

struct _LoomService {
  GObject parent;
  LoomEngine *engine;
  LoomGate *gate;
  LoomDBusEngine *skeleton;
  GHashTable *clients; /* GDBusConnection → LoomPeer */
};

G_DEFINE_FINAL_TYPE (LoomService, loom_service, G_TYPE_OBJECT)

enum {
  SIGNAL_STOP_REQUESTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* (transfer full): of a{ss}. */
static GHashTable *
read_renames (GVariant *variant)
{
  GHashTable *renames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GVariantIter iter;
  const char *old_name, *new_name;

  g_variant_iter_init (&iter, variant);
  while (g_variant_iter_next (&iter, "{&s&s}", &old_name, &new_name))
    g_hash_table_insert (renames, g_strdup (old_name), g_strdup (new_name));
  return renames;
}

/* --- methods --------------------------------------------------------------------------------- */

static gboolean
on_handle_apply (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *document,
                 guint64 base, GVariant *renames_variant, gpointer user_data)
{
  LoomService *self = user_data;
  g_autoptr (GHashTable) renames = read_renames (renames_variant);
  g_autoptr (GError) error = NULL;
  guint64 generation;

  if (loom_engine_apply (self->engine, document, base, renames, &generation, &error))
    loom_dbus_engine_complete_apply (skeleton, invocation, generation);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
  return TRUE;
}

static gboolean
on_handle_start_only (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation,
                      const char *const *names, gpointer user_data)
{
  LoomService *self = user_data;

  loom_engine_start_only (self->engine, names);
  loom_dbus_engine_complete_start_only (skeleton, invocation);
  return TRUE;
}

static gboolean
on_handle_plan (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *document,
                GVariant *renames_variant, gpointer user_data)
{
  LoomService *self = user_data;
  g_autoptr (GHashTable) renames = read_renames (renames_variant);
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomPlan) plan = loom_engine_plan (self->engine, document, renames, &error);
  GVariantBuilder builder;

  if (plan == NULL) {
    g_dbus_method_invocation_return_gerror (invocation, error);
    return TRUE;
  }
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; i < plan->steps->len; i++) {
    const LoomStep *step = g_ptr_array_index (plan->steps, i);
    g_variant_builder_add (&builder, "(sss)", loom_step_action_to_id (step->action), step->item,
                           step->sentence);
  }
  loom_dbus_engine_complete_plan (skeleton, invocation, g_variant_builder_end (&builder));
  return TRUE;
}

static void
on_repaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;

  if (loom_engine_repair_finish (LOOM_ENGINE (source), result, &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
}

static gboolean
on_handle_repair (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation,
                  const char *const *nodes, gpointer user_data)
{
  LoomService *self = user_data;

  loom_engine_repair_async (self->engine, nodes, on_repaired, invocation);
  return TRUE;
}

static gboolean
on_handle_power (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *node,
                 const char *action, gpointer user_data)
{
  LoomService *self = user_data;
  g_autoptr (GError) error = NULL;

  if (loom_engine_power (self->engine, node, action, &error))
    loom_dbus_engine_complete_power (skeleton, invocation);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
  return TRUE;
}

static gboolean
on_handle_get_nodes (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation,
                     gpointer user_data)
{
  LoomService *self = user_data;

  loom_dbus_engine_complete_get_nodes (skeleton, invocation, loom_engine_list_nodes (self->engine));
  return TRUE;
}

static gboolean
on_handle_get_processes (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation,
                         gpointer user_data)
{
  LoomService *self = user_data;

  loom_dbus_engine_complete_get_processes (skeleton, invocation,
                                           loom_engine_list_processes (self->engine));
  return TRUE;
}

static void
on_counters_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;

  g_dbus_method_invocation_return_value (
      invocation, loom_engine_counters_finish (LOOM_ENGINE (source), result));
}

static gboolean
on_handle_get_counters (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation,
                        gpointer user_data)
{
  LoomService *self = user_data;

  loom_engine_counters_async (self->engine, on_counters_read, invocation);
  return TRUE;
}

static gboolean
on_handle_get_console (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation,
                       const char *node, const char *type, gpointer user_data)
{
  LoomService *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = loom_engine_dup_console (self->engine, node, type, &error);

  if (path != NULL)
    loom_dbus_engine_complete_get_console (skeleton, invocation, path);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
  return TRUE;
}

static void
on_reply_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomService) self = user_data;

  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_signal_emit (self, signals[SIGNAL_STOP_REQUESTED], 0);
}

static gboolean
on_handle_stop (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  LoomService *self = user_data;
  g_autoptr (GDBusConnection)
      connection = g_object_ref (g_dbus_method_invocation_get_connection (invocation));

  loom_engine_begin_stop (self->engine);
  loom_dbus_engine_complete_stop (skeleton, invocation);
  g_dbus_connection_flush (connection, NULL, on_reply_flushed, g_object_ref (self));
  return TRUE;
}

/* --- what the engine says -------------------------------------------------------------------- */

static void
update_properties (LoomService *self)
{
  LoomDBusEngine *skeleton = self->skeleton;

  loom_dbus_engine_set_document (skeleton, loom_engine_get_document (self->engine));
  loom_dbus_engine_set_generation (skeleton, loom_engine_get_generation (self->engine));
  loom_dbus_engine_set_state (skeleton,
                              loom_lab_state_to_id (loom_engine_get_state (self->engine)));
  loom_dbus_engine_set_accelerator (skeleton,
                                    loom_accel_to_id (loom_engine_get_accel (self->engine)));
  loom_dbus_engine_set_file (skeleton, loom_engine_get_file (self->engine));
  loom_dbus_engine_set_version (skeleton, LOOM_VERSION);
  loom_dbus_engine_set_started_unix_us (skeleton, loom_engine_get_started_unix_us (self->engine));
}

/* Every client is to be sent a signal of about that size. */
static void
owe_all (LoomService *self, gsize size_bytes)
{
  GHashTableIter iter;
  gpointer peer;

  g_hash_table_iter_init (&iter, self->clients);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    loom_peer_owe (peer, size_bytes);
}

/* One that is small, or that another handler sends. */
static void
owe_signal (LoomService *self)
{
  owe_all (self, 0);
}

static void
on_node_changed (LoomEngine *engine, const char *name, const char *state, const char *detail,
                 double progress, gpointer user_data)
{
  owe_all (user_data, strlen (detail));
  loom_dbus_engine_emit_node_changed (LOOM_SERVICE (user_data)->skeleton, name, state, detail,
                                      progress);
}

static void
on_node_gone (LoomEngine *engine, const char *name, gpointer user_data)
{
  loom_dbus_engine_emit_node_gone (LOOM_SERVICE (user_data)->skeleton, name);
}

static void
on_document_changed (LoomEngine *engine, GVariant *renames, gpointer user_data)
{
  LoomService *self = user_data;

  update_properties (self);
  /* In the signal, and among the changed properties. */
  owe_all (self, 2 * strlen (loom_engine_get_document (engine)));
  loom_dbus_engine_emit_document_changed (self->skeleton, loom_engine_get_document (engine),
                                          loom_engine_get_generation (engine), renames);
}

static void
on_state_changed (LoomEngine *engine, gpointer user_data)
{
  update_properties (user_data);
}

static void
on_hangs_changed (LoomEngine *engine, gpointer user_data)
{
  loom_dbus_engine_set_hangs (LOOM_SERVICE (user_data)->skeleton, loom_engine_get_hangs (engine));
}

static void
on_message (LoomEngine *engine, const char *severity, const char *text, gpointer user_data)
{
  loom_dbus_engine_emit_message (LOOM_SERVICE (user_data)->skeleton, severity, text);
}

/* --- connections ----------------------------------------------------------------------------- */

static void
on_connection_closed (GDBusConnection *connection, gboolean remote_peer_vanished, GError *error,
                      gpointer user_data)
{
  LoomService *self = user_data;
  g_dbus_interface_skeleton_unexport_from_connection (G_DBUS_INTERFACE_SKELETON (self->skeleton),
                                                      connection);
  g_hash_table_remove (self->clients, connection);
}

static gboolean
on_new_connection (GDBusConnection *connection, gpointer user_data)
{
  LoomService *self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_hash_table_size (self->clients) >= MAX_CLIENTS) {
    g_warning ("a client was turned away: there are %d", MAX_CLIENTS);
    return FALSE;
  }
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), connection,
                                         LOOM_SERVICE_OBJECT_PATH, &error)) {
    g_warning ("a client cannot be served: %s", error->message);
    return FALSE;
  }
  g_signal_connect_object (connection, "closed", G_CALLBACK (on_connection_closed), self, 0);
  g_hash_table_insert (self->clients, g_object_ref (connection), loom_peer_new (connection));
  return TRUE;
}

static void
loom_service_dispose (GObject *object)
{
  LoomService *self = LOOM_SERVICE (object);

  g_clear_pointer (&self->gate, loom_gate_free);
  g_clear_object (&self->skeleton);
  g_hash_table_remove_all (self->clients);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (loom_service_parent_class)->dispose (object);
}

static void
loom_service_finalize (GObject *object)
{
  LoomService *self = LOOM_SERVICE (object);

  g_hash_table_unref (self->clients);
  G_OBJECT_CLASS (loom_service_parent_class)->finalize (object);
}

static void
loom_service_class_init (LoomServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_service_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_service_finalize;
  signals[SIGNAL_STOP_REQUESTED] = g_signal_new (
      "stop-requested", LOOM_TYPE_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_service_init (LoomService *self)
{
  self->clients = g_hash_table_new_full (NULL, NULL, g_object_unref,
                                         (GDestroyNotify) loom_peer_close);
  self->skeleton = loom_dbus_engine_skeleton_new ();
}

static void
connect_methods (LoomService *self)
{
  static const struct {
    const char *signal;
    GCallback callback;
  } methods[] = {
      {"handle-apply", G_CALLBACK (on_handle_apply)},
      {"handle-plan", G_CALLBACK (on_handle_plan)},
      {"handle-start-only", G_CALLBACK (on_handle_start_only)},
      {"handle-repair", G_CALLBACK (on_handle_repair)},
      {"handle-power", G_CALLBACK (on_handle_power)},
      {"handle-stop", G_CALLBACK (on_handle_stop)},
      {"handle-get-nodes", G_CALLBACK (on_handle_get_nodes)},
      {"handle-get-processes", G_CALLBACK (on_handle_get_processes)},
      {"handle-get-counters", G_CALLBACK (on_handle_get_counters)},
      {"handle-get-console", G_CALLBACK (on_handle_get_console)},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    g_signal_connect (self->skeleton, methods[i].signal, methods[i].callback, self);
}

static void
owe_small_signals (LoomService *self)
{
  static const char *const signals_of_engine[] = {"node-gone", "state-changed", "message",
                                                  "hangs-changed", "held-changed"};

  for (gsize i = 0; i < G_N_ELEMENTS (signals_of_engine); i++)
    g_signal_connect_object (self->engine, signals_of_engine[i], G_CALLBACK (owe_signal), self,
                             G_CONNECT_SWAPPED);
}

LoomService *
loom_service_new (LoomEngine *engine, const char *socket_path, GError **error)
{
  g_autoptr (LoomService) self = g_object_new (LOOM_TYPE_SERVICE, NULL);

  g_unlink (socket_path);
  self->engine = g_object_ref (engine);
  self->gate = loom_gate_new (socket_path, on_new_connection, self, error);
  if (self->gate == NULL)
    return NULL;

  connect_methods (self);
  loom_service_connect_exec (self->skeleton, engine, self->clients);
  loom_service_connect_wire (self->skeleton, engine);
  owe_small_signals (self);
  g_signal_connect_object (engine, "node-changed", G_CALLBACK (on_node_changed), self, 0);
  g_signal_connect_object (engine, "node-gone", G_CALLBACK (on_node_gone), self, 0);
  g_signal_connect_object (engine, "document-changed", G_CALLBACK (on_document_changed), self, 0);
  g_signal_connect_object (engine, "state-changed", G_CALLBACK (on_state_changed), self, 0);
  g_signal_connect_object (engine, "message", G_CALLBACK (on_message), self, 0);
  g_signal_connect_object (engine, "hangs-changed", G_CALLBACK (on_hangs_changed), self, 0);
  loom_dbus_engine_set_hangs (self->skeleton, g_variant_new ("a{ss}", NULL));
  update_properties (self);
  return g_steal_pointer (&self);
}

guint
loom_service_get_n_clients (LoomService *self)
{
  return g_hash_table_size (self->clients);
}
