/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is broken about a cable: a choice, and how it flaps.
 *
 * Signals: "edited" and "settled", as of LoomImpairmentForm */

#pragma once

#include <gtk/gtk.h>

#include "canvas/model/link.h"

G_BEGIN_DECLS

#define LOOM_TYPE_FAULT_ROW (loom_fault_row_get_type ())
G_DECLARE_FINAL_TYPE (LoomFaultRow, loom_fault_row, LOOM, FAULT_ROW, GtkGrid)

/* @link names the ends. */
GtkWidget *loom_fault_row_new (const LoomLink *link);
void loom_fault_row_set_link (LoomFaultRow *self, LoomLink *link);

/* The choices, in order: of a menu too. The fault and the end of choice @i; FALSE: there is none.
 */
gboolean loom_fault_row_get_choice (guint i, LoomFault *ret_fault, int *ret_end);
/* (transfer full): how choice @i is called for @link: "Port Fault at pc1". */
char *loom_fault_row_dup_label (guint i, const LoomLink *link);

G_END_DECLS
