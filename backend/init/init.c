/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloom-init: two processes around a running lab.
 *
 * The keeper, outside (keeper.c), holds the lock of the runtime folder, makes the namespaces by
 * cloning the inner process into them, waits for it, and removes the lab's folders whatever way it
 * ended. The inner process (inner.c) is PID 1 of the lab's pid namespace: it spawns lanloom-engine,
 * reaps orphans, starts the engine again when it crashed, and takes everything with it when it
 * ends, because the kernel kills what is left of a pid namespace whose PID 1 is gone.
 *
 * Whichever of the two is killed, the other cleans up: the keeper sees its child end; PID 1 reads
 * end of file from a pipe whose writing end only the keeper has, and removes the folders before it
 * ends, however it comes to end. When both are killed at once the
 * lock is free, and the next start sweeps the folders.
 *
 * No GLib: its helper threads would forbid making user namespaces, and PID 1 should be small. */

#include "backend/init/init.h"

#include <getopt.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "lanloom-config.h"

#define _(text) dgettext (GETTEXT_PACKAGE, text)

static bool
is_sane_path (const char *path)
{
  return path != NULL && path[0] == '/' && path[1] != '\0' && strlen (path) < PATH_MAX - 64;
}

int
main (int argc, char **argv)
{
  static const struct option long_options[] = {
      {"runtime", required_argument, NULL, 'r'}, {"disks", required_argument, NULL, 'd'},
      {"engine", required_argument, NULL, 'e'},  {"probe", no_argument, NULL, 'p'},
      {"version", no_argument, NULL, 'v'},       {NULL, 0, NULL, 0},
  };
  InitOptions options = {.runtime_fd = -1};
  int option;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOOM_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");

  while ((option = getopt_long (argc, argv, "", long_options, NULL)) != -1) {
    switch (option) {
    case 'r':
      options.runtime = optarg;
      break;
    case 'd':
      options.disks = optarg;
      break;
    case 'e':
      options.engine = optarg;
      break;
    case 'p':
      return init_probe ();
    case 'v':
      puts ("lanloom-init " LOOM_VERSION);
      return 0;
    default:
      return INIT_EXIT_USAGE;
    }
  }
  if (optind == argc - 1)
    options.file = argv[optind];

  if (!is_sane_path (options.runtime) || !is_sane_path (options.disks)
      || !is_sane_path (options.engine) || !is_sane_path (options.file)) {
    init_report (0, _ ("lanloom-init is started by Lanloom itself: --runtime FOLDER --disks FOLDER "
                       "--engine PROGRAM FILE, all absolute."));
    return INIT_EXIT_USAGE;
  }
  return init_keep (&options);
}
