/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the memory limits of control groups (cgroups (7)) leave to this process. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @membership: the text of /proc/self/cgroup. @root: where the groups are mounted,
 * "/sys/fs/cgroup". The least that our group and those above it have left, in MiB; -1: no limit. */
int loom_control_group_measure_mib (const char *membership, const char *root);

G_END_DECLS
