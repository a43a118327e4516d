/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sum of what a lab needs, and the comparison. See fit.h for what counts. */

#include "backend/engine/fit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "backend/ovs/switch-memory.h"

/* What is left to the rest of the computer: a twentieth of it, within these bounds. */
#define MIN_RESERVE_MIB 256
#define MAX_RESERVE_MIB 1024
#define N_NAMED 3

/* Proportional set sizes of running labs of 2 and of 4 machines, less the guests' own memory
 * (Open vSwitch 3.1, DPDK 22.11, QEMU 7.2): the switch took 148 and 152 MiB, with 100 NICs 166 MiB;
 * each QEMU 108 MiB when idle and 115 MiB after work under TCG, whose translated code may grow to
 * 128 MiB. The wire took 34 MiB when idle (of 51 resident, libraries that the switch has open as
 * well included) and has room for 65,536 frames (132 MiB), which it takes when that many are under
 * way. */
const LoomFitCosts loom_fit_costs = {
    .lab_mib = 20,
    .switch_mib = 155,
    .switch_nic_mib = 1,
    .guest_kvm_mib = 60,
    .guest_tcg_mib = 160,
    .disk_mib = 1024,
    .wire_mib = 51 + 132,
};

/* A machine with all it takes. */
typedef struct {
  const char *name;
  int place;      /* in the lab's order */
  int memory_mib; /* of its guest, its QEMU, and its ports */
  gint64 disk_mib;
  int n_cpus;
} Machine;

const char *
loom_fit_verdict_to_id (LoomFitVerdict verdict)
{
  static const char *const ids[] = {"fits", "tight", "too-large"};

  return ids[verdict];
}

char *
loom_fit_dup_size (gint64 size_mib)
{
  if (size_mib < 1024)
    /* Translators: an amount of memory or disk space in units of 1,048,576 bytes */
    return g_strdup_printf (_ ("%d MiB"), (int) size_mib);
  /* Translators: an amount of memory or disk space in units of 1,073,741,824 bytes */
  return g_strdup_printf (_ ("%.1f GiB"), size_mib / 1024.0);
}

static LoomFitConsumer *
add_consumer (LoomFit *fit, const char *item, int memory_mib)
{
  LoomFitConsumer *consumer = g_new0 (LoomFitConsumer, 1);

  consumer->item = g_strdup (item);
  consumer->memory_mib = memory_mib;
  g_ptr_array_add (fit->consumers, consumer);
  return consumer;
}

static void
consumer_free (gpointer data)
{
  LoomFitConsumer *consumer = data;

  g_free (consumer->item);
  g_free (consumer);
}

static int
compare_consumers (gconstpointer a, gconstpointer b)
{
  const LoomFitConsumer *one = *(LoomFitConsumer *const *) a;
  const LoomFitConsumer *two = *(LoomFitConsumer *const *) b;

  if (one->memory_mib != two->memory_mib)
    return one->memory_mib < two->memory_mib ? 1 : -1;
  return strcmp (one->item, two->item);
}

/* (transfer full): of Machine, in the lab's order. */
static GArray *
list_machines (LoomLab *lab, const LoomFitHost *host, const LoomFitCosts *costs)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  GArray *machines = g_array_new (FALSE, TRUE, sizeof (Machine));

  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *node = g_ptr_array_index (nodes, i);
    const LoomKind *kind = loom_lab_get_kind (lab, node);
    Machine machine = {.name = node->name, .place = (int) machines->len};

    if (kind->role != LOOM_ROLE_MACHINE)
      continue;
    machine.memory_mib = node->memory_mib > 0 ? node->memory_mib : kind->default_memory_mib;
    machine.memory_mib += host->kvm ? costs->guest_kvm_mib : costs->guest_tcg_mib;
    machine.memory_mib += node->n_ports * costs->switch_nic_mib;
    machine.disk_mib = kind->needs_image ? costs->disk_mib : 0;
    machine.n_cpus = node->n_cpus > 0 ? node->n_cpus : kind->default_cpus;
    g_array_append_val (machines, machine);
  }
  return machines;
}

static gboolean
needs_wire (LoomLab *lab)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);

  for (guint i = 0; i < links->len; i++)
    if (loom_link_needs_wire (g_ptr_array_index (links, i)))
      return TRUE;
  return FALSE;
}

static gint64
clamp_sum (gint64 sum)
{
  return MIN (sum, G_MAXINT);
}

static void
add_up (LoomFit *fit, GArray *machines, const LoomFitCosts *costs)
{
  gint64 memory = costs->lab_mib + costs->switch_mib + fit->wire_mib;
  gint64 cpus = 0;

  add_consumer (fit, "", (int) memory);
  for (guint i = 0; i < machines->len; i++) {
    const Machine *machine = &g_array_index (machines, Machine, i);

    memory += machine->memory_mib;
    fit->need_disk_mib += machine->disk_mib;
    cpus += machine->n_cpus;
    add_consumer (fit, machine->name, machine->memory_mib);
  }
  fit->need_memory_mib = (int) clamp_sum (memory);
  fit->need_cpus = (int) clamp_sum (cpus);
  g_ptr_array_sort (fit->consumers, compare_consumers);
}

static int
compare_by_memory (gconstpointer a, gconstpointer b)
{
  const Machine *one = a;
  const Machine *two = b;

  if (one->memory_mib != two->memory_mib)
    return one->memory_mib < two->memory_mib ? -1 : 1;
  return one->place - two->place;
}

static int
compare_by_place (gconstpointer a, gconstpointer b)
{
  return ((const Machine *) a)->place - ((const Machine *) b)->place;
}

static gboolean
has_machine (GArray *machines, const char *name)
{
  for (guint i = 0; i < machines->len; i++) {
    if (strcmp (g_array_index (machines, Machine, i).name, name) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Whether one was dropped because it would wait for a machine that is not among them. */
static gboolean
drop_waiting (GArray *machines, LoomLab *lab)
{
  for (guint i = 0; i < machines->len; i++) {
    const LoomNode *node = loom_lab_get_node (lab, g_array_index (machines, Machine, i).name);

    for (guint n = 0; node->after != NULL && node->after[n] != NULL; n++) {
      const LoomNode *other = loom_lab_get_node (lab, node->after[n]);
      gboolean is_machine = loom_lab_get_kind (lab, other)->role == LOOM_ROLE_MACHINE;

      if (is_machine && !has_machine (machines, other->name)) {
        g_array_remove_index (machines, i);
        return TRUE;
      }
    }
  }
  return FALSE;
}

/* The most machines that fit together: the small ones, told in the lab's order. */
static void
choose_first (LoomFit *fit, GArray *machines, LoomLab *lab, const LoomFitCosts *costs)
{
  gint64 memory = costs->lab_mib + costs->switch_mib + fit->wire_mib;
  gint64 disk = 0;
  guint n = 0;

  g_array_sort (machines, compare_by_memory);
  for (; n < machines->len; n++) {
    const Machine *machine = &g_array_index (machines, Machine, n);

    memory += machine->memory_mib;
    disk += machine->disk_mib;
    if (memory > fit->have_memory_mib || (fit->have_disk_mib >= 0 && disk > fit->have_disk_mib))
      break;
  }
  g_array_set_size (machines, n);
  while (drop_waiting (machines, lab))
    ;
  g_array_sort (machines, compare_by_place);
  for (guint i = 0; i < machines->len; i++)
    g_ptr_array_add (fit->start_first, g_strdup (g_array_index (machines, Machine, i).name));
}

/* (transfer full): "big (4.1 GiB), srv (1.2 GiB), the switch (171 MiB)". */
static char *
dup_largest (const LoomFit *fit)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (fit->consumers->len, N_NAMED); i++) {
    const LoomFitConsumer *consumer = g_ptr_array_index (fit->consumers, i);
    g_autofree char *size = loom_fit_dup_size (consumer->memory_mib);

    if (i > 0)
      g_string_append (text, ", ");
    g_string_append_printf (text, "%s (%s)",
                            consumer->item[0] != '\0' ? consumer->item : _ ("the switch"), size);
  }
  return g_string_free (text, FALSE);
}

/* (transfer full): what to do about a lab that is too large. */
static char *
dup_advice (const LoomFit *fit)
{
  g_autoptr (GString) names = g_string_new (NULL);

  if (fit->start_first->len == 0)
    return g_strdup (_ ("Close other programs, or give the machines less."));
  for (guint i = 0; i < fit->start_first->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            (const char *) g_ptr_array_index (fit->start_first, i));
  return g_strdup_printf (
      ngettext (
          /* Translators: machines of the lab, separated by commas */
          "Close other programs, or give the machines less; this one would fit: %s.",
          "Close other programs, or give the machines less; these would fit together: %s.",
          fit->start_first->len),
      names->str);
}

static char *
dup_too_large (const LoomFit *fit, gboolean memory_lacks)
{
  g_autofree char *need = loom_fit_dup_size (memory_lacks ? fit->need_memory_mib
                                                          : fit->need_disk_mib);
  g_autofree char *have = loom_fit_dup_size (memory_lacks ? fit->have_memory_mib
                                                          : fit->have_disk_mib);
  g_autofree char *largest = dup_largest (fit);
  g_autofree char *advice = dup_advice (fit);

  if (memory_lacks)
    return g_strdup_printf (
        /* Translators: sizes; then the largest with their sizes; then a sentence of advice */
        _ ("The lab needs %s of memory, and this computer has %s to spare. The largest: %s. %s"),
        need, have, largest, advice);
  return g_strdup_printf (
      /* Translators: sizes */
      _ ("The disks of the lab may take %s, and there are %s free in /var/tmp. Make room there."),
      need, have);
}

static char *
dup_plain_cost (const LoomFit *fit)
{
  g_autofree char *need = loom_fit_dup_size (fit->need_memory_mib);
  g_autofree char *have = loom_fit_dup_size (fit->have_memory_mib);
  g_autofree char *hugepages = loom_fit_dup_size (fit->need_hugepages_mib);

  if (fit->need_hugepages_mib > 0)
    return g_strdup_printf (_ ("The lab needs %s of memory and %s of huge pages; this computer has "
                               "%s of memory to spare."),
                            need, hugepages, have);
  return g_strdup_printf (_ ("The lab needs %s of memory; this computer has %s to spare."), need,
                          have);
}

static char *
dup_cost (const LoomFit *fit)
{
  g_autofree char *plain = dup_plain_cost (fit);
  g_autofree char *wire = loom_fit_dup_size (fit->wire_mib);

  if (fit->wire_mib == 0)
    return g_steal_pointer (&plain);
  return g_strdup_printf (
      /* Translators: %1$s: a sentence on memory, %2$s: a size */
      _ ("%1$s Up to %2$s of it are for the wire, through which impaired cables go."), plain, wire);
}

static char *
dup_tight (const LoomFit *fit)
{
  g_autofree char *cost = dup_cost (fit);
  g_autofree char *cores = g_strdup_printf (
      ngettext ("This computer has %d core.", "This computer has %d cores.", fit->have_cpus),
      fit->have_cpus);

  if (fit->need_cpus > fit->have_cpus)
    return g_strdup_printf (
        /* Translators: %1$s: a sentence on memory, %2$d: number of CPUs of machines, always more
         * than one, %3$s: the sentence on cores */
        _ ("%1$s Its machines have %2$d CPUs together: they take turns when all are busy. %3$s"),
        cost, fit->need_cpus, cores);
  return g_strdup_printf (_ ("%s Little is left for anything else."), cost);
}

static void
judge (LoomFit *fit, GArray *machines, LoomLab *lab, const LoomFitCosts *costs)
{
  gboolean memory_lacks = fit->need_memory_mib > fit->have_memory_mib;
  gboolean disk_lacks = fit->have_disk_mib >= 0 && fit->need_disk_mib > fit->have_disk_mib;

  if (memory_lacks || disk_lacks) {
    fit->verdict = LOOM_FIT_TOO_LARGE;
    choose_first (fit, machines, lab, costs);
    fit->sentence = dup_too_large (fit, memory_lacks);
  } else if (fit->need_cpus > 2 * fit->have_cpus
             || fit->need_memory_mib > fit->have_memory_mib / 10 * 9) {
    fit->verdict = LOOM_FIT_TIGHT;
    fit->sentence = dup_tight (fit);
  } else {
    fit->verdict = LOOM_FIT_FITS;
    fit->sentence = dup_cost (fit);
  }
}

/* They spare ordinary memory, and are not counted on: the switch does without when somebody else
 * was faster. */
static int
get_hugepages_mib (const LoomFitHost *host)
{
  LoomSwitchMemory memory = loom_switch_plan_memory (LOOM_SWITCH_MIN_NICS,
                                                     (guint) MAX (host->hugepages_free_mib, 0));

  return memory.hugepages ? memory.memory_mib : 0;
}

/* (transfer full): the sums, without a verdict. */
static LoomFit *
measure (LoomLab *lab, GArray *machines, const LoomFitHost *host, const LoomFitCosts *costs)
{
  LoomFit *fit = g_new0 (LoomFit, 1);
  int reserve = CLAMP (host->memory_total_mib / 20, MIN_RESERVE_MIB, MAX_RESERVE_MIB);

  fit->consumers = g_ptr_array_new_with_free_func (consumer_free);
  fit->start_first = g_ptr_array_new_with_free_func (g_free);
  fit->have_memory_mib = (int) MAX (host->memory_available_mib - reserve - host->reserved_mib, 0);
  fit->have_hugepages_mib = host->hugepages_free_mib;
  fit->have_disk_mib = host->disk_free_mib;
  fit->have_cpus = host->n_cores;
  fit->wire_mib = needs_wire (lab) ? costs->wire_mib : 0;
  fit->need_hugepages_mib = get_hugepages_mib (host);
  add_up (fit, machines, costs);
  return fit;
}

LoomFit *
loom_fit_check (LoomLab *lab, const LoomFitHost *host, const LoomFitCosts *costs)
{
  g_autoptr (GArray) machines = list_machines (lab, host, costs);
  LoomFit *fit = measure (lab, machines, host, costs);

  judge (fit, machines, lab, costs);
  return fit;
}

static char *
dup_edit_too_large (const LoomFit *fit, gboolean memory_lacks)
{
  g_autofree char *need = loom_fit_dup_size (memory_lacks ? fit->need_memory_mib
                                                          : fit->need_disk_mib);
  g_autofree char *have = loom_fit_dup_size (memory_lacks ? fit->have_memory_mib
                                                          : fit->have_disk_mib);

  if (memory_lacks)
    return g_strdup_printf (
        /* Translators: sizes */
        _ ("The edit needs %s more of memory, and this computer has %s to spare. Undo it, or give "
           "the machines less."),
        need, have);
  return g_strdup_printf (
      /* Translators: sizes */
      _ ("The disks of the edit may take %s, and there are %s free in /var/tmp. Make room there."),
      need, have);
}

LoomFit *
loom_fit_check_edit (LoomLab *before, LoomLab *after, const LoomFitHost *host,
                     const LoomFitCosts *costs)
{
  g_autoptr (GArray) machines_before = list_machines (before, host, costs);
  g_autoptr (GArray) machines_after = list_machines (after, host, costs);
  g_autoptr (LoomFit) old = measure (before, machines_before, host, costs);
  LoomFit *fit = measure (after, machines_after, host, costs);
  gboolean memory_lacks;

  fit->need_memory_mib = MAX (fit->need_memory_mib - old->need_memory_mib, 0);
  fit->wire_mib = MAX (fit->wire_mib - old->wire_mib, 0);
  fit->need_hugepages_mib = MAX (fit->need_hugepages_mib - old->need_hugepages_mib, 0);
  fit->need_disk_mib = MAX (fit->need_disk_mib - old->need_disk_mib, 0);
  fit->need_cpus = MAX (fit->need_cpus - old->need_cpus, 0);
  memory_lacks = fit->need_memory_mib > fit->have_memory_mib;
  /* An edit that asks for nothing more is never refused, however little there is left. */
  if (memory_lacks || (fit->have_disk_mib >= 0 && fit->need_disk_mib > fit->have_disk_mib)) {
    fit->verdict = LOOM_FIT_TOO_LARGE;
    fit->sentence = dup_edit_too_large (fit, memory_lacks);
  } else {
    fit->sentence = dup_cost (fit);
  }
  return fit;
}

void
loom_fit_free (LoomFit *fit)
{
  g_ptr_array_unref (fit->consumers);
  g_ptr_array_unref (fit->start_first);
  g_free (fit->sentence);
  g_free (fit);
}
