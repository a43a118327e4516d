/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The kinds of node that ship, from their files: data/nodes in the build tree, or where they were
 * installed. */

#pragma once

#include "canvas/model/kind.h"

G_BEGIN_DECLS

/* (transfer full): all kinds of our own data folder; NULL if a file of it is missing or wrong. */
LoomCatalogue *loom_catalogue_load (GError **error);
/* The same for another folder: every *.node in it. */
LoomCatalogue *loom_catalogue_load_folder (const char *folder, GError **error);

G_END_DECLS
