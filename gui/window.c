/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window hears, and what it does about it: title, Start button, status line and panes
 * follow the document and the session. It is put together in window-header.c and window-layout.c;
 * what menus do is in window-actions.c, files are in window-open.c and window-save.c. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "canvas/model/text.h"
#include "gui/palette.h"

G_DEFINE_TYPE (LoomWindow, loom_window, GTK_TYPE_APPLICATION_WINDOW)

/* What the window says */

void
loom_window_say (LoomWindow *self, const char *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *shown = loom_text_escape (text, TRUE); /* it may name files of strangers */

  g_free (self->said);
  self->said = g_strdup_printf ("%s · %s", time, shown);
  gtk_label_set_text (self->status, self->said);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), shown);
}

void
loom_window_report (LoomWindow *self, const char *id, const char *title, const char *detail)
{
  loom_window_say (self, title);
  loom_notices_add (self->notices, id, GTK_MESSAGE_ERROR, title, detail, NULL, NULL, NULL, NULL);
}

static void
update_empty (LoomWindow *self)
{
  gtk_widget_set_visible (self->empty,
                          loom_lab_get_n_nodes (loom_document_get_lab (self->document)) == 0);
}

/* What the window hears */

static void
on_session_changed (LoomSession *session, LoomWindow *self)
{
  LoomLabState state = loom_session_get_state (session);

  /* It would not stop: whoever wanted to close the window then is asked anew. */
  if (self->close_when_off && state == LOOM_LAB_RUNNING)
    self->close_when_off = self->may_discard = FALSE;
  if (self->state == LOOM_LAB_OFF && state == LOOM_LAB_STARTING)
    loom_window_drop_refusals (self);
  self->state = state;
  loom_window_update_header (self);
  loom_window_update_actions (self);
}

static void
on_cost_changed (LoomSession *session, LoomWindow *self)
{
  loom_window_update_subtitle (self);
}

static void
on_session_message (LoomSession *session, const char *severity, const char *text, LoomWindow *self)
{
  if (g_strcmp0 (severity, "error") == 0)
    loom_window_report (self, LOOM_NOTICE_LAB, text, NULL);
  else
    loom_window_say (self, text);
}

static void
on_message (gpointer source, const char *severity, const char *text, LoomWindow *self)
{
  loom_window_say (self, text);
}

static void
on_session_closed (LoomSession *session, LoomWindow *self)
{
  if (self->close_when_off)
    gtk_window_close (GTK_WINDOW (self));
}

static void
on_selection_changed (LoomCanvas *canvas, LoomWindow *self)
{
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (canvas);
  g_auto (GStrv) links = loom_canvas_dup_selected_links (canvas);

  loom_inspector_show (LOOM_INSPECTOR (self->inspector), (const char *const *) nodes,
                       (const char *const *) links);
  loom_window_update_actions (self);
}

static gboolean
is_machine (LoomWindow *self, const char *name)
{
  LoomLab *lab = loom_document_get_lab (self->document);
  LoomNode *node = loom_lab_get_node (lab, name);
  const LoomKind *kind = node != NULL ? loom_lab_get_kind (lab, node) : NULL;

  return kind != NULL && kind->role == LOOM_ROLE_MACHINE;
}

void
loom_window_set_pane_shown (LoomWindow *self, const char *action, gboolean shown)
{
  g_action_change_state (g_action_map_lookup_action (G_ACTION_MAP (self), action),
                         g_variant_new_boolean (shown));
}

/* The keyboard goes along: what is wanted of an inspector is to change something. */
void
loom_window_show_properties (LoomWindow *self)
{
  loom_window_set_pane_shown (self, "show-inspector", TRUE);
  gtk_widget_child_focus (self->inspector, GTK_DIR_TAB_FORWARD);
}

static void
on_node_activated (LoomCanvas *canvas, const char *name, LoomWindow *self)
{
  if (is_machine (self, name) && loom_session_get_client (self->session) != NULL)
    loom_dock_open (LOOM_DOCK (self->dock), name, NULL);
  else
    loom_window_show_properties (self);
}

static void
on_link_activated (LoomCanvas *canvas, const char *id, LoomWindow *self)
{
  loom_window_show_properties (self);
}

static void
on_open_console (LoomInspector *inspector, const char *node, const char *type, LoomWindow *self)
{
  loom_dock_open (LOOM_DOCK (self->dock), node, type);
}

static gboolean
on_canvas_shrunk (gpointer user_data)
{
  LoomWindow *self = user_data;

  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    loom_canvas_zoom_fit (self->canvas);
  return G_SOURCE_REMOVE;
}

/* What opens below takes its room from the canvas: what was drawn there stays in sight. */
static void
open_below (LoomWindow *self, const char *action)
{
  if (!gtk_widget_get_visible (self->bottom))
    g_timeout_add_full (G_PRIORITY_DEFAULT, 100, on_canvas_shrunk, g_object_ref (self),
                        g_object_unref);
  loom_window_set_pane_shown (self, action, TRUE);
}

static void
on_dock_opened (LoomDock *dock, LoomWindow *self)
{
  if (!gtk_widget_get_visible (self->dock))
    open_below (self, "show-consoles");
}

void
loom_window_show_frames (LoomWindow *self)
{
  if (!gtk_widget_get_visible (self->frames))
    open_below (self, "show-frames");
  /* Nobody has a console open: the frames have all of the room. */
  if (loom_dock_is_empty (LOOM_DOCK (self->dock)))
    loom_window_set_pane_shown (self, "show-consoles", FALSE);
}

static void
on_keyboard_freed (LoomDock *dock, LoomWindow *self)
{
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

/* A screen takes all keys: how to leave it is said once. A console that shows no machine has the
 * focus itself. */
static void
on_focus_set (GtkWindow *window, GtkWidget *focus, LoomWindow *self)
{
  GtkWidget *console = focus != NULL ? gtk_widget_get_ancestor (focus, LOOM_TYPE_CONSOLE) : NULL;

  if (self->told_how_to_leave || console == NULL || focus == console
      || !g_str_equal (loom_console_get_console_type (LOOM_CONSOLE (console)), "spice"))
    return;
  self->told_how_to_leave = TRUE;
  loom_window_say (self, _ ("What you type goes to the machine now. Ctrl+Alt frees the keyboard."));
}

static void
on_canvas_message (LoomCanvas *canvas, const char *text, LoomWindow *self)
{
  loom_window_say (self, text);
}

static void
on_drag_hint (LoomCanvas *canvas, const char *text, LoomWindow *self)
{
  gtk_label_set_text (self->status, text != NULL ? text : self->said);
}

static void
on_context_menu (LoomCanvas *canvas, GdkEvent *event, int kind, const char *id, LoomWindow *self)
{
  loom_window_popup_menu (self, event, kind, id);
}

static void
on_zoom_changed (LoomCanvas *canvas, GParamSpec *pspec, LoomWindow *self)
{
  g_autofree char *text = g_strdup_printf (_ ("%.0f %%"), loom_canvas_get_zoom (canvas) * 100);

  gtk_label_set_text (self->zoom, text);
}

static void
on_kind_activated (LoomPalette *palette, const char *kind, LoomWindow *self)
{
  g_free (loom_canvas_add_kind (self->canvas, kind));
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomWindow *self)
{
  loom_dock_follow (LOOM_DOCK (self->dock), change);
  loom_window_update_subtitle (self);
  update_empty (self);
}

static void
on_history_changed (LoomHistory *history, GParamSpec *pspec, LoomWindow *self)
{
  loom_window_update_actions (self);
}

static void
on_replaced (LoomDocument *document, LoomWindow *self)
{
  LoomHistory *history = loom_document_get_history (document);

  g_signal_connect_object (loom_history_get_lab (history), "changed", G_CALLBACK (on_lab_changed),
                           self, 0);
  g_signal_connect_object (history, "notify", G_CALLBACK (on_history_changed), self, 0);
  loom_dock_close_all (LOOM_DOCK (self->dock));
  loom_canvas_set_document (self->canvas, history, loom_session_get_status (self->session));
  loom_window_update_header (self);
  update_empty (self);
  loom_window_update_actions (self);
}

static void
on_title_changed (LoomDocument *document, LoomWindow *self)
{
  loom_window_update_title (self);
}

static void
on_changed_outside (LoomDocument *document, LoomWindow *self)
{
  loom_window_on_changed_outside (self);
}

/* The window itself */

static gboolean
on_state_event (GtkWidget *widget, GdkEventWindowState *event, LoomWindow *self)
{
  gboolean hidden = event->new_window_state
                    & (GDK_WINDOW_STATE_ICONIFIED | GDK_WINDOW_STATE_WITHDRAWN);

  loom_session_set_visible (self->session, !hidden);
  loom_window_remember_maximized (self,
                                  (event->new_window_state & GDK_WINDOW_STATE_MAXIMIZED) != 0);
  return GDK_EVENT_PROPAGATE;
}

/* Who comes back to the window may have moved folders in another. */
static void
on_is_active_changed (LoomWindow *self, GParamSpec *pspec, gpointer user_data)
{
  if (gtk_window_is_active (GTK_WINDOW (self)) && self->document != NULL)
    loom_document_look_at_file (self->document);
}

static void
on_mapped (GtkWidget *widget, LoomWindow *self)
{
  loom_session_set_visible (self->session, gtk_widget_get_mapped (widget));
}

static void
loom_window_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  GTK_WIDGET_CLASS (loom_window_parent_class)->size_allocate (widget, allocation);
  loom_window_remember_size (LOOM_WINDOW (widget));
}

/* A console that was just opened has the focus before the dock has room for it; GTK complains of
 * keys for what is not on the screen. */
static gboolean
is_waiting_for_room (GtkWidget *focus)
{
  return focus != NULL && !gtk_widget_get_realized (focus);
}

/* A console takes every key it can use, Ctrl+Z for one, and so does an entry: only what they do not
 * want is a shortcut of ours. With Ctrl and Shift both, which terminals leave to their windows, it
 * is the other way round: that is how one gets out of a console by keyboard. */
static gboolean
loom_window_key_press (GtkWidget *widget, GdkEventKey *event)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (widget));
  const GdkModifierType both = GDK_CONTROL_MASK | GDK_SHIFT_MASK;

  if (is_waiting_for_room (focus))
    return GDK_EVENT_STOP;
  if (focus != NULL && gtk_widget_get_ancestor (focus, LOOM_TYPE_CONSOLE) != NULL
      && (event->state & both) == both && gtk_window_activate_key (GTK_WINDOW (widget), event))
    return GDK_EVENT_STOP;
  if (focus != NULL
      && (gtk_widget_get_ancestor (focus, LOOM_TYPE_CONSOLE) != NULL || GTK_IS_EDITABLE (focus)
          || GTK_IS_TEXT_VIEW (focus))
      && gtk_window_propagate_key_event (GTK_WINDOW (widget), event))
    return GDK_EVENT_STOP;
  return GTK_WIDGET_CLASS (loom_window_parent_class)->key_press_event (widget, event);
}

static gboolean
loom_window_key_release (GtkWidget *widget, GdkEventKey *event)
{
  if (is_waiting_for_room (gtk_window_get_focus (GTK_WINDOW (widget))))
    return GDK_EVENT_STOP;
  return GTK_WIDGET_CLASS (loom_window_parent_class)->key_release_event (widget, event);
}

static gboolean
loom_window_delete (GtkWidget *widget, GdkEventAny *event)
{
  LoomWindow *self = LOOM_WINDOW (widget);

  if (!loom_window_may_close (self))
    return GDK_EVENT_STOP;
  loom_document_forget_autosave (self->document);
  loom_session_detach (self->session);
  return GDK_EVENT_PROPAGATE;
}

static void
loom_window_destroy (GtkWidget *widget)
{
  LoomWindow *self = LOOM_WINDOW (widget);

  loom_window_end_motion (self);
  loom_window_end_holds (self);
  loom_window_drop_recent (self);
  g_cancellable_cancel (self->cancellable); /* what is under way sees it when it ends */
  if (self->session != NULL) {
    g_signal_handlers_disconnect_by_data (self->session, self);
    loom_session_detach (self->session);
  }
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  GTK_WIDGET_CLASS (loom_window_parent_class)->destroy (widget);
  self->notices = NULL;
  g_clear_object (&self->recent_menu);
  g_clear_pointer (&self->hangs, g_hash_table_unref);
  g_clear_object (&self->session);
  g_clear_object (&self->document);
  g_clear_object (&self->settings);
}

static void
loom_window_finalize (GObject *object)
{
  g_object_unref (LOOM_WINDOW (object)->cancellable);
  g_free (LOOM_WINDOW (object)->failures);
  g_free (LOOM_WINDOW (object)->said);
  G_OBJECT_CLASS (loom_window_parent_class)->finalize (object);
}

static void
loom_window_class_init (LoomWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = loom_window_finalize;
  widget_class->size_allocate = loom_window_size_allocate;
  widget_class->key_press_event = loom_window_key_press;
  widget_class->key_release_event = loom_window_key_release;
  widget_class->delete_event = loom_window_delete;
  widget_class->destroy = loom_window_destroy;
}

static void
loom_window_init (LoomWindow *self)
{
  self->cancellable = g_cancellable_new ();
}

static void
connect_panes (LoomWindow *self)
{
  g_signal_connect (self->kinds, "kind-activated", G_CALLBACK (on_kind_activated), self);
  g_signal_connect (self->canvas, "selection-changed", G_CALLBACK (on_selection_changed), self);
  g_signal_connect (self->canvas, "node-activated", G_CALLBACK (on_node_activated), self);
  g_signal_connect (self->canvas, "link-activated", G_CALLBACK (on_link_activated), self);
  g_signal_connect (self->canvas, "context-menu", G_CALLBACK (on_context_menu), self);
  g_signal_connect (self->canvas, "message", G_CALLBACK (on_canvas_message), self);
  g_signal_connect (self->canvas, "drag-hint", G_CALLBACK (on_drag_hint), self);
  g_signal_connect (self->canvas, "notify::zoom", G_CALLBACK (on_zoom_changed), self);
  g_signal_connect (self->inspector, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->inspector, "open-console", G_CALLBACK (on_open_console), self);
  g_signal_connect (self->dock, "opened", G_CALLBACK (on_dock_opened), self);
  g_signal_connect (self->dock, "keyboard-freed", G_CALLBACK (on_keyboard_freed), self);
}

static void
connect_lab (LoomWindow *self)
{
  g_signal_connect (self->session, "changed", G_CALLBACK (on_session_changed), self);
  g_signal_connect_object (loom_session_get_status (self->session), "node-changed",
                           G_CALLBACK (loom_window_update_failures), self, G_CONNECT_SWAPPED);
  g_signal_connect (self->session, "cost-changed", G_CALLBACK (on_cost_changed), self);
  g_signal_connect (self->session, "message", G_CALLBACK (on_session_message), self);
  g_signal_connect_swapped (self->session, "host-missing", G_CALLBACK (loom_window_on_host_missing),
                            self);
  g_signal_connect_swapped (self->session, "does-not-fit", G_CALLBACK (loom_window_on_does_not_fit),
                            self);
  g_signal_connect_swapped (self->session, "hangs-changed",
                            G_CALLBACK (loom_window_on_hangs_changed), self);
  g_signal_connect (self->session, "closed", G_CALLBACK (on_session_closed), self);
  g_signal_connect (self->document, "replaced", G_CALLBACK (on_replaced), self);
  g_signal_connect (self->document, "title-changed", G_CALLBACK (on_title_changed), self);
  g_signal_connect (self->document, "changed-outside", G_CALLBACK (on_changed_outside), self);
  g_signal_connect_swapped (self->document, "autosave-failed",
                            G_CALLBACK (loom_window_on_autosave_failed), self);
}

GtkWidget *
loom_window_new (LoomApplication *application)
{
  LoomWindow *self = g_object_new (LOOM_TYPE_WINDOW, "application", application, NULL);
  LoomCatalogue *catalogue = loom_application_get_catalogue (application);
  g_autofree char *autosave_dir = loom_autosave_dup_default_dir ();

  self->settings = g_object_ref (loom_application_get_settings (application));
  self->document = loom_document_new (catalogue, autosave_dir);
  self->session = loom_session_new (self->document);
  loom_window_build_header (self);
  loom_window_build_content (self, catalogue);
  loom_window_add_actions (self);
  loom_window_begin_holds (self);
  loom_window_begin_motion (self);
  loom_window_restore_size (self);
  connect_panes (self);
  connect_lab (self);
  g_signal_connect (self, "window-state-event", G_CALLBACK (on_state_event), self);
  g_signal_connect (self, "set-focus", G_CALLBACK (on_focus_set), self);
  g_signal_connect (self, "map", G_CALLBACK (on_mapped), self);
  g_signal_connect (self, "unmap", G_CALLBACK (on_mapped), self);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (on_is_active_changed), NULL);
  gtk_widget_show_all (gtk_bin_get_child (GTK_BIN (self)));
  gtk_widget_show_all (GTK_WIDGET (self->header));
  on_replaced (self->document, self);
  loom_window_say (self, _ ("Ready."));
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  return GTK_WIDGET (self);
}

LoomDocument *
loom_window_get_document (LoomWindow *self)
{
  return self->document;
}
