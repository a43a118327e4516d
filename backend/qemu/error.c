/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain of backend/qemu. */

#include "backend/qemu/error.h"

/* The formatter would put spaces into the name. */
/* clang-format off */
G_DEFINE_QUARK (loom-guest-error, loom_guest_error)
/* clang-format on */
