/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The page about this computer: what it has of what labs need, found out while one watches, each
 * remedy with a button that copies it. It changes nothing. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LOOM_TYPE_DOCTOR_DIALOG (loom_doctor_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LoomDoctorDialog, loom_doctor_dialog, LOOM, DOCTOR_DIALOG, GtkWindow)

/* Begins to look at once; closing it gives up. @parent (nullable). */
GtkWidget *loom_doctor_dialog_new (GtkWindow *parent);

G_END_DECLS
