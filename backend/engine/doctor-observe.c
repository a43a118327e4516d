/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Observes the host. First a thread looks at what files and devices say; then everything that has
 * to be run (lanloom-init's probe, a trial boot, programs asked for their versions) runs at once,
 * and the report is ready when the last has answered. */

#include "backend/engine/doctor-observe.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "backend/engine/fit-host.h"
#include "backend/engine/host.h"
#include "backend/engine/paths.h"
#include "backend/engine/probe-command.h"
#include "backend/engine/runtime.h"
#include "backend/qemu/accel.h"

#define PROBE_TIMEOUT_MS 10000
#define MAX_CPUINFO_BYTES (1024 * 1024)

typedef struct {
  LoomDoctorObserved *observed;
  LoomDoctorProgress progress;
  gpointer progress_data;
  guint n_done;
  guint n_all;
} Observing;

/* One question to one program. */
typedef struct {
  GTask *task;
  LoomDoctorProgram *program; /* of the observed; NULL for other questions */
} Question;

static void
observing_free (gpointer data)
{
  Observing *observing = data;

  g_clear_pointer (&observing->observed, loom_doctor_observed_free);
  g_free (observing);
}

/* One part is done; the last one answers. Consumes a reference of @task. */
static void
end_part (GTask *task, const char *sentence)
{
  Observing *observing = g_task_get_task_data (task);

  observing->n_done++;
  if (observing->progress != NULL && !g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    observing->progress (sentence, observing->n_done, observing->n_all, observing->progress_data);
  if (observing->n_done == observing->n_all && !g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, g_steal_pointer (&observing->observed),
                           (GDestroyNotify) loom_doctor_observed_free);
  g_object_unref (task);
}

/* --- what files say (in a thread) -------------------------------------------------------------*/

static int
read_number (const char *path)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !g_ascii_isdigit (text[0]))
    return -1;
  return (int) MIN (g_ascii_strtoull (text, NULL, 10), G_MAXINT / 2);
}

static LoomDevice
try_device (const char *path)
{
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

  if (fd >= 0) {
    close (fd);
    return LOOM_DEVICE_OPENS;
  }
  return g_file_test (path, G_FILE_TEST_EXISTS) ? LOOM_DEVICE_DENIED : LOOM_DEVICE_ABSENT;
}

static gboolean
has_virtualisation (void)
{
  g_autofree char *text = NULL;
  gsize size;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, &size, NULL))
    return FALSE;
  text[MIN (size, MAX_CPUINFO_BYTES)] = '\0';
  return strstr (text, " vmx ") != NULL || strstr (text, " svm ") != NULL;
}

static void
look_at_folder (LoomDoctorObserved *observed, const char *id, const char *wanted)
{
  g_autofree char *path = g_strdup (wanted);
  struct statvfs fs;

  while (!g_file_test (path, G_FILE_TEST_EXISTS) && strlen (path) > 1) {
    char *above = g_path_get_dirname (path);
    g_free (path);
    path = above;
  }
  if (statvfs (path, &fs) < 0)
    memset (&fs, 0, sizeof fs);
  loom_doctor_observed_add_folder (observed, id, path, access (path, W_OK | X_OK) == 0,
                                   (guint64) fs.f_bavail * fs.f_frsize / (1024 * 1024));
}

static void
look_at_folders (LoomDoctorObserved *observed)
{
  g_autofree char *base = loom_runtime_dup_base (NULL);
  g_autofree char *disks = loom_runtime_dup_disk_folder ("x");
  g_autofree char *disk_base = g_path_get_dirname (disks);
  g_autofree char *cache = g_build_filename (g_get_user_cache_dir (), "lanloom", NULL);

  if (base != NULL)
    look_at_folder (observed, "runtime", base);
  else /* it is there, and is someone else's or open to others */
    loom_doctor_observed_add_folder (observed, "runtime", g_get_user_runtime_dir (), FALSE, 0);
  look_at_folder (observed, "disks", disk_base);
  look_at_folder (observed, "cache", cache);
}

static void
look_at_guest (LoomDoctorObserved *observed)
{
  static const char *const parts[] = {"guest/tiny-initrd", "guest/tiny-vmlinuz"};

  observed->guest_there = TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (parts) && observed->guest_there; i++) {
    g_free (observed->guest_path);
    observed->guest_path = loom_paths_dup_data (parts[i]);
    observed->guest_there = access (observed->guest_path, R_OK) == 0;
  }
}

static void
look_at_programs (LoomDoctorObserved *observed)
{
  gsize n;
  const LoomHostNeed *needs = loom_host_list_needs (&n);

  for (gsize i = 0; i < n; i++) {
    g_autofree char *path = loom_host_find_need (&needs[i]);

    loom_doctor_observed_add_program (observed, needs[i].name, needs[i].package, path, NULL,
                                      needs[i].tested)
        ->is_plugin = needs[i].folders != NULL;
  }
}

/* What labs run without, and people like to have. */
static void
look_at_extras (LoomDoctorObserved *observed)
{
  static const char *const names[] = {"tshark", "wireshark"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_find_program_in_path (names[i]);
    LoomDoctorProgram *program = loom_doctor_observed_add_program (observed, names[i], names[i],
                                                                   path, NULL, NULL);

    program->is_extra = TRUE;
    program->is_plugin = TRUE; /* nothing depends on their versions */
  }
}

static void
look_at_wire (LoomDoctorObserved *observed)
{
  g_autofree char *path = loom_paths_dup_program ("lanloom-wire");

  if (access (path, X_OK) == 0)
    observed->wire_path = g_steal_pointer (&path);
}

static void
look (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  LoomDoctorObserved *observed = task_data;
  const char *forced = g_getenv ("LANLOOM_ACCEL");
  LoomFitHost host;
  int pages;

  observed->init_path = loom_paths_dup_program ("lanloom-init");
  observed->apparmor_restricts_userns = read_number (
      "/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
  observed->unprivileged_userns_clone = read_number ("/proc/sys/kernel/unprivileged_userns_clone");
  observed->max_user_namespaces = read_number ("/proc/sys/user/max_user_namespaces");
  observed->kvm = try_device ("/dev/kvm");
  observed->tun = try_device ("/dev/net/tun");
  observed->cpu_has_kvm = has_virtualisation ();
  observed->accel_forced = forced != NULL && forced[0] != '\0' ? g_strdup (forced) : NULL;
  loom_fit_host_measure (&host);
  observed->memory_total_mib = host.memory_total_mib;
  observed->memory_available_mib = host.memory_available_mib;
  observed->n_cores = host.n_cores;
  observed->hugepages_free_mib = host.hugepages_free_mib;
  pages = read_number ("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
  observed->hugepages_total_mib = MIN (pages, G_MAXINT / 4) * 2;
  look_at_programs (observed);
  look_at_extras (observed);
  look_at_guest (observed);
  look_at_wire (observed);
  look_at_folders (observed);
  g_task_return_boolean (task, TRUE);
}

/* --- what answers say -------------------------------------------------------------------------*/

/* @text: what it said; NULL: nothing. */
static LoomTried
judge (const char *text, int status, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return LOOM_TRIED_LATE;
  return text != NULL && status == 0 ? LOOM_TRIED_WORKED : LOOM_TRIED_FAILED;
}

static void
on_namespaces_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Observing *observing = g_task_get_task_data (task);
  LoomDoctorObserved *observed = observing->observed;
  g_autoptr (GError) error = NULL;
  int status = -1;

  observed->namespaces_said = loom_probe_command_finish (result, &status, &error);
  observed->namespaces = judge (observed->namespaces_said, status, error);
  if (observed->namespaces == LOOM_TRIED_FAILED && observed->namespaces_said == NULL)
    observed->namespaces = LOOM_TRIED_UNKNOWN;
  end_part (task, _ ("Namespaces were tried."));
}

static void
on_version (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  LoomDoctorProgram *program = question->program;
  g_autoptr (GError) error = NULL;
  int status = -1;
  g_autofree char *text = loom_probe_command_finish (result, &status, &error);
  /* Translators: a program was asked for its version. */
  g_autofree char *sentence = g_strdup_printf (_ ("%s was asked."), program->name);

  program->runs = judge (text, status, error);
  if (program->runs == LOOM_TRIED_WORKED)
    program->version = loom_doctor_parse_version (text);
  end_part (question->task, sentence);
}

static void
on_spice (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Observing *observing = g_task_get_task_data (task);
  int status = -1;
  g_autofree char *text = loom_probe_command_finish (result, &status, NULL);

  /* "-spice help" lists the options, and ends with 0 or 1 depending on the version; a QEMU that
   * has none says that there is no such option, or nothing to load. */
  if (text != NULL)
    observing->observed->spice = strstr (text, "disable-ticketing") != NULL ? LOOM_TRIED_WORKED
                                                                            : LOOM_TRIED_FAILED;
  end_part (task, _ ("Screens were tried."));
}

static void
on_wire (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  LoomDoctorObserved *observed = ((Observing *) g_task_get_task_data (task))->observed;
  g_autoptr (GError) error = NULL;
  int status = -1;

  observed->wire_said = loom_probe_command_finish (result, &status, &error);
  observed->wire = judge (observed->wire_said, status, error);
  end_part (task, _ ("The wire was tried."));
}

static void
on_accel (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Observing *observing = g_task_get_task_data (task);
  LoomAccel accel;

  if (loom_accel_probe_finish (result, &accel, NULL))
    observing->observed->kvm_boots = accel == LOOM_ACCEL_KVM ? LOOM_TRIED_WORKED
                                                             : LOOM_TRIED_FAILED;
  end_part (task, _ ("Virtualisation was tried."));
}

/* --- asking -----------------------------------------------------------------------------------*/

static LoomDoctorProgram *
find_program (LoomDoctorObserved *observed, const char *name)
{
  for (guint i = 0; i < observed->programs->len; i++) {
    LoomDoctorProgram *program = g_ptr_array_index (observed->programs, i);
    if (g_str_equal (program->name, name))
      return program;
  }
  return NULL;
}

static void
ask_version (GTask *task, LoomDoctorProgram *program)
{
  const char *argv[] = {program->path, "--version", NULL};
  Question *question;

  if (program->path == NULL || program->is_plugin) {
    g_autofree char *sentence = g_strdup_printf (
        /* Translators: a program or plugin */
        program->path == NULL ? _ ("%s is missing.") : _ ("%s is there."), program->name);
    end_part (g_object_ref (task), sentence);
    return;
  }
  question = g_new0 (Question, 1);
  question->task = g_object_ref (task);
  question->program = program;
  loom_probe_command_async (argv, PROBE_TIMEOUT_MS, FALSE, g_task_get_cancellable (task),
                            on_version, question);
}

/* QEMU's own parts: its SPICE, and KVM if the trial guest can be booted. */
static void
ask_qemu (GTask *task)
{
  LoomDoctorObserved *observed = ((Observing *) g_task_get_task_data (task))->observed;
  const LoomDoctorProgram *qemu = find_program (observed, "qemu-system-x86_64");
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (qemu != NULL && qemu->path != NULL) {
    const char *argv[] = {qemu->path, "-spice", "help", NULL};
    loom_probe_command_async (argv, PROBE_TIMEOUT_MS, FALSE, cancellable, on_spice,
                              g_object_ref (task));
  } else {
    end_part (g_object_ref (task), _ ("Screens could not be tried."));
  }
  if (qemu != NULL && qemu->path != NULL && observed->guest_there
      && observed->kvm == LOOM_DEVICE_OPENS && observed->accel_forced == NULL) {
    g_autofree char *kernel = loom_paths_dup_data ("guest/tiny-vmlinuz");
    g_autofree char *initrd = loom_paths_dup_data ("guest/tiny-initrd");
    /* By the name that the engine uses: the answer is kept under it. */
    loom_accel_probe_async (qemu->name, kernel, initrd, cancellable, on_accel, g_object_ref (task));
  } else {
    end_part (g_object_ref (task), _ ("Virtualisation need not be tried."));
  }
}

/* By starting its DPDK, as it does in a lab without huge pages. */
static void
ask_wire (GTask *task)
{
  const LoomDoctorObserved *observed = ((Observing *) g_task_get_task_data (task))->observed;
  const char *argv[] = {observed->wire_path, "--check", NULL};

  if (observed->wire_path != NULL)
    loom_probe_command_async (argv, PROBE_TIMEOUT_MS, TRUE, g_task_get_cancellable (task), on_wire,
                              g_object_ref (task));
  else
    end_part (g_object_ref (task), _ ("The wire is missing."));
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Observing *observing = g_task_get_task_data (task);
  LoomDoctorObserved *observed = observing->observed;
  const char *argv[] = {observed->init_path, "--probe", NULL};

  /* This part, the namespaces, the two of QEMU, the wire. */
  observing->n_all = 5 + observed->programs->len;
  loom_probe_command_async (argv, PROBE_TIMEOUT_MS, TRUE, g_task_get_cancellable (task),
                            on_namespaces_probed, g_object_ref (task));
  for (guint i = 0; i < observed->programs->len; i++)
    ask_version (task, g_ptr_array_index (observed->programs, i));
  ask_qemu (task);
  ask_wire (task);
  end_part (task, _ ("Files and devices were looked at."));
}

void
loom_doctor_observe_async (GCancellable *cancellable, LoomDoctorProgress progress,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Observing *observing = g_new0 (Observing, 1);
  g_autoptr (GTask) looking = NULL;

  g_task_set_source_tag (task, loom_doctor_observe_async);
  g_task_set_task_data (task, observing, observing_free);
  observing->observed = loom_doctor_observed_new ();
  observing->progress = progress;
  observing->progress_data = user_data;
  looking = g_task_new (NULL, NULL, on_looked, task);
  g_task_set_task_data (looking, observing->observed, NULL);
  g_task_run_in_thread (looking, look);
}

LoomDoctorObserved *
loom_doctor_observe_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
