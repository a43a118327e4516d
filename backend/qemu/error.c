/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain of backend/qemu. */

#include "backend/qemu/error.h"

G_DEFINE_QUARK (loom - guest - error - quark, loom_guest_error)
