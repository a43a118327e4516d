/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* What the agent gets for the port that the host speaks on. */
extern int stand_in_port_fd;
