/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of a session share: session.c is its state and what is asked of it,
 * session-client.c hears what the client says. */

#pragma once

#include "gui/meters.h"
#include "gui/session.h"
#include "gui/sync.h"

G_BEGIN_DECLS

struct _LoomSession {
  GObject parent_instance;

  LoomDocument *document;
  LoomLab *lab; /* whose "changed" is heard */
  LoomStatus *status;
  LoomClient *client;
  GCancellable *start_cancellable;
  gboolean is_starting; /* from Start until the document is accepted */
  gboolean is_stopping;
  gboolean is_attaching; /* silent look whether the lab runs */

  LoomSync *sync;
  LoomMeters *meters;
  gboolean visible;
  gint64 started_us; /* monotonic; 0 unknown */
  gboolean kvm;
  gboolean is_broken; /* the engine said so of what no node shows; until it is repaired */
  GStrv start_first;  /* what of a lab that did not fit would; or NULL */
};

/* Emits "message". */
void loom_session_say (LoomSession *self, const char *severity, const char *text);
/* Folds what we do and what the client says into the one state people see. */
void loom_session_update_state (LoomSession *self);

/* session-client.c */
gboolean loom_session_make_client (LoomSession *self, GError **error);
/* Lets go of the client, and forgets what it said. */
void loom_session_drop_client (LoomSession *self);

G_END_DECLS
