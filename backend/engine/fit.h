/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether a lab fits on this computer: what it will need, against what there is. A pure function of
 * the lab, of what was measured of the host (backend/engine/fit-host.h), and of what things cost.
 *
 * Memory decides: a lab that needs more than is available would drive the host into swap or wake
 * the kernel's OOM killer. Guests count in full, as they may touch all they were given. A
 * reserve is left for the rest of the computer. Disk space and huge pages are counted too; too
 * few cores only make a lab slow. */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

/* What there is now. */
typedef struct {
  int memory_total_mib;
  int memory_available_mib; /* without swapping, and within the control group's limit */
  int hugepages_free_mib;   /* reserved 2 MiB pages that nobody uses, nor was promised */
  int n_cores;
  gint64 disk_free_mib; /* where disk overlays go; -1: unknown */
  gboolean kvm;         /* machines run by KVM, not by emulation */
  gint64 reserved_mib;  /* of what is available, what running labs may still take */
} LoomFitHost;

/* What things cost besides the memory that machines are given. */
typedef struct {
  int lab_mib;        /* engine, database server, PID 1, keeper */
  int switch_mib;     /* Open vSwitch with its one pool of packet buffers */
  int switch_nic_mib; /* each NIC more */
  int guest_kvm_mib;  /* QEMU itself, each machine */
  int guest_tcg_mib;  /* the same with the code it translates */
  int disk_mib;       /* each overlay, until the guest has booted */
  int wire_mib;       /* the wire, if a cable is impaired */
} LoomFitCosts;

/* The costs that were measured; DESIGN.md has the table. */
extern const LoomFitCosts loom_fit_costs;

typedef enum {
  LOOM_FIT_FITS,
  LOOM_FIT_TIGHT, /* it fits, but there is something to know: @sentence */
  LOOM_FIT_TOO_LARGE,
} LoomFitVerdict;

typedef struct {
  char *item; /* name of the machine; "" for the switch, the wire and the lab's own processes */
  int memory_mib;
} LoomFitConsumer;

typedef struct {
  LoomFitVerdict verdict;
  int need_memory_mib;
  int wire_mib;           /* of it, for the wire */
  int have_memory_mib;    /* available, less the reserve */
  int need_hugepages_mib; /* what the switch takes of them; 0: it does without */
  int have_hugepages_mib;
  gint64 need_disk_mib;
  gint64 have_disk_mib; /* -1: unknown */
  int need_cpus;
  int have_cpus;
  GPtrArray *consumers;   /* of LoomFitConsumer, the largest first */
  GPtrArray *start_first; /* of char *, machines that fit together, in the lab's order; empty when
                             all fit, or none does */
  char *sentence;         /* translated: the verdict with its numbers and what to do */
} LoomFit;

/* (transfer full) */
LoomFit *loom_fit_check (LoomLab *lab, const LoomFitHost *host, const LoomFitCosts *costs);
/* The same for an edit of the lab @before, which runs, to @after: what it adds is compared with
 * what there is beside the running lab. The needs, but not the consumers, are those of the edit. */
LoomFit *loom_fit_check_edit (LoomLab *before, LoomLab *after, const LoomFitHost *host,
                              const LoomFitCosts *costs);
void loom_fit_free (LoomFit *fit);
/* "fits", "tight", "too-large". */
const char *loom_fit_verdict_to_id (LoomFitVerdict verdict);
/* (transfer full): translated, "1.2 GiB" or "640 MiB". */
char *loom_fit_dup_size (gint64 size_mib);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomFit, loom_fit_free)

G_END_DECLS
