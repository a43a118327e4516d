/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which accelerator works here. /dev/kvm may exist and open and a kernel still hang on it, so only
 * a boot tells: the kernel of the shipped guest is booted once, and the answer is kept for this
 * host until it is booted again. */

#pragma once

#include <gio/gio.h>

#include "backend/qemu/guest-spec.h"

G_BEGIN_DECLS

/* @program: of QEMU; @kernel, @initrd: of the shipped guest. The order: LANLOOM_ACCEL ("kvm",
 * "tcg"), the kept answer ($XDG_CACHE_HOME/lanloom/accel), a boot of at most 5 s if /dev/kvm can be
 * opened, else TCG. Fails only by cancelling, or when LANLOOM_ACCEL is neither. */
void loom_accel_probe_async (const char *program, const char *kernel, const char *initrd,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean loom_accel_probe_finish (GAsyncResult *result, LoomAccel *ret_accel, GError **error);

G_END_DECLS
