/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Holding, capturing and watching over D-Bus: arguments are checked and packed here, and the wire's
 * answers unpacked. */

#include "backend/engine/service-wire.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "backend/engine/error.h"
#include "backend/proto/json.h"

#define MAX_FILTER_BYTES 4096
#define MAX_PATH_BYTES 4096
#define MAX_ID_BYTES 64
#define MAX_ENDS 64
#define MAX_SECONDS 1e9 /* that the wire takes */
#define MAX_IDS 4096
#define MAX_WATCHED 256
#define MAX_PER_SECOND 1000
#define MAX_HELD 2048
#define MAX_HEAD_BYTES 96

static gboolean
refuse (GDBusMethodInvocation *invocation, const char *text)
{
  g_dbus_method_invocation_return_error_literal (invocation, LOOM_ENGINE_ERROR,
                                                 LOOM_ENGINE_ERROR_INVALID, text);
  return TRUE;
}

/* Sentences of the wire's are errors of the engine to a client. */
static void
return_error (GDBusMethodInvocation *invocation, const GError *error)
{
  if (error->domain == LOOM_ENGINE_ERROR)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    g_dbus_method_invocation_return_error_literal (invocation, LOOM_ENGINE_ERROR,
                                                   LOOM_ENGINE_ERROR_FAILED, error->message);
}

/* For methods that answer nothing. */
static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = loom_engine_tap_finish (LOOM_ENGINE (source), result, &error);

  if (answer != NULL)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    return_error (invocation, error);
}

static gboolean
on_handle_hold (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *link,
                const char *from, gboolean on, const char *filter, gpointer user_data)
{
  if (strlen (filter) > MAX_FILTER_BYTES)
    return refuse (invocation, _ ("The filter is too long."));
  loom_engine_hold_async (user_data, link, from, on, filter, on_done, invocation);
  return TRUE;
}

/* A call of GetHeld. */
typedef struct {
  GDBusMethodInvocation *invocation;
  char *link;
} HeldCall;

static void
add_head (GVariantBuilder *builder, const char *hex)
{
  gsize length = hex != NULL ? strlen (hex) / 2 : 0;

  g_variant_builder_open (builder, G_VARIANT_TYPE ("ay"));
  for (gsize i = 0; i < MIN (length, MAX_HEAD_BYTES); i++) {
    int high = g_ascii_xdigit_value (hex[2 * i]);
    int low = g_ascii_xdigit_value (hex[2 * i + 1]);
    if (high < 0 || low < 0)
      break;
    g_variant_builder_add (builder, "y", (guint8) (high << 4 | low));
  }
  g_variant_builder_close (builder);
}

static void
add_held (GVariantBuilder *builder, LoomEngine *engine, const char *link, JsonObject *frame)
{
  gint64 id, time_us, length;

  if (!loom_json_get_int (frame, "id", &id) || !loom_json_get_int (frame, "time_us", &time_us)
      || !loom_json_get_int (frame, "length", &length))
    return;
  g_autofree char *end = loom_engine_dup_direction_end (engine, link,
                                                        loom_json_get_string (frame, "direction"));
  g_variant_builder_open (builder, G_VARIANT_TYPE ("(tsxuay)"));
  g_variant_builder_add (builder, "t", (guint64) id);
  g_variant_builder_add (builder, "s", end != NULL ? end : "");
  g_variant_builder_add (builder, "x", time_us);
  g_variant_builder_add (builder, "u", (guint32) CLAMP (length, 0, 65535));
  add_head (builder, loom_json_get_string (frame, "bytes_hex"));
  g_variant_builder_close (builder);
}

static void
on_held_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree HeldCall *call = user_data;
  g_autofree char *link = call->link;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = loom_engine_tap_finish (LOOM_ENGINE (source), result, &error);
  GVariantBuilder builder;

  if (answer == NULL) {
    return_error (call->invocation, error);
    return;
  }
  JsonArray *frames = loom_json_node_array (answer);
  if (frames == NULL)
    frames = loom_json_get_array (loom_json_node_object (answer), "frames");
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(tsxuay)"));
  for (guint i = 0; frames != NULL && i < MIN (json_array_get_length (frames), MAX_HELD); i++)
    add_held (&builder, LOOM_ENGINE (source), link,
              loom_json_node_object (json_array_get_element (frames, i)));
  g_dbus_method_invocation_return_value (call->invocation, g_variant_new ("(a(tsxuay))", &builder));
}

static gboolean
on_handle_get_held (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *link,
                    gpointer user_data)
{
  HeldCall *call = g_new0 (HeldCall, 1);

  call->invocation = invocation;
  call->link = g_strdup (link);
  loom_engine_get_held_async (user_data, link, on_held_read, call);
  return TRUE;
}

static gboolean
on_handle_act (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *link,
               GVariant *ids, const char *action, double delay_ms, gpointer user_data)
{
  static const char *const actions[] = {"release", "drop", "duplicate", "corrupt", "delay", NULL};
  gsize n_ids;
  const guint64 *numbers = g_variant_get_fixed_array (ids, &n_ids, sizeof *numbers);

  if (!g_strv_contains (actions, action) || n_ids > MAX_IDS
      || !(delay_ms >= 0 && delay_ms <= 60000))
    return refuse (invocation, _ ("A frame that is held can be released, dropped, duplicated, "
                                  "corrupted, or delayed by up to 60 s."));
  loom_engine_act_async (user_data, link, numbers, n_ids, action, delay_ms, on_done, invocation);
  return TRUE;
}

/* Puts the options that there are into @params, under the wire's names. */
static void
add_options (JsonObject *params, GVariant *options)
{
  static const struct {
    const char *option;
    const char *member;
    const char *type;
  } known[] = {
      {"snaplen", "snaplen", "u"},
      {"max-bytes", "max_bytes", "t"},
      {"ring-files", "ring_files", "u"},
      {"seconds", "seconds", "d"},
  };
  const char *filter;
  gboolean recent;

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++) {
    g_autoptr (GVariant)
        value = g_variant_lookup_value (options, known[i].option, G_VARIANT_TYPE (known[i].type));
    if (value == NULL)
      continue;
    if (known[i].type[0] == 'd')
      json_object_set_double_member (params, known[i].member, g_variant_get_double (value));
    else
      json_object_set_int_member (params, known[i].member,
                                  known[i].type[0] == 'u'
                                      ? (gint64) g_variant_get_uint32 (value)
                                      : (gint64) (g_variant_get_uint64 (value) & G_MAXINT64));
  }
  if (g_variant_lookup (options, "filter", "&s", &filter))
    json_object_set_string_member (params, "filter", filter);
  if (g_variant_lookup (options, "recent", "b", &recent) && recent)
    json_object_set_string_member (params, "mode", "recent");
}

static gboolean
is_id (const char *id)
{
  gsize length = strlen (id);

  return length > 0 && length <= MAX_ID_BYTES
         && strspn (id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
                == length;
}

static void
on_capturing (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  int fd = loom_engine_capture_finish (LOOM_ENGINE (source), result, &error);

  if (fd < 0) {
    return_error (invocation, error);
    return;
  }
  fds = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           fds);
}

static gboolean
on_handle_start_capture (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation,
                         GUnixFDList *fds, const char *id, const char *const *ends,
                         const char *path, GVariant *options, gpointer user_data)
{
  const char *filter = NULL;
  double seconds;
  JsonObject *params;

  if (!is_id (id) || g_strv_length ((char **) ends) > MAX_ENDS || strlen (path) > MAX_PATH_BYTES
      || (path[0] != '\0' && !g_path_is_absolute (path)))
    return refuse (invocation, _ ("A capture needs a plain name, at most 64 ports and an absolute "
                                  "path."));
  if (g_variant_lookup (options, "filter", "&s", &filter) && strlen (filter) > MAX_FILTER_BYTES)
    return refuse (invocation, _ ("The filter is too long."));
  /* Neither infinite nor no number: JSON has no words for them. */
  if (g_variant_lookup (options, "seconds", "d", &seconds)
      && !(seconds >= 0 && seconds <= MAX_SECONDS))
    return refuse (invocation, _ ("A capture takes 0 to 1000000000 seconds."));
  params = json_object_new ();
  if (path[0] != '\0')
    json_object_set_string_member (params, "path", path);
  add_options (params, options);
  loom_engine_capture_async (user_data, id, ends, params, on_capturing, invocation);
  return TRUE;
}

static void
on_capture_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = loom_engine_tap_finish (LOOM_ENGINE (source), result, &error);
  JsonObject *object = loom_json_node_object (answer);
  gint64 frames = 0, dropped = 0, bytes = 0;

  if (answer == NULL) {
    return_error (invocation, error);
    return;
  }
  loom_json_get_int (object, "frames", &frames);
  loom_json_get_int (object, "dropped", &dropped);
  loom_json_get_int (object, "bytes", &bytes);
  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(ttt)", (guint64) frames, (guint64) dropped, (guint64) bytes));
}

static gboolean
on_handle_stop_capture (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *id,
                        gpointer user_data)
{
  loom_engine_stop_capture_async (user_data, id, on_capture_stopped, invocation);
  return TRUE;
}

static gboolean
on_handle_save_capture (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *id,
                        const char *path, gpointer user_data)
{
  if (!g_path_is_absolute (path) || strlen (path) > MAX_PATH_BYTES)
    return refuse (invocation, _ ("A capture needs a plain name, at most 64 ports and an absolute "
                                  "path."));
  loom_engine_save_capture_async (user_data, id, path, on_done, invocation);
  return TRUE;
}

static void
on_watching (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) cables = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  int fd = loom_engine_watch_finish (LOOM_ENGINE (source), result, &cables, &error);

  if (fd < 0) {
    return_error (invocation, error);
    return;
  }
  fds = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (
      invocation, g_variant_new ("(@a(tb)h)", cables, 0), fds);
}

static gboolean
on_handle_watch (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, GUnixFDList *fds,
                 const char *const *links, guint per_second, gpointer user_data)
{
  guint n = g_strv_length ((char **) links);

  if (n == 0 || n > MAX_WATCHED || per_second == 0 || per_second > MAX_PER_SECOND)
    return refuse (invocation, _ ("Up to 256 cables can be watched at a time, and 1 to 1000 frames "
                                  "a second of each."));
  loom_engine_watch_async (user_data, links, per_second, on_watching, invocation);
  return TRUE;
}

static void
on_held_changed (LoomEngine *engine, const char *link, guint n, gpointer user_data)
{
  loom_dbus_engine_emit_held_changed (user_data, link, n);
}

void
loom_service_connect_wire (LoomDBusEngine *skeleton, LoomEngine *engine)
{
  static const struct {
    const char *signal;
    GCallback callback;
  } methods[] = {
      {"handle-hold", G_CALLBACK (on_handle_hold)},
      {"handle-get-held", G_CALLBACK (on_handle_get_held)},
      {"handle-act", G_CALLBACK (on_handle_act)},
      {"handle-start-capture", G_CALLBACK (on_handle_start_capture)},
      {"handle-stop-capture", G_CALLBACK (on_handle_stop_capture)},
      {"handle-save-capture", G_CALLBACK (on_handle_save_capture)},
      {"handle-watch", G_CALLBACK (on_handle_watch)},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    g_signal_connect_object (skeleton, methods[i].signal, methods[i].callback, engine, 0);
  g_signal_connect_object (engine, "held-changed", G_CALLBACK (on_held_changed), skeleton, 0);
}
