/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a restarted engine needs to know of the lab that goes on meanwhile: kept in state.json in
 * the runtime folder, written atomically. */

#pragma once

#include "backend/engine/derive.h"

G_BEGIN_DECLS

/* A machine that runs, as it was started and changed since. */
typedef struct {
  LoomGuestSpec *spec;
  char *image; /* that its disk is an overlay of; or NULL */
} LoomRunning;

typedef struct {
  guint64 generation;
  gint64 started_unix_us;
  char *document;
  LoomAccel accel;
  LoomRecord *record;
  GHashTable *running; /* key → LoomRunning */
} LoomState;

LoomState *loom_state_new (void);
void loom_state_free (LoomState *state);
/* @spec: (transfer none). */
void loom_state_add_running (LoomState *state, const char *key, LoomGuestSpec *spec,
                             const char *image);

gboolean loom_state_save (const LoomState *state, const char *path, GError **error);
/* (transfer full): NULL without an error if there is no state at @path. @context: its accel is
 * ignored. */
LoomState *loom_state_load (const char *path, const LoomDeriveContext *context, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomState, loom_state_free)

G_END_DECLS
