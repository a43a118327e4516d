/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The errors of the model, by what the caller can do about them. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_MODEL_ERROR (loom_model_error_quark ())
GQuark loom_model_error_quark (void);

typedef enum {
  LOOM_MODEL_ERROR_SYNTAX,  /* not a project file: broken JSON, too deep, too large */
  LOOM_MODEL_ERROR_VERSION, /* made by a newer Lanloom */
  LOOM_MODEL_ERROR_INVALID, /* well-formed, but an item is wrong */
  LOOM_MODEL_ERROR_REFUSED, /* an edit that the lab does not allow */
} LoomModelError;

G_END_DECLS
