/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The report on programs: those of others that labs run, their versions, what they offer, and the
 * parts of Lanloom that may not have been built. */

#include "backend/engine/doctor-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What a person does without, where it is missing. */
static const char *
get_loss (const LoomDoctorProgram *program)
{
  return g_str_equal (program->name, "wireshark")
             ? _ ("It is missing: captures go to files. The package %s has it.")
             : _ (
                 "It is missing: the window lists frames in few words, and no details of them. The "
                 "package %s has it.");
}

static void
report_program (GPtrArray *report, const LoomDoctorProgram *program)
{
  g_autofree char *id = g_strdup_printf ("program-%s", program->name);
  char *install = g_strdup_printf ("sudo apt install %s", program->package);

  if (program->path == NULL && program->is_extra) {
    loom_doctor_add (report, id, LOOM_SEVERITY_ADVICE, program->name,
                     g_strdup_printf (get_loss (program), program->package), install);
  } else if (program->path == NULL) {
    loom_doctor_add (
        report, id, LOOM_SEVERITY_PROBLEM, program->name,
        g_strdup_printf (_ ("It is missing. The package %s has it."), program->package), install);
  } else if (program->runs == LOOM_TRIED_FAILED) {
    g_free (install);
    loom_doctor_add (
        report, id, LOOM_SEVERITY_PROBLEM, program->name,
        g_strdup_printf (_ ("“%s” is there, but did not run. Install the package %s again."),
                         program->path, program->package),
        g_strdup_printf ("sudo apt install --reinstall %s", program->package));
  } else if (program->runs == LOOM_TRIED_LATE) {
    g_free (install);
    loom_doctor_add_late (report, id, program->name);
  } else if (program->version != NULL && program->tested != NULL
             && loom_doctor_compare_versions (program->version, program->tested) < 0) {
    loom_doctor_add (
        report, id, LOOM_SEVERITY_ADVICE, program->name,
        /* Translators: versions */
        g_strdup_printf (_ ("Version %s is older than %s, the oldest Lanloom is tested with."),
                         program->version, program->tested),
        install);
  } else {
    g_free (install);
    loom_doctor_add (
        report, id, LOOM_SEVERITY_OK, program->name,
        program->version != NULL
            /* Translators: a version; a path */
            ? g_strdup_printf (_ ("Version %s, “%s”."), program->version, program->path)
            : g_strdup_printf ("“%s”", program->path),
        NULL);
  }
}

static void
report_spice (GPtrArray *report, const LoomDoctorObserved *observed)
{
  const char *title = _ ("Screens of machines (SPICE)");

  if (observed->spice == LOOM_TRIED_WORKED)
    loom_doctor_add (report, "spice", LOOM_SEVERITY_OK, title, g_strdup (_ ("QEMU offers them.")),
                     NULL);
  else if (observed->spice == LOOM_TRIED_FAILED)
    loom_doctor_add (report, "spice", LOOM_SEVERITY_PROBLEM, title,
                     g_strdup (_ ("QEMU was installed without them, and machines do not start.")),
                     g_strdup ("sudo apt install qemu-system-modules-spice"));
  else
    loom_doctor_add (report, "spice", LOOM_SEVERITY_ADVICE, title,
                     g_strdup (_ ("It could not be tried, since QEMU did not run.")), NULL);
}

static void
report_guest (GPtrArray *report, const LoomDoctorObserved *observed)
{
  const char *title = _ ("The machine that ships");
  const char *path = observed->guest_path != NULL ? observed->guest_path : "";

  if (observed->guest_there)
    loom_doctor_add (report, "guest", LOOM_SEVERITY_OK, title,
                     g_strdup_printf (_ ("It is at “%s”."), path), NULL);
  else
    loom_doctor_add (
        report, "guest", LOOM_SEVERITY_PROBLEM, title,
        g_strdup_printf (_ ("“%s” is missing. Build or install Lanloom again; its guest is made of "
                            "the package linux-image-cloud-amd64."),
                         path),
        NULL);
}

/* Labs run without it. */
static void
report_wire (GPtrArray *report, const LoomDoctorObserved *observed)
{
  const char *title = _ ("Delays, losses, holds and captures (lanloom-wire)");
  char *install = g_strdup ("sudo apt install libdpdk-dev");

  if (observed->wire_path == NULL) {
    loom_doctor_add (
        report, "wire", LOOM_SEVERITY_ADVICE, title,
        g_strdup (_ ("It was not built: cables carry frames as they come. Install DPDK with the "
                     "command below, then build Lanloom again.")),
        install);
  } else if (observed->wire == LOOM_TRIED_LATE) {
    g_free (install);
    loom_doctor_add_late (report, "wire", title);
  } else if (observed->wire != LOOM_TRIED_WORKED) {
    loom_doctor_add (
        report, "wire", LOOM_SEVERITY_ADVICE, title,
        g_strdup_printf (_ ("“%s” does not start: cables carry frames as they come. It said: %s"),
                         observed->wire_path,
                         observed->wire_said != NULL ? observed->wire_said : ""),
        install);
  } else {
    g_free (install);
    loom_doctor_add (report, "wire", LOOM_SEVERITY_OK, title,
                     /* Translators: a program with its version, "DPDK 22.11.11" */
                     g_strdup_printf (_ ("It starts, with %s."), observed->wire_said), NULL);
  }
}

void
loom_doctor_report_programs (GPtrArray *report, const LoomDoctorObserved *observed)
{
  for (guint i = 0; i < observed->programs->len; i++)
    report_program (report, g_ptr_array_index (observed->programs, i));
  report_spice (report, observed);
  report_guest (report, observed);
  report_wire (report, observed);
}

char *
loom_doctor_parse_version (const char *text)
{
  gsize length = strcspn (text, "\n");
  g_autofree char *line = g_strndup (text, MIN (length, 200));
  g_auto (GStrv) words = g_strsplit_set (line, " ,()", -1);

  for (char **word = words; *word != NULL; word++) {
    gsize n = strspn (*word, "0123456789.");

    if (g_ascii_isdigit (**word) && memchr (*word, '.', n) != NULL)
      return g_strndup (*word, n);
  }
  return NULL;
}

int
loom_doctor_compare_versions (const char *a, const char *b)
{
  while (*a != '\0' || *b != '\0') {
    char *end_a, *end_b;
    guint64 number_a = g_ascii_strtoull (a, &end_a, 10);
    guint64 number_b = g_ascii_strtoull (b, &end_b, 10);

    if (number_a != number_b)
      return number_a < number_b ? -1 : 1;
    a = *end_a == '.' ? end_a + 1 : "";
    b = *end_b == '.' ? end_b + 1 : "";
  }
  return 0;
}
