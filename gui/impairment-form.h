/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a cable does to frames, for each direction or both: asked and measured, side by side.
 *
 * Signals:
 *  "edited" (LoomLink *after, const char *field): what the cable is to be; edits of one field that
 *      follow each other are one step of the history
 *  "settled" (): the person went on to something else
 */

#pragma once

#include <gtk/gtk.h>

#include "canvas/model/link.h"
#include "canvas/model/status.h"

G_BEGIN_DECLS

#define LOOM_TYPE_IMPAIRMENT_FORM (loom_impairment_form_get_type ())
G_DECLARE_FINAL_TYPE (LoomImpairmentForm, loom_impairment_form, LOOM, IMPAIRMENT_FORM, GtkBox)

/* @link names the two directions. */
GtkWidget *loom_impairment_form_new (const LoomLink *link);
/* Shows what is asked of @link; cheap when it is the one shown. */
void loom_impairment_form_set_link (LoomImpairmentForm *self, LoomLink *link);
/* Shows what was measured; NULL: nothing. */
void loom_impairment_form_set_measured (LoomImpairmentForm *self, const LoomLinkStatus *status);

G_END_DECLS
