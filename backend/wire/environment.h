/* SPDX-License-Identifier: GPL-3.0-or-later */

/* DPDK's environment, set up as a guest beside another DPDK process: no devices of the host, no
 * files that others see, any processor. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Once. @folder: where DPDK may put what it cannot do without. FALSE with an error of GIO's domain.
 */
gboolean loom_wire_environment_init (const char *folder, guint n_buffers, gboolean huge,
                                     GError **error);
/* Removes @folder with what was put there. */
void loom_wire_environment_remove (const char *folder);

G_END_DECLS
