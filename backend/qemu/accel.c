/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See accel.h. The trial guest has no network card and no console to look at: it says that it is
 * alive by answering on its agent's port, and is killed. */

#include "backend/qemu/accel.h"

#include "backend/qemu/guest.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TRIAL_MS 5000
#define TICK_MS 100
#define MAX_BOOT_ID 64

typedef struct {
  char *program;
  char *kernel;
  char *initrd;
  char *folder; /* of the trial's sockets */
  LoomGuest *guest;
  gulong handler;
  guint timeout;
  guint n_ticks;
  gboolean over;
} Trial;

static void
trial_free (gpointer data)
{
  Trial *trial = data;

  if (trial->timeout != 0)
    g_source_remove (trial->timeout);
  if (trial->folder != NULL)
    g_rmdir (trial->folder);
  g_clear_object (&trial->guest);
  g_free (trial->program);
  g_free (trial->kernel);
  g_free (trial->initrd);
  g_free (trial->folder);
  g_free (trial);
}

/* (transfer full) (nullable): names this run of this computer's kernel, and the QEMU asked. */
static char *
read_run_id (const char *program)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL)
      || strlen (text) > MAX_BOOT_ID)
    return NULL;
  return g_strdup_printf ("%s %s", g_strstrip (text), program);
}

static char *
dup_cache_path (void)
{
  return g_build_filename (g_get_user_cache_dir (), "lanloom", "accel", NULL);
}

/* The file holds one line: "kvm" or "tcg", and the run it was found in. */
static gboolean
read_kept (const char *program, LoomAccel *ret_accel)
{
  g_autofree char *path = dup_cache_path ();
  g_autofree char *run = read_run_id (program);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  if (run == NULL || !g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  words = g_strsplit (g_strstrip (text), " ", 2);
  return words[0] != NULL && g_strcmp0 (words[1], run) == 0
         && loom_accel_from_id (words[0], ret_accel);
}

/* No harm if it cannot be kept: the next start tries again. */
static void
keep (const char *program, LoomAccel accel)
{
  g_autofree char *path = dup_cache_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *run = read_run_id (program);
  g_autofree char *text = g_strdup_printf ("%s %s\n", loom_accel_to_id (accel), run);

  if (run == NULL || g_mkdir_with_parents (folder, 0700) < 0
      || !g_file_set_contents (path, text, -1, NULL))
    g_debug ("the accelerator found could not be kept in %s", path);
}

static void
on_trial_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Trial *trial = g_task_get_task_data (task);
  LoomAccel accel = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (task), "accel"));

  if (g_task_return_error_if_cancelled (task))
    return;
  keep (trial->program, accel);
  g_task_return_int (task, accel);
}

/* The task goes on to on_trial_stopped (). */
static void
end_trial (GTask *task, LoomAccel accel)
{
  Trial *trial = g_task_get_task_data (task);

  if (trial->over)
    return;
  trial->over = TRUE;
  g_signal_handler_disconnect (trial->guest, trial->handler);
  g_object_set_data (G_OBJECT (task), "accel", GINT_TO_POINTER (accel));
  loom_guest_stop_async (trial->guest, 0, NULL, on_trial_stopped, task);
}

static void
on_trial_changed (LoomGuest *guest, gpointer user_data)
{
  if (loom_guest_get_state (guest) == LOOM_GUEST_READY)
    end_trial (user_data, LOOM_ACCEL_KVM);
  else if (loom_guest_get_state (guest) == LOOM_GUEST_FAILED)
    end_trial (user_data, LOOM_ACCEL_TCG);
}

static gboolean
on_trial_tick (gpointer user_data)
{
  GTask *task = user_data;
  Trial *trial = g_task_get_task_data (task);

  if (++trial->n_ticks < TRIAL_MS / TICK_MS
      && !g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    return G_SOURCE_CONTINUE;
  trial->timeout = 0;
  end_trial (task, LOOM_ACCEL_TCG);
  return G_SOURCE_REMOVE;
}

static void
start_trial (GTask *task)
{
  Trial *trial = g_task_get_task_data (task);
  g_autoptr (LoomGuestSpec) spec = NULL;

  trial->folder = g_dir_make_tmp ("lanloom-accel-XXXXXX", NULL);
  if (trial->folder == NULL) {
    g_task_return_int (task, LOOM_ACCEL_TCG);
    g_object_unref (task);
    return;
  }
  spec = loom_guest_spec_new ("trial", "trial", trial->folder);
  g_free (spec->program);
  spec->program = g_strdup (trial->program);
  spec->accel = LOOM_ACCEL_KVM;
  spec->kernel = g_strdup (trial->kernel);
  spec->initrd = g_strdup (trial->initrd);
  spec->has_agent = TRUE;
  trial->guest = loom_guest_new (spec);
  trial->handler = g_signal_connect (trial->guest, "state-changed", G_CALLBACK (on_trial_changed),
                                     task);
  trial->timeout = g_timeout_add (TICK_MS, on_trial_tick, task);
  loom_guest_start_async (trial->guest, NULL, NULL, NULL);
}

void
loom_accel_probe_async (const char *program, const char *kernel, const char *initrd,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  const char *wanted = g_getenv ("LANLOOM_ACCEL");
  Trial *trial = g_new0 (Trial, 1);
  LoomAccel accel;
  int fd;

  g_task_set_source_tag (task, loom_accel_probe_async);
  g_task_set_task_data (task, trial, trial_free);
  trial->program = g_strdup (program);
  trial->kernel = g_strdup (kernel);
  trial->initrd = g_strdup (initrd);
  if (wanted != NULL && wanted[0] != '\0') {
    if (loom_accel_from_id (wanted, &accel))
      g_task_return_int (task, accel);
    else
      g_task_return_new_error (
          task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
          _ ("LANLOOM_ACCEL is “%s”. Set it to “kvm” or “tcg”, or not at all."), wanted);
    return;
  }
  fd = open ("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    g_task_return_int (task, LOOM_ACCEL_TCG);
    return;
  }
  close (fd);
  if (read_kept (program, &accel)) {
    g_task_return_int (task, accel);
    return;
  }
  start_trial (g_steal_pointer (&task));
}

gboolean
loom_accel_probe_finish (GAsyncResult *result, LoomAccel *ret_accel, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gssize accel = g_task_propagate_int (G_TASK (result), &local_error);

  if (local_error != NULL) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }
  *ret_accel = (LoomAccel) accel;
  return TRUE;
}
