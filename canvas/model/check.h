/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What may be set on a node. The reader checks each member as it meets it, loom_edit_check_node ()
 * a node as a whole: both by these. Each @error is LOOM_MODEL_ERROR_INVALID, a sentence that names
 * the node @name. */

#pragma once

#include "canvas/model/kind.h"
#include "canvas/model/node.h"

G_BEGIN_DECLS

#define LOOM_MEMORY_MIN_MIB 16
#define LOOM_MEMORY_MAX_MIB (1024 * 1024)
#define LOOM_CPUS_MAX 64
#define LOOM_VLAN_MAX 4094
#define LOOM_TITLE_MAX_CHARACTERS 200
#define LOOM_DESCRIPTION_MAX_CHARACTERS 10000
#define LOOM_BOOT_MAX_SIZE_BYTES (64 * 1024)
#define LOOM_IMAGE_MAX_SIZE_BYTES 1024
#define LOOM_CANVAS_MAX 1000000.0 /* either side of the origin */

gboolean loom_check_n_ports (const char *name, const LoomKind *kind, double n_ports,
                             GError **error);
gboolean loom_check_memory (const char *name, const LoomKind *kind, double memory_mib,
                            GError **error);
gboolean loom_check_cpus (const char *name, double n_cpus, GError **error);
gboolean loom_check_vlan (const char *name, int port, double vlan, GError **error);
gboolean loom_check_boot (const char *name, const char *boot, GError **error);
/* A path of plain names below the lab's folder, or one in the image library: relative, without
 * "..", and nothing QEMU could take for a protocol. */
gboolean loom_check_image (const char *name, const char *image, GError **error);
/* (transfer full): in canonical form: lower case; ", " between addresses. NULL on error. */
char *loom_check_mac (const char *name, int port, const char *mac, GError **error);
char *loom_check_addresses (const char *name, int port, const char *addresses, GError **error);
/* Whether @after (nullable) may be what the node called @name waits for: not too many, valid names,
 * not its own. Whether there are such nodes is for who knows the lab. */
gboolean loom_check_after (const char *name, const char *const *after, GError **error);
gboolean loom_check_title (const char *title, GError **error);
gboolean loom_check_description (const char *description, GError **error);
/* Where a node may stand, as files hold it: hundredths, within LOOM_CANVAS_MAX. */
double loom_check_round (double coordinate);

G_END_DECLS
