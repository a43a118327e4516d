/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A lanloom-wire of the test's own, called as the engine calls it. */

#pragma once

#include "backend/proto/json-rpc.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _WireProcess WireProcess;

/* Starts the program that was built beside the tests, without huge pages, its files in @folder. */
WireProcess *wire_process_new (const char *folder);
/* With room for @n_buffers frames; 0: for as many as usual. */
WireProcess *wire_process_new_sized (const char *folder, guint n_buffers);
/* Asks it to end, which it may take its time for. */
void wire_process_shut_down (WireProcess *self);
/* Asks it to end unless it was, and waits until it has; after wire_process_hang_up () it is killed.
 */
void wire_process_free (WireProcess *self);

pid_t wire_process_get_pid (WireProcess *self);

/* (transfer full): what @method answers to the object @params, JSON as text after the printf format
 * (an apostrophe stands for a quotation mark). Aborts the test when it fails. */
JsonNode *wire_process_call (WireProcess *self, const char *method, const char *params, ...)
    G_GNUC_PRINTF (3, 4);

/* The same, and the answer is not looked at. */
void wire_process_do (WireProcess *self, const char *method, const char *params, ...)
    G_GNUC_PRINTF (3, 4);

/* (transfer full): why @method failed; aborts the test when it does not. */
char *wire_process_call_failing (WireProcess *self, const char *method, const char *params);

/* How often the notification @method came since the start. */
guint wire_process_count_notifications (WireProcess *self, const char *method);
/* (transfer none) (nullable): what it said the last time. */
JsonObject *wire_process_get_notification (WireProcess *self, const char *method);

/* Connects, once more after wire_process_hang_up (), or beside: then the older connection is over.
 */
void wire_process_connect (WireProcess *self);
/* Closes the connection, as an engine that was killed does. */
void wire_process_hang_up (WireProcess *self);
/* Whether the process has ended by itself. */
gboolean wire_process_has_ended (WireProcess *self);

/* A counter of a direction, "forward" or "backward", of cable @cookie. */
gint64 wire_process_read_counter (WireProcess *self, gint64 cookie, const char *direction,
                                  const char *name);
/* The same for what is measured. */
double wire_process_read_measured (WireProcess *self, gint64 cookie, const char *direction,
                                   const char *name);

G_END_DECLS
