/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Commands that look at a project file and at nothing else: check, format. */

#include "backend/cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/engine/catalogue-load.h"
#include "backend/engine/project-file.h"
#include "canvas/model/reader.h"
#include "canvas/model/writer.h"

/* Checks one file. Adds what is wrong to @builder's open array, or says it. */
static gboolean
check_file (LoomCli *cli, const char *file, JsonBuilder *builder)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLab) lab = NULL;

  lab = loom_project_file_load (cli->catalogue, file, &problems, &error);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, file);
  json_builder_set_member_name (builder, "ok");
  json_builder_add_boolean_value (builder, lab != NULL);
  json_builder_set_member_name (builder, "problems");
  json_builder_begin_array (builder);
  if (lab == NULL && (problems == NULL || problems->len == 0)) {
    g_clear_pointer (&problems, g_ptr_array_unref);
    problems = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_problem_free);
    g_ptr_array_add (problems, g_new0 (LoomProblem, 1));
    ((LoomProblem *) problems->pdata[0])->message = g_strdup (error->message);
  }
  for (guint i = 0; lab == NULL && i < problems->len; i++) {
    LoomProblem *problem = g_ptr_array_index (problems, i);

    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "line");
    json_builder_add_int_value (builder, problem->line);
    json_builder_set_member_name (builder, "item");
    if (problem->item != NULL)
      json_builder_add_string_value (builder, problem->item);
    else
      json_builder_add_null_value (builder);
    json_builder_set_member_name (builder, "message");
    json_builder_add_string_value (builder, problem->message);
    json_builder_end_object (builder);
    if (!cli->json && problem->line > 0)
      g_print ("%s:%d: %s\n", file, problem->line, problem->message);
    else if (!cli->json)
      g_print ("%s: %s\n", file, problem->message);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return lab != NULL;
}

int
loom_cli_check (LoomCli *cli, int argc, char **argv)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, TRUE, FALSE, 1, -1, &code))
    return code;
  cli->catalogue = loom_catalogue_load (&error);
  if (cli->catalogue == NULL)
    return loom_cli_fail (cli, error);
  json_builder_begin_array (builder);
  for (int i = 1; i < argc; i++)
    ok = check_file (cli, argv[i], builder) && ok;
  json_builder_end_array (builder);
  if (cli->json)
    loom_cli_print_json (builder, TRUE);
  return ok ? LOOM_EXIT_OK : LOOM_EXIT_PROBLEMS;
}

int
loom_cli_format (LoomCli *cli, int argc, char **argv)
{
  g_autofree char *output = NULL;
  gboolean in_place = FALSE;
  gboolean check = FALSE;
  const GOptionEntry entries[] = {
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_ ("Write to this file"), N_ ("PATH")},
      {"in-place", 'i', 0, G_OPTION_ARG_NONE, &in_place, N_ ("Write back to the file itself"),
       NULL},
      {"check", 0, 0, G_OPTION_ARG_NONE, &check,
       N_ ("Write nothing; exit 1 if the file is not in its canonical form"), NULL},
      {NULL},
  };
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *before = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 1, 1, &code))
    return code;
  if ((output != NULL) + in_place + check > 1) {
    loom_cli_say (_ ("--output, --in-place and --check exclude each other."));
    return LOOM_EXIT_USAGE;
  }
  lab = loom_cli_load (cli, argv[1], &text, &code);
  if (lab == NULL)
    return code;
  if (!g_file_get_contents (argv[1], &before, NULL, &error))
    return loom_cli_fail (cli, error);
  if (check)
    return strcmp (before, text) == 0 ? LOOM_EXIT_OK : LOOM_EXIT_PROBLEMS;
  if (in_place || output != NULL) {
    if (in_place && strcmp (before, text) == 0)
      return LOOM_EXIT_OK;
    if (!loom_project_file_save (in_place ? argv[1] : output, text, strlen (text), &error))
      return loom_cli_fail (cli, error);
    return LOOM_EXIT_OK;
  }
  if (fputs (text, stdout) == EOF || fflush (stdout) == EOF) {
    loom_cli_say (_ ("The standard output could not be written: %s."), g_strerror (errno));
    return LOOM_EXIT_FAILED;
  }
  return LOOM_EXIT_OK;
}
