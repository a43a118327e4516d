/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A UNIX socket that listens for processes of our own user.
 *
 * A process that has no file descriptor left cannot let anybody in, and cannot send anybody away:
 * who waits makes the socket readable all the time. GLib's services try and complain again and
 * again (27,000 lines a second were seen). This one says it once, looks away for a second, and lets
 * in who waits as soon as there is room. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _LoomAcceptor LoomAcceptor;

/* @fd (transfer full): who came; blocking, closed on exec. May not free the acceptor. */
typedef void (*LoomAcceptorFunc) (int fd, gpointer user_data);

/* (transfer full): listens at @path, where nothing is yet, with mode 0600. Turns on the thread's
 * default main context. NULL with an error of GIO's domain. */
LoomAcceptor *loom_acceptor_new (const char *path, LoomAcceptorFunc func, gpointer user_data,
                                 GError **error);
/* Closes; the socket's name stays. */
void loom_acceptor_free (LoomAcceptor *self);

/* Whether who comes is let in, which he is in the beginning, or waits. */
void loom_acceptor_set_open (LoomAcceptor *self, gboolean open);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomAcceptor, loom_acceptor_free)

G_END_DECLS
