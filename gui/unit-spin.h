/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A spin button that shows its unit: "20 ms", and as many decimals as the number has. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @unit (nullable): behind the number. @zero (nullable): what stands for 0: "unlimited". */
GtkWidget *loom_unit_spin_new (double min, double max, double step, const char *unit,
                               const char *zero);
/* Sets the value unless it is the value already: what is being typed stays. */
void loom_unit_spin_set (GtkSpinButton *spin, double value);

/* Reads "20 ms", "0,5", "0.5" and "unlimited": the number before anything else, in the locale's or
 * the C spelling. FALSE: it is none. */
gboolean loom_unit_spin_parse (const char *text, const char *zero, double *ret_value);
/* (transfer full): @value with at most six decimals, in the locale. */
char *loom_unit_spin_format (double value);

G_END_DECLS
