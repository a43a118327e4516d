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

static void
add_problem (JsonBuilder *builder, const LoomProblem *problem)
{
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
}

static void
print_problem (const char *file, const LoomProblem *problem)
{
  if (problem->line > 0)
    g_print ("%s:%d: %s\n", file, problem->line, problem->message);
  else
    g_print ("%s: %s\n", file, problem->message);
}

/* Checks one file. Adds what is wrong to @builder's open array, and says it to people. */
static gboolean
check_file (LoomCli *cli, const char *file, JsonBuilder *builder)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLab) lab = loom_project_file_load (cli->catalogue, file, &problems, &error);
  const LoomProblem unread = {.message = error != NULL ? error->message : NULL};
  guint n_problems = lab == NULL && problems != NULL ? problems->len : 0;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, file);
  json_builder_set_member_name (builder, "ok");
  json_builder_add_boolean_value (builder, lab != NULL);
  json_builder_set_member_name (builder, "problems");
  json_builder_begin_array (builder);
  for (guint i = 0; lab == NULL && i < MAX (n_problems, 1); i++) {
    const LoomProblem *problem = n_problems > 0 ? problems->pdata[i] : &unread;

    add_problem (builder, problem);
    if (!cli->json)
      print_problem (file, problem);
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

static int
print_text (const char *text)
{
  if (fputs (text, stdout) != EOF && fflush (stdout) != EOF)
    return LOOM_EXIT_OK;
  loom_cli_say (_ ("The standard output could not be written: %s."), g_strerror (errno));
  return LOOM_EXIT_FAILED;
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
  if (!in_place && output == NULL)
    return print_text (text);
  if (in_place && strcmp (before, text) == 0)
    return LOOM_EXIT_OK;
  if (!loom_project_file_save (in_place ? argv[1] : output, text, strlen (text), &error))
    return loom_cli_fail (cli, error);
  return LOOM_EXIT_OK;
}
