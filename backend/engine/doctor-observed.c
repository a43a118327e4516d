/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The value that holds what was observed of this computer; doctor.c makes the report of it. */

#include "backend/engine/doctor.h"

static void
program_free (gpointer data)
{
  LoomDoctorProgram *program = data;

  g_free (program->name);
  g_free (program->package);
  g_free (program->path);
  g_free (program->version);
  g_free (program->tested);
  g_free (program);
}

static void
folder_free (gpointer data)
{
  LoomDoctorFolder *folder = data;

  g_free (folder->id);
  g_free (folder->path);
  g_free (folder);
}

LoomDoctorObserved *
loom_doctor_observed_new (void)
{
  LoomDoctorObserved *observed = g_new0 (LoomDoctorObserved, 1);

  observed->apparmor_restricts_userns = -1;
  observed->unprivileged_userns_clone = -1;
  observed->max_user_namespaces = -1;
  observed->memory_total_mib = -1;
  observed->memory_available_mib = -1;
  observed->n_cores = -1;
  observed->hugepages_total_mib = -1;
  observed->hugepages_free_mib = -1;
  observed->programs = g_ptr_array_new_with_free_func (program_free);
  observed->folders = g_ptr_array_new_with_free_func (folder_free);
  return observed;
}

void
loom_doctor_observed_free (LoomDoctorObserved *observed)
{
  g_free (observed->namespaces_said);
  g_free (observed->init_path);
  g_free (observed->accel_forced);
  g_free (observed->guest_path);
  g_free (observed->wire_path);
  g_free (observed->wire_said);
  g_ptr_array_unref (observed->programs);
  g_ptr_array_unref (observed->folders);
  g_free (observed);
}

LoomDoctorProgram *
loom_doctor_observed_add_program (LoomDoctorObserved *observed, const char *name,
                                  const char *package, const char *path, const char *version,
                                  const char *tested)
{
  LoomDoctorProgram *program = g_new0 (LoomDoctorProgram, 1);

  program->name = g_strdup (name);
  program->package = g_strdup (package);
  program->path = g_strdup (path);
  program->version = g_strdup (version);
  program->tested = g_strdup (tested);
  program->runs = version != NULL ? LOOM_TRIED_WORKED : LOOM_TRIED_UNKNOWN;
  g_ptr_array_add (observed->programs, program);
  return program;
}

LoomDoctorFolder *
loom_doctor_observed_add_folder (LoomDoctorObserved *observed, const char *id, const char *path,
                                 gboolean writable, guint64 free_mib)
{
  LoomDoctorFolder *folder = g_new0 (LoomDoctorFolder, 1);

  folder->id = g_strdup (id);
  folder->path = g_strdup (path);
  folder->writable = writable;
  folder->free_mib = free_mib;
  g_ptr_array_add (observed->folders, folder);
  return folder;
}
