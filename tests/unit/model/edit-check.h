/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What tests of edits share: the promise that is under each of them. */

#pragma once

#include "canvas/model/history.h"

/* Does @change (transfer full), undoes and redoes it, and leaves it done: the file is the same,
 * byte for byte, and can be read again. */
void edit_check_reversible (LoomHistory *history, LoomChange *change);

/* That there is no @change and that the reason says @part. @error is a pointer since arguments are
 * evaluated in any order; leaves *@error empty. */
void edit_check_refused (LoomChange *change, GError **error, const char *part);

/* @node is borrowed. */
LoomEnd edit_end (const char *node, int port);
