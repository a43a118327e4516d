/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloom-engine: the one writer of a running lab. Started by lanloom-init as its child, inside the
 * lab's namespaces. It exits with status 0 when the lab is to end (lanloom-init then ends
 * everything else), with another when it cannot go on (lanloom-init starts it again). */

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <unistd.h>

#include "backend/engine/catalogue-load.h"
#include "backend/engine/engine.h"
#include "backend/engine/log.h"
#include "backend/engine/paths.h"
#include "backend/engine/runtime.h"
#include "backend/engine/service.h"
#include "lanloom-config.h"

/* A lab that nobody is connected to, and nobody handed a document to or can connect to any more, is
 * no lab. */
#define ORPHAN_TIMEOUT_S 30

typedef struct {
  GMainLoop *loop;
  LoomEngine *engine;
  LoomService *service;
} Program;

static void
on_stop_requested (LoomService *service, gpointer user_data)
{
  g_main_loop_quit (((Program *) user_data)->loop);
}

static gboolean
on_terminated (gpointer user_data)
{
  Program *program = user_data;

  loom_engine_begin_stop (program->engine);
  g_main_loop_quit (program->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_orphan_check (gpointer user_data)
{
  Program *program = user_data;

  if (loom_service_get_n_clients (program->service) == 0
      && (loom_engine_get_generation (program->engine) == 0
          || loom_engine_has_lost_folder (program->engine))) {
    g_message ("nobody wants this lab");
    g_main_loop_quit (program->loop);
  }
  return G_SOURCE_CONTINUE;
}

static int
run (const char *file, const char *runtime_folder, const char *disk_folder, GError **error)
{
  g_autofree char *socket_path = g_build_filename (runtime_folder, LOOM_RUNTIME_SOCKET, NULL);
  g_autoptr (LoomCatalogue) catalogue = loom_catalogue_load (error);
  if (catalogue == NULL)
    return 1;

  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (LoomEngine) engine = loom_engine_new (catalogue, file, runtime_folder, disk_folder);
  g_autoptr (LoomService) service = loom_service_new (engine, socket_path, error);
  if (service == NULL)
    return 1;

  Program program = {.loop = loop, .engine = engine, .service = service};
  g_signal_connect (service, "stop-requested", G_CALLBACK (on_stop_requested), &program);
  g_unix_signal_add (SIGTERM, on_terminated, &program);
  g_timeout_add_seconds (ORPHAN_TIMEOUT_S, on_orphan_check, &program);
  g_main_loop_run (loop);
  /* What still runs is ended by PID 1, at once and all together: no need to take it apart here. */
  g_message ("the lab ends");
  _exit (0);
}

int
main (int argc, char **argv)
{
  g_autofree char *runtime_folder = NULL;
  g_autofree char *disk_folder = NULL;
  g_autofree char *locale_folder = loom_paths_dup_locale ();
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
      {"runtime", 0, 0, G_OPTION_ARG_FILENAME, &runtime_folder, "The lab's runtime folder", "DIR"},
      {"disks", 0, 0, G_OPTION_ARG_FILENAME, &disk_folder, "The lab's folder of disks", "DIR"},
      {NULL},
  };

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  loom_log_install ();

  g_autoptr (GOptionContext) context = g_option_context_new ("FILE");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2 || runtime_folder == NULL
      || disk_folder == NULL) {
    g_printerr ("%s\n", _ ("lanloom-engine is started by lanloom-init."));
    return 2;
  }

  int status = run (argv[1], runtime_folder, disk_folder, &error);
  if (error != NULL)
    g_warning ("%s", error->message);
  return status;
}
