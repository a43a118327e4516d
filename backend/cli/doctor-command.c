/* SPDX-License-Identifier: GPL-3.0-or-later */

/* doctor: what this computer has of what labs need. */

#include "backend/cli/cli.h"

#include <unistd.h>

#include "backend/engine/doctor-observe.h"

static void
print_json (GPtrArray *report)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "verdict");
  json_builder_add_string_value (builder, loom_severity_to_id (loom_doctor_worst (report)));
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->len; i++) {
    const LoomFinding *finding = g_ptr_array_index (report, i);

    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "id");
    json_builder_add_string_value (builder, finding->id);
    json_builder_set_member_name (builder, "severity");
    json_builder_add_string_value (builder, loom_severity_to_id (finding->severity));
    json_builder_set_member_name (builder, "title");
    json_builder_add_string_value (builder, finding->title);
    json_builder_set_member_name (builder, "found");
    json_builder_add_string_value (builder, finding->found);
    json_builder_set_member_name (builder, "remedy");
    if (finding->remedy != NULL)
      json_builder_add_string_value (builder, finding->remedy);
    else
      json_builder_add_null_value (builder);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  loom_cli_print_json (builder, TRUE);
}

static void
print_text (GPtrArray *report)
{
  g_autofree char *summary = loom_doctor_dup_summary (report);

  for (guint i = 0; i < report->len; i++) {
    const LoomFinding *finding = g_ptr_array_index (report, i);

    /* Translators: "advice: Huge pages: None are reserved." */
    g_print (_ ("%s: %s: %s\n"), loom_severity_to_label (finding->severity), finding->title,
             finding->found);
    if (finding->remedy != NULL)
      g_print ("    %s\n", finding->remedy);
  }
  g_print ("%s\n", summary);
}

static void
on_progress (const char *sentence, guint n_done, guint n_all, gpointer user_data)
{
  if (isatty (STDERR_FILENO))
    g_printerr ("%u/%u %s\n", n_done, n_all, sentence);
}

int
loom_cli_doctor (LoomCli *cli, int argc, char **argv)
{
  g_autoptr (LoomDoctorObserved) observed = NULL;
  g_autoptr (GPtrArray) report = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, TRUE, FALSE, 0, 0, &code))
    return code;
  loom_doctor_observe_async (cli->cancellable, on_progress, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  observed = loom_doctor_observe_finish (result, &error);
  if (observed == NULL)
    return loom_cli_fail (cli, error);
  report = loom_doctor_report (observed);
  if (cli->json)
    print_json (report);
  else
    print_text (report);
  return loom_doctor_worst (report) == LOOM_SEVERITY_PROBLEM ? LOOM_EXIT_HOST : LOOM_EXIT_OK;
}
