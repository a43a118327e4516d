/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What tests of the model share: the catalogue and the labs of the source tree. */

#pragma once

#include "canvas/model/lab.h"

/* (transfer full): the kinds of data/nodes. */
LoomCatalogue *fixture_catalogue (void);
/* (transfer full): the text of a file of the source tree, "data/labs/two-machines.lanloom". */
char *fixture_read (const char *path, gsize *ret_size);
/* (transfer full): the lab of that file, with the kinds of data/nodes. */
LoomLab *fixture_read_lab (const char *path);
/* (transfer full): four machines on two switches. */
LoomLab *fixture_two_switches (void);
