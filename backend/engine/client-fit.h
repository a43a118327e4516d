/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a client asks the fit check, and the lock that it holds until the engine has taken over what
 * was checked (backend/engine/reserve.h). */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *document;    /* what is to run */
  char *running;     /* what runs, so that only what is added counts; or NULL: nothing does */
  GStrv off;         /* machines of it that are off and stay so; or NULL */
  GStrv only;        /* the machines that are to start; or NULL: all */
  char *power_on;    /* machine that is to be on, whatever @off says; "": all; or NULL */
  int lock_fd;       /* -1: none is held */
  GStrv start_first; /* found: machines that would fit together, when not all do; or NULL */
} LoomClientFit;

LoomClientFit *loom_client_fit_new (const char *document);
/* Lets go of the lock, too. */
void loom_client_fit_free (LoomClientFit *fit);
/* FALSE: LOOM_ENGINE_ERROR_TOO_LARGE. A document that cannot be read is for the engine to refuse,
 * which says why. Takes the lock. Blocks: for threads. */
gboolean loom_client_fit_check (LoomClientFit *fit, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomClientFit, loom_client_fit_free)

G_END_DECLS
