/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What comes out of the pipe of the method Watch: LoomFrameSample, one after the other. */

#pragma once

#include "backend/proto/frame-sample.h"
