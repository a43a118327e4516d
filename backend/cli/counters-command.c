/* SPDX-License-Identifier: GPL-3.0-or-later */

/* counters: what went through each cable, each way; once, or every second. */

#include "backend/cli/cli.h"

#define WATCH_MS 1000

GPtrArray *
loom_cli_read_counters (LoomCli *cli, LoomClient *client, gint64 *ret_time_us, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  loom_client_counters_async (client, cli->cancellable, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  return loom_client_counters_finish (client, result, ret_time_us, error);
}

static void
add_flow (JsonBuilder *builder, const char *name, const LoomFlow *flow)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "frames");
  json_builder_add_int_value (builder, (gint64) flow->n_frames);
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, (gint64) flow->n_bytes);
  json_builder_set_member_name (builder, "drops");
  json_builder_add_int_value (builder, (gint64) flow->n_drops);
  json_builder_set_member_name (builder, "errors");
  json_builder_add_int_value (builder, (gint64) flow->n_errors);
  json_builder_set_member_name (builder, "rate_bps");
  json_builder_add_double_value (builder, flow->rate_bps);
  json_builder_set_member_name (builder, "rate_fps");
  json_builder_add_double_value (builder, flow->rate_fps);
  json_builder_end_object (builder);
}

static void
print_json (GPtrArray *links, gint64 time_us, gboolean pretty)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "time_us");
  json_builder_add_int_value (builder, time_us);
  json_builder_set_member_name (builder, "links");
  json_builder_begin_array (builder);
  for (guint i = 0; i < links->len; i++) {
    LoomClientCounters *link = g_ptr_array_index (links, i);
    g_auto (GStrv) ends = g_strsplit (link->id, " ", 2);

    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "id");
    json_builder_add_string_value (builder, link->id);
    json_builder_set_member_name (builder, "ends");
    json_builder_begin_array (builder);
    for (char **end = ends; *end != NULL; end++)
      json_builder_add_string_value (builder, *end);
    json_builder_end_array (builder);
    json_builder_set_member_name (builder, "carrier");
    json_builder_add_boolean_value (builder, link->status.carrier);
    add_flow (builder, "from_a", &link->status.from_a);
    add_flow (builder, "from_b", &link->status.from_b);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  loom_cli_print_json (builder, pretty);
}

static void
print_flow (const char *from, const char *to, const LoomFlow *flow)
{
  g_autofree char *rate = loom_cli_dup_rate (flow->rate_bps);
  g_autofree char *direction = g_strdup_printf ("%s → %s", from, to);

  g_print ("%-28s %12" G_GUINT64_FORMAT " %14" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT
           " %8" G_GUINT64_FORMAT " %14s\n",
           direction, flow->n_frames, flow->n_bytes, flow->n_drops, flow->n_errors, rate);
}

void
loom_cli_print_counters (GPtrArray *links)
{
  g_print ("%-26s %12s %14s %8s %8s %14s\n", _ ("CABLE"), _ ("FRAMES"), _ ("BYTES"), _ ("DROPS"),
           _ ("ERRORS"), _ ("RATE"));
  for (guint i = 0; i < links->len; i++) {
    LoomClientCounters *link = g_ptr_array_index (links, i);
    g_auto (GStrv) ends = g_strsplit (link->id, " ", 2);

    if (g_strv_length (ends) != 2)
      continue;
    print_flow (ends[0], ends[1], &link->status.from_a);
    print_flow (ends[1], ends[0], &link->status.from_b);
  }
}

int
loom_cli_counters (LoomCli *cli, int argc, char **argv)
{
  gboolean watch = FALSE;
  const GOptionEntry entries[] = {
      {"watch", 'w', 0, G_OPTION_ARG_NONE, &watch,
       N_ ("Once a second, until interrupted; with --json one line each"), NULL},
      {NULL},
  };
  g_autoptr (LoomClient) client = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, TRUE, FALSE, 1, 1, &code))
    return code;
  client = loom_cli_attach (cli, argv[1], &code);
  if (client == NULL)
    return code;
  do {
    g_autoptr (GPtrArray) links = NULL;
    g_autoptr (GError) error = NULL;
    gint64 time_us;

    links = loom_cli_read_counters (cli, client, &time_us, &error);
    if (links == NULL)
      return cli->signal_number != 0 ? LOOM_EXIT_OK : loom_cli_fail (cli, error);
    if (cli->json)
      print_json (links, time_us, !watch);
    else
      loom_cli_print_counters (links);
  } while (watch && loom_cli_sleep (cli, WATCH_MS));
  return LOOM_EXIT_OK;
}
