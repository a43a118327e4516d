/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One console of one machine: a head with its name, and below it the screen or the terminal, or why
 * there is none. Subclasses: LoomSerialConsole (VTE), LoomDisplayConsole (SPICE).
 *
 * A console follows its machine: it connects when the machine runs, says so when it does not, and
 * connects again when it was restarted.
 *
 * Signals:
 *  "title-changed" ()
 *  "keyboard-freed" ():  the keys by which a person leaves a screen were pressed
 */

#pragma once

#include <gtk/gtk.h>

#include "gui/session.h"

G_BEGIN_DECLS

#define LOOM_TYPE_CONSOLE (loom_console_get_type ())
G_DECLARE_DERIVABLE_TYPE (LoomConsole, loom_console, LOOM, CONSOLE, GtkStack)

struct _LoomConsoleClass {
  GtkStackClass parent_class;

  const char *type; /* "serial", "spice" */
  /* Begins to connect; ends with loom_console_opened () or loom_console_failed (). */
  void (*open) (LoomConsole *self, LoomClient *client);
  /* Lets go of the connection; may be called at any time. */
  void (*close) (LoomConsole *self);
  void (*copy) (LoomConsole *self);
  void (*paste) (LoomConsole *self);
  /* Tells the guest the size of the terminal (serial lines have none). May be NULL. */
  void (*fit) (LoomConsole *self);
  /* The machine takes orders now. May be NULL. */
  void (*ready) (LoomConsole *self);
};

/* For subclasses: @content is what shows the machine. */
void loom_console_set_content (LoomConsole *self, GtkWidget *content);
void loom_console_opened (LoomConsole *self);
gboolean loom_console_is_ready (LoomConsole *self);
/* Emits "keyboard-freed". */
void loom_console_free_keyboard (LoomConsole *self);
/* Copies or pastes if the keys of @event ask for it. TRUE: they did. */
gboolean loom_console_take_key (LoomConsole *self, const GdkEventKey *event);
/* The menu of the other mouse button. */
void loom_console_popup (LoomConsole *self, const GdkEvent *event);
/* The connection broke or was refused; it is tried again while the machine runs. */
void loom_console_failed (LoomConsole *self, const char *why);

void loom_console_attach (LoomConsole *self, LoomSession *session, const char *node);
const char *loom_console_get_node (LoomConsole *self);
void loom_console_set_node (LoomConsole *self, const char *node);
const char *loom_console_get_console_type (LoomConsole *self);
/* (transfer full): "pc1 · Screen" */
char *loom_console_dup_title (LoomConsole *self);
/* Whether the machine is of the kind that ships: its agent takes orders. */
gboolean loom_console_has_agent (LoomConsole *self);
/* What is typed goes to the machine, once it can. */
void loom_console_grab_focus (LoomConsole *self);
/* Looks at the machine's state and connects or lets go. */
void loom_console_update (LoomConsole *self);
void loom_console_copy (LoomConsole *self);
void loom_console_paste (LoomConsole *self);
gboolean loom_console_can_fit (LoomConsole *self);
void loom_console_fit (LoomConsole *self);

/* The two there are. */
GtkWidget *loom_serial_console_new (void);
GtkWidget *loom_display_console_new (void);

G_END_DECLS
