/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The report on this computer: one function a subject, each of which turns what was observed into
 * one finding; programs are in doctor-programs.c. Remedies are for Debian and what descends from
 * it. */

#include "backend/engine/doctor-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "backend/engine/fit.h"

/* A lab of one machine with one card, emulated; and what two small machines are at ease with. */
#define LEAST_MEMORY_MIB 512
#define EASY_MEMORY_MIB 2048
/* Sockets, logs and a database; overlays; one line. */
#define LEAST_RUNTIME_MIB 64
#define EASY_DISKS_MIB 4096

#define APPARMOR_PROFILE "/etc/apparmor.d/lanloom-init"

void
loom_finding_free (LoomFinding *finding)
{
  g_free (finding->id);
  g_free (finding->title);
  g_free (finding->found);
  g_free (finding->remedy);
  g_free (finding);
}

const char *
loom_severity_to_id (LoomSeverity severity)
{
  static const char *const ids[] = {"ok", "advice", "problem"};

  return ids[severity];
}

const char *
loom_severity_to_label (LoomSeverity severity)
{
  switch (severity) {
  case LOOM_SEVERITY_ADVICE:
    return _ ("advice");
  case LOOM_SEVERITY_PROBLEM:
    return _ ("problem");
  case LOOM_SEVERITY_OK:
  default:
    return _ ("good");
  }
}

void
loom_doctor_add (GPtrArray *report, const char *id, LoomSeverity severity, const char *title,
                 char *found, char *remedy)
{
  LoomFinding *finding = g_new0 (LoomFinding, 1);

  finding->id = g_strdup (id);
  finding->severity = severity;
  finding->title = g_strdup (title);
  finding->found = found;
  finding->remedy = remedy;
  g_ptr_array_add (report, finding);
}

void
loom_doctor_add_late (GPtrArray *report, const char *id, const char *title)
{
  loom_doctor_add (
      report, id, LOOM_SEVERITY_ADVICE, title,
      g_strdup (_ ("It was not done in time. This computer is busy, or slow: ask again "
                   "later.")),
      NULL);
}

/* --- namespaces -------------------------------------------------------------------------------*/

static gboolean
is_plain_path (const char *path)
{
  return path != NULL && path[0] == '/'
         && strspn (path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")
                == strlen (path);
}

/* (transfer full): what allows namespaces to lanloom-init alone, by an AppArmor profile. */
static char *
dup_apparmor_remedy (const LoomDoctorObserved *observed)
{
  if (!is_plain_path (observed->init_path))
    return g_strdup ("sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
  return g_strdup_printf ("printf '%%s\\n' 'abi <abi/4.0>,' 'include <tunables/global>' "
                          "'profile lanloom-init %s flags=(unconfined) { userns, }' "
                          "| sudo tee " APPARMOR_PROFILE
                          " && sudo apparmor_parser -r " APPARMOR_PROFILE,
                          observed->init_path);
}

static char *
dup_namespaces_remedy (const LoomDoctorObserved *observed)
{
  if (observed->max_user_namespaces == 0)
    return g_strdup ("sudo sysctl -w user.max_user_namespaces=15000");
  if (observed->unprivileged_userns_clone == 0)
    return g_strdup ("sudo sysctl -w kernel.unprivileged_userns_clone=1");
  if (observed->apparmor_restricts_userns == 1)
    return dup_apparmor_remedy (observed);
  return NULL;
}

static void
report_namespaces (GPtrArray *report, const LoomDoctorObserved *observed)
{
  const char *title = _ ("A lab's own network (namespaces)");
  const char *said = observed->namespaces_said;

  if (observed->namespaces == LOOM_TRIED_WORKED)
    loom_doctor_add (
        report, "namespaces", LOOM_SEVERITY_OK, title,
        g_strdup (_ ("They were made without privileges, and the network inside came up.")), NULL);
  else if (observed->namespaces == LOOM_TRIED_FAILED)
    loom_doctor_add (report, "namespaces", LOOM_SEVERITY_PROBLEM, title,
                     g_strdup (said != NULL && said[0] != '\0'
                                   ? said
                                   : _ ("They could not be made; the kernel did not say why.")),
                     dup_namespaces_remedy (observed));
  else if (observed->namespaces == LOOM_TRIED_LATE)
    loom_doctor_add_late (report, "namespaces", title);
  else
    loom_doctor_add (
        report, "namespaces", LOOM_SEVERITY_PROBLEM, title,
        g_strdup (_ ("It could not be tried: lanloom-init, a part of Lanloom, did not run. Install "
                     "Lanloom again.")),
        NULL);
}

static void
report_apparmor (GPtrArray *report, const LoomDoctorObserved *observed)
{
  const char *title = _ ("AppArmor");

  if (observed->apparmor_restricts_userns != 1)
    loom_doctor_add (report, "apparmor", LOOM_SEVERITY_OK, title,
                     g_strdup (_ ("It does not restrict namespaces here.")), NULL);
  else if (observed->namespaces == LOOM_TRIED_WORKED)
    loom_doctor_add (report, "apparmor", LOOM_SEVERITY_OK, title,
                     g_strdup (_ ("It restricts namespaces, but not those of Lanloom.")), NULL);
  else
    loom_doctor_add (
        report, "apparmor", LOOM_SEVERITY_PROBLEM, title,
        g_strdup (is_plain_path (observed->init_path)
                      ? _ ("It keeps programs without a profile from using namespaces. The command "
                           "gives lanloom-init, and nothing else, that permission.")
                      : _ ("It keeps programs without a profile from using namespaces. The command "
                           "lifts that for all programs until the computer is started again.")),
        dup_apparmor_remedy (observed));
}

/* --- devices ----------------------------------------------------------------------------------*/

static void
report_kvm (GPtrArray *report, const LoomDoctorObserved *observed)
{
  LoomSeverity severity = LOOM_SEVERITY_ADVICE;
  const char *found;
  const char *remedy = NULL;

  if (observed->kvm == LOOM_DEVICE_DENIED) {
    found = _ ("/dev/kvm is not open to you: machines are emulated, and slow. The command lets you "
               "use it from your next login on.");
    remedy = "sudo usermod -aG kvm \"$USER\"";
  } else if (observed->kvm == LOOM_DEVICE_ABSENT && observed->cpu_has_kvm) {
    found = _ (
        "The processor could do it, but /dev/kvm is not there: machines are emulated, and "
        "slow. If the command does not help, virtualisation is switched off in the firmware.");
    remedy = "sudo modprobe -a kvm_intel kvm_amd";
  } else if (observed->kvm == LOOM_DEVICE_ABSENT) {
    found = _ ("The processor does not offer it: machines are emulated, and slow. Switch "
               "virtualisation on in the firmware, or, if this computer is itself a virtual "
               "machine, nested virtualisation on its host.");
  } else if (observed->kvm_boots == LOOM_TRIED_WORKED) {
    severity = LOOM_SEVERITY_OK;
    found = _ ("A small kernel booted with it: machines run at full speed.");
  } else if (observed->kvm_boots == LOOM_TRIED_FAILED) {
    found = _ (
        "/dev/kvm opens, but a small kernel did not boot with it: machines are emulated, and "
        "slow. This is usual where this computer is itself a virtual machine.");
  } else if (observed->accel_forced == NULL) {
    found = _ ("/dev/kvm opens; whether a kernel boots with it could not be tried without QEMU and "
               "the machine that ships.");
  } else {
    found = _ ("/dev/kvm opens; whether a kernel boots with it was not tried, because the "
               "environment variable LANLOOM_ACCEL decides.");
  }
  loom_doctor_add (report, "kvm", severity, _ ("Virtualisation (KVM)"), g_strdup (found),
                   g_strdup (remedy));
}

static void
report_tun (GPtrArray *report, const LoomDoctorObserved *observed)
{
  const char *title = _ ("Network devices of programs (/dev/net/tun)");

  if (observed->tun == LOOM_DEVICE_OPENS)
    loom_doctor_add (report, "tun", LOOM_SEVERITY_OK, title, g_strdup (_ ("It opens.")), NULL);
  else if (observed->tun == LOOM_DEVICE_DENIED)
    loom_doctor_add (report, "tun", LOOM_SEVERITY_ADVICE, title,
                     g_strdup (_ ("It is not open to you. Labs run without it.")),
                     g_strdup ("sudo chmod 0666 /dev/net/tun"));
  else
    loom_doctor_add (report, "tun", LOOM_SEVERITY_ADVICE, title,
                     g_strdup (_ ("It is not there. Labs run without it.")),
                     g_strdup ("sudo modprobe tun"));
}

/* --- what there is ----------------------------------------------------------------------------*/

static void
report_memory (GPtrArray *report, const LoomDoctorObserved *observed)
{
  g_autofree char *total = loom_fit_dup_size (MAX (observed->memory_total_mib, 0));
  g_autofree char *available = loom_fit_dup_size (MAX (observed->memory_available_mib, 0));
  const char *title = _ ("Memory");

  if (observed->memory_available_mib < 0)
    loom_doctor_add (report, "memory", LOOM_SEVERITY_ADVICE, title,
                     g_strdup (_ ("How much there is could not be read from /proc/meminfo.")),
                     NULL);
  else if (observed->memory_available_mib < LEAST_MEMORY_MIB)
    loom_doctor_add (
        report, "memory", LOOM_SEVERITY_PROBLEM, title,
        g_strdup_printf (_ ("%s of %s are available: too little for the smallest lab. Close other "
                            "programs."),
                         available, total),
        NULL);
  else if (observed->memory_available_mib < EASY_MEMORY_MIB)
    loom_doctor_add (
        report, "memory", LOOM_SEVERITY_ADVICE, title,
        g_strdup_printf (_ ("%s of %s are available: enough for two or three small machines."),
                         available, total),
        NULL);
  else
    loom_doctor_add (report, "memory", LOOM_SEVERITY_OK, title,
                     /* Translators: sizes */
                     g_strdup_printf (_ ("%s of %s are available."), available, total), NULL);
}

static void
report_cores (GPtrArray *report, const LoomDoctorObserved *observed)
{
  const char *title = _ ("Processor cores");
  int n = observed->n_cores;

  if (n < 0)
    loom_doctor_add (report, "cores", LOOM_SEVERITY_ADVICE, title,
                     g_strdup (_ ("How many there are could not be found out.")), NULL);
  else if (n == 1)
    loom_doctor_add (report, "cores", LOOM_SEVERITY_ADVICE, title,
                     g_strdup (_ ("There is one: the switch and the machines take turns on it.")),
                     NULL);
  else
    loom_doctor_add (report, "cores", LOOM_SEVERITY_OK, title,
                     g_strdup_printf (ngettext ("There is %d.", "There are %d.", (gulong) n), n),
                     NULL);
}

static void
report_hugepages (GPtrArray *report, const LoomDoctorObserved *observed)
{
  const char *title = _ ("Huge pages");
  g_autofree char *free_size = loom_fit_dup_size (MAX (observed->hugepages_free_mib, 0));
  g_autofree char *total = loom_fit_dup_size (MAX (observed->hugepages_total_mib, 0));

  if (observed->hugepages_total_mib <= 0)
    loom_doctor_add (
        report, "hugepages", LOOM_SEVERITY_OK, title,
        g_strdup (_ ("None are reserved. They are not needed: labs use ordinary memory.")), NULL);
  else
    loom_doctor_add (
        report, "hugepages", LOOM_SEVERITY_OK, title,
        /* Translators: sizes */
        g_strdup_printf (_ ("%s of the %s that are reserved are free; labs that fit use them."),
                         free_size, total),
        NULL);
}

/* --- folders ----------------------------------------------------------------------------------*/

static const char *
get_folder_title (const LoomDoctorFolder *folder)
{
  if (g_str_equal (folder->id, "runtime"))
    return _ ("Folder of running labs");
  if (g_str_equal (folder->id, "disks"))
    return _ ("Folder of machines' disks");
  return _ ("Cache folder");
}

static void
report_folder (GPtrArray *report, const LoomDoctorFolder *folder)
{
  g_autofree char *id = g_strdup_printf ("folder-%s", folder->id);
  g_autofree char *size = loom_fit_dup_size ((gint64) MIN (folder->free_mib, G_MAXINT));
  const char *title = get_folder_title (folder);
  gboolean is_cache = g_str_equal (folder->id, "cache");
  gboolean is_disks = g_str_equal (folder->id, "disks");

  if (!folder->writable && is_cache)
    loom_doctor_add (
        report, id, LOOM_SEVERITY_ADVICE, title,
        g_strdup_printf (_ ("“%s” cannot be written: what was found out about this computer is "
                            "found out anew each time."),
                         folder->path),
        NULL);
  else if (!folder->writable)
    loom_doctor_add (report, id, LOOM_SEVERITY_PROBLEM, title,
                     g_strdup_printf (_ ("“%s” cannot be written. Make it yours, with mode 0700."),
                                      folder->path),
                     NULL);
  else if (folder->free_mib < LEAST_RUNTIME_MIB && !is_cache)
    loom_doctor_add (
        report, id, LOOM_SEVERITY_PROBLEM, title,
        g_strdup_printf (_ ("Only %s are free at “%s”. Make room there."), size, folder->path),
        NULL);
  else if (folder->free_mib < EASY_DISKS_MIB && is_disks)
    loom_doctor_add (
        report, id, LOOM_SEVERITY_ADVICE, title,
        g_strdup_printf (_ ("%s are free at “%s”: little for machines that write to their disks."),
                         size, folder->path),
        NULL);
  else
    loom_doctor_add (report, id, LOOM_SEVERITY_OK, title,
                     g_strdup_printf (_ ("%s are free at “%s”."), size, folder->path), NULL);
}

/* --- the whole --------------------------------------------------------------------------------*/

GPtrArray *
loom_doctor_report (const LoomDoctorObserved *observed)
{
  GPtrArray *report = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_finding_free);

  report_namespaces (report, observed);
  report_apparmor (report, observed);
  report_kvm (report, observed);
  report_tun (report, observed);
  report_memory (report, observed);
  report_cores (report, observed);
  report_hugepages (report, observed);
  loom_doctor_report_programs (report, observed);
  for (guint i = 0; i < observed->folders->len; i++)
    report_folder (report, g_ptr_array_index (observed->folders, i));
  return report;
}

LoomSeverity
loom_doctor_worst (GPtrArray *report)
{
  LoomSeverity worst = LOOM_SEVERITY_OK;

  for (guint i = 0; i < report->len; i++) {
    const LoomFinding *finding = g_ptr_array_index (report, i);
    worst = MAX (worst, finding->severity);
  }
  return worst;
}

char *
loom_doctor_dup_summary (GPtrArray *report)
{
  guint n[LOOM_SEVERITY_PROBLEM + 1] = {0};

  for (guint i = 0; i < report->len; i++)
    n[((const LoomFinding *) g_ptr_array_index (report, i))->severity]++;
  if (n[LOOM_SEVERITY_PROBLEM] > 0)
    return g_strdup_printf (ngettext ("Labs cannot run here yet: there is %u problem.",
                                      "Labs cannot run here yet: there are %u problems.",
                                      n[LOOM_SEVERITY_PROBLEM]),
                            n[LOOM_SEVERITY_PROBLEM]);
  if (n[LOOM_SEVERITY_ADVICE] > 0)
    return g_strdup_printf (ngettext ("Labs can run here. %u thing could be better.",
                                      "Labs can run here. %u things could be better.",
                                      n[LOOM_SEVERITY_ADVICE]),
                            n[LOOM_SEVERITY_ADVICE]);
  return g_strdup (_ ("Labs can run here, and nothing is left to improve."));
}
