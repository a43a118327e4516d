/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A client of a socket under test that says only what the test has it say. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Connects to the socket at @path, where somebody listens. The descriptor: for the caller to close.
 */
int unix_client_new (const char *path);

G_END_DECLS
