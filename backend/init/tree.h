/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Removing a folder and all that is in it. Plain C: both lanloom-init and the engine use it. */

#pragma once

/* Removes @name in the folder open at @parent_fd (or AT_FDCWD). Never follows a symbolic link and
 * never leaves the file system of @name. Returns 0, or -1 with errno of the first thing that
 * stayed; something that is not there is no failure. */
int loom_tree_remove (int parent_fd, const char *name);
