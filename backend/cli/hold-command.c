/* SPDX-License-Identifier: GPL-3.0-or-later */

/* hold, held, step, drop, release: frames that wait on a cable of a running lab. */

#include "backend/cli/link.h"
#include "backend/engine/frame-words.h"

#define MAX_STEPS 1000

static gboolean
hold (LoomCli *cli, const LoomCliCable *cable, gboolean on, const char *filter, GError **error)
{
  g_autoptr (LoomDBusEngine) proxy = loom_cli_ref_engine (cli, cable->client, error);
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  if (proxy == NULL)
    return FALSE;
  loom_dbus_engine_call_hold (proxy, cable->id, cable->from, on, filter, cli->cancellable,
                              loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  return loom_dbus_engine_call_hold_finish (proxy, result, error);
}

/* (transfer full): a(tsxuay); NULL with @error. */
static GVariant *
read_held (LoomCli *cli, const LoomCliCable *cable, GError **error)
{
  g_autoptr (LoomDBusEngine) proxy = loom_cli_ref_engine (cli, cable->client, error);
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;
  GVariant *frames = NULL;

  if (proxy == NULL)
    return NULL;
  loom_dbus_engine_call_get_held (proxy, cable->id, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  loom_dbus_engine_call_get_held_finish (proxy, &frames, result, error);
  return frames;
}

static gboolean
act (LoomCli *cli, const LoomCliCable *cable, GArray *ids, const char *action, double delay_ms,
     GError **error)
{
  g_autoptr (LoomDBusEngine) proxy = loom_cli_ref_engine (cli, cable->client, error);
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  if (proxy == NULL)
    return FALSE;
  loom_dbus_engine_call_act (
      proxy, cable->id,
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, ids->data, ids->len, sizeof (guint64)),
      action, delay_ms, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  return loom_dbus_engine_call_act_finish (proxy, result, error);
}

static int
fail (LoomCli *cli, GError *error)
{
  loom_engine_error_strip (error);
  return loom_cli_fail (cli, error);
}

/* hold and release; the command's name says which. */
int
loom_cli_hold (LoomCli *cli, int argc, char **argv)
{
  gboolean on = g_str_equal (cli->command->name, "hold");
  g_autofree char *from = NULL;
  g_autofree char *filter = NULL;
  const GOptionEntry entries[] = {
      {"from", 'f', 0, G_OPTION_ARG_STRING, &from, N_ ("Only for frames that leave this end"),
       N_ ("END")},
      {on ? "filter" : NULL, 'F', 0, G_OPTION_ARG_STRING, &filter,
       N_ ("Only frames that match, as tcpdump writes it: “arp”"), N_ ("EXPRESSION")},
      {NULL},
  };
  g_auto (LoomCliCable) cable = {NULL};
  g_autoptr (GError) error = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 2, 3, &code))
    return code;
  if (!loom_cli_find_cable (cli, argv[1], argv + 2, from, &cable, &code))
    return code;
  if (!hold (cli, &cable, on, filter != NULL ? filter : "", &error))
    return fail (cli, error);
  return LOOM_EXIT_OK;
}

/* One frame of those that wait, as the engine says it. */
typedef struct {
  guint64 id;
  const char *from;
  gint64 time_us;
  guint32 length;
  GVariant *head;
  const guint8 *bytes;
  gsize size;
  char *words;
} Held;

static void
held_clear (Held *held)
{
  g_variant_unref (held->head);
  g_free (held->words);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Held, held_clear)

/* @ret_held lives as long as @frame. */
static void
read_frame (GVariant *frame, Held *ret_held)
{
  g_variant_get (frame, "(t&sxu@ay)", &ret_held->id, &ret_held->from, &ret_held->time_us,
                 &ret_held->length, &ret_held->head);
  ret_held->bytes = g_variant_get_fixed_array (ret_held->head, &ret_held->size, 1);
  ret_held->words = loom_frame_describe (ret_held->bytes, ret_held->size);
}

static void
print_held (GVariant *frames)
{
  g_print ("%6s  %-12s %6s  %s\n", _ ("ID"), _ ("FROM"), _ ("BYTES"), _ ("FRAME"));
  for (gsize i = 0; i < g_variant_n_children (frames); i++) {
    g_autoptr (GVariant) frame = g_variant_get_child_value (frames, i);
    g_auto (Held) held;

    read_frame (frame, &held);
    g_print ("%6" G_GUINT64_FORMAT "  %-12s %6u  %s\n", held.id, held.from, held.length,
             held.words);
  }
}

static void
add_held_json (JsonBuilder *builder, GVariant *frame)
{
  g_auto (Held) held;

  read_frame (frame, &held);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "id");
  json_builder_add_int_value (builder, (gint64) held.id);
  json_builder_set_member_name (builder, "from");
  json_builder_add_string_value (builder, held.from);
  json_builder_set_member_name (builder, "time_us");
  json_builder_add_int_value (builder, held.time_us);
  json_builder_set_member_name (builder, "length");
  json_builder_add_int_value (builder, held.length);
  json_builder_set_member_name (builder, "class");
  json_builder_add_string_value (
      builder, loom_frame_class_to_id (loom_frame_classify (held.bytes, held.size)));
  json_builder_set_member_name (builder, "text");
  json_builder_add_string_value (builder, held.words);
  json_builder_end_object (builder);
}

int
loom_cli_held (LoomCli *cli, int argc, char **argv)
{
  g_auto (LoomCliCable) cable = {NULL};
  g_autoptr (GError) error = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, TRUE, FALSE, 2, 3, &code)
      || !loom_cli_find_cable (cli, argv[1], argv + 2, NULL, &cable, &code))
    return code;
  g_autoptr (GVariant) frames = read_held (cli, &cable, &error);
  if (frames == NULL)
    return fail (cli, error);
  if (!cli->json) {
    print_held (frames);
    return LOOM_EXIT_OK;
  }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (frames); i++) {
    g_autoptr (GVariant) frame = g_variant_get_child_value (frames, i);
    add_held_json (builder, frame);
  }
  json_builder_end_array (builder);
  loom_cli_print_json (builder, TRUE);
  return LOOM_EXIT_OK;
}

/* (transfer full): ids (guint64) of the oldest @n frames that left @cable's from, or of @wanted if
 * that is not 0. */
static GArray *
choose (GVariant *frames, const LoomCliCable *cable, int n, guint64 wanted)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (gsize i = 0; i < g_variant_n_children (frames) && ids->len < (guint) n; i++) {
    g_autoptr (GVariant) frame = g_variant_get_child_value (frames, i);
    const char *from;
    guint64 id;

    g_variant_get (frame, "(t&sxuay)", &id, &from, NULL, NULL, NULL);
    if (cable->from[0] != '\0' && !g_str_equal (from, cable->from))
      continue;
    if (wanted == 0 || id == wanted)
      g_array_append_val (ids, id);
  }
  return ids;
}

/* step, drop, duplicate, corrupt, delay: the oldest frames that wait, or one by its number. */
int
loom_cli_act (LoomCli *cli, int argc, char **argv)
{
  const char *name = cli->command->name;
  gboolean is_delay = g_str_equal (name, "delay");
  g_autofree char *from = NULL;
  double delay_ms = 100;
  gint64 id = 0;
  int n = 1;
  const GOptionEntry entries[] = {
      {"from", 'f', 0, G_OPTION_ARG_STRING, &from, N_ ("Only frames that left this end"),
       N_ ("END")},
      {"count", 'n', 0, G_OPTION_ARG_INT, &n, N_ ("So many, the oldest first (1)"), "N"},
      {"id", 'i', 0, G_OPTION_ARG_INT64, &id, N_ ("The frame of this number, as “held” shows it"),
       "ID"},
      {is_delay ? "ms" : NULL, 'm', 0, G_OPTION_ARG_DOUBLE, &delay_ms,
       N_ ("By so many milliseconds (100)"), "MS"},
      {NULL},
  };
  g_auto (LoomCliCable) cable = {NULL};
  g_autoptr (GError) error = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 2, 3, &code))
    return code;
  if (n < 1 || n > MAX_STEPS || id < 0 || !(delay_ms >= 0 && delay_ms <= 60000)) {
    loom_cli_say (_ ("From 1 to %d frames, and a delay from 0 to 60000 ms."), MAX_STEPS);
    return LOOM_EXIT_USAGE;
  }
  if (!loom_cli_find_cable (cli, argv[1], argv + 2, from, &cable, &code))
    return code;
  g_autoptr (GVariant) frames = read_held (cli, &cable, &error);
  if (frames == NULL)
    return fail (cli, error);
  g_autoptr (GArray) ids = choose (frames, &cable, n, (guint64) id);
  if (ids->len == 0) {
    loom_cli_say (_ ("No such frame waits on the cable %s."), cable.id);
    return LOOM_EXIT_PROBLEMS;
  }
  if (!act (cli, &cable, ids, g_str_equal (name, "step") ? "release" : name, delay_ms, &error))
    return fail (cli, error);
  return LOOM_EXIT_OK;
}
