/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Errors of the engine and its clients: one domain, which crosses D-Bus as org.lanloom.Error.*, so
 * that what the engine returned is what the client's caller sees. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_ENGINE_ERROR (loom_engine_error_quark ())
GQuark loom_engine_error_quark (void);

/* Codes by what the caller can do about it. */
typedef enum {
  LOOM_ENGINE_ERROR_FAILED,      /* it was tried and did not work; the message says why */
  LOOM_ENGINE_ERROR_NOT_RUNNING, /* no lab of that file runs: start it */
  LOOM_ENGINE_ERROR_HOST,        /* the host lacks something: install what the message names */
  LOOM_ENGINE_ERROR_INVALID,     /* the document or an argument is wrong: correct it */
  LOOM_ENGINE_ERROR_CONFLICT,    /* another client was faster: take its document, try again */
  LOOM_ENGINE_ERROR_NO_NODE,     /* the lab has no node of that name */
  LOOM_ENGINE_ERROR_NOT_READY,   /* the node is not in the state for that: wait or power it on */
  LOOM_ENGINE_ERROR_UNSUPPORTED, /* that kind of node cannot do it */
  LOOM_ENGINE_ERROR_TOO_LARGE,   /* the lab does not fit on this computer: start less, or force */
  LOOM_ENGINE_ERROR_CLOSED,      /* the lab ended while the call was under way */
} LoomEngineError;

/* Takes the D-Bus decoration ("GDBus.Error:org…: ") off the message of an error that came over the
 * socket; does nothing to others. */
void loom_engine_error_strip (GError *error);

G_END_DECLS
