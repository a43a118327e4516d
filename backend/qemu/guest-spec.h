/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a virtual machine is to be: a pure value, from which the command line of QEMU follows.
 *
 * Fields are set between loom_guest_spec_new () and the moment the spec is handed to a LoomGuest;
 * from then on it is shared and never written again. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define LOOM_GUEST_MAX_NICS 8
#define LOOM_GUEST_MAX_CPUS 64
#define LOOM_GUEST_MAX_HOSTS 4096
#define LOOM_GUEST_MAX_BOOT_SCRIPT_BYTES (256 * 1024)

typedef enum {
  LOOM_ACCEL_TCG,
  LOOM_ACCEL_KVM,
} LoomAccel;

/* Stable ids for D-Bus and the environment: "tcg", "kvm"; and back (FALSE: unknown). */
const char *loom_accel_to_id (LoomAccel accel);
gboolean loom_accel_from_id (const char *id, LoomAccel *ret_accel);

/* One network card. */
typedef struct {
  char *vhost_path; /* UNIX socket that QEMU serves and the switch's port connects to */
  char *mac;        /* "02:…", lower case */
  char *addresses;  /* "10.0.0.1/24, fd00::1/64", for the guest that ships; NULL: none */
  gboolean link_up; /* carrier when the guest first sees the card */
} LoomGuestNic;

/* A line of the guest's /etc/hosts. */
typedef struct {
  char *address; /* without prefix length: "10.0.0.2" */
  char *name;
} LoomGuestHost;

#define LOOM_TYPE_GUEST_SPEC (loom_guest_spec_get_type ())

typedef struct _LoomGuestSpec LoomGuestSpec;

struct _LoomGuestSpec {
  char *key;            /* short and stable, names the runtime files: "m3" */
  char *name;           /* what people call it: "pc1"; the guest's hostname */
  char *runtime_folder; /* absolute; holds <key>.qmp, .serial, .spice, .agent, .conf, .log */
  char *program;        /* "qemu-system-x86_64", or an absolute path */
  LoomAccel accel;
  int memory_mib;
  int n_cpus;
  char *kernel;       /* absolute path; NULL: boots from disk */
  char *initrd;       /* absolute path; with kernel */
  char *append;       /* more words for the kernel's command line; NULL: none */
  char *disk;         /* absolute path of a qcow2 overlay of ours; NULL: none */
  char *image;        /* absolute path of what the disk is an overlay of; with disk */
  gboolean has_agent; /* the guest that ships: ready means that its agent said so, it takes
                         addresses, hosts and the boot script. Otherwise ready means: runs. */
  char *boot_script;  /* run by the shipped guest's shell before it says ready; NULL: none */
  GPtrArray *nics;    /* of LoomGuestNic, at most LOOM_GUEST_MAX_NICS; eth0 is the first */
  GPtrArray *hosts;   /* of LoomGuestHost, at most LOOM_GUEST_MAX_HOSTS */

  /*< private >*/
  gatomicrefcount ref_count;
};

GType loom_guest_spec_get_type (void);
/* A machine of 128 MiB and one CPU under TCG, with no NICs, that runs "qemu-system-x86_64". */
LoomGuestSpec *loom_guest_spec_new (const char *key, const char *name, const char *runtime_folder);
LoomGuestSpec *loom_guest_spec_copy (const LoomGuestSpec *spec);
LoomGuestSpec *loom_guest_spec_ref (LoomGuestSpec *spec);
void loom_guest_spec_unref (LoomGuestSpec *spec);

LoomGuestNic *loom_guest_nic_new (const char *vhost_path, const char *mac, const char *addresses,
                                  gboolean link_up);
LoomGuestNic *loom_guest_nic_copy (const LoomGuestNic *nic);
void loom_guest_nic_free (LoomGuestNic *nic);
/* Appends to the spec's lists; the spec copies the strings. */
void loom_guest_spec_add_nic (LoomGuestSpec *spec, const char *vhost_path, const char *mac,
                              const char *addresses, gboolean link_up);
void loom_guest_spec_add_host (LoomGuestSpec *spec, const char *address, const char *name);

/* Whether QEMU has to be started anew to get from @a to @b: anything but NICs, addresses, hosts,
 * name and boot script differs (those are changed live, the boot script at the next start). */
gboolean loom_guest_spec_needs_restart (const LoomGuestSpec *a, const LoomGuestSpec *b);

/* (transfer full): "<runtime_folder>/<key>.<suffix>". */
char *loom_guest_spec_dup_path (const LoomGuestSpec *spec, const char *suffix);

/* Checks ranges and characters of everything that ends up on a command line or in the guest's
 * configuration. @error: LOOM_GUEST_ERROR_INVALID, a sentence that names the machine. */
gboolean loom_guest_spec_check (const LoomGuestSpec *spec, GError **error);

/* (transfer full): the configuration text that the shipped guest reads (backend/guest/protocol.h
 * describes it). @boot: with the boot script. */
char *loom_guest_spec_dup_config (const LoomGuestSpec *spec, gboolean boot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomGuestSpec, loom_guest_spec_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomGuestNic, loom_guest_nic_free)

G_END_DECLS
