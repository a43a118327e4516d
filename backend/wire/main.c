/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloom-wire: the process that the frames of impaired cables go through. The engine starts it
 * inside of a lab's namespaces, and ends it; it outlives an engine that crashes. */

#include "backend/wire/control.h"
#include "backend/wire/environment.h"
#include "lanloom-config.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>

#include <rte_version.h>

#define MIN_BUFFERS 1024

static char *folder;
static char *control_path;
static gboolean hugepages;
static gboolean check;
static int idle_s = 10;
static int n_buffers = 65536;

static const GOptionEntry OPTIONS[] = {
    {"folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where DPDK may put files", "FOLDER"},
    {"control", 0, 0, G_OPTION_ARG_FILENAME, &control_path, "Where to listen for the engine",
     "SOCKET"},
    {"hugepages", 0, 0, G_OPTION_ARG_NONE, &hugepages, "Use reserved huge pages", NULL},
    {"idle", 0, 0, G_OPTION_ARG_INT, &idle_s, "How long to stay without engine and cables",
     "SECONDS"},
    {"buffers", 0, 0, G_OPTION_ARG_INT, &n_buffers, "How many frames there is room for", "N"},
    {"check", 0, 0, G_OPTION_ARG_NONE, &check, "Start DPDK, say its version and end", NULL},
    {NULL},
};

static gboolean
parse_options (int argc, char **argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, OPTIONS, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (check || (folder != NULL && control_path != NULL && n_buffers >= MIN_BUFFERS && idle_s > 0))
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "needs a folder, a socket to listen at and at least 1024 buffers");
  return FALSE;
}

static gboolean
on_terminated (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
run (GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  LoomWireMemory *memory;
  LoomWireDatapath *datapath;
  LoomWireControl *control;
  int code;

  if (!loom_wire_environment_init (folder, (guint) n_buffers, hugepages, error))
    return FALSE;
  memory = loom_wire_memory_new ((guint) n_buffers, hugepages, &code);
  if (memory == NULL) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-code), "no memory for packets: %s",
                 g_strerror (-code));
    return FALSE;
  }
  datapath = loom_wire_datapath_new (memory);
  if (datapath == NULL) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "no descriptors: %s",
                 g_strerror (errno));
    loom_wire_memory_free (memory);
    return FALSE;
  }
  control = loom_wire_control_new (control_path, (guint) idle_s, memory, datapath, loop, error);
  g_unix_signal_add (SIGTERM, on_terminated, loop);
  if (control != NULL)
    g_main_loop_run (loop);
  loom_wire_datapath_free (datapath);
  loom_wire_control_free (control);
  loom_wire_memory_free (memory);
  return control != NULL;
}

/* What `lanloomctl doctor` asks: whether this program could do its work here. Whoever does not want
 * to know it any more waits for the third of a second that it takes: its folder is to go. */
static gboolean
run_check (GError **error)
{
  g_autofree char *own = NULL;
  gboolean starts;

  signal (SIGTERM, SIG_IGN);
  own = g_dir_make_tmp ("lanloom-wire-XXXXXX", error);
  starts = own != NULL && loom_wire_environment_init (own, MIN_BUFFERS, FALSE, error);
  if (starts)
    g_print ("%s\n", rte_version ());
  if (own != NULL)
    loom_wire_environment_remove (own);
  return starts;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOOM_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  signal (SIGPIPE, SIG_IGN);
  umask (0077);
  if (parse_options (argc, argv, &error) && (check ? run_check (&error) : run (&error)))
    return 0;
  g_printerr ("lanloom-wire: %s\n", error->message);
  return 1;
}
