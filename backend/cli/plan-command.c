/* SPDX-License-Identifier: GPL-3.0-or-later */

/* plan: what starting the lab would do, or, if it runs, what applying the file would. */

#include "backend/cli/cli.h"
#include "backend/cli/life.h"
#include "backend/engine/fit-host.h"
#include "backend/engine/plan.h"
#include "backend/engine/runtime.h"

static GVariant *
renames_to_variant (GHashTable *renames)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer old;
  gpointer new;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  g_hash_table_iter_init (&iter, renames);
  while (g_hash_table_iter_next (&iter, &old, &new))
    g_variant_builder_add (&builder, "{ss}", (const char *) old, (const char *) new);
  return g_variant_builder_end (&builder);
}

/* Asks the engine. (transfer full): a(sss); NULL: the reason was said and @ret_code set. */
static GVariant *
plan_edit (LoomCli *cli, const char *file, const char *document, GHashTable *renames, int *ret_code)
{
  g_autoptr (LoomClient) client = loom_cli_attach (cli, file, ret_code);
  g_autoptr (LoomDBusEngine) proxy = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  GVariant *steps = NULL;

  if (client == NULL)
    return NULL;
  proxy = loom_cli_ref_engine (cli, client, &error);
  if (proxy != NULL) {
    loom_dbus_engine_call_plan (proxy, document, renames_to_variant (renames), cli->cancellable,
                                loom_cli_on_ready, &slot);
    result = loom_cli_wait (&slot);
    if (loom_dbus_engine_call_plan_finish (proxy, &steps, result, &error))
      return steps;
    loom_engine_error_strip (error);
  }
  *ret_code = loom_cli_fail (cli, error);
  return NULL;
}

/* (transfer full): a(sss), what starting @lab would do. */
static GVariant *
plan_start (LoomLab *lab)
{
  g_autoptr (LoomRecord) record = loom_record_new ();
  g_autoptr (LoomPlan) plan = loom_plan_make (lab, record, NULL, FALSE);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; i < plan->steps->len; i++) {
    LoomStep *step = g_ptr_array_index (plan->steps, i);

    g_variant_builder_add (&builder, "(sss)", loom_step_action_to_id (step->action), step->item,
                           step->sentence);
  }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
print_steps (LoomCli *cli, GVariant *steps)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const char *action;
  const char *item;
  const char *sentence;
  GVariantIter iter;

  json_builder_begin_array (builder);
  g_variant_iter_init (&iter, steps);
  while (g_variant_iter_next (&iter, "(&s&s&s)", &action, &item, &sentence)) {
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "action");
    json_builder_add_string_value (builder, action);
    json_builder_set_member_name (builder, "item");
    json_builder_add_string_value (builder, item);
    json_builder_set_member_name (builder, "text");
    json_builder_add_string_value (builder, sentence);
    json_builder_end_object (builder);
    if (!cli->json)
      g_print ("%s\n", sentence);
  }
  json_builder_end_array (builder);
  if (cli->json)
    loom_cli_print_json (builder, TRUE);
  else if (g_variant_n_children (steps) == 0)
    g_print ("%s\n", _ ("Nothing to do."));
}

static void
add_pair (JsonBuilder *builder, const char *name, gint64 need, gint64 have)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "need");
  json_builder_add_int_value (builder, need);
  json_builder_set_member_name (builder, "have");
  json_builder_add_int_value (builder, have);
  json_builder_end_object (builder);
}

static void
add_lists (JsonBuilder *builder, const LoomFit *fit)
{
  json_builder_set_member_name (builder, "consumers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < fit->consumers->len; i++) {
    const LoomFitConsumer *consumer = g_ptr_array_index (fit->consumers, i);

    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "item");
    if (consumer->item[0] != '\0')
      json_builder_add_string_value (builder, consumer->item);
    else
      json_builder_add_null_value (builder);
    json_builder_set_member_name (builder, "memory_mib");
    json_builder_add_int_value (builder, consumer->memory_mib);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "start_first");
  json_builder_begin_array (builder);
  for (guint i = 0; i < fit->start_first->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (fit->start_first, i));
  json_builder_end_array (builder);
}

/* What the whole of @lab needs, against what there is now. */
static void
print_cost (LoomCli *cli, LoomLab *lab)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (LoomFit) fit = NULL;
  LoomFitHost host;

  loom_fit_host_measure (&host);
  fit = loom_fit_check (lab, &host, &loom_fit_costs);
  if (!cli->json) {
    g_print ("%s\n", fit->sentence);
    return;
  }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "verdict");
  json_builder_add_string_value (builder, loom_fit_verdict_to_id (fit->verdict));
  json_builder_set_member_name (builder, "sentence");
  json_builder_add_string_value (builder, fit->sentence);
  add_pair (builder, "memory_mib", fit->need_memory_mib, fit->have_memory_mib);
  add_pair (builder, "hugepages_mib", fit->need_hugepages_mib, fit->have_hugepages_mib);
  add_pair (builder, "disk_mib", fit->need_disk_mib, fit->have_disk_mib);
  add_pair (builder, "cpus", fit->need_cpus, fit->have_cpus);
  add_lists (builder, fit);
  json_builder_end_object (builder);
  loom_cli_print_json (builder, TRUE);
}

int
loom_cli_plan (LoomCli *cli, int argc, char **argv)
{
  g_auto (GStrv) rename_texts = NULL;
  gboolean cost = FALSE;
  const GOptionEntry entries[] = {
      {"rename", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &rename_texts,
       N_ ("The node OLD is now called NEW and stays the same machine"), N_ ("OLD=NEW")},
      {"cost", 'c', 0, G_OPTION_ARG_NONE, &cost,
       N_ ("Say only what the lab needs of this computer"), NULL},
      {NULL},
  };
  g_autoptr (GHashTable) renames = NULL;
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (GVariant) steps = NULL;
  g_autofree char *document = NULL;
  g_autofree char *folder = NULL;
  gboolean is_start = FALSE;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, TRUE, FALSE, 1, 1, &code))
    return code;
  renames = loom_cli_parse_renames (rename_texts);
  if (renames == NULL)
    return LOOM_EXIT_USAGE;
  lab = loom_cli_load (cli, argv[1], &document, &code);
  if (lab == NULL)
    return code;
  if (cost) {
    print_cost (cli, lab);
    return LOOM_EXIT_OK;
  }
  folder = loom_runtime_dup_folder (argv[1], NULL);
  if (folder != NULL && loom_runtime_is_locked (folder)) {
    steps = plan_edit (cli, argv[1], document, renames, &code);
    if (steps == NULL)
      return code;
  } else {
    steps = plan_start (lab);
    is_start = TRUE;
  }
  print_steps (cli, steps);
  /* A lab that runs has what it needs already. */
  if (is_start && !cli->json)
    print_cost (cli, lab);
  return LOOM_EXIT_OK;
}
