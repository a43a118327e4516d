/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From nothing to a switch that answers.
 *
 * create     ovsdb-tool makes an empty database; then the server is started
 * database   tries to connect to the server until it listens
 * vswitchd   the configuration is written (switch-configuration.c) and vswitchd started; waits
 *            until it has done all of it
 * panel      tries to connect to the panel's OpenFlow socket until it listens
 *
 * Attaching to what runs enters at "database" and writes nothing. Whichever process exits meanwhile
 * ends the boot, with the last words it printed. */

#include "backend/ovs/switch-parts.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "backend/ovs/fabric-diff.h"
#include "backend/proto/awake.h"
#include "backend/proto/backoff.h"

#define BOOT_TIMEOUT_S 30
#define RETRY_MIN_US 2000
#define RETRY_MAX_US 50000
#define CONNECT_TIMEOUT_US (5 * G_USEC_PER_SEC)
#define LAST_WORDS_BYTES 600

typedef enum {
  STEP_CREATE,
  STEP_DATABASE,
  STEP_VSWITCHD,
  STEP_PANEL,
  STEP_OVER, /* succeeded, or is being cleaned up */
} Step;

typedef struct {
  char *folder;
  LoomSwitchOptions options;
  gboolean attach;
  Step step;
  LoomSwitchParts *parts;
  LoomBackoff backoff;
  guint retry_id;
  guint timeout_id;
  gulong cancelled_id;
  GCancellable *inner; /* cancels what the steps have in flight */
  GError *error;       /* why it is being cleaned up */
} Boot;

static void try_connect (GTask *task);
static void start_vswitchd (GTask *task);

static void
boot_free (Boot *boot)
{
  g_clear_handle_id (&boot->retry_id, g_source_remove);
  g_clear_handle_id (&boot->timeout_id, g_source_remove);
  g_clear_pointer (&boot->parts, loom_switch_parts_free);
  g_clear_object (&boot->inner);
  g_clear_error (&boot->error);
  g_free (boot->folder);
  g_free (boot);
}

/* Nothing may call back into the boot from here on. */
static void
leave_steps (GTask *task)
{
  Boot *boot = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  boot->step = STEP_OVER;
  g_clear_handle_id (&boot->retry_id, g_source_remove);
  g_clear_handle_id (&boot->timeout_id, g_source_remove);
  if (cancellable != NULL && boot->cancelled_id != 0)
    g_signal_handler_disconnect (cancellable, boot->cancelled_id);
  boot->cancelled_id = 0;
  if (boot->parts->database != NULL)
    g_signal_handlers_disconnect_by_data (boot->parts->database, task);
  if (boot->parts->vswitchd != NULL)
    g_signal_handlers_disconnect_by_data (boot->parts->vswitchd, task);
  if (boot->parts->ovsdb != NULL)
    g_signal_handlers_disconnect_by_data (boot->parts->ovsdb, task);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Boot *boot = g_task_get_task_data (task);

  loom_switch_end_finish (result);
  g_task_return_error (task, g_steal_pointer (&boot->error));
  g_object_unref (task); /* the reference of the boot itself */
}

/* Takes @error. */
static void
fail (GTask *task, GError *error)
{
  Boot *boot = g_task_get_task_data (task);

  if (boot->step == STEP_OVER) {
    g_error_free (error);
    return;
  }
  leave_steps (task);
  boot->error = error;
  g_cancellable_cancel (boot->inner);
  loom_switch_end_async (g_steal_pointer (&boot->parts), boot->folder, on_ended,
                         g_object_ref (task));
  boot->parts = loom_switch_parts_new ();
}

static gboolean
on_boot_timeout (gpointer user_data)
{
  GTask *task = user_data;

  ((Boot *) g_task_get_task_data (task))->timeout_id = 0;
  fail (task, g_error_new (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_START,
                           _ ("The switch did not start within %d s. Try again, or look whether "
                              "the host is overloaded."),
                           BOOT_TIMEOUT_S));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled_idle (gpointer user_data)
{
  fail (user_data,
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The start was cancelled.")));
  return G_SOURCE_REMOVE;
}

/* Handlers of "cancelled" must not disconnect themselves: go on from the main loop. */
static void
on_cancelled (GCancellable *cancellable, GTask *task)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, on_cancelled_idle, g_object_ref (task), g_object_unref);
}

/* The end of what a process printed, as one line. */
static char *
dup_last_words (const char *folder, const char *role)
{
  g_autofree char *name = g_strconcat (role, ".log", NULL);
  g_autofree char *path = loom_switch_path (folder, name);
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;
  gsize size = 0;
  gsize skip;

  if (!g_file_get_contents (path, &text, &size, NULL))
    return g_strdup ("");
  skip = size > LAST_WORDS_BYTES ? size - LAST_WORDS_BYTES : 0;
  valid = g_utf8_make_valid (text + skip, size - skip);
  return g_strdup (g_strstrip (g_strdelimit (valid, "\n", ' ')));
}

static void
on_exited (LoomDaemon *daemon, GTask *task)
{
  Boot *boot = g_task_get_task_data (task);
  const char *role = loom_daemon_get_role (daemon);
  g_autofree char *words = dup_last_words (boot->folder, role);

  fail (task, g_error_new (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_GONE,
                           _ ("The switch did not start: %s ended. It said: %s"), role, words));
}

static GStrv
dup_environment (const char *folder)
{
  GStrv environment = g_get_environ ();
  static const char *const NAMES[] = {
      "OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR", "OVS_SYSCONFDIR",
      /* where DPDK puts its own folder: it takes the first that is set */
      "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"};

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    environment = g_environ_setenv (environment, NAMES[i], folder, TRUE);
  return environment;
}

static LoomDaemon *
spawn (GTask *task, const char *role, const char *const *argv, GError **error)
{
  Boot *boot = g_task_get_task_data (task);
  g_auto (GStrv) environment = dup_environment (boot->folder);
  g_autofree char *log_name = g_strconcat (role, ".log", NULL);
  g_autofree char *log_path = loom_switch_path (boot->folder, log_name);
  g_autofree char *pid_name = g_strconcat (role, ".pid", NULL);
  g_autofree char *pid_path = loom_switch_path (boot->folder, pid_name);

  return loom_daemon_spawn (role, argv, (const char *const *) environment, log_path, pid_path,
                            error);
}

static void
watch (GTask *task, LoomDaemon *daemon)
{
  g_signal_connect (daemon, "exited", G_CALLBACK (on_exited), task);
}

static void
succeed (GTask *task)
{
  Boot *boot = g_task_get_task_data (task);

  leave_steps (task);
  g_task_return_pointer (task, g_steal_pointer (&boot->parts),
                         (GDestroyNotify) loom_switch_parts_free);
  boot->parts = loom_switch_parts_new ();
  g_object_unref (task);
}

static gboolean
on_retry (gpointer user_data)
{
  ((Boot *) g_task_get_task_data (user_data))->retry_id = 0;
  try_connect (user_data);
  return G_SOURCE_REMOVE;
}

/* Nobody listens yet: again in a while. */
static void
retry_later (GTask *task)
{
  Boot *boot = g_task_get_task_data (task);
  gint64 now_us = g_get_monotonic_time ();
  gint64 wait_us;

  loom_backoff_failed (&boot->backoff, now_us);
  wait_us = MAX (loom_backoff_get_deadline (&boot->backoff) - now_us, 0);
  boot->retry_id = g_timeout_add ((guint) (wait_us / 1000 + 1), on_retry, task);
}

static void
enter_connecting (GTask *task, Step step)
{
  Boot *boot = g_task_get_task_data (task);

  boot->step = step;
  loom_backoff_init (&boot->backoff, RETRY_MIN_US, RETRY_MAX_US, CONNECT_TIMEOUT_US, 0,
                     g_get_monotonic_time ());
  try_connect (task);
}

static gboolean
is_configured (Boot *boot)
{
  JsonObject *root = loom_ovsdb_cache_get_single (loom_ovsdb_client_get_cache (boot->parts->ovsdb),
                                                  "Open_vSwitch");
  gint64 current = 0;
  gint64 next = 0;
  gboolean dpdk = FALSE;

  return loom_ovsdb_row_get_int (root, "cur_cfg", &current)
         && loom_ovsdb_row_get_int (root, "next_cfg", &next)
         && loom_ovsdb_row_get_boolean (root, "dpdk_initialized", &dpdk) && dpdk && next > 0
         && current >= next;
}

static void
on_changed (LoomOvsdbClient *ovsdb, GTask *task)
{
  Boot *boot = g_task_get_task_data (task);
  g_autofree char *errors = NULL;

  if (boot->step != STEP_VSWITCHD || !is_configured (boot))
    return;
  errors = loom_fabric_observed_errors (loom_ovsdb_client_get_cache (ovsdb));
  if (errors == NULL || boot->attach)
    enter_connecting (task, STEP_PANEL);
  else
    fail (task, g_error_new (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_NO_POOL,
                             _ ("The switch cannot make its packet buffers: %s"), errors));
}

static void
enter_vswitchd (GTask *task)
{
  Boot *boot = g_task_get_task_data (task);

  boot->step = STEP_VSWITCHD;
  g_signal_connect (boot->parts->ovsdb, "changed", G_CALLBACK (on_changed), task);
  if (boot->attach)
    on_changed (boot->parts->ovsdb, task);
  else
    start_vswitchd (task);
}

static void
on_ovsdb_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Boot *boot = g_task_get_task_data (task);
  g_autoptr (LoomOvsdbClient) ovsdb = loom_ovsdb_client_connect_finish (result, NULL);

  if (boot->step != STEP_DATABASE)
    return;
  if (ovsdb == NULL) {
    retry_later (task);
    return;
  }
  boot->parts->ovsdb = g_steal_pointer (&ovsdb);
  enter_vswitchd (task);
}

static void
on_panel_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Boot *boot = g_task_get_task_data (task);
  g_autoptr (LoomOpenFlowClient) panel = loom_openflow_client_connect_finish (result, NULL);

  if (boot->step != STEP_PANEL)
    return;
  if (panel == NULL) {
    retry_later (task);
    return;
  }
  boot->parts->panel = g_steal_pointer (&panel);
  succeed (task);
}

static void
try_connect (GTask *task)
{
  Boot *boot = g_task_get_task_data (task);
  g_autofree char *path = NULL;

  loom_backoff_run (&boot->backoff, g_get_monotonic_time ());
  if (boot->step == STEP_DATABASE) {
    path = loom_switch_path (boot->folder, "db.sock");
    loom_ovsdb_client_connect_async (path, boot->inner, on_ovsdb_ready, g_object_ref (task));
  } else if (boot->step == STEP_PANEL) {
    path = loom_switch_path (boot->folder, LOOM_PANEL ".mgmt");
    loom_openflow_client_connect_async (path, boot->inner, on_panel_ready, g_object_ref (task));
  }
}

static void
on_configuration_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Boot *boot = g_task_get_task_data (task);
  g_autofree char *program = loom_switch_find_vswitchd ();
  g_autofree char *database = g_strdup_printf ("unix:%s/db.sock", boot->folder);
  g_autofree char *control = g_strdup_printf ("--unixctl=%s/vswitchd.ctl", boot->folder);
  gboolean dummy = g_str_equal (loom_switch_datapath_type (), "dummy");
  const char *argv[] = {program,
                        database,
                        control,
                        "--no-chdir",
                        "-vconsole:info",
                        "-vsyslog:off",
                        "-vfile:off",
                        "-vdpdk:console:warn",
                        dummy ? "--enable-dummy" : NULL,
                        NULL};
  GError *error = NULL;

  if (!loom_ovsdb_client_transact_finish (LOOM_OVSDB_CLIENT (source), result, &error)) {
    fail (task, error);
    return;
  }
  if (boot->step != STEP_VSWITCHD)
    return;
  boot->parts->vswitchd = spawn (task, "ovs-vswitchd", argv, &error);
  if (boot->parts->vswitchd == NULL)
    fail (task, error);
  else
    watch (task, boot->parts->vswitchd);
}

static void
start_vswitchd (GTask *task)
{
  Boot *boot = g_task_get_task_data (task);
  LoomOvsdbCache *cache = loom_ovsdb_client_get_cache (boot->parts->ovsdb);

  loom_ovsdb_client_transact_async (boot->parts->ovsdb,
                                    loom_switch_build_configuration (&boot->options, cache),
                                    boot->inner, on_configuration_ready, g_object_ref (task));
}

static void
on_create_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Boot *boot = g_task_get_task_data (task);
  g_autofree char *file = loom_switch_path (boot->folder, "conf.db");
  g_autofree char *remote = g_strdup_printf ("--remote=punix:%s/db.sock", boot->folder);
  g_autofree char *control = g_strdup_printf ("--unixctl=%s/ovsdb.ctl", boot->folder);
  const char *argv[] = {"ovsdb-server",   file,           remote,       control, "--no-chdir",
                        "-vconsole:warn", "-vsyslog:off", "-vfile:off", NULL};
  GError *error = NULL;

  if (!g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, &error)) {
    fail (task, error);
    return;
  }
  if (boot->step != STEP_CREATE)
    return;
  boot->parts->database = spawn (task, "ovsdb-server", argv, &error);
  if (boot->parts->database == NULL) {
    fail (task, error);
    return;
  }
  watch (task, boot->parts->database);
  enter_connecting (task, STEP_DATABASE);
}

static void
create_database (GTask *task)
{
  Boot *boot = g_task_get_task_data (task);
  g_autofree char *file = loom_switch_path (boot->folder, "conf.db");
  g_autofree char *schema = loom_switch_find_schema ();
  g_autofree char *program = loom_switch_find_program ("ovsdb-tool");
  g_autoptr (GSubprocess) process = NULL;
  GError *error = NULL;

  if (g_mkdir_with_parents (boot->folder, 0700) != 0) {
    fail (task, g_error_new (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_START,
                             _ ("The switch did not start: its folder “%s” cannot be made."),
                             boot->folder));
    return;
  }
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              &error, program, "create", file, schema, NULL);
  if (process == NULL)
    fail (task, error);
  else
    g_subprocess_wait_check_async (process, boot->inner, on_create_ready, g_object_ref (task));
}

/* What an earlier run may have left there is gone. */
static void
on_old_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Boot *boot = g_task_get_task_data (task);

  loom_switch_end_finish (result);
  if (boot->step == STEP_CREATE)
    create_database (task);
}

static void
find_running (GTask *task)
{
  Boot *boot = g_task_get_task_data (task);
  g_autofree char *database = loom_switch_path (boot->folder, "ovsdb-server.pid");
  g_autofree char *vswitchd = loom_switch_path (boot->folder, "ovs-vswitchd.pid");

  boot->parts->database = loom_daemon_find ("ovsdb-server", database, boot->folder);
  boot->parts->vswitchd = loom_daemon_find ("ovs-vswitchd", vswitchd, boot->folder);
  if (boot->parts->database == NULL || boot->parts->vswitchd == NULL) {
    fail (task, g_error_new_literal (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_GONE,
                                     _ ("The lab's switch does not run any more.")));
    return;
  }
  /* The engine before us may have let it sleep. */
  loom_daemon_set_held (boot->parts->vswitchd, FALSE);
  watch (task, boot->parts->database);
  watch (task, boot->parts->vswitchd);
  enter_connecting (task, STEP_DATABASE);
}

void
loom_switch_boot_async (const char *folder, const LoomSwitchOptions *options, gboolean attach,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Boot *boot = g_new0 (Boot, 1);
  g_auto (GStrv) missing = loom_switch_check_host ();

  g_task_set_source_tag (task, loom_switch_boot_async);
  /* What was started must be handed over or ended, never dropped. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, boot, (GDestroyNotify) boot_free);
  boot->folder = g_strdup (folder);
  boot->options = *options;
  boot->attach = attach;
  boot->parts = loom_switch_parts_new ();
  boot->inner = g_cancellable_new ();
  boot->timeout_id = loom_awake_timeout_add (BOOT_TIMEOUT_S, on_boot_timeout, task);
  if (cancellable != NULL)
    boot->cancelled_id = g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled),
                                           task);
  if (g_cancellable_is_cancelled (cancellable))
    on_cancelled (cancellable, task);
  if (missing[0] != NULL)
    fail (task, g_error_new_literal (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_MISSING, missing[0]));
  else if (attach)
    find_running (task);
  else
    loom_switch_end_async (NULL, folder, on_old_ended, g_object_ref (task));
}

LoomSwitchParts *
loom_switch_boot_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
