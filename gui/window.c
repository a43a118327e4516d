/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window is put together here, and kept in step: title, Start button, status line and panes
 * follow the document and the session. What menus do is in window-actions.c, files are in
 * window-files.c. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "gui/palette.h"
#include "gui/words.h"

#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 820

#define SETTING_WIDTH "width"
#define SETTING_HEIGHT "height"
#define SETTING_MAXIMIZED "maximized"

G_DEFINE_TYPE (LoomWindow, loom_window, GTK_TYPE_APPLICATION_WINDOW)

/* What the window says */

void
loom_window_say (LoomWindow *self, const char *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *line = g_strdup_printf ("%s · %s", time, text);

  gtk_label_set_text (self->status, line);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), text);
}

void
loom_window_report (LoomWindow *self, const char *id, const char *title, const char *detail)
{
  loom_window_say (self, title);
  loom_notices_add (self->notices, id, GTK_MESSAGE_ERROR, title, detail, NULL, NULL, NULL, NULL);
}

static void
update_title (LoomWindow *self)
{
  g_autofree char *name = loom_document_dup_title (self->document);
  g_autofree char *title = loom_document_get_modified (self->document)
                               ? g_strdup_printf ("• %s", name)
                               : g_strdup (name);

  gtk_header_bar_set_title (self->header, title);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
update_subtitle (LoomWindow *self)
{
  g_autofree char *subtitle = loom_words_subtitle (
      loom_document_get_lab (self->document), loom_session_get_status (self->session),
      loom_session_get_running_us (self->session), loom_session_get_cpu_percent (self->session),
      loom_session_get_memory_kib (self->session), loom_session_get_kvm (self->session));

  if (g_strcmp0 (gtk_header_bar_get_subtitle (self->header), subtitle) != 0)
    gtk_header_bar_set_subtitle (self->header, subtitle);
}

static void
update_start_button (LoomWindow *self)
{
  GtkStyleContext *style = gtk_widget_get_style_context (self->start_button);
  LoomLabState state = loom_session_get_state (self->session);
  const char *label = _ ("Start");
  const char *icon = "media-playback-start-symbolic";
  const char *tooltip = _ ("Start the Lab (F5)");

  if (state == LOOM_LAB_STARTING && loom_session_get_client (self->session) == NULL) {
    label = _ ("Cancel");
    icon = "process-stop-symbolic";
    tooltip = _ ("Give Up the Start (Shift+F5)");
  } else if (state == LOOM_LAB_RUNNING || state == LOOM_LAB_STARTING) {
    label = state == LOOM_LAB_STARTING ? _ ("Cancel") : _ ("Stop");
    icon = "media-playback-stop-symbolic";
    tooltip = _ ("Stop the Lab: Nothing of It Remains (Shift+F5)");
  } else if (state == LOOM_LAB_STOPPING) {
    label = _ ("Stopping…");
    tooltip = _ ("The Lab Is Being Taken Down");
  }
  gtk_label_set_text (self->start_label, label);
  gtk_image_set_from_icon_name (self->start_icon, icon, GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_visible (GTK_WIDGET (self->start_icon), state != LOOM_LAB_STOPPING);
  gtk_widget_set_visible (GTK_WIDGET (self->start_spinner), state == LOOM_LAB_STOPPING);
  g_object_set (self->start_spinner, "active", state == LOOM_LAB_STOPPING, NULL);
  gtk_widget_set_tooltip_text (self->start_button, tooltip);
  atk_object_set_name (gtk_widget_get_accessible (self->start_button), label);
  if (state == LOOM_LAB_OFF) {
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_SUGGESTED_ACTION);
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
  } else {
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_SUGGESTED_ACTION);
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
  }
}

static void
update_pause_button (LoomWindow *self)
{
  guint n_running, n_paused;
  gboolean resumes;
  g_autofree char *was = gtk_widget_get_tooltip_text (self->pause_button);
  const char *tooltip;

  loom_words_count_power (loom_document_get_lab (self->document),
                          loom_session_get_status (self->session), &n_running, &n_paused);
  resumes = n_running == 0 && n_paused > 0;
  tooltip = resumes ? _ ("Let Every Machine Go On (Ctrl+Shift+P)")
                    : _ ("Pause Every Machine (Ctrl+Shift+P)");
  if (g_strcmp0 (was, tooltip) == 0)
    return;
  gtk_button_set_image (GTK_BUTTON (self->pause_button),
                        gtk_image_new_from_icon_name (resumes ? "media-playback-start-symbolic"
                                                              : "media-playback-pause-symbolic",
                                                      GTK_ICON_SIZE_BUTTON));
  gtk_widget_set_tooltip_text (self->pause_button, tooltip);
  atk_object_set_name (gtk_widget_get_accessible (self->pause_button),
                       resumes ? _ ("Resume") : _ ("Pause"));
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
  update_subtitle (self);
  update_start_button (self);
  update_pause_button (self);
  loom_window_update_actions (self);
}

static void
on_cost_changed (LoomSession *session, LoomWindow *self)
{
  update_subtitle (self);
}

static void
on_session_message (LoomSession *session, const char *severity, const char *text, LoomWindow *self)
{
  if (g_strcmp0 (severity, "error") == 0)
    loom_window_report (self, "lab", text, NULL);
  else
    loom_window_say (self, text);
}

static void
on_message (gpointer source, const char *severity, const char *text, LoomWindow *self)
{
  loom_window_say (self, text);
}

static void
on_host_answer (int button, gpointer user_data)
{
  if (button == 0)
    gtk_clipboard_set_text (gtk_clipboard_get (GDK_SELECTION_CLIPBOARD), user_data, -1);
}

/* (transfer full) (nullable): one command for all that the sentences in @text name. */
static char *
dup_install_command (const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new ("apt(?:-get)? install ([a-z0-9+.\\- ]*[a-z0-9])",
                                          G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GString) command = g_string_new ("sudo apt install");

  if (!g_regex_match (regex, text, G_REGEX_MATCH_DEFAULT, &match))
    return NULL;
  for (; g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *packages = g_match_info_fetch (match, 1);

    g_string_append_printf (command, " %s", packages);
  }
  return g_strdup (command->str);
}

/* @text names what is missing; the command that installs it can be copied. */
static void
on_host_missing (LoomSession *session, const char *text, LoomWindow *self)
{
  const char *const buttons[] = {_ ("_Copy Command"), NULL};
  char *command = dup_install_command (text);

  loom_window_say (self, _ ("The lab was not started: this computer lacks something it needs."));
  loom_notices_add (self->notices, "host", GTK_MESSAGE_WARNING,
                    _ ("The lab was not started: this computer lacks something it needs."), text,
                    command != NULL ? buttons : NULL, on_host_answer, command, g_free);
}

static void
on_fit_answer (int button, gpointer user_data)
{
  LoomSession *session = LOOM_WINDOW (user_data)->session;

  if (button == 0)
    loom_session_start_anyway (session);
  else if (button == 1)
    loom_session_start_first (session);
}

/* @text: what the lab needs, what there is, and which machines would fit. */
static void
on_does_not_fit (LoomSession *session, const char *text, LoomWindow *self)
{
  gboolean some_fit = loom_session_can_start_first (session);
  const char *const buttons[] = {_ ("Start _Anyway"), some_fit ? _ ("Start Those That _Fit") : NULL,
                                 NULL};

  loom_window_say (self, _ ("The lab was not started: it needs more than this computer has."));
  loom_notices_add (self->notices, "fit", GTK_MESSAGE_WARNING,
                    _ ("The lab was not started: it needs more than this computer has."), text,
                    buttons, on_fit_answer, self, NULL);
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

static void
show_pane (LoomWindow *self, const char *action_name)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), action_name);

  g_action_change_state (action, g_variant_new_boolean (TRUE));
}

static void
on_node_activated (LoomCanvas *canvas, const char *name, LoomWindow *self)
{
  if (is_machine (self, name) && loom_session_get_client (self->session) != NULL)
    loom_dock_open (LOOM_DOCK (self->dock), name, NULL);
  else
    show_pane (self, "show-inspector");
}

static void
on_link_activated (LoomCanvas *canvas, const char *id, LoomWindow *self)
{
  show_pane (self, "show-inspector");
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

/* The dock takes its room from the canvas: what was drawn there stays in sight. */
static void
on_dock_opened (LoomDock *dock, LoomWindow *self)
{
  if (gtk_widget_get_visible (self->dock))
    return;
  show_pane (self, "show-consoles");
  g_timeout_add_full (G_PRIORITY_DEFAULT, 100, on_canvas_shrunk, g_object_ref (self),
                      g_object_unref);
}

static void
on_keyboard_freed (LoomDock *dock, LoomWindow *self)
{
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

/* A screen takes all keys: how to leave it is said once. */
static void
on_focus_set (GtkWindow *window, GtkWidget *focus, LoomWindow *self)
{
  GtkWidget *console = focus != NULL ? gtk_widget_get_ancestor (focus, LOOM_TYPE_CONSOLE) : NULL;

  if (self->told_how_to_leave || console == NULL
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
  if (text != NULL)
    gtk_label_set_text (self->status, text);
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
  for (guint i = 0; i < change->nodes->len; i++) {
    const LoomNodeChange *node = &g_array_index (change->nodes, LoomNodeChange, i);

    if (node->before == NULL)
      continue;
    if (node->after == NULL)
      loom_dock_close (LOOM_DOCK (self->dock), node->before->name);
    else if (!g_str_equal (node->before->name, node->after->name))
      loom_dock_rename (LOOM_DOCK (self->dock), node->before->name, node->after->name);
  }
  update_subtitle (self);
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
  loom_dock_close (LOOM_DOCK (self->dock), NULL);
  loom_canvas_set_document (self->canvas, history, loom_session_get_status (self->session));
  update_title (self);
  update_subtitle (self);
  update_start_button (self);
  update_pause_button (self);
  update_empty (self);
  loom_window_update_actions (self);
}

static void
on_title_changed (LoomDocument *document, LoomWindow *self)
{
  update_title (self);
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
  loom_settings_set_boolean (self->settings, SETTING_MAXIMIZED,
                             (event->new_window_state & GDK_WINDOW_STATE_MAXIMIZED) != 0);
  return GDK_EVENT_PROPAGATE;
}

static void
on_mapped (GtkWidget *widget, LoomWindow *self)
{
  loom_session_set_visible (self->session, gtk_widget_get_mapped (widget));
}

static void
on_paned_moved (GtkPaned *paned, GParamSpec *pspec, LoomWindow *self)
{
  const char *key = gtk_widget_get_name (GTK_WIDGET (paned));

  loom_settings_set_int (self->settings, key, gtk_paned_get_position (paned));
}

static void
loom_window_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  LoomWindow *self = LOOM_WINDOW (widget);
  int width, height;

  GTK_WIDGET_CLASS (loom_window_parent_class)->size_allocate (widget, allocation);
  if (self->settings == NULL || gtk_window_is_maximized (GTK_WINDOW (self)))
    return;
  gtk_window_get_size (GTK_WINDOW (self), &width, &height);
  loom_settings_set_int (self->settings, SETTING_WIDTH, width);
  loom_settings_set_int (self->settings, SETTING_HEIGHT, height);
}

/* A console takes every key it can use, Ctrl+Z for one, and so does an entry: only what they do not
 * want is a shortcut of ours. With Ctrl and Shift both, which terminals leave to their windows, it
 * is the other way round: that is how one gets out of a console by keyboard. */
static gboolean
loom_window_key_press (GtkWidget *widget, GdkEventKey *event)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (widget));
  const GdkModifierType both = GDK_CONTROL_MASK | GDK_SHIFT_MASK;

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

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->session != NULL) {
    g_signal_handlers_disconnect_by_data (self->session, self);
    loom_session_detach (self->session);
  }
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  GTK_WIDGET_CLASS (loom_window_parent_class)->destroy (widget);
  g_clear_object (&self->recent_menu);
  g_clear_pointer (&self->hangs, g_hash_table_unref);
  g_clear_object (&self->session);
  g_clear_object (&self->document);
  g_clear_object (&self->settings);
}

static void
loom_window_class_init (LoomWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->size_allocate = loom_window_size_allocate;
  widget_class->key_press_event = loom_window_key_press;
  widget_class->delete_event = loom_window_delete;
  widget_class->destroy = loom_window_destroy;
}

static void
loom_window_init (LoomWindow *self)
{
  self->cancellable = g_cancellable_new ();
}

/* Building */

static GtkWidget *
make_button (const char *icon_name, const char *action_name, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon_name, GTK_ICON_SIZE_BUTTON);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action_name);
  gtk_widget_set_tooltip_text (button, tooltip);
  atk_object_set_name (gtk_widget_get_accessible (button), tooltip);
  return button;
}

static GtkWidget *
make_linked (GtkWidget *one, GtkWidget *other)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_style_context_add_class (gtk_widget_get_style_context (box), GTK_STYLE_CLASS_LINKED);
  gtk_container_add (GTK_CONTAINER (box), one);
  gtk_container_add (GTK_CONTAINER (box), other);
  return box;
}

static GtkWidget *
make_menu_button (const char *icon_name, const char *name, GMenuModel *menu)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_button_set_image (GTK_BUTTON (button),
                        gtk_image_new_from_icon_name (icon_name, GTK_ICON_SIZE_BUTTON));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_widget_set_tooltip_text (button, name);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  return button;
}

static void
on_recent_toggled (GtkToggleButton *button, LoomWindow *self)
{
  if (gtk_toggle_button_get_active (button))
    loom_window_update_recent (self);
}

static void
build_start_button (LoomWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->start_button = gtk_button_new ();
  self->start_icon = GTK_IMAGE (gtk_image_new ());
  self->start_spinner = GTK_SPINNER (gtk_spinner_new ());
  self->start_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_width_chars (self->start_label, 7);
  gtk_widget_set_no_show_all (GTK_WIDGET (self->start_icon), TRUE);
  gtk_widget_set_no_show_all (GTK_WIDGET (self->start_spinner), TRUE);
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (self->start_icon));
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (self->start_spinner));
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (self->start_label));
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (self->start_button), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->start_button), "win.toggle-run");
}

static void
build_header (LoomWindow *self)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/org/lanloom/Lanloom/menus.ui");
  GtkWidget *header = gtk_header_bar_new ();
  GtkWidget *open = gtk_button_new_with_mnemonic (_ ("_Open"));
  GtkWidget *panes;
  GtkWidget *menu;

  self->header = GTK_HEADER_BAR (header);
  gtk_header_bar_set_show_close_button (self->header, TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (open), "win.open");
  gtk_widget_set_tooltip_text (open, _ ("Open a Lab (Ctrl+O)"));
  self->recent_menu = g_menu_new ();
  self->recent_button = make_menu_button ("pan-down-symbolic", _ ("Recent Labs"),
                                          G_MENU_MODEL (self->recent_menu));
  g_signal_connect (self->recent_button, "toggled", G_CALLBACK (on_recent_toggled), self);
  gtk_header_bar_pack_start (self->header, make_linked (open, self->recent_button));
  gtk_header_bar_pack_start (
      self->header, make_button ("document-new-symbolic", "win.new", _ ("New Lab (Ctrl+N)")));
  gtk_header_bar_pack_start (
      self->header,
      make_linked (make_button ("edit-undo-symbolic", "win.undo", _ ("Undo (Ctrl+Z)")),
                   make_button ("edit-redo-symbolic", "win.redo", _ ("Redo (Ctrl+Shift+Z)"))));
  build_start_button (self);
  menu = make_menu_button ("open-menu-symbolic", _ ("Menu"),
                           G_MENU_MODEL (gtk_builder_get_object (builder, "menu")));
  g_object_set_data (G_OBJECT (self), "loom-menu-button", menu);
  panes = make_menu_button ("view-dual-symbolic", _ ("Panes"),
                            G_MENU_MODEL (gtk_builder_get_object (builder, "panes")));
  gtk_header_bar_pack_end (self->header, menu);
  gtk_header_bar_pack_end (self->header, panes);
  gtk_header_bar_pack_end (self->header, self->start_button);
  self->pause_button = make_button ("media-playback-pause-symbolic", "win.pause", _ ("Pause"));
  gtk_header_bar_pack_end (self->header, self->pause_button);
  gtk_window_set_titlebar (GTK_WINDOW (self), header);
}

static GtkPaned *
make_paned (LoomWindow *self, GtkOrientation orientation, const char *key)
{
  GtkWidget *paned = gtk_paned_new (orientation);

  gtk_widget_set_name (paned, key);
  return GTK_PANED (paned);
}

static void
restore_paned (LoomWindow *self, GtkPaned *paned, int fallback)
{
  const char *key = gtk_widget_get_name (GTK_WIDGET (paned));

  gtk_paned_set_position (paned, loom_settings_get_int (self->settings, key, fallback, 80, 10000));
  g_signal_connect (paned, "notify::position", G_CALLBACK (on_paned_moved), self);
}

static GtkWidget *
build_palette (LoomWindow *self, LoomCatalogue *catalogue)
{
  GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *palette = loom_palette_new (catalogue);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_container_add (GTK_CONTAINER (scroll), palette);
  gtk_style_context_add_class (gtk_widget_get_style_context (scroll), "loom-side");
  g_signal_connect (palette, "kind-activated", G_CALLBACK (on_kind_activated), self);
  return scroll;
}

static GtkWidget *
build_canvas (LoomWindow *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->canvas = LOOM_CANVAS (loom_canvas_new ());
  self->empty = loom_empty_state_new (self);
  gtk_container_add (GTK_CONTAINER (overlay), GTK_WIDGET (self->canvas));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->empty);
  gtk_widget_set_size_request (overlay, 240, 160);
  g_signal_connect (self->canvas, "selection-changed", G_CALLBACK (on_selection_changed), self);
  g_signal_connect (self->canvas, "node-activated", G_CALLBACK (on_node_activated), self);
  g_signal_connect (self->canvas, "link-activated", G_CALLBACK (on_link_activated), self);
  g_signal_connect (self->canvas, "context-menu", G_CALLBACK (on_context_menu), self);
  g_signal_connect (self->canvas, "message", G_CALLBACK (on_canvas_message), self);
  g_signal_connect (self->canvas, "drag-hint", G_CALLBACK (on_drag_hint), self);
  g_signal_connect (self->canvas, "notify::zoom", G_CALLBACK (on_zoom_changed), self);
  return overlay;
}

static void
build_inspector (LoomWindow *self)
{
  self->inspector = loom_inspector_new (self->document, self->session,
                                        loom_application_get_presets (LOOM_APPLICATION (
                                            gtk_window_get_application (GTK_WINDOW (self)))));
  gtk_style_context_add_class (gtk_widget_get_style_context (self->inspector), "loom-side");
  gtk_widget_set_size_request (self->inspector, 250, -1);
  g_signal_connect (self->inspector, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->inspector, "open-console", G_CALLBACK (on_open_console), self);
}

static GtkWidget *
build_dock (LoomWindow *self)
{
  self->dock = loom_dock_new (self->session);
  gtk_widget_set_size_request (self->dock, -1, 120);
  g_signal_connect (self->dock, "opened", G_CALLBACK (on_dock_opened), self);
  g_signal_connect (self->dock, "keyboard-freed", G_CALLBACK (on_keyboard_freed), self);
  return self->dock;
}

static GtkWidget *
build_status (LoomWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->status = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->status, 0);
  gtk_label_set_ellipsize (self->status, PANGO_ELLIPSIZE_END);
  atk_object_set_role (gtk_widget_get_accessible (GTK_WIDGET (self->status)), ATK_ROLE_STATUSBAR);
  self->zoom = GTK_LABEL (gtk_label_new (_ ("100 %")));
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->status), TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), GTK_WIDGET (self->zoom), FALSE, FALSE, 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "loom-status");
  self->status_bar = box;
  return box;
}

/* The palette is as high as the window; the inspector stands beside the canvas, the dock below
 * both. */
static void
build_content (LoomWindow *self, LoomCatalogue *catalogue)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->palette_paned = make_paned (self, GTK_ORIENTATION_HORIZONTAL, "palette-width");
  self->inspector_paned = make_paned (self, GTK_ORIENTATION_HORIZONTAL, "canvas-width");
  self->dock_paned = make_paned (self, GTK_ORIENTATION_VERTICAL, "canvas-height");
  self->notices = LOOM_NOTICES (loom_notices_new ());
  self->palette = build_palette (self, catalogue);
  build_inspector (self);
  gtk_paned_pack1 (self->inspector_paned, build_canvas (self), TRUE, FALSE);
  gtk_paned_pack2 (self->inspector_paned, self->inspector, FALSE, FALSE);
  gtk_paned_pack1 (self->dock_paned, GTK_WIDGET (self->inspector_paned), TRUE, FALSE);
  gtk_paned_pack2 (self->dock_paned, build_dock (self), FALSE, FALSE);
  gtk_box_pack_start (GTK_BOX (right), GTK_WIDGET (self->notices), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (right), GTK_WIDGET (self->dock_paned), TRUE, TRUE, 0);
  gtk_paned_pack1 (self->palette_paned, self->palette, FALSE, FALSE);
  gtk_paned_pack2 (self->palette_paned, right, TRUE, FALSE);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->palette_paned), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), build_status (self), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (self), box);
}

static void
restore (LoomWindow *self)
{
  int width = loom_settings_get_int (self->settings, SETTING_WIDTH, DEFAULT_WIDTH, 640, 10000);
  int height = loom_settings_get_int (self->settings, SETTING_HEIGHT, DEFAULT_HEIGHT, 480, 10000);

  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (loom_settings_get_boolean (self->settings, SETTING_MAXIMIZED, FALSE))
    gtk_window_maximize (GTK_WINDOW (self));
  restore_paned (self, self->palette_paned, 172);
  restore_paned (self, self->inspector_paned, MAX (width - 172 - 310, 240));
  restore_paned (self, self->dock_paned, MAX (height - 330, 200));
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
  build_header (self);
  build_content (self, catalogue);
  loom_window_add_actions (self);
  restore (self);
  g_signal_connect (self->session, "changed", G_CALLBACK (on_session_changed), self);
  g_signal_connect (self->session, "cost-changed", G_CALLBACK (on_cost_changed), self);
  g_signal_connect (self->session, "message", G_CALLBACK (on_session_message), self);
  g_signal_connect (self->session, "host-missing", G_CALLBACK (on_host_missing), self);
  g_signal_connect (self->session, "does-not-fit", G_CALLBACK (on_does_not_fit), self);
  g_signal_connect_swapped (self->session, "hangs-changed",
                            G_CALLBACK (loom_window_on_hangs_changed), self);
  g_signal_connect (self->session, "closed", G_CALLBACK (on_session_closed), self);
  g_signal_connect (self->document, "replaced", G_CALLBACK (on_replaced), self);
  g_signal_connect (self->document, "title-changed", G_CALLBACK (on_title_changed), self);
  g_signal_connect (self->document, "changed-outside", G_CALLBACK (on_changed_outside), self);
  g_signal_connect_swapped (self->document, "autosave-failed",
                            G_CALLBACK (loom_window_on_autosave_failed), self);
  g_signal_connect (self, "window-state-event", G_CALLBACK (on_state_event), self);
  g_signal_connect (self, "set-focus", G_CALLBACK (on_focus_set), self);
  g_signal_connect (self, "map", G_CALLBACK (on_mapped), self);
  g_signal_connect (self, "unmap", G_CALLBACK (on_mapped), self);
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
