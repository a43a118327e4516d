/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The state file. It is ours, in a folder of ours, and read with the same care as any other: what
 * does not fit is left out, and a file that is not ours is not read at all. */

#include "backend/engine/state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/proto/framer.h"
#include "backend/proto/json.h"
#include "canvas/model/reader.h"

#define VERSION 1
#define MAX_SIZE_BYTES (64 * 1024 * 1024)
#define MAX_DEPTH 8
#define MAX_NUMBER 99999999 /* of an instance: keys of ends have 13 bytes */

static void
free_running (gpointer data)
{
  LoomRunning *running = data;

  loom_guest_spec_unref (running->spec);
  g_free (running->image);
  g_free (running);
}

LoomState *
loom_state_new (void)
{
  LoomState *state = g_new0 (LoomState, 1);

  state->document = g_strdup ("");
  state->record = loom_record_new ();
  state->running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_running);
  return state;
}

void
loom_state_free (LoomState *state)
{
  g_free (state->document);
  loom_record_free (state->record);
  g_hash_table_unref (state->running);
  g_free (state);
}

void
loom_state_add_running (LoomState *state, const char *key, LoomGuestSpec *spec, const char *image)
{
  LoomRunning *running = g_new0 (LoomRunning, 1);

  running->spec = loom_guest_spec_ref (spec);
  running->image = g_strdup (image);
  g_hash_table_insert (state->running, g_strdup (key), running);
}

/* --- writing --------------------------------------------------------------------------------- */

static void
write_running (JsonBuilder *builder, const LoomRunning *running)
{
  json_builder_set_member_name (builder, "running");
  json_builder_begin_object (builder);
  loom_json_put_int (builder, "memory", running->spec->memory_mib);
  loom_json_put_int (builder, "cpus", running->spec->n_cpus);
  if (running->image != NULL)
    loom_json_put_string (builder, "image", running->image);
  json_builder_set_member_name (builder, "nics");
  json_builder_begin_array (builder);
  for (guint i = 0; i < running->spec->nics->len; i++) {
    const LoomGuestNic *nic = g_ptr_array_index (running->spec->nics, i);
    json_builder_begin_object (builder);
    loom_json_put_string (builder, "mac", nic->mac);
    loom_json_put_boolean (builder, "up", nic->link_up);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
write_instances (JsonBuilder *builder, const LoomState *state)
{
  json_builder_set_member_name (builder, "instances");
  json_builder_begin_array (builder);
  for (guint i = 0; i < state->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (state->record->instances, i);
    const LoomRunning *running = g_hash_table_lookup (state->running, instance->key);
    json_builder_begin_object (builder);
    loom_json_put_string (builder, "key", instance->key);
    loom_json_put_string (builder, "name", instance->node->name);
    loom_json_put_boolean (builder, "powered", instance->powered);
    if (running != NULL)
      write_running (builder, running);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
write_cables (JsonBuilder *builder, const LoomRecord *record)
{
  json_builder_set_member_name (builder, "cables");
  json_builder_begin_array (builder);
  for (guint i = 0; i < record->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (record->cables, i);
    json_builder_begin_object (builder);
    loom_json_put_int (builder, "cookie", (gint64) cable->cookie);
    loom_json_put_string (builder, "a", cable->key_a);
    loom_json_put_int (builder, "a-port", cable->port_a);
    loom_json_put_string (builder, "b", cable->key_b);
    loom_json_put_int (builder, "b-port", cable->port_b);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

gboolean
loom_state_save (const LoomState *state, const char *path, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  loom_json_put_int (builder, "version", VERSION);
  loom_json_put_int (builder, "generation", (gint64) state->generation);
  loom_json_put_int (builder, "started", state->started_unix_us);
  loom_json_put_string (builder, "accel", loom_accel_to_id (state->accel));
  loom_json_put_int (builder, "next-machine", state->record->next_machine);
  loom_json_put_int (builder, "next-bridge", state->record->next_bridge);
  loom_json_put_int (builder, "next-cookie", (gint64) state->record->next_cookie);
  loom_json_put_string (builder, "document", state->document);
  write_instances (builder, state);
  write_cables (builder, state->record);
  json_builder_end_object (builder);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autoptr (GBytes) bytes = loom_json_to_bytes (root);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  /* Replaced by a rename. What is lost with the host's power is lost with the lab. */
  return g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   error);
}

/* --- reading --------------------------------------------------------------------------------- */

static void
read_running (LoomState *state, JsonObject *object, const LoomDeriveContext *context,
              const LoomInstance *instance)
{
  g_autoptr (LoomGuestSpec) spec = loom_derive_spec (context, state->record, instance);
  JsonArray *nics = loom_json_get_array (object, "nics");
  gint64 value;

  if (loom_json_get_int (object, "memory", &value))
    spec->memory_mib = (int) CLAMP (value, 1, G_MAXINT);
  if (loom_json_get_int (object, "cpus", &value))
    spec->n_cpus = (int) CLAMP (value, 1, G_MAXINT);
  g_ptr_array_set_size (spec->nics, 0);
  /* What the guest was told last is not known for sure: it is told again. */
  g_ptr_array_set_size (spec->hosts, 0);
  guint n_nics = nics != NULL ? json_array_get_length (nics) : 0;
  for (guint i = 0; i < MIN (n_nics, LOOM_GUEST_MAX_NICS); i++) {
    JsonObject *nic = loom_json_node_object (json_array_get_element (nics, i));
    const char *mac = loom_json_get_string (nic, "mac");
    gboolean up = FALSE;
    g_autofree char *path = g_strdup_printf ("%s/%s.%u.vhost", context->runtime_folder,
                                             instance->key, i);
    loom_json_get_boolean (nic, "up", &up);
    loom_guest_spec_add_nic (
        spec, path, mac != NULL ? mac : "02:00:00:00:00:00",
        (int) i < instance->node->n_ports ? instance->node->ports[i].addresses : NULL, up);
  }
  loom_state_add_running (state, instance->key, spec, loom_json_get_string (object, "image"));
}

/* Keys become names of files and ports: "m12", "b3", and numbered below the next to be given. */
static gboolean
is_key (const char *key, LoomRole role, const LoomRecord *record)
{
  gboolean is_machine = role == LOOM_ROLE_MACHINE;
  guint next = is_machine ? record->next_machine : record->next_bridge;
  guint64 number;
  g_autofree char *again = NULL;

  if (key[0] != (is_machine ? 'm' : 'b') || next == 0
      || !g_ascii_string_to_unsigned (key + 1, 10, 0, next - 1, &number, NULL))
    return FALSE;
  again = g_strdup_printf ("%c%" G_GUINT64_FORMAT, key[0], number);
  return g_str_equal (key, again);
}

static void
read_instances (LoomState *state, JsonArray *array, LoomLab *lab)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < n; i++) {
    JsonObject *object = loom_json_node_object (json_array_get_element (array, i));
    const char *key = loom_json_get_string (object, "key");
    const char *name = loom_json_get_string (object, "name");
    LoomNode *node = name != NULL ? loom_lab_get_node (lab, name) : NULL;
    LoomRole role = node != NULL ? loom_lab_get_kind (lab, node)->role : LOOM_ROLE_MACHINE;
    if (key == NULL || node == NULL || !is_key (key, role, state->record)
        || loom_record_get (state->record, key) != NULL
        || loom_record_get_by_name (state->record, name) != NULL)
      continue;
    LoomInstance *instance = loom_record_add_instance (state->record, key, role, node);
    loom_json_get_boolean (object, "powered", &instance->powered);
  }
}

static void
read_all_running (LoomState *state, JsonArray *array, const LoomDeriveContext *context)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < n; i++) {
    JsonObject *object = loom_json_node_object (json_array_get_element (array, i));
    const char *key = loom_json_get_string (object, "key");
    JsonObject *running = loom_json_get_object (object, "running");
    const LoomInstance *instance = key != NULL ? loom_record_get (state->record, key) : NULL;
    if (instance != NULL && running != NULL)
      read_running (state, running, context, instance);
  }
}

/* Whether there is such a port, and no cable in it. */
static gboolean
is_free_end (const LoomRecord *record, const char *key, gint64 port)
{
  const LoomInstance *instance = loom_record_get (record, key);

  return instance != NULL && port >= 0 && port < instance->node->n_ports
         && loom_record_get_cable_at (record, key, (int) port) == NULL;
}

/* What is set on a cable stands in the document. */
static void
set_link (const LoomRecord *record, LoomLab *lab, LoomCable *cable)
{
  g_autofree char *id = loom_record_dup_link_id (record, cable, NULL);
  LoomLink *link = id != NULL ? loom_lab_get_link (lab, id) : NULL;

  if (link != NULL)
    loom_record_set_link (record, cable, link);
}

static void
read_cables (LoomRecord *record, JsonArray *array, LoomLab *lab)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < n; i++) {
    JsonObject *object = loom_json_node_object (json_array_get_element (array, i));
    const char *a = loom_json_get_string (object, "a");
    const char *b = loom_json_get_string (object, "b");
    gint64 cookie, port_a, port_b;
    if (a != NULL && b != NULL && loom_json_get_int (object, "cookie", &cookie)
        && loom_json_get_int (object, "a-port", &port_a)
        && loom_json_get_int (object, "b-port", &port_b) && cookie > 0
        && (guint64) cookie < record->next_cookie && is_free_end (record, a, port_a)
        && is_free_end (record, b, port_b))
      set_link (record, lab,
                loom_record_add_cable (record, (guint64) cookie, a, (int) port_a, b, (int) port_b));
  }
}

static gboolean
read_members (LoomState *state, JsonObject *object, const LoomDeriveContext *context,
              GError **error)
{
  const char *document = loom_json_get_string (object, "document");
  const char *accel = loom_json_get_string (object, "accel");
  gint64 value;

  if (document == NULL || accel == NULL || !loom_accel_from_id (accel, &state->accel)) {
    g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX, "The state file is incomplete.");
    return FALSE;
  }
  g_autoptr (LoomLab)
      lab = loom_reader_read (context->catalogue, document, strlen (document), NULL, error);
  if (lab == NULL)
    return FALSE;

  g_free (state->document);
  state->document = g_strdup (document);
  if (loom_json_get_int (object, "generation", &value))
    state->generation = (guint64) value;
  if (loom_json_get_int (object, "started", &value))
    state->started_unix_us = value;
  if (loom_json_get_int (object, "next-machine", &value))
    state->record->next_machine = (guint) CLAMP (value, 0, MAX_NUMBER);
  if (loom_json_get_int (object, "next-bridge", &value))
    state->record->next_bridge = (guint) CLAMP (value, 0, MAX_NUMBER);
  if (loom_json_get_int (object, "next-cookie", &value))
    state->record->next_cookie = (guint64) MAX (value, 1);

  LoomDeriveContext with_accel = *context;
  with_accel.accel = state->accel;
  read_instances (state, loom_json_get_array (object, "instances"), lab);
  read_cables (state->record, loom_json_get_array (object, "cables"), lab);
  read_all_running (state, loom_json_get_array (object, "instances"), &with_accel);
  return TRUE;
}

/* TRUE without *@ret_data: there is no file. */
static gboolean
read_own_file (const char *path, char **ret_data, gsize *ret_size, GError **error)
{
  struct stat st;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) || st.st_uid != getuid ()
      || (st.st_mode & 0077) != 0 || st.st_size <= 0 || st.st_size > MAX_SIZE_BYTES) {
    g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX,
                 "“%s” is no state file of ours: it has to be a file of this user, 0600, of at "
                 "most %d MiB.",
                 path, MAX_SIZE_BYTES / (1024 * 1024));
    if (fd >= 0)
      close (fd);
    return FALSE;
  }
  g_autofree char *data = g_malloc ((gsize) st.st_size);
  gssize size = read (fd, data, (gsize) st.st_size);
  close (fd);
  if (size <= 0) {
    g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX, "“%s” cannot be read.", path);
    return FALSE;
  }
  *ret_data = g_steal_pointer (&data);
  *ret_size = (gsize) size;
  return TRUE;
}

LoomState *
loom_state_load (const char *path, const LoomDeriveContext *context, GError **error)
{
  g_autofree char *data = NULL;
  gsize size;

  if (!read_own_file (path, &data, &size, error) || data == NULL)
    return NULL;
  g_autoptr (LoomFramer) framer = loom_framer_new (MAX_SIZE_BYTES, MAX_DEPTH);
  if (!loom_framer_push (framer, data, size, error))
    return NULL;
  g_autoptr (GBytes) bytes = loom_framer_pop (framer);
  if (bytes == NULL) {
    g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX, "The state file is cut off.");
    return NULL;
  }
  g_autoptr (JsonNode) root = loom_json_parse (bytes, error);
  if (root == NULL)
    return NULL;

  g_autoptr (LoomState) state = loom_state_new ();
  if (!read_members (state, loom_json_node_object (root), context, error))
    return NULL;
  return g_steal_pointer (&state);
}
