/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers as words. Rates and bytes count in powers of ten, memory in powers of two. */

#include "gui/words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "backend/engine/fit.h"
#include "canvas/model/text.h"

static int
decimals (double value)
{
  return value < 9.95 ? 2 : value < 99.5 ? 1 : 0;
}

char *
loom_words_rate (double rate_bps)
{
  double value = MAX (rate_bps, 0);

  if (value < 999.5)
    /* Translators: bits per second */
    return g_strdup_printf (_ ("%.0f b/s"), value);
  if (value < 999.5e3)
    return g_strdup_printf (_ ("%.*f kb/s"), decimals (value / 1e3), value / 1e3);
  if (value < 999.5e6)
    return g_strdup_printf (_ ("%.*f Mb/s"), decimals (value / 1e6), value / 1e6);
  return g_strdup_printf (_ ("%.*f Gb/s"), decimals (value / 1e9), value / 1e9);
}

char *
loom_words_memory_kib (guint64 size_kib)
{
  if (size_kib < 1024)
    return g_strdup_printf (_ ("%u KiB"), (guint) size_kib);
  if (size_kib < 1024 * 1024)
    return g_strdup_printf (_ ("%u MiB"), (guint) (size_kib / 1024));
  return g_strdup_printf (_ ("%.1f GiB"), size_kib / 1048576.0);
}

char *
loom_words_bytes (guint64 size_bytes)
{
  return g_format_size (size_bytes);
}

char *
loom_words_count (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

char *
loom_words_duration (gint64 duration_us)
{
  gint64 seconds = MAX (duration_us, 0) / G_USEC_PER_SEC;

  if (seconds < 60)
    return g_strdup_printf (_ ("%d s"), (int) seconds);
  if (seconds < 3600)
    return g_strdup_printf (_ ("%d min"), (int) (seconds / 60));
  return g_strdup_printf (_ ("%d h %d min"), (int) (seconds / 3600), (int) (seconds / 60 % 60));
}

void
loom_words_count_nodes (LoomLab *lab, LoomStatus *status, guint *ret_n_ready, guint *ret_n_failed)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  guint n_ready = 0;
  guint n_failed = 0;

  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *node = g_ptr_array_index (nodes, i);
    LoomNodeState state = loom_status_get_node (status, node->name);

    n_ready += state == LOOM_NODE_READY || state == LOOM_NODE_PAUSED;
    n_failed += state == LOOM_NODE_FAILED;
  }
  *ret_n_ready = n_ready;
  *ret_n_failed = n_failed;
}

void
loom_words_count_power (LoomLab *lab, LoomStatus *status, guint *ret_n_running, guint *ret_n_paused)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);

  *ret_n_running = 0;
  *ret_n_paused = 0;
  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *node = g_ptr_array_index (nodes, i);
    const LoomKind *kind = loom_lab_get_kind (lab, node);
    LoomNodeState state = loom_status_get_node (status, node->name);

    if (kind == NULL || kind->role != LOOM_ROLE_MACHINE)
      continue;
    *ret_n_running += state == LOOM_NODE_READY || state == LOOM_NODE_BOOTING;
    *ret_n_paused += state == LOOM_NODE_PAUSED;
  }
}

static char *
describe_state (LoomStatus *status, gint64 running_us)
{
  switch (loom_status_get_lab (status)) {
  case LOOM_LAB_STARTING:
    return g_strdup (_ ("starting"));
  case LOOM_LAB_RUNNING:
    if (running_us >= 0) {
      g_autofree char *duration = loom_words_duration (running_us);

      /* Translators: how long the lab has run: "running 12 min" */
      return g_strdup_printf (_ ("running %s"), duration);
    }
    return g_strdup (_ ("running"));
  case LOOM_LAB_STOPPING:
    return g_strdup (_ ("stopping"));
  case LOOM_LAB_OFF:
  default:
    return g_strdup (_ ("off"));
  }
}

char *
loom_words_demand (LoomLab *lab, gboolean kvm)
{
  const LoomFitHost host = {.kvm = kvm, .disk_free_mib = -1};
  g_autoptr (LoomFit) fit = loom_fit_check (lab, &host, &loom_fit_costs);
  g_autofree char *memory = loom_fit_dup_size (fit->need_memory_mib);
  /* All consumers but the lab itself are machines. */
  guint n_machines = fit->consumers->len - 1;
  guint n_cpus = (guint) fit->need_cpus;
  g_autofree char *machines = g_strdup_printf (ngettext ("%u machine", "%u machines", n_machines),
                                               n_machines);

  if (n_machines == 0)
    return g_steal_pointer (&machines);
  /* Translators: what a lab will need: "4 machines", "512 MiB", "4 CPUs" */
  return g_strdup_printf (ngettext ("%s, %s, %u CPU", "%s, %s, %u CPUs", n_cpus), machines, memory,
                          n_cpus);
}

char *
loom_words_subtitle (LoomLab *lab, LoomStatus *status, gint64 running_us, double cpu_percent,
                     gint64 memory_kib, gboolean kvm)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *state = describe_state (status, running_us);
  guint n_ready, n_failed, n_running, n_paused;

  g_string_append (line, state);
  if (loom_status_get_lab (status) == LOOM_LAB_OFF) {
    g_autofree char *demand = loom_words_demand (lab, kvm);

    if (loom_lab_get_n_nodes (lab) > 0)
      g_string_append_printf (line, " · %s", demand);
    return g_string_free (g_steal_pointer (&line), FALSE);
  }

  loom_words_count_nodes (lab, status, &n_ready, &n_failed);
  g_string_append (line, " · ");
  g_string_append_printf (line, _ ("%u of %u ready"), n_ready, loom_lab_get_n_nodes (lab));
  loom_words_count_power (lab, status, &n_running, &n_paused);
  if (n_paused > 0) {
    g_string_append (line, " · ");
    g_string_append_printf (line, ngettext ("%u paused", "%u paused", n_paused), n_paused);
  }
  if (n_failed > 0) {
    g_string_append (line, " · ");
    g_string_append_printf (line, ngettext ("%u failed", "%u failed", n_failed), n_failed);
  }
  if (cpu_percent >= 0) {
    g_string_append (line, " · ");
    g_string_append_printf (line, _ ("%.0f %% CPU"), cpu_percent);
  }
  if (memory_kib >= 0) {
    g_autofree char *memory = loom_words_memory_kib (memory_kib);

    g_string_append_printf (line, " · %s", memory);
  }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

char *
loom_words_failure (const char *name, const char *detail)
{
  /* Not twice, where the sentence begins with it. */
  if (detail != NULL && g_str_has_prefix (detail, name)
      && strchr (" :", detail[strlen (name)]) != NULL)
    return g_strdup (detail);
  /* Translators: a machine's name, then what went wrong with it. */
  return g_strdup_printf (_ ("%s: %s"), name, detail != NULL ? detail : _ ("failed"));
}

char *
loom_words_file_name (const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);

  return loom_text_is_plain (name, FALSE) ? g_steal_pointer (&name) : loom_text_for_display (name);
}

char *
loom_words_path (const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  return loom_text_escape (shown, FALSE);
}

char *
loom_words_menu_label (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "_", -1);

  return g_strjoinv ("__", parts);
}
