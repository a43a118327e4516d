/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A scene as a picture file. */

#pragma once

#include "canvas/scene/scene.h"

G_BEGIN_DECLS

#define LOOM_SCENE_ERROR (loom_scene_error_quark ())
GQuark loom_scene_error_quark (void);

typedef enum {
  LOOM_SCENE_ERROR_TOO_LARGE, /* ask for a smaller scale */
  LOOM_SCENE_ERROR_FAILED,
} LoomSceneError;

typedef enum {
  LOOM_EXPORT_SVG,
  LOOM_EXPORT_PNG,
  LOOM_EXPORT_PDF,
} LoomExportFormat;

/* The whole lab as a picture, with a margin and without the grid; @scale is pixels a unit (PNG) or
 * points a unit (PDF, SVG). Returns (transfer full) the bytes of the file; NULL with @error if the
 * picture would be too large, or memory ran out. Touches no file. */
GBytes *loom_scene_export (LoomScene *scene, LoomExportFormat format, double scale, GError **error);

G_END_DECLS
