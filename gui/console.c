/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What all consoles have in common: when to connect, when to let go, and what to say meanwhile. */

#include "gui/console.h"

#include <glib/gi18n-lib.h>

#include "gui/words.h"

#define PAGE_MESSAGE "message"
#define PAGE_CONTENT "content"
#define RETRY_MS 1000

enum {
  TITLE_CHANGED,
  KEYBOARD_FREED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* closed → opening → open → closed; a failure waits in closed for the retry. */
typedef enum {
  CONSOLE_CLOSED,  /* no connection, none under way */
  CONSOLE_OPENING, /* the subclass connects */
  CONSOLE_OPEN,    /* what is shown is live */
} ConsoleState;

typedef struct {
  LoomSession *session;
  char *node;
  ConsoleState state;
  GtkWidget *content;
  GtkWidget *message;
  GtkWidget *start;
  guint retry_source;
} LoomConsolePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (LoomConsole, loom_console, GTK_TYPE_STACK)

#define PRIV(self) ((LoomConsolePrivate *) loom_console_get_instance_private (self))

static gboolean
has_focus_within (LoomConsole *self)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));
  GtkWidget *focus = GTK_IS_WINDOW (top) ? gtk_window_get_focus (GTK_WINDOW (top)) : NULL;

  return focus != NULL
         && (focus == GTK_WIDGET (self) || gtk_widget_is_ancestor (focus, GTK_WIDGET (self)));
}

/* While nothing here takes keys the console itself has the focus, and gives it to what opens; a
 * click elsewhere meanwhile takes it away for good. */
static void
hold_focus (LoomConsole *self)
{
  gtk_widget_set_can_focus (GTK_WIDGET (self), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

/* @start (nullable): what the button that starts the machine says. */
static void
show_message (LoomConsole *self, const char *text, const char *start)
{
  LoomConsolePrivate *priv = PRIV (self);

  /* Not to the button: what is typed at a guest that just ended must not start it. */
  if (has_focus_within (self) && gtk_stack_get_visible_child (GTK_STACK (self)) == priv->content)
    hold_focus (self);
  gtk_label_set_text (GTK_LABEL (priv->message), text);
  gtk_widget_set_visible (priv->start, start != NULL);
  if (start != NULL)
    gtk_button_set_label (GTK_BUTTON (priv->start), start);
  gtk_stack_set_visible_child_name (GTK_STACK (self), PAGE_MESSAGE);
}

static gboolean
guest_exists (LoomNodeState state)
{
  return state == LOOM_NODE_BOOTING || state == LOOM_NODE_READY || state == LOOM_NODE_PAUSED;
}

static void
close_connection (LoomConsole *self)
{
  LoomConsolePrivate *priv = PRIV (self);

  g_clear_handle_id (&priv->retry_source, g_source_remove);
  if (priv->state == CONSOLE_CLOSED)
    return;
  priv->state = CONSOLE_CLOSED;
  LOOM_CONSOLE_GET_CLASS (self)->close (self);
}

static gboolean
on_retry_due (gpointer user_data)
{
  LoomConsole *self = user_data;

  PRIV (self)->retry_source = 0;
  loom_console_update (self);
  return G_SOURCE_REMOVE;
}

static void
on_node_changed (LoomStatus *status, const char *name, LoomConsole *self)
{
  if (g_strcmp0 (name, PRIV (self)->node) != 0)
    return;
  loom_console_update (self);
  if (LOOM_CONSOLE_GET_CLASS (self)->ready != NULL && loom_console_is_ready (self))
    LOOM_CONSOLE_GET_CLASS (self)->ready (self);
}

static void
on_session_changed (LoomSession *session, LoomConsole *self)
{
  /* Attaching and reconnecting make a client available without a word from the machine. */
  if (PRIV (self)->state == CONSOLE_CLOSED && PRIV (self)->retry_source == 0)
    loom_console_update (self);
}

static void
on_closed (LoomSession *session, LoomConsole *self)
{
  loom_console_update (self);
}

static void
on_start_clicked (GtkButton *button, LoomConsole *self)
{
  LoomConsolePrivate *priv = PRIV (self);

  if (loom_session_get_client (priv->session) != NULL)
    loom_session_power (priv->session, priv->node, "start");
}

/* Typing ahead goes nowhere rather than to something else; Tab and shortcuts do what they do. */
static gboolean
loom_console_key_press (GtkWidget *widget, GdkEventKey *event)
{
  const GdkModifierType shortcut = GDK_CONTROL_MASK | GDK_MOD1_MASK;
  gboolean is_arrow = event->keyval >= GDK_KEY_Left && event->keyval <= GDK_KEY_Down;

  if (gtk_widget_is_focus (widget) && (event->state & shortcut) == 0
      && (is_arrow || gdk_keyval_to_unicode (event->keyval) >= ' '))
    return GDK_EVENT_STOP;
  return GTK_WIDGET_CLASS (loom_console_parent_class)->key_press_event (widget, event);
}

static void
loom_console_destroy (GtkWidget *widget)
{
  LoomConsole *self = LOOM_CONSOLE (widget);
  LoomConsolePrivate *priv = PRIV (self);

  close_connection (self);
  if (priv->session != NULL) {
    g_signal_handlers_disconnect_by_data (loom_session_get_status (priv->session), self);
    g_signal_handlers_disconnect_by_data (priv->session, self);
  }
  g_clear_object (&priv->session);
  GTK_WIDGET_CLASS (loom_console_parent_class)->destroy (widget);
}

static void
loom_console_finalize (GObject *object)
{
  g_free (PRIV (LOOM_CONSOLE (object))->node);
  G_OBJECT_CLASS (loom_console_parent_class)->finalize (object);
}

static void
loom_console_class_init (LoomConsoleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_console_finalize;
  GTK_WIDGET_CLASS (klass)->destroy = loom_console_destroy;
  GTK_WIDGET_CLASS (klass)->key_press_event = loom_console_key_press;
  signals[KEYBOARD_FREED] = g_signal_new ("keyboard-freed", LOOM_TYPE_CONSOLE, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[TITLE_CHANGED] = g_signal_new ("title-changed", LOOM_TYPE_CONSOLE, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_console_init (LoomConsole *self)
{
  LoomConsolePrivate *priv = PRIV (self);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  priv->message = gtk_label_new (NULL);
  gtk_label_set_line_wrap (GTK_LABEL (priv->message), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (priv->message), 40);
  gtk_label_set_justify (GTK_LABEL (priv->message), GTK_JUSTIFY_CENTER);
  priv->start = gtk_button_new_with_mnemonic ("");
  gtk_widget_set_halign (priv->start, GTK_ALIGN_CENTER);
  gtk_widget_set_no_show_all (priv->start, TRUE);
  g_signal_connect (priv->start, "clicked", G_CALLBACK (on_start_clicked), self);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (box), priv->message);
  gtk_container_add (GTK_CONTAINER (box), priv->start);
  gtk_widget_show_all (box);
  gtk_stack_add_named (GTK_STACK (self), box, PAGE_MESSAGE);
  gtk_stack_set_homogeneous (GTK_STACK (self), FALSE);
  gtk_widget_set_size_request (GTK_WIDGET (self), 120, 80);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "loom-console");
  gtk_widget_show (GTK_WIDGET (self));
}

void
loom_console_set_content (LoomConsole *self, GtkWidget *content)
{
  LoomConsolePrivate *priv = PRIV (self);

  if (priv->content != NULL) {
    if (has_focus_within (self) && !gtk_widget_in_destruction (GTK_WIDGET (self)))
      hold_focus (self);
    gtk_widget_destroy (priv->content);
  }
  priv->content = content;
  if (content == NULL)
    return;
  g_signal_connect (content, "destroy", G_CALLBACK (gtk_widget_destroyed), &priv->content);
  gtk_widget_show_all (content);
  gtk_stack_add_named (GTK_STACK (self), content, PAGE_CONTENT);
}

void
loom_console_opened (LoomConsole *self)
{
  LoomConsolePrivate *priv = PRIV (self);

  priv->state = CONSOLE_OPEN;
  if (priv->content != NULL)
    gtk_stack_set_visible_child (GTK_STACK (self), priv->content);
  if (gtk_widget_is_focus (GTK_WIDGET (self)))
    loom_console_grab_focus (self);
}

gboolean
loom_console_is_ready (LoomConsole *self)
{
  LoomConsolePrivate *priv = PRIV (self);

  return priv->session != NULL
         && loom_status_get_node (loom_session_get_status (priv->session), priv->node)
                == LOOM_NODE_READY;
}

gboolean
loom_console_take_key (LoomConsole *self, const GdkEventKey *event)
{
  guint modifiers = event->state & gtk_accelerator_get_default_mod_mask ();
  guint key = gdk_keyval_to_lower (event->keyval);

  if (modifiers != (GDK_CONTROL_MASK | GDK_SHIFT_MASK))
    return FALSE;
  if (key == GDK_KEY_c)
    loom_console_copy (self);
  else if (key == GDK_KEY_v)
    loom_console_paste (self);
  return key == GDK_KEY_c || key == GDK_KEY_v;
}

static void
add_menu_item (GtkWidget *menu, const char *label, void (*func) (LoomConsole *), guint key,
               LoomConsole *self)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);
  GtkWidget *child = gtk_bin_get_child (GTK_BIN (item));

  gtk_accel_label_set_accel (GTK_ACCEL_LABEL (child), key, GDK_CONTROL_MASK | GDK_SHIFT_MASK);
  g_signal_connect_object (item, "activate", G_CALLBACK (func), self, G_CONNECT_SWAPPED);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
}

void
loom_console_popup (LoomConsole *self, const GdkEvent *event)
{
  GtkWidget *menu = gtk_menu_new ();

  add_menu_item (menu, _ ("_Copy"), loom_console_copy, GDK_KEY_c, self);
  add_menu_item (menu, _ ("_Paste"), loom_console_paste, GDK_KEY_v, self);
  gtk_menu_attach_to_widget (GTK_MENU (menu), GTK_WIDGET (self), NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_widget_show_all (menu);
  gtk_menu_popup_at_pointer (GTK_MENU (menu), event);
}

void
loom_console_failed (LoomConsole *self, const char *why)
{
  LoomConsolePrivate *priv = PRIV (self);

  close_connection (self);
  if (why != NULL && gtk_stack_get_visible_child (GTK_STACK (self)) != priv->content)
    show_message (self, why, NULL);
  if (!gtk_widget_in_destruction (GTK_WIDGET (self)))
    priv->retry_source = g_timeout_add (RETRY_MS, on_retry_due, self);
}

void
loom_console_attach (LoomConsole *self, LoomSession *session, const char *node)
{
  LoomConsolePrivate *priv = PRIV (self);

  priv->session = g_object_ref (session);
  g_signal_connect (loom_session_get_status (session), "node-changed", G_CALLBACK (on_node_changed),
                    self);
  g_signal_connect (session, "changed", G_CALLBACK (on_session_changed), self);
  g_signal_connect (session, "closed", G_CALLBACK (on_closed), self);
  loom_console_set_node (self, node);
}

const char *
loom_console_get_node (LoomConsole *self)
{
  return PRIV (self)->node;
}

gboolean
loom_console_has_agent (LoomConsole *self)
{
  LoomConsolePrivate *priv = PRIV (self);
  const LoomKind *kind = priv->session != NULL ? loom_session_get_kind (priv->session, priv->node)
                                               : NULL;

  return kind != NULL && kind->takes_addresses;
}

void
loom_console_set_node (LoomConsole *self, const char *node)
{
  LoomConsolePrivate *priv = PRIV (self);
  g_autofree char *title = NULL;

  g_free (priv->node);
  priv->node = g_strdup (node);
  title = loom_console_dup_title (self);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), title);
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
  loom_console_update (self);
}

const char *
loom_console_get_console_type (LoomConsole *self)
{
  return LOOM_CONSOLE_GET_CLASS (self)->type;
}

char *
loom_console_dup_title (LoomConsole *self)
{
  gboolean is_serial = g_str_equal (loom_console_get_console_type (self), "serial");

  /* Translators: a machine's name, and which of its consoles it is. */
  return g_strdup_printf (is_serial ? _ ("%s · Serial") : _ ("%s · Screen"), PRIV (self)->node);
}

void
loom_console_grab_focus (LoomConsole *self)
{
  LoomConsolePrivate *priv = PRIV (self);
  GtkWidget *child = gtk_stack_get_visible_child (GTK_STACK (self));

  if (has_focus_within (self) && !gtk_widget_is_focus (GTK_WIDGET (self)))
    return;
  if (child == NULL || child != priv->content || priv->state != CONSOLE_OPEN) {
    hold_focus (self);
    return;
  }
  if (gtk_widget_get_can_focus (child))
    gtk_widget_grab_focus (child);
  else
    gtk_widget_child_focus (child, GTK_DIR_TAB_FORWARD);
  gtk_widget_set_can_focus (GTK_WIDGET (self), FALSE);
}

void
loom_console_free_keyboard (LoomConsole *self)
{
  g_signal_emit (self, signals[KEYBOARD_FREED], 0);
}

void
loom_console_update (LoomConsole *self)
{
  LoomConsolePrivate *priv = PRIV (self);
  LoomStatus *status;
  LoomClient *client;
  LoomNodeState state;
  const char *start = NULL;
  g_autofree char *text = NULL;

  if (priv->session == NULL)
    return;
  status = loom_session_get_status (priv->session);
  client = loom_session_get_client (priv->session);
  state = loom_status_get_node (status, priv->node);
  if (client != NULL && guest_exists (state)) {
    if (priv->state != CONSOLE_CLOSED || priv->retry_source != 0)
      return;
    priv->state = CONSOLE_OPENING;
    if (gtk_stack_get_visible_child (GTK_STACK (self)) != priv->content || priv->content == NULL) {
      text = g_strdup_printf (_ ("Connecting to %s…"), priv->node);
      show_message (self, text, NULL);
    }
    LOOM_CONSOLE_GET_CLASS (self)->open (self, client);
    return;
  }
  close_connection (self);
  if (client == NULL)
    text = g_strdup_printf (_ ("%s is off. Start the lab to see its console."), priv->node);
  else if (state == LOOM_NODE_FAILED)
    text = loom_words_failure (priv->node, loom_status_get_node_detail (status, priv->node));
  else if (state == LOOM_NODE_PREPARING)
    text = g_strdup_printf (_ ("%s is being prepared…"), priv->node);
  else if (state == LOOM_NODE_STOPPING)
    text = g_strdup_printf (_ ("%s is stopping…"), priv->node);
  else
    text = g_strdup_printf (_ ("%s is off."), priv->node);
  if (client != NULL && state == LOOM_NODE_OFF)
    start = _ ("_Power On");
  else if (client != NULL && state == LOOM_NODE_FAILED)
    start = _ ("_Try Again");
  show_message (self, text, start);
}

void
loom_console_copy (LoomConsole *self)
{
  LOOM_CONSOLE_GET_CLASS (self)->copy (self);
}

void
loom_console_paste (LoomConsole *self)
{
  LOOM_CONSOLE_GET_CLASS (self)->paste (self);
}

gboolean
loom_console_can_fit (LoomConsole *self)
{
  return LOOM_CONSOLE_GET_CLASS (self)->fit != NULL && PRIV (self)->state == CONSOLE_OPEN;
}

void
loom_console_fit (LoomConsole *self)
{
  if (loom_console_can_fit (self))
    LOOM_CONSOLE_GET_CLASS (self)->fit (self);
}
