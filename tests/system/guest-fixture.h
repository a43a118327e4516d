/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guest that ships, in a folder of its own and without a network card: what the tests of guests
 * start from. */

#pragma once

#include "backend/qemu/guest.h"

G_BEGIN_DECLS

typedef struct {
  char *folder;
  LoomGuest *guest;
  GAsyncResult *result;
} GuestFixture;

/* For g_test_add (). The end wants the folder empty, and no process left. */
void guest_set_up (GuestFixture *f, gconstpointer data);
void guest_tear_down (GuestFixture *f, gconstpointer data);

/* (transfer full): what the guest of a fixture is made from. */
LoomGuestSpec *guest_make_spec (GuestFixture *f);

/* For what ends later: give guest_on_result () with @f, then wait. */
void guest_on_result (GObject *source, GAsyncResult *result, gpointer f);
/* (transfer full) */
GAsyncResult *guest_wait_result (GuestFixture *f);
/* Until the guest is in @state. */
void guest_wait_state (GuestFixture *f, LoomGuestState state);

/* Until it is ready; until it is off. */
void guest_start (GuestFixture *f);
void guest_stop (GuestFixture *f, guint grace_ms);

/* Runs a shell command, which reads @to_write octets; its output and errors go to *@ret_output
 * (optional). Returns its exit status. */
int guest_run (GuestFixture *f, const char *command, gsize to_write, char **ret_output);
/* The same, with nothing to read: it must end with @status and have said @output. */
void guest_check_output (GuestFixture *f, const char *command, int status, const char *output);

G_END_DECLS
