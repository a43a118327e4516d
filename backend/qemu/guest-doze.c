/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A paused machine costs nothing. With its CPUs stopped QEMU still wakes 30 times a second to ask
 * whether the screen changed, and no option of it says otherwise. So one that is paused and left
 * alone is stopped altogether (SIGSTOP): it dozes. Every command to it, and whoever is about to
 * look at its screen, rouses it. */

#include "backend/qemu/guest-private.h"

#include <signal.h>

/* A screen that was just opened gets its picture in that time, also on a busy computer. */
#define DOZE_MS 4000

static gboolean
on_doze_timeout (gpointer user_data)
{
  LoomGuest *self = user_data;

  if (!loom_qmp_client_is_idle (self->qmp))
    return G_SOURCE_CONTINUE;
  self->doze_timeout = 0;
  if (!loom_qmp_client_is_open (self->qmp))
    return G_SOURCE_REMOVE; /* QEMU is about to end: let it */
  self->is_dozing = TRUE;
  loom_process_kill (self->process, SIGSTOP);
  return G_SOURCE_REMOVE;
}

void
loom_guest_rouse (LoomGuest *self)
{
  loom_guest_remove_timeout (&self->doze_timeout);
  if (self->is_dozing)
    loom_process_kill (self->process, SIGCONT);
  self->is_dozing = FALSE;
  if (self->state == LOOM_GUEST_PAUSED)
    self->doze_timeout = g_timeout_add (DOZE_MS, on_doze_timeout, self);
}

gboolean
loom_guest_is_dozing (LoomGuest *self)
{
  return self->is_dozing;
}
