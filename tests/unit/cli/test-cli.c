/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pure parts of lanloomctl: places, rates, renamings, addresses, the command line. */

#include "backend/cli/cli.h"
#include "backend/cli/life.h"
#include "backend/cli/watch.h"

static void
expect_location (const char *text, const char *node, const char *path)
{
  g_autofree char *got_node = NULL;
  g_autofree char *got_path = NULL;

  g_assert_cmpint (loom_cli_split_location (text, &got_node, &got_path), ==, node != NULL);
  g_assert_cmpstr (got_node, ==, node);
  g_assert_cmpstr (got_path, ==, path);
}

static void
test_location (void)
{
  expect_location ("pc1:/etc/hosts", "pc1", "/etc/hosts");
  expect_location ("pc1:a:b", "pc1", "a:b");
  expect_location ("/etc/hosts", NULL, NULL);
  expect_location ("./pc1:x", NULL, NULL);
  expect_location ("pc1:", NULL, NULL);
  expect_location (":x", NULL, NULL);
  expect_location ("../pc1:x", NULL, NULL);
}

static void
expect_rate (double bps, const char *wanted)
{
  g_autofree char *text = loom_cli_dup_rate (bps);

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_rate (void)
{
  expect_rate (0, "0 bit/s");
  expect_rate (999, "999 bit/s");
  expect_rate (1000, "1.0 kbit/s");
  expect_rate (999940, "999.9 kbit/s");
  expect_rate (999960, "1.0 Mbit/s");
  expect_rate (1.25e9, "1.2 Gbit/s");
  expect_rate (9e15, "9000.0 Tbit/s");
}

static void
test_renames (void)
{
  char *good[] = {(char *) "pc1=web", (char *) "pc2=db", NULL};
  char *bad[] = {(char *) "pc1=", NULL};
  g_autoptr (GHashTable) renames = loom_cli_parse_renames (good);
  g_autoptr (GHashTable) none = loom_cli_parse_renames (NULL);

  g_assert_cmpstr (g_hash_table_lookup (renames, "pc1"), ==, "web");
  g_assert_cmpuint (g_hash_table_size (renames), ==, 2);
  g_assert_cmpuint (g_hash_table_size (none), ==, 0);
  g_assert_null (loom_cli_parse_renames (bad));
}

static void
test_address (void)
{
  g_autoptr (LoomNode) node = loom_node_new ("pc1", "tiny", 2);
  g_autofree char *none = loom_cli_dup_address (node);
  g_autofree char *first = NULL;

  g_assert_null (none);
  node->ports[1].addresses = g_strdup ("10.0.0.1/24, fd00::1/64");
  first = loom_cli_dup_address (node);
  g_assert_cmpstr (first, ==, "10.0.0.1");
}

/* Runs the parser on a command line for a command that takes one or two arguments. */
static gboolean
parse (const char *line, gboolean strict, gboolean *ret_flag, char **ret_rest, int *ret_code)
{
  static const LoomCliCommand command = {"test", "A [B]", "Test", NULL, NULL};
  LoomCli cli = {.command = &command};
  const GOptionEntry entries[] = {
      {"flag", 'f', 0, G_OPTION_ARG_NONE, ret_flag, "Flag", NULL},
      {NULL},
  };
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autofree char **view = g_memdup2 (argv, sizeof (char *) * (g_strv_length (argv) + 1));
  char **cursor = view;
  int argc = (int) g_strv_length (argv);
  gboolean ok;

  *ret_flag = FALSE;
  ok = loom_cli_parse (&cli, &argc, &cursor, entries, TRUE, strict, 1, 2, ret_code);
  *ret_rest = ok ? g_strjoinv (" ", cursor + 1) : NULL;
  return ok;
}

static void
test_parse (void)
{
  g_autofree char *rest = NULL;
  gboolean flag;
  int code;

  g_assert_true (parse ("test a --flag b", FALSE, &flag, &rest, &code));
  g_assert_true (flag);
  g_assert_cmpstr (rest, ==, "a b");
  g_clear_pointer (&rest, g_free);

  /* Strict: what follows the first argument is the guest's. */
  g_assert_true (parse ("test a --flag", TRUE, &flag, &rest, &code));
  g_assert_false (flag);
  g_assert_cmpstr (rest, ==, "a --flag");
  g_clear_pointer (&rest, g_free);

  g_assert_false (parse ("test", FALSE, &flag, &rest, &code));
  g_assert_cmpint (code, ==, LOOM_EXIT_USAGE);
  g_assert_false (parse ("test a b c", FALSE, &flag, &rest, &code));
  g_assert_cmpint (code, ==, LOOM_EXIT_USAGE);
  g_assert_false (parse ("test a --such", FALSE, &flag, &rest, &code));
  g_assert_cmpint (code, ==, LOOM_EXIT_USAGE);
}

static void
test_exit_codes (void)
{
  LoomCli cli = {0};
  g_autoptr (GError) error = g_error_new_literal (LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING,
                                                  "Not running.");
  g_autoptr (GError)
      cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled.");

  g_assert_cmpint (loom_cli_fail (&cli, error), ==, LOOM_EXIT_NOT_RUNNING);
  error->code = LOOM_ENGINE_ERROR_HOST;
  g_assert_cmpint (loom_cli_fail (&cli, error), ==, LOOM_EXIT_HOST);
  error->code = LOOM_ENGINE_ERROR_CLOSED;
  g_assert_cmpint (loom_cli_fail (&cli, error), ==, LOOM_EXIT_FAILED);
  cli.signal_number = 2;
  g_assert_cmpint (loom_cli_fail (&cli, cancelled), ==, 130);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/location", test_location);
  g_test_add_func ("/cli/rate", test_rate);
  g_test_add_func ("/cli/renames", test_renames);
  g_test_add_func ("/cli/address", test_address);
  g_test_add_func ("/cli/parse", test_parse);
  g_test_add_func ("/cli/exit-codes", test_exit_codes);
  return g_test_run ();
}
