/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The centre lines of the line icons, for whoever strokes them with a width of its own. */

#pragma once

/* The path of the icon called @name ("lanloom-switch"), on a grid of 24 by 24, y downwards; NULL if
 * there is none. Tokens are separated by spaces: "M x y", "L x y", "C x1 y1 x2 y2 x y", "Z", as in
 * SVG 1.1 section 8.3, absolute, no letter left out; "D x y r" is a filled dot. Made to be stroked
 * with round caps and joins. */
const char *loom_icon_path_lookup (const char *name);
