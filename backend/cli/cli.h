/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every command of lanloomctl shares: the exit codes, the options, reading a lab, waiting for
 * an answer, saying what went wrong. A command is one function that runs from top to bottom. */

#pragma once

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

#include "backend/engine/client.h"
#include "backend/engine/engine-dbus.h"
#include "canvas/model/lab.h"

G_BEGIN_DECLS

/* Documented in the man page; exec and run pass on the command's own instead. */
typedef enum {
  LOOM_EXIT_OK = 0,
  LOOM_EXIT_PROBLEMS = 1,    /* the file or the lab has problems */
  LOOM_EXIT_USAGE = 2,       /* the command line is wrong */
  LOOM_EXIT_NOT_RUNNING = 3, /* the lab does not run */
  LOOM_EXIT_HOST = 4,        /* this computer lacks something */
  LOOM_EXIT_FAILED = 5,      /* it was tried and did not work */
} LoomExit;

typedef struct _LoomCli LoomCli;
typedef struct _LoomCliCommand LoomCliCommand;

struct _LoomCliCommand {
  const char *name;
  const char *parameters;                           /* "FILE NODE [--] COMMAND…"; translated */
  const char *summary;                              /* one line for the list; translated */
  const char *details;                              /* what --help adds; translated; or NULL */
  int (*run) (LoomCli *cli, int argc, char **argv); /* argv[0] is the command's name */
};

struct _LoomCli {
  const LoomCliCommand *command;
  gboolean json;             /* --json */
  GCancellable *cancellable; /* cancelled by SIGINT, SIGTERM and SIGHUP */
  int signal_number;         /* which of them; 0: none */
  LoomCatalogue *catalogue;  /* loaded when first needed */
};

/* All commands, in the order of the list, the last with a NULL name. */
extern const LoomCliCommand loom_cli_commands[];

int loom_cli_check (LoomCli *cli, int argc, char **argv);
int loom_cli_format (LoomCli *cli, int argc, char **argv);
int loom_cli_plan (LoomCli *cli, int argc, char **argv);
int loom_cli_start (LoomCli *cli, int argc, char **argv);
int loom_cli_power (LoomCli *cli, int argc, char **argv);
int loom_cli_stop (LoomCli *cli, int argc, char **argv);
int loom_cli_apply (LoomCli *cli, int argc, char **argv);
int loom_cli_status (LoomCli *cli, int argc, char **argv);
int loom_cli_counters (LoomCli *cli, int argc, char **argv);
int loom_cli_link (LoomCli *cli, int argc, char **argv);
int loom_cli_plug (LoomCli *cli, int argc, char **argv);
int loom_cli_hold (LoomCli *cli, int argc, char **argv);
int loom_cli_held (LoomCli *cli, int argc, char **argv);
int loom_cli_act (LoomCli *cli, int argc, char **argv);
int loom_cli_capture (LoomCli *cli, int argc, char **argv);
int loom_cli_exec (LoomCli *cli, int argc, char **argv);
int loom_cli_copy (LoomCli *cli, int argc, char **argv);
int loom_cli_console (LoomCli *cli, int argc, char **argv);
int loom_cli_run (LoomCli *cli, int argc, char **argv);
int loom_cli_doctor (LoomCli *cli, int argc, char **argv);

/* --- the command line ---*/

/* Parses @argv by @entries (nullable) and --json (if @with_json). @strict: options end at the first
 * argument that is none. FALSE: @ret_code says how to exit (help was shown, or an error). On
 * success the arguments that are left start at (*argv)[1]; they must be @min … @max (-1: any
 * number). */
gboolean loom_cli_parse (LoomCli *cli, int *argc, char ***argv, const GOptionEntry *entries,
                         gboolean with_json, gboolean strict, int min, int max, int *ret_code);

/* --- saying ---*/

/* Writes "lanloomctl: " and the sentence to the standard error. */
void loom_cli_say (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Says @error and returns the exit code it means; 128 + signal when a signal ended the call. */
int loom_cli_fail (LoomCli *cli, const GError *error);
/* Writes @builder's value to the standard output: pretty, or on one line. */
void loom_cli_print_json (JsonBuilder *builder, gboolean pretty);

/* --- waiting ---*/

/* The GAsyncReadyCallback for loom_cli_wait (): user_data is the address of a NULL GAsyncResult *.
 */
void loom_cli_on_ready (GObject *source, GAsyncResult *result, gpointer user_data);
/* Runs the main loop until *@slot is set. Returns it, and owns it no more (transfer full). */
GAsyncResult *loom_cli_wait (GAsyncResult **slot);
/* Runs the main loop for @ms milliseconds, or until a signal came (FALSE). */
gboolean loom_cli_sleep (LoomCli *cli, guint ms);

/* --- labs ---*/

/* Reads the project file @file. NULL: its problems were said and @ret_code set.
 * @ret_text (optional, transfer full): its canonical text. */
LoomLab *loom_cli_load (LoomCli *cli, const char *file, char **ret_text, int *ret_code);
/* (transfer full) (nullable): the lab that the text @document describes; NULL if none. */
LoomLab *loom_cli_read_document (LoomCli *cli, const char *document);
/* A client of @file's lab, attached. NULL: the reason was said and @ret_code set. */
LoomClient *loom_cli_attach (LoomCli *cli, const char *file, int *ret_code);
/* (transfer full): what @client's engine is called by; waits while it is started again. NULL with
 * @error: the lab ended, or a signal came. */
LoomDBusEngine *loom_cli_ref_engine (LoomCli *cli, LoomClient *client, GError **error);
/* Says from now on what of @client's lab does not answer. */
void loom_cli_watch_hangs (LoomClient *client);
/* Waits until every node of @lab is ready, saying what changes. Exit code: PROBLEMS if one failed,
 * FAILED when @timeout_s passed or the lab ended, 128 + signal. */
int loom_cli_wait_ready (LoomCli *cli, LoomClient *client, LoomLab *lab, double timeout_s);
/* Ends the lab and waits until it is gone, whatever signals come. */
int loom_cli_stop_lab (LoomCli *cli, LoomClient *client);
/* Runs @argv in @node's guest. Returns its exit status, or -1 with @error. */
int loom_cli_exec_in (LoomCli *cli, LoomClient *client, const char *node, const char *const *argv,
                      int in_fd, int out_fd, int err_fd, GError **error);

/* (transfer full): of LoomClientCounters; NULL with @error. @ret_time_us: as of the client. */
GPtrArray *loom_cli_read_counters (LoomCli *cli, LoomClient *client, gint64 *ret_time_us,
                                   GError **error);
/* A table of @links on the standard output. */
void loom_cli_print_counters (GPtrArray *links);

/* --- numbers for people (in the C locale's digits and the person's decimal point) ---*/

/* (transfer full): "12.3 Mbit/s", powers of ten. */
char *loom_cli_dup_rate (double bps);

/* --- copy's arguments ---*/

/* Splits "pc1:/etc/hosts" into node and path. FALSE: it is a path of the host ("./a:b", "/x", "x").
 * Both out parameters (transfer full). */
gboolean loom_cli_split_location (const char *text, char **ret_node, char **ret_path);

/* Gives the power order @action to @node ("": all). */
gboolean loom_cli_order (LoomCli *cli, LoomClient *client, const char *node, const char *action,
                         GError **error);

G_END_DECLS
