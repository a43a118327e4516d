/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain of the model. */

#include "canvas/model/error.h"

/* clang-format off: it would put spaces into the name */
G_DEFINE_QUARK (loom - model - error, loom_model_error)
/* clang-format on */
