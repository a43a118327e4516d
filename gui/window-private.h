/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the window share: window-header.c and window-layout.c build it, window.c keeps
 * it in step, window-actions.c does what menus and keys ask for, finder.c finds, window-open.c
 * opens, window-save.c saves and closes, window-frames.c holds and captures, window-holds.c and
 * window-motion.c show frames on the canvas. */

#pragma once

#include "canvas/widget/canvas.h"
#include "gui/capture.h"
#include "gui/dock.h"
#include "gui/inspector.h"
#include "gui/notices.h"
#include "gui/session.h"
#include "gui/window.h"

G_BEGIN_DECLS

#define LOOM_LAB_SUFFIX ".lanloom"
/* Notices that go when another file is open, or the file was written. */
#define LOOM_NOTICE_OPEN "open"
#define LOOM_NOTICE_OUTSIDE "outside"
/* What went wrong with the lab; it goes when the lab is started again. */
#define LOOM_NOTICE_LAB "lab"

/* What happens when the file is saved, the lab has stopped. */
typedef enum {
  LOOM_NEXT_NOTHING,
  LOOM_NEXT_START, /* the lab has a file now: start it */
  LOOM_NEXT_CLOSE, /* go on closing the window */
} LoomNext;

struct _LoomWindow {
  GtkApplicationWindow parent_instance;

  LoomSettings *settings;
  LoomDocument *document;
  LoomSession *session;
  GCancellable *cancellable;
  LoomLabState state; /* as it was when the session last changed */
  LoomNext after_save;
  gboolean close_when_off;
  gboolean may_discard; /* the person said so while closing */
  gboolean may_keep_running;
  gboolean told_how_to_leave; /* a screen */

  GtkHeaderBar *header;
  GtkWidget *start_button;
  GtkWidget *pause_button;
  GtkWidget *find_button;
  GtkWidget *finder; /* NULL until it is asked for */
  GtkLabel *start_label;
  GtkImage *start_icon;
  GtkSpinner *start_spinner;
  GtkWidget *recent_button;
  GMenu *recent_menu;
  LoomNotices *notices;
  LoomCapture *recent; /* keeps the last seconds; or NULL */
  char *failures;      /* what the last notice about them said; or NULL */
  GHashTable *hangs;   /* items that notices are shown of; or NULL */
  GtkPaned *palette_paned;
  GtkPaned *inspector_paned;
  GtkPaned *dock_paned;
  GtkWidget *palette; /* scrolls … */
  GtkWidget *kinds;   /* … these */
  GtkWidget *inspector;
  GtkWidget *bottom; /* the dock and the frames beside each other */
  GtkWidget *dock;
  GtkWidget *frames;
  LoomCanvas *canvas;
  GtkWidget *legend;   /* of frames in motion */
  gpointer motion;     /* window-motion.c's */
  gpointer hold_marks; /* window-holds.c's */
  GtkWidget *empty;
  GtkWidget *status_bar;
  GtkLabel *status;
  char *said; /* last, with the time; a drag writes over it for as long as it lasts */
  GtkLabel *zoom;
};

/* The status line. */
void loom_window_say (LoomWindow *self, const char *text);
/* A notice that stays until it is answered. */
void loom_window_report (LoomWindow *self, const char *id, const char *title, const char *detail);

/* @action: "show-consoles". */
void loom_window_set_pane_shown (LoomWindow *self, const char *action, gboolean shown);
/* Makes room for the frames. */
void loom_window_show_frames (LoomWindow *self);
/* Shows the inspector, and goes there. */
void loom_window_show_properties (LoomWindow *self);

/* window-header.c */
void loom_window_build_header (LoomWindow *self);
void loom_window_update_header (LoomWindow *self);
/* Parts of it, which change more often. */
void loom_window_update_title (LoomWindow *self);
void loom_window_update_subtitle (LoomWindow *self);

/* window-layout.c */
void loom_window_build_content (LoomWindow *self, LoomCatalogue *catalogue);
void loom_window_restore_size (LoomWindow *self);
void loom_window_remember_size (LoomWindow *self);
void loom_window_remember_maximized (LoomWindow *self, gboolean maximized);

/* window-actions.c */
void loom_window_add_actions (LoomWindow *self);
void loom_window_update_actions (LoomWindow *self);
void loom_window_popup_menu (LoomWindow *self, GdkEvent *event, int kind, const char *id);

/* window-power.c */
void loom_window_add_power_actions (LoomWindow *self);
void loom_window_update_power_actions (LoomWindow *self);

/* window-cable.c */
void loom_window_add_cable_actions (LoomWindow *self);
void loom_window_update_cable_actions (LoomWindow *self);
/* (transfer full): the menu of a cable; @end: 0 or 1, the end that was meant, else -1. */
GMenuModel *loom_window_build_link_menu (LoomWindow *self, const char *id, int end);

/* window-consoles.c */
/* Of the console in front: copying, pasting, its place. */
void loom_window_add_console_actions (LoomWindow *self);

/* window-frames.c */
/* Listing, holding and capturing the frames of the selected cables. */
void loom_window_add_frame_actions (LoomWindow *self);
/* The window of what is held on @link. */
void loom_window_show_holds (LoomWindow *self, const char *link);
GtkWidget *loom_window_build_frames (LoomWindow *self);
/* (transfer full): the selected cables, else all cables of the selected nodes; when nothing is
 * selected none, or with @or_all those of the whole lab. */
GStrv loom_window_dup_links (LoomWindow *self, gboolean or_all);
/* (nullable): of the running lab; says so when there is none. */
LoomClient *loom_window_get_live_client (LoomWindow *self);

/* window-recent.c */
/* Keeping the last seconds of what passes, and saving them. */
void loom_window_add_recent_actions (LoomWindow *self);
void loom_window_drop_recent (LoomWindow *self);

/* window-holds.c: held frames on the canvas. */
void loom_window_begin_holds (LoomWindow *self);
void loom_window_end_holds (LoomWindow *self);
/* (transfer full): the cables that are held. */
GStrv loom_window_list_held (LoomWindow *self);

/* window-motion.c: frames in motion. */
void loom_window_begin_motion (LoomWindow *self);
void loom_window_end_motion (LoomWindow *self);
/* Other cables are held. */
void loom_window_update_motion (LoomWindow *self);

/* window-clipboard.c */
/* FALSE: nothing is selected. */
gboolean loom_window_copy (LoomWindow *self);
void loom_window_paste (LoomWindow *self);
void loom_window_duplicate (LoomWindow *self);

/* window-open.c */
/* @path: of a file that was read or written. */
void loom_window_remember_recent (const char *path);
/* Lets @chooser show labs only. */
void loom_window_add_lab_filter (GtkFileChooser *chooser);
void loom_window_choose_and_open (LoomWindow *self);
/* Fills the menu of Open: the recent labs, and below them those that ship. */
void loom_window_update_recent (LoomWindow *self);
/* @sentence: why unsaved work is not kept. */
void loom_window_on_autosave_failed (LoomWindow *self, const char *sentence);

/* window-save.c */
/* @choose: ask for a name even if the lab has a file. */
void loom_window_save (LoomWindow *self, gboolean choose, LoomNext next);
/* Starts the lab; asks for a file first when it has none. */
void loom_window_start (LoomWindow *self);
/* TRUE when the window may close now; else it asks, and closes later or not. */
gboolean loom_window_may_close (LoomWindow *self);
/* Another program wrote the file: asks whose is to stay. Or took it away, or brought it back. */
void loom_window_on_changed_outside (LoomWindow *self);

/* window-failures.c */
/* A machine failed, or one that had failed did not any more. */
void loom_window_update_failures (LoomWindow *self);

/* window-refusals.c */
/* @text names what this computer lacks; the command that installs it can be copied. */
void loom_window_on_host_missing (LoomWindow *self, const char *text);
/* @text: what the lab needs, what there is, and which machines would fit. */
void loom_window_on_does_not_fit (LoomWindow *self, const char *text);
/* The lab is being started: why it was not, or why it ended, is past. */
void loom_window_drop_refusals (LoomWindow *self);

/* window-hangs.c */
/* A part of the lab went silent, or speaks again. */
void loom_window_on_hangs_changed (LoomWindow *self);

/* empty-state.c */
/* (transfer none): what the window shows and hides as the lab is empty or not. */
GtkWidget *loom_empty_state_lay_over (GtkOverlay *overlay, LoomWindow *window);

/* shortcuts.c */
GtkWidget *loom_shortcuts_new (void);
void loom_shortcuts_set_accels (GtkApplication *application);
/* @action: "win.undo"; @title: translated; @accel: "<Control>z", or NULL. */
typedef void (*LoomShortcutFunc) (const char *action, const char *title, const char *accel,
                                  gpointer user_data);
/* Calls @func for every action that a person may ask for by name. */
void loom_shortcuts_each (LoomShortcutFunc func, gpointer user_data);

/* finder.c */
void loom_window_find (LoomWindow *self);

G_END_DECLS
