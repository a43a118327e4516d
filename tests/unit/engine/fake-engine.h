/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An engine played by a test: a peer-to-peer D-Bus server in its process, in a runtime folder whose
 * lock it holds. What it has been given outlives it, as the state file does. */

#pragma once

#include "backend/engine/engine-dbus.h"

/* What an engine does when it is given an edit. */
typedef enum {
  FAKE_ENGINE_ANSWER,
  FAKE_ENGINE_REFUSE,   /* with a conflict */
  FAKE_ENGINE_DIE,      /* before it takes it */
  FAKE_ENGINE_TAKE_DIE, /* before it answers */
} FakeEngineApply;

typedef struct {
  char *folder; /* temporary: the whole world of the test */
  char *file;   /* the lab's, in there */
  char *runtime;
  int lock_fd; /* -1: no lab runs */
  char *document;
  guint64 generation;
  FakeEngineApply apply;
  guint n_applies; /* that came */
  GDBusServer *server;
  LoomDBusEngine *skeleton;
  GPtrArray *connections;
} FakeEngine;

/* Makes the folder, which is the runtime folder of this process from now on, and in it the file
 * with @text. */
void fake_engine_set_up (FakeEngine *self, const char *text);
void fake_engine_tear_down (FakeEngine *self);
/* Makes the lab's runtime folder and takes its lock, as the keeper does. */
void fake_engine_take_lock (FakeEngine *self);
void fake_engine_release_lock (FakeEngine *self);
/* Listens. */
void fake_engine_start (FakeEngine *self);
/* Another client's edit. */
void fake_engine_edit (FakeEngine *self, const char *document);
/* Ends as one that is killed. */
void fake_engine_stop (FakeEngine *self);
