/* SPDX-License-Identifier: GPL-3.0-or-later */

/* capture, capture-save and capture-stop. The main thread counts taps, so that the datapath thread
 * always has room for those it is told of. */

#include "backend/wire/control-private.h"

#include "backend/wire/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define MAX_CAPTURES 64
#define MAX_INTERFACES 64
#define MAX_SNAPLEN 65535
#define MAX_RING_FILES 1000
#define RETRY_MS 20

typedef struct {
  LoomWireAttachment *attachment; /* NULL: it has gone, and does not come back */
  guint end;
} Place;

/* A capture by its name. */
typedef struct {
  LoomWireControl *control;
  char *id;
  LoomWireCapture *capture;
  GArray *places;  /* of Place: by interface */
  int owner;       /* a pipe that is read as long as it is wanted; -1: until it is stopped */
  guint gone_id;   /* of who reads that: until it goes, or the datapath has room for the end */
  gboolean ending; /* it is no capture any more */
  LoomWireCall *stop_call; /* or NULL: nobody asked to stop it */
  gboolean stopping;       /* its thread has been told */
} Entry;

typedef struct {
  LoomWireCable *cable;
  guint end;
} Spot;

typedef struct {
  LoomWireOrder order;
  LoomWireCall *call;
  Entry *entry;
  LoomWireSink *sink;
  guint n;
  Spot spots[]; /* when adding: by interface */
} TapOrder;

static void
entry_free (Entry *entry)
{
  g_clear_handle_id (&entry->gone_id, g_source_remove);
  if (entry->owner >= 0)
    close (entry->owner);
  g_free (entry->id);
  g_array_unref (entry->places);
  g_free (entry);
}

/* "pc1:0" of "pc1:0 pc2:0" (transfer full) */
static char *
dup_end_name (const Place *place)
{
  const char *key = place->attachment->key;
  g_auto (GStrv) words = g_strsplit (key, " ", 2);

  return g_strdup (g_strv_length (words) == 2 ? words[place->end] : key);
}

/* A cookie, or {cable, end}. */
static gboolean
parse_place (LoomWireControl *control, JsonNode *node, Place *ret_place)
{
  JsonObject *object = loom_json_node_object (node);
  gint64 cookie;
  gint64 end = 0;

  if (object == NULL && !loom_json_node_int (node, &cookie))
    return FALSE;
  if (object != NULL
      && (!loom_json_get_int (object, "cable", &cookie) || !loom_json_get_int (object, "end", &end)
          || (end != 0 && end != 1)))
    return FALSE;
  ret_place->attachment = g_hash_table_lookup (control->attachments, &cookie);
  ret_place->end = (guint) end;
  return TRUE;
}

/* What is wrong with @places (filled in); or NULL. */
static const char *
parse_places (LoomWireControl *control, JsonArray *cables, GArray *places)
{
  guint n = cables != NULL ? json_array_get_length (cables) : 0;

  if (n == 0 || n > MAX_INTERFACES)
    return "a capture needs 1 to 64 cables";
  for (guint i = 0; i < n; i++) {
    Place place;

    if (!parse_place (control, json_array_get_element (cables, i), &place))
      return "a cable is a number, or an object with a cable and an end";
    if (place.attachment == NULL)
      return "there is no such cable";
    if (place.attachment->n_taps[place.end] >= LOOM_WIRE_MAX_TAPS)
      return "too many captures at this end of the cable";
    g_array_append_val (places, place);
  }
  return NULL;
}

static gboolean
read_bounded (JsonObject *params, const char *name, gint64 max, gint64 *ret_value)
{
  *ret_value = 0;
  if (!json_object_has_member (params, name))
    return TRUE;
  return loom_json_get_int (params, name, ret_value) && *ret_value >= 0 && *ret_value <= max;
}

static gboolean
read_seconds (JsonObject *params, double *ret_seconds)
{
  JsonNode *node = json_object_get_member (params, "seconds");
  GType type;

  *ret_seconds = 0;
  if (node == NULL)
    return TRUE;
  type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *ret_seconds = json_node_get_double (node);
  return *ret_seconds >= 0 && *ret_seconds <= 1e9;
}

static gboolean
parse_format (JsonObject *params, LoomWireCaptureFormat *ret_format, double *ret_seconds)
{
  gint64 snaplen;
  gint64 max_bytes;
  gint64 ring_files;

  if (!read_bounded (params, "snaplen", MAX_SNAPLEN, &snaplen)
      || !read_bounded (params, "max_bytes", G_MAXINT64, &max_bytes)
      || !read_bounded (params, "ring_files", MAX_RING_FILES, &ring_files)
      || !read_seconds (params, ret_seconds) || (ring_files > 0 && max_bytes == 0))
    return FALSE;
  ret_format->snaplen = (guint) snaplen;
  ret_format->max_bytes = (guint64) max_bytes;
  ret_format->ring_files = (guint) ring_files;
  return TRUE;
}

static void
tell_ended (Entry *entry, const char *reason, const char *text)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  loom_json_put_string (builder, "id", entry->id);
  loom_json_put_string (builder, "reason", reason);
  loom_json_put_string (builder, "text", text);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  loom_wire_control_notify (entry->control, "capture-ended", json_builder_get_root (builder));
}

/* Whoever wants it hears of it without an engine, too. There is room: nothing else is written
 * there. */
static void
tell_owner (Entry *entry, const char *reason, const char *text)
{
  g_autofree char *line = g_strdup_printf ("%s\t%s\n", reason, text);

  if (entry->owner >= 0 && write (entry->owner, line, strlen (line)) < 0)
    g_debug ("%s: %s", entry->id, g_strerror (errno));
}

static void
on_ended (gpointer user_data, const GError *why)
{
  static const char *const reasons[] = {
      [LOOM_WIRE_CAPTURE_ERROR_LIMIT] = "limit",
      [LOOM_WIRE_CAPTURE_ERROR_FULL] = "full",
      [LOOM_WIRE_CAPTURE_ERROR_READER] = "reader",
      [LOOM_WIRE_CAPTURE_ERROR_FAILED] = "failed",
  };

  tell_owner (user_data, reasons[why->code], why->message);
  tell_ended (user_data, reasons[why->code], why->message);
}

/* Where @entry's taps are, of those cables that are still there. */
static TapOrder *
tap_order_new (Entry *entry, LoomWireCall *call)
{
  TapOrder *order = g_malloc0 (sizeof *order + entry->places->len * sizeof *order->spots);

  order->call = call;
  order->entry = entry;
  order->sink = loom_wire_capture_get_sink (entry->capture);
  for (guint i = 0; i < entry->places->len; i++) {
    const Place *place = &g_array_index (entry->places, Place, i);

    if (place->attachment != NULL)
      order->spots[order->n++] = (Spot){place->attachment->cable, place->end};
  }
  return order;
}

/* What the NIC at an end sends comes in there; what it gets leaves the other direction. */
static void
run_add (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  TapOrder *self = (TapOrder *) order;

  for (guint i = 0; i < self->n; i++) {
    LoomWireDirection *directions = self->spots[i].cable->directions;
    guint end = self->spots[i].end;

    loom_wire_taps_add (&directions[end].taps[LOOM_WIRE_TAP_IN], self->sink, i);
    loom_wire_taps_add (&directions[1 - end].taps[LOOM_WIRE_TAP_OUT], self->sink, i);
  }
}

static void
done_add (LoomWireOrder *order)
{
  TapOrder *self = (TapOrder *) order;

  loom_wire_call_answer (self->call, NULL);
  g_free (self);
}

static void
count_taps (Entry *entry, int by)
{
  for (guint i = 0; i < entry->places->len; i++) {
    const Place *place = &g_array_index (entry->places, Place, i);

    if (place->attachment != NULL)
      place->attachment->n_taps[place->end] += by;
  }
}

static void
on_stopped (gpointer user_data, const LoomWireCaptureCounts *counts)
{
  Entry *entry = user_data;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  loom_json_put_int (builder, "frames", (gint64) counts->frames);
  loom_json_put_int (builder, "dropped", (gint64) counts->dropped);
  loom_json_put_int (builder, "bytes", (gint64) counts->bytes);
  json_builder_end_object (builder);
  if (entry->stop_call != NULL)
    loom_wire_call_answer (entry->stop_call, json_builder_get_root (builder));
  else
    tell_ended (entry, "owner", "nobody wants it any more");
  g_hash_table_remove (entry->control->captures, entry->id);
  entry_free (entry);
}

static void
run_remove (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  TapOrder *self = (TapOrder *) order;

  for (guint i = 0; i < self->n; i++)
    for (guint j = 0; j < 4; j++)
      loom_wire_taps_remove (&self->spots[i].cable->directions[j / 2].taps[j % 2], self->sink);
}

static void
stop (Entry *entry)
{
  entry->stopping = TRUE;
  g_clear_handle_id (&entry->gone_id, g_source_remove);
  loom_wire_capture_stop (entry->capture, on_stopped, entry);
}

static void
done_remove (LoomWireOrder *order)
{
  TapOrder *self = (TapOrder *) order;

  stop (self->entry);
  g_free (self);
}

/* Its taps go; then what is in its ring is written. @call (nullable): to be answered when it is.
 * FALSE: too many orders are under way. */
static gboolean
end (Entry *entry, LoomWireCall *call)
{
  TapOrder *order;

  if (loom_wire_datapath_is_busy (entry->control->datapath))
    return FALSE;
  order = tap_order_new (entry, call);
  order->order = (LoomWireOrder){run_remove, done_remove};
  loom_wire_datapath_post (entry->control->datapath, &order->order);
  entry->ending = TRUE;
  entry->stop_call = call;
  count_taps (entry, -1);
  g_clear_handle_id (&entry->gone_id, g_source_remove);
  return TRUE;
}

static gboolean
on_retry (gpointer user_data)
{
  return end (user_data, NULL) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* A client that was killed, or that ended while there was no engine to be told. */
static gboolean
on_owner_gone (int fd, GIOCondition condition, gpointer user_data)
{
  Entry *entry = user_data;

  if (!end (entry, NULL)) {
    g_source_remove (entry->gone_id);
    entry->gone_id = g_timeout_add (RETRY_MS, on_retry, entry);
  }
  return G_SOURCE_REMOVE;
}

/* Takes all that it is given. */
static Entry *
entry_new (LoomWireCall *call, JsonObject *params, GArray *places, LoomWireCaptureFormat *format,
           LoomWireFilter *filter, double seconds)
{
  gboolean recent = g_strcmp0 (loom_json_get_string (params, "mode"), "recent") == 0;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  Entry *entry = g_new0 (Entry, 1);

  entry->control = call->control;
  entry->id = g_strdup (loom_json_get_string (params, "id"));
  entry->places = places;
  for (guint i = 0; i < places->len; i++) {
    g_autofree char *name = dup_end_name (&g_array_index (places, Place, i));

    g_strv_builder_add (names, name);
  }
  format->names = g_strv_builder_end (names);
  entry->capture = loom_wire_capture_new (recent ? NULL : loom_json_get_string (params, "path"),
                                          format, filter, seconds, on_ended, entry);
  return entry;
}

/* FALSE: nobody reads the pipe. */
static gboolean
open_owner (JsonObject *params, int *ret_fd)
{
  const char *path = loom_json_get_string (params, "owner");

  *ret_fd = path != NULL ? open (path, O_WRONLY | O_NONBLOCK | O_CLOEXEC) : -1;
  return path == NULL || *ret_fd >= 0;
}

/* What is wrong with the words of @params; or NULL. */
static const char *
check_words (LoomWireControl *control, JsonObject *params)
{
  const char *id = loom_json_get_string (params, "id");
  const char *path = loom_json_get_string (params, "path");
  gboolean recent = g_strcmp0 (loom_json_get_string (params, "mode"), "recent") == 0;

  if (id == NULL || id[0] == '\0' || (!recent && path == NULL))
    return "a capture needs an id and a path";
  if (g_hash_table_contains (control->captures, id))
    return "there is a capture of that id";
  if (g_hash_table_size (control->captures) >= MAX_CAPTURES)
    return "too many captures";
  return NULL;
}

/* There is room for the order: the datapath is not busy. */
static void
start (LoomWireCall *call, Entry *entry)
{
  TapOrder *order = tap_order_new (entry, call);

  order->order = (LoomWireOrder){run_add, done_add};
  g_hash_table_insert (call->control->captures, entry->id, entry);
  count_taps (entry, 1);
  loom_wire_datapath_post (call->control->datapath, &order->order);
}

void
loom_wire_capture_method (LoomWireCall *call, JsonObject *params)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  const char *filter_text = loom_json_get_string (params, "filter");
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomWireFilter) filter = NULL;
  LoomWireCaptureFormat format = {0};
  const char *wrong;
  double seconds;
  Entry *entry;
  int owner;

  wrong = check_words (call->control, params);
  if (wrong == NULL)
    wrong = parse_places (call->control, loom_json_get_array (params, "cables"), places);
  if (wrong == NULL && !parse_format (params, &format, &seconds))
    wrong = "a limit is out of its range, or files in turn have none";
  if (wrong == NULL && loom_wire_datapath_is_busy (call->control->datapath))
    wrong = "too many calls are waiting";
  if (wrong != NULL) {
    loom_wire_call_fail (call, "%s", wrong);
    return;
  }
  filter = loom_wire_filter_new (filter_text, &error);
  if (error != NULL) {
    loom_wire_call_fail (call, "%s", error->message);
    return;
  }
  if (!open_owner (params, &owner)) {
    loom_wire_call_fail (call, "who wants the capture is gone");
    return;
  }
  format.filter = g_strdup (filter_text != NULL ? filter_text : "");
  entry = entry_new (call, params, g_steal_pointer (&places), &format, g_steal_pointer (&filter),
                     seconds);
  entry->owner = owner;
  if (owner >= 0)
    entry->gone_id = g_unix_fd_add (owner, G_IO_ERR | G_IO_HUP, on_owner_gone, entry);
  start (call, entry);
}

/* (nullable): NULL, and the call has failed. */
static Entry *
get_entry (LoomWireCall *call, JsonObject *params)
{
  const char *id = loom_json_get_string (params, "id");
  Entry *entry = id != NULL ? g_hash_table_lookup (call->control->captures, id) : NULL;

  if (entry == NULL || entry->ending) {
    loom_wire_call_fail (call, "there is no such capture");
    return NULL;
  }
  return entry;
}

static void
on_saved (gpointer user_data, const GError *error)
{
  LoomWireCall *call = user_data;

  if (error != NULL)
    loom_wire_call_fail (call, "%s", error->message);
  else
    loom_wire_call_answer (call, NULL);
}

void
loom_wire_capture_save_method (LoomWireCall *call, JsonObject *params)
{
  Entry *entry = get_entry (call, params);
  const char *path = loom_json_get_string (params, "path");

  if (entry == NULL)
    return;
  if (path == NULL || !loom_wire_capture_save (entry->capture, path, on_saved, call))
    loom_wire_call_fail (call, "only what is kept can be saved, and needs a path");
}

void
loom_wire_capture_stop_method (LoomWireCall *call, JsonObject *params)
{
  Entry *entry = get_entry (call, params);

  if (entry != NULL && !end (entry, call))
    loom_wire_call_fail (call, "too many calls are waiting");
}

/* (nullable): the first place of @entry on @attachment. */
static Place *
find_place (Entry *entry, LoomWireAttachment *attachment)
{
  for (guint i = 0; i < entry->places->len; i++) {
    Place *place = &g_array_index (entry->places, Place, i);

    if (place->attachment == attachment)
      return place;
  }
  return NULL;
}

void
loom_wire_captures_add (LoomWireAttachment *attachment, JsonBuilder *builder)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, attachment->control->captures);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    if (find_place (entry, attachment) != NULL)
      json_builder_add_string_value (builder, ((Entry *) entry)->id);
}

void
loom_wire_captures_forget (LoomWireAttachment *attachment)
{
  GHashTableIter iter;
  gpointer entry;
  Place *place;

  g_hash_table_iter_init (&iter, attachment->control->captures);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    while ((place = find_place (entry, attachment)) != NULL)
      place->attachment = NULL;
}

void
loom_wire_captures_end (LoomWireControl *control)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, control->captures);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    if (!((Entry *) entry)->stopping)
      stop (entry);
  while (g_hash_table_size (control->captures) > 0)
    g_main_context_iteration (NULL, TRUE);
}
