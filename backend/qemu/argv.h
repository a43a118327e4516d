/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The command line of QEMU: a pure function of what the machine is to be. */

#pragma once

#include "backend/qemu/guest-spec.h"

G_BEGIN_DECLS

/* The listening socket for QMP that QEMU is started with: made before it, so that the engine can
 * connect at once. (Not so for the vhost sockets: QEMU 7.2 refuses to pass memory over those.) */
#define LOOM_QEMU_FD_QMP 3

/* (transfer full): NULL-terminated; argv[0] is the program. @spec must pass
 * loom_guest_spec_check (). QEMU waits on start until every NIC's peer has connected, then stays
 * stopped (-S) until QMP says "cont". */
char **loom_qemu_argv (const LoomGuestSpec *spec);

/* Properties of the device of NIC @index, as on the command line and in device_add:
 * driver, id, netdev, mac, bus, addr and what the accelerator needs. (transfer full): alternating
 * name and value, NULL-terminated. */
char **loom_qemu_nic_properties (const LoomGuestSpec *spec, guint index, const char *mac);

G_END_DECLS
