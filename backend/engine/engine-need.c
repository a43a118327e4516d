/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes down what the lab needs, for others that want to start one; see reserve.h. */

#include "backend/engine/engine-private.h"

#include "backend/engine/fit.h"
#include "backend/engine/reserve.h"
#include "canvas/model/edit.h"

/* The machines that are to be on. What is neither on nor a machine costs nothing. */
static GStrv
list_powered (LoomEngine *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    if (instance->role == LOOM_ROLE_MACHINE && instance->powered)
      g_strv_builder_add (names, instance->node->name);
  }
  return g_strv_builder_end (names);
}

void
loom_engine_keep_need (LoomEngine *self)
{
  if (self->lab == NULL)
    return;

  g_auto (GStrv) names = list_powered (self);
  g_autoptr (LoomLab) part = loom_edit_copy_part (self->lab, (const char *const *) names);
  /* Which machines the host can run fast is not known at first: more is the safe side. */
  const LoomFitHost host = {.kvm = self->accel_known && self->accel == LOOM_ACCEL_KVM,
                            .disk_free_mib = -1};
  g_autoptr (LoomFit) fit = loom_fit_check (part, &host, &loom_fit_costs);
  if (fit->need_memory_mib == self->need_mib)
    return;

  g_autofree char *path = g_build_filename (self->runtime_folder, LOOM_RESERVE_FILE, NULL);
  g_autofree char *text = g_strdup_printf ("%d\n", fit->need_memory_mib);
  g_autoptr (GError) error = NULL;
  if (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    self->need_mib = fit->need_memory_mib;
  else
    g_warning ("need: %s", error->message);
}
