/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What this computer has of what labs need: a pure function of what was observed, to a report for
 * people and programs. backend/engine/doctor-observe.h observes. Nothing is changed by either:
 * a remedy is a command for the person to copy. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A thing that was tried. */
typedef enum {
  LOOM_TRIED_UNKNOWN, /* it could not be tried; the text beside it may say why */
  LOOM_TRIED_FAILED,
  LOOM_TRIED_LATE, /* it did not answer in time, which says something of the computer alone */
  LOOM_TRIED_WORKED,
} LoomTried;

/* A device file, opened for reading and writing. */
typedef enum {
  LOOM_DEVICE_ABSENT,
  LOOM_DEVICE_DENIED, /* it is there, but not for this user */
  LOOM_DEVICE_OPENS,
} LoomDevice;

/* A program of others that labs run, or a plugin of one. */
typedef struct {
  char *name;         /* "qemu-system-x86_64" */
  char *package;      /* Debian package that has it */
  char *path;         /* where it was found; NULL: nowhere */
  char *version;      /* "7.2.22"; NULL: it did not say */
  char *tested;       /* the oldest version Lanloom is tested with; NULL: any */
  gboolean is_plugin; /* not asked for a version */
  gboolean is_extra;  /* labs run without it */
  LoomTried runs;     /* whether it could say its version */
} LoomDoctorProgram;

/* A folder that Lanloom writes to. */
typedef struct {
  char *id;          /* "runtime", "disks", "cache" */
  char *path;        /* the folder, or the nearest one above it that exists */
  gboolean writable; /* by this user */
  guint64 free_mib;  /* on its file system */
} LoomDoctorFolder;

/* What was observed. Numbers of -1 are unknown or do not exist on this kernel. */
typedef struct {
  LoomTried namespaces;
  char *namespaces_said; /* what lanloom-init said when it failed; or NULL */
  char *init_path;       /* of lanloom-init, for an AppArmor profile; or NULL */
  int apparmor_restricts_userns;
  int unprivileged_userns_clone;
  int max_user_namespaces;

  LoomDevice kvm;
  LoomTried kvm_boots;  /* whether a small kernel came up on it */
  gboolean cpu_has_kvm; /* the processor says vmx or svm */
  char *accel_forced;   /* LANLOOM_ACCEL if it is set; or NULL */
  LoomDevice tun;

  int memory_total_mib;
  int memory_available_mib;
  int n_cores;             /* that this process may run on */
  int hugepages_total_mib; /* of 2 MiB each */
  int hugepages_free_mib;

  GPtrArray *programs;  /* of LoomDoctorProgram */
  LoomTried spice;      /* whether QEMU takes -spice */
  gboolean guest_there; /* kernel and initramfs of the guest that ships */
  char *guest_path;     /* the first of them that is missing, else its kernel; or NULL */
  char *wire_path;      /* of lanloom-wire; NULL: it was not built */
  LoomTried wire;       /* whether its DPDK starts */
  char *wire_said;      /* "DPDK 22.11.11", or why it does not; or NULL */
  GPtrArray *folders;   /* of LoomDoctorFolder */
} LoomDoctorObserved;

/* (transfer full): nothing observed yet. */
LoomDoctorObserved *loom_doctor_observed_new (void);
void loom_doctor_observed_free (LoomDoctorObserved *observed);
/* Append; strings are copied. (transfer none) */
LoomDoctorProgram *loom_doctor_observed_add_program (LoomDoctorObserved *observed, const char *name,
                                                     const char *package, const char *path,
                                                     const char *version, const char *tested);
LoomDoctorFolder *loom_doctor_observed_add_folder (LoomDoctorObserved *observed, const char *id,
                                                   const char *path, gboolean writable,
                                                   guint64 free_mib);

typedef enum {
  LOOM_SEVERITY_OK,
  LOOM_SEVERITY_ADVICE,  /* labs run; they would run better */
  LOOM_SEVERITY_PROBLEM, /* labs do not run here */
} LoomSeverity;

typedef struct {
  char *id; /* stable, English: "namespaces", "program-qemu-img" */
  LoomSeverity severity;
  char *title;  /* translated: "Virtualisation (KVM)" */
  char *found;  /* translated sentence: what was found, and what that means */
  char *remedy; /* a command line to copy; NULL: none, or none needed */
} LoomFinding;

void loom_finding_free (LoomFinding *finding);
/* "ok", "advice", "problem"; and for people, translated. */
const char *loom_severity_to_id (LoomSeverity severity);
const char *loom_severity_to_label (LoomSeverity severity);

/* (transfer full): of LoomFinding, always the same ids for the same programs, in a fixed order. */
GPtrArray *loom_doctor_report (const LoomDoctorObserved *observed);
/* The worst of @report: PROBLEM means that a lab cannot run here. */
LoomSeverity loom_doctor_worst (GPtrArray *report);
/* (transfer full): one sentence about the whole of @report. */
char *loom_doctor_dup_summary (GPtrArray *report);

/* (transfer full) (nullable): the version in what a program said of itself: the first word of
 * @text's first line that begins with a digit and has a dot ("7.2.22"). */
char *loom_doctor_parse_version (const char *text);
/* Compares by numbers, as 7.2 < 7.10; what follows the numbers does not count. */
int loom_doctor_compare_versions (const char *a, const char *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomDoctorObserved, loom_doctor_observed_free)

G_END_DECLS
