/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloomctl: labs from the terminal. The table of commands and the choice among them; what they
 * share is in cli.c, and each command or small group of them in a file of its own. */

#include "backend/cli/cli.h"
#include "backend/engine/paths.h"
#include "lanloom-config.h"

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

const LoomCliCommand loom_cli_commands[] = {
    {"check", N_ ("FILE…"), N_ ("Say what is wrong with a project file"), NULL, loom_cli_check},
    {"format", N_ ("FILE"), N_ ("Write a project file in its canonical form"), NULL,
     loom_cli_format},
    {"plan", N_ ("FILE"), N_ ("Say what starting, or applying an edit, would do"), NULL,
     loom_cli_plan},
    {"start", N_ ("FILE [NODE…]"), N_ ("Start the lab and wait until its machines are ready"),
     N_ ("With nodes, only those machines start, and those they start after; the others stay off "
         "until they are named, too. Interrupted, it ends what it began. If the lab runs already, "
         "what failed in it is tried again."),
     loom_cli_start},
    {"status", N_ ("[FILE]"), N_ ("Show a running lab, or the labs that run"), NULL,
     loom_cli_status},
    {"apply", N_ ("FILE"), N_ ("Make the running lab what the file now says"), NULL,
     loom_cli_apply},
    {"counters", N_ ("FILE"), N_ ("Show what went through each cable, each way"), NULL,
     loom_cli_counters},
    {"link", N_ ("FILE END [END] [MEMBER=VALUE…]"),
     N_ ("Show what a cable does to frames, or set it: delay_ms=20 loss_percent=1"),
     N_ ("Members are those of project files. Where the lab runs, the running lab is changed at "
         "once, "
         "and the file is not unless --save is given; where it does not, the file is changed."),
     loom_cli_link},
    {"unplug", N_ ("FILE END [END]"), N_ ("Pull a cable out: its machines lose their carrier"),
     NULL, loom_cli_plug},
    {"plug", N_ ("FILE END [END]"), N_ ("Plug a cable in again, whatever its fault"), NULL,
     loom_cli_plug},
    {"hold", N_ ("FILE END [END]"), N_ ("Let the frames of a cable wait on it"),
     N_ ("At most 1,000 wait in each direction; those that come then are lost, and counted."),
     loom_cli_hold},
    {"held", N_ ("FILE END [END]"), N_ ("Show the frames that wait"), NULL, loom_cli_held},
    {"step", N_ ("FILE END [END]"), N_ ("Let the next frame pass, the others wait on"), NULL,
     loom_cli_act},
    {"drop", N_ ("FILE END [END]"), N_ ("Lose the next frame that waits"), NULL, loom_cli_act},
    {"duplicate", N_ ("FILE END [END]"), N_ ("Send the next frame that waits twice"), NULL,
     loom_cli_act},
    {"corrupt", N_ ("FILE END [END]"), N_ ("Send the next frame that waits with a wrong bit"), NULL,
     loom_cli_act},
    {"delay", N_ ("FILE END [END]"), N_ ("Send the next frame that waits some time later"), NULL,
     loom_cli_act},
    {"release", N_ ("FILE END [END]"), N_ ("Let all frames pass that wait, and those that come"),
     NULL, loom_cli_hold},
    {"capture", N_ ("FILE CAPTURE.pcapng PORT…"),
     N_ ("Write what passes at ports (“pc1:0”) to a file or pipe"),
     N_ ("Until it is interrupted, or a limit is reached. Each port is an interface of the "
         "capture, "
         "with both directions."),
     loom_cli_capture},
    {"exec", N_ ("FILE NODE [--] COMMAND…"), N_ ("Run a command inside a machine"),
     N_ ("Standard input, output and error are the command's; the exit code is the command's."),
     loom_cli_exec},
    {"copy", N_ ("FILE SOURCE DESTINATION"), N_ ("Copy a file or folder into or out of a machine"),
     N_ ("One of the two is NODE:PATH, a path inside that machine; the other is a path here."),
     loom_cli_copy},
    {"console", N_ ("FILE NODE"), N_ ("Open a machine's serial console in this terminal"),
     N_ ("Ctrl+] leaves the console; the machine goes on."), loom_cli_console},
    {"pause", N_ ("FILE [NODE…]"), N_ ("Hold machines, all of them if none is named"),
     N_ ("A machine that is held costs no processor time and goes on where it was."),
     loom_cli_power},
    {"resume", N_ ("FILE [NODE…]"), N_ ("Let machines that are held go on"), NULL, loom_cli_power},
    {"restart", N_ ("FILE [NODE…]"), N_ ("Switch machines off and on again"),
     N_ ("The rest of the lab goes on. Returns when the order is given; “lanloomctl status” shows "
         "how it goes."),
     loom_cli_power},
    {"stop", N_ ("FILE…"), N_ ("Stop the lab and wait until nothing of it is left"), NULL,
     loom_cli_stop},
    {"run", N_ ("FILE [-- NODE COMMAND…]"), N_ ("Start the lab, run a command in it, stop it"),
     N_ ("The exit code is the command's, so that a lab can be a test. Without a command the lab "
         "is started, found ready, and stopped."),
     loom_cli_run},
    {"doctor", "", N_ ("Say what this computer has of what labs need"),
     N_ ("Everything is found out by trying. Nothing is changed: remedies are commands to copy."),
     loom_cli_doctor},
    {NULL},
};

static void
print_help (void)
{
  g_print ("%s\n  lanloomctl %s\n\n%s\n\n%s\n", _ ("Usage:"), _ ("COMMAND [ARGUMENT…]"),
           _ ("Runs network labs from the terminal."), _ ("Commands:"));
  for (const LoomCliCommand *command = loom_cli_commands; command->name != NULL; command++)
    g_print ("  %-9s %s\n", command->name, _ (command->summary));
  g_print ("\n%s\n%s\n", _ ("“lanloomctl COMMAND --help” explains one of them."),
           _ ("Exit codes: 0 done, 1 the file or lab has problems, 2 wrong usage, 3 not running, "
              "4 this computer lacks something, 5 failed."));
}

static const LoomCliCommand *
find_command (const char *name)
{
  for (const LoomCliCommand *command = loom_cli_commands; command->name != NULL; command++)
    if (strcmp (command->name, name) == 0)
      return command;
  return NULL;
}

static gboolean
take_signal (LoomCli *cli, int signal_number)
{
  cli->signal_number = signal_number;
  g_cancellable_cancel (cli->cancellable);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  return take_signal (user_data, SIGINT);
}

static gboolean
on_terminate (gpointer user_data)
{
  return take_signal (user_data, SIGTERM);
}

static gboolean
on_hangup (gpointer user_data)
{
  return take_signal (user_data, SIGHUP);
}

static int
run_command (const LoomCliCommand *command, int argc, char **argv)
{
  LoomCli cli = {.command = command, .cancellable = g_cancellable_new ()};
  guint sources[] = {g_unix_signal_add (SIGINT, on_interrupt, &cli),
                     g_unix_signal_add (SIGTERM, on_terminate, &cli),
                     g_unix_signal_add (SIGHUP, on_hangup, &cli)};
  int code;

  /* Writing to a closed pipe is an error to report, not an end without words. */
  signal (SIGPIPE, SIG_IGN);
  code = command->run (&cli, argc, argv);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  g_clear_object (&cli.catalogue);
  g_object_unref (cli.cancellable);
  return code;
}

static int
show_help_of (const char *name)
{
  const LoomCliCommand *command = find_command (name);
  char *argv[] = {(char *) name, (char *) "--help", NULL};

  if (command != NULL)
    return run_command (command, 2, argv);
  loom_cli_say (_ ("There is no command “%s”. “lanloomctl --help” lists them."), name);
  return LOOM_EXIT_USAGE;
}

int
main (int argc, char **argv)
{
  g_autofree char *locale_dir = loom_paths_dup_locale ();
  const LoomCliCommand *command;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("lanloomctl");

  if (argc < 2) {
    loom_cli_say (_ ("Which command? “lanloomctl --help” lists them."));
    return LOOM_EXIT_USAGE;
  }
  if (strcmp (argv[1], "--version") == 0) {
    g_print ("lanloomctl %s\n", LOOM_VERSION);
    return LOOM_EXIT_OK;
  }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0) {
    print_help ();
    return LOOM_EXIT_OK;
  }
  if (strcmp (argv[1], "help") == 0) {
    if (argc > 2)
      return show_help_of (argv[2]);
    print_help ();
    return LOOM_EXIT_OK;
  }
  command = find_command (argv[1]);
  if (command == NULL)
    return show_help_of (argv[1]);
  return run_command (command, argc - 1, argv + 1);
}
