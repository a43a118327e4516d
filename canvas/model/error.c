/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain of the model. */

#include "canvas/model/error.h"

/* It would put spaces into the name. */
/* clang-format off */
G_DEFINE_QUARK (loom-model-error, loom_model_error)
/* clang-format on */
