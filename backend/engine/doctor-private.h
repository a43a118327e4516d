/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the report share: doctor.c is the computer and the whole, doctor-programs.c the
 * programs. */

#pragma once

#include "backend/engine/doctor.h"

G_BEGIN_DECLS

/* Appends a finding to @report. @found and @remedy: (transfer full); @remedy: (nullable). */
void loom_doctor_add (GPtrArray *report, const char *id, LoomSeverity severity, const char *title,
                      char *found, char *remedy);
/* What was tried did not answer in time. */
void loom_doctor_add_late (GPtrArray *report, const char *id, const char *title);

/* doctor-programs.c: those of others, and the parts of Lanloom that need them. */
void loom_doctor_report_programs (GPtrArray *report, const LoomDoctorObserved *observed);

G_END_DECLS
