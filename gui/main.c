/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloom: the window. */

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>

#include "backend/engine/paths.h"
#include "gui/application.h"

int
main (int argc, char **argv)
{
  g_autofree char *locale_dir = loom_paths_dup_locale ();
  g_autoptr (LoomApplication) application = NULL;

  /* Programs that read from us may end. */
  signal (SIGPIPE, SIG_IGN);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname (LOOM_APPLICATION_ID);
  g_set_application_name ("Lanloom");
  application = loom_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
