/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what is set up to the words of those who do it: the machine's spec for QEMU, the lab's
 * fabric for the switch. Pure. */

#pragma once

#include "backend/engine/detour.h"
#include "backend/engine/record.h"
#include "backend/ovs/fabric.h"
#include "backend/qemu/guest-spec.h"

G_BEGIN_DECLS

/* What specs need to know besides the lab. */
typedef struct {
  LoomCatalogue *catalogue;
  const char *runtime_folder;
  const char *disk_folder;
  LoomAccel accel;
} LoomDeriveContext;

/* (transfer full): what the machine @instance is to be. */
LoomGuestSpec *loom_derive_spec (const LoomDeriveContext *context, const LoomRecord *record,
                                 const LoomInstance *instance);
/* (transfer full) (nullable): absolute path of the image that @node boots from: relative to
 * @lab_folder, or, for a plain name that is not there, in the image library
 * ($XDG_DATA_HOME/lanloom/images). NULL too when a link leads from the lab's folder to somewhere
 * else: folders come from strangers; links of the library are the person's own. */
char *loom_derive_image (const LoomNode *node, const char *lab_folder);

/* (transfer full): what the switch is to be.
 * @n_ports: key of machine → number of NICs (GUINT_TO_POINTER) that have a port by now; cables to
 * other NICs are left out.
 * @detours: cookie (guint64 *) → LoomDetour, of cables that the wire has to do with. */
LoomFabric *loom_derive_fabric (const char *runtime_folder, const LoomRecord *record,
                                GHashTable *n_ports, GHashTable *detours);
/* (transfer full): what the wire is to do with @cable, as LoomDetour compares it and as the text of
 * an object to tell it: {"key": "pc1:0 pc2:0", "seed": 0, "forward": {…}, "backward": {…}}, forward
 * being from the cable's end a, which is also the first of the key. */
char *loom_derive_wire_settings (const LoomRecord *record, const LoomCable *cable);

G_END_DECLS
