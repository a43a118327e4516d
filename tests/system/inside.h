/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests that need namespaces of their own run themselves again inside of new ones. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Call first in main (). TRUE inside, where TMPDIR is a folder that is removed afterwards whatever
 * became of the test. FALSE outside, when all is over (or there can be no namespaces, which is
 * printed as a skip): leave with @ret_status. */
gboolean inside_enter (char **argv, int *ret_status);

G_END_DECLS
