/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain of backend/qemu. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_GUEST_ERROR (loom_guest_error_quark ())
GQuark loom_guest_error_quark (void);

typedef enum {
  LOOM_GUEST_ERROR_INVALID,   /* the spec, a disk image: correct it */
  LOOM_GUEST_ERROR_START,     /* QEMU did not start; starting again may help */
  LOOM_GUEST_ERROR_DIED,      /* QEMU ended while it was wanted */
  LOOM_GUEST_ERROR_STATE,     /* not possible in the present state (no agent yet, off, …) */
  LOOM_GUEST_ERROR_PROTOCOL,  /* QEMU or the agent said something we do not understand */
  LOOM_GUEST_ERROR_COMMAND,   /* QEMU or the guest refused the order; the message says why */
  LOOM_GUEST_ERROR_NOT_FOUND, /* QEMU has no such device */
} LoomGuestError;

G_END_DECLS
