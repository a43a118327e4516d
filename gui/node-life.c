/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/node-life.h"

#include <glib/gi18n-lib.h>

#include "gui/form.h"

enum {
  OPEN_CONSOLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomNodeLife {
  GtkBox parent_instance;

  LoomSession *session;
  char *node;
  GtkLabel *state;
  GtkProgressBar *progress;
  GtkWidget *retry;
  GtkWidget *screen; /* this and the next ones: NULL if it is no machine */
  GtkWidget *serial;
  GtkWidget *power;
  GtkWidget *restart;
  GtkWidget *pause;
};

G_DEFINE_FINAL_TYPE (LoomNodeLife, loom_node_life, GTK_TYPE_BOX)

static void
on_screen_clicked (GtkButton *button, LoomNodeLife *self)
{
  g_signal_emit (self, signals[OPEN_CONSOLE], 0, "spice");
}

static void
on_serial_clicked (GtkButton *button, LoomNodeLife *self)
{
  g_signal_emit (self, signals[OPEN_CONSOLE], 0, "serial");
}

static LoomNodeState
get_state (LoomNodeLife *self)
{
  return loom_status_get_node (loom_session_get_status (self->session), self->node);
}

static void
power (LoomNodeLife *self, const char *action)
{
  loom_session_power (self->session, self->node, action);
}

static void
on_power_clicked (GtkButton *button, LoomNodeLife *self)
{
  power (self, get_state (self) == LOOM_NODE_OFF ? "start" : "stop");
}

static void
on_restart_clicked (GtkButton *button, LoomNodeLife *self)
{
  power (self, "restart");
}

static void
on_pause_clicked (GtkButton *button, LoomNodeLife *self)
{
  power (self, get_state (self) == LOOM_NODE_PAUSED ? "resume" : "pause");
}

static void
on_retry_clicked (GtkButton *button, LoomNodeLife *self)
{
  loom_session_repair (self->session, self->node);
}

/* What it is, in words and for the eye. */
static void
update_words (LoomNodeLife *self, LoomNodeState state)
{
  const char *detail = loom_status_get_node_detail (loom_session_get_status (self->session),
                                                    self->node);
  const char *label = loom_node_state_to_label (state);
  /* Translators: a node's state, and a sentence about it */
  g_autofree char *text = detail != NULL ? g_strdup_printf (_ ("%s: %s"), label, detail)
                                         : g_strdup (label);
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->state));

  loom_form_set_label (self->state, text);
  if (state == LOOM_NODE_FAILED)
    gtk_style_context_add_class (style, "loom-bad");
  else
    gtk_style_context_remove_class (style, "loom-bad");
}

static void
update_progress (LoomNodeLife *self, LoomNodeState state)
{
  double progress = loom_status_get_node_progress (loom_session_get_status (self->session),
                                                   self->node);
  gboolean comes_up = state == LOOM_NODE_PREPARING || state == LOOM_NODE_BOOTING;

  gtk_widget_set_visible (GTK_WIDGET (self->progress), progress >= 0 && comes_up);
  if (progress >= 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP (progress, 0, 1));
}

static void
update_buttons (LoomNodeLife *self, LoomNodeState state, gboolean is_live)
{
  gboolean runs = state == LOOM_NODE_BOOTING || state == LOOM_NODE_READY
                  || state == LOOM_NODE_PAUSED;

  gtk_widget_set_sensitive (self->screen, is_live && runs);
  gtk_widget_set_sensitive (self->serial, is_live && runs);
  gtk_widget_set_sensitive (self->restart, is_live && runs);
  gtk_widget_set_sensitive (self->pause,
                            is_live && (state == LOOM_NODE_READY || state == LOOM_NODE_PAUSED));
  gtk_widget_set_sensitive (self->power, is_live && (runs || state == LOOM_NODE_OFF));
  gtk_button_set_label (GTK_BUTTON (self->power),
                        state == LOOM_NODE_OFF ? _ ("P_ower On") : _ ("P_ower Off"));
  gtk_button_set_label (GTK_BUTTON (self->pause),
                        state == LOOM_NODE_PAUSED ? _ ("Re_sume") : _ ("Pau_se"));
}

static void
build_state (LoomNodeLife *self)
{
  self->state = GTK_LABEL (loom_form_add_note (GTK_CONTAINER (self), ""));
  gtk_label_set_selectable (self->state, TRUE);
  gtk_widget_set_can_focus (GTK_WIDGET (self->state), FALSE);
  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_set_no_show_all (GTK_WIDGET (self->progress), TRUE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->progress)), _ ("Progress"));
  gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (self->progress));
  self->retry = loom_form_add_button (GTK_CONTAINER (self), _ ("_Try Again"),
                                      _ ("Start what failed once more, the rest goes on."));
  gtk_style_context_add_class (gtk_widget_get_style_context (self->retry),
                               GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_widget_set_no_show_all (self->retry, TRUE);
  g_signal_connect (self->retry, "clicked", G_CALLBACK (on_retry_clicked), self);
}

static void
build_buttons (LoomNodeLife *self)
{
  GtkContainer *buttons = GTK_CONTAINER (loom_form_add_buttons (GTK_CONTAINER (self)));

  self->screen = loom_form_add_button (buttons, _ ("S_creen"), _ ("Show the machine's screen."));
  self->serial = loom_form_add_button (buttons, _ ("Se_rial"),
                                       _ ("Show the machine's serial console."));
  self->power = loom_form_add_button (buttons, _ ("P_ower Off"),
                                      _ ("Switch this machine on or off; the others go on."));
  self->restart = loom_form_add_button (buttons, _ ("R_estart"), _ ("Switch it off and on again."));
  self->pause = loom_form_add_button (buttons, _ ("Pau_se"), _ ("Hold the machine where it is."));
  g_signal_connect (self->screen, "clicked", G_CALLBACK (on_screen_clicked), self);
  g_signal_connect (self->serial, "clicked", G_CALLBACK (on_serial_clicked), self);
  g_signal_connect (self->power, "clicked", G_CALLBACK (on_power_clicked), self);
  g_signal_connect (self->restart, "clicked", G_CALLBACK (on_restart_clicked), self);
  g_signal_connect (self->pause, "clicked", G_CALLBACK (on_pause_clicked), self);
}

static void
loom_node_life_finalize (GObject *object)
{
  LoomNodeLife *self = LOOM_NODE_LIFE (object);

  g_object_unref (self->session);
  g_free (self->node);
  G_OBJECT_CLASS (loom_node_life_parent_class)->finalize (object);
}

static void
loom_node_life_class_init (LoomNodeLifeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_node_life_finalize;
  signals[OPEN_CONSOLE] = g_signal_new ("open-console", LOOM_TYPE_NODE_LIFE, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
loom_node_life_init (LoomNodeLife *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 10);
}

GtkWidget *
loom_node_life_new (LoomSession *session, const char *node, gboolean is_machine)
{
  LoomNodeLife *self = g_object_new (LOOM_TYPE_NODE_LIFE, NULL);

  self->session = g_object_ref (session);
  self->node = g_strdup (node);
  build_state (self);
  if (is_machine)
    build_buttons (self);
  return GTK_WIDGET (self);
}

void
loom_node_life_update (LoomNodeLife *self)
{
  LoomNodeState state = get_state (self);
  gboolean is_live = loom_session_get_client (self->session) != NULL;

  update_words (self, state);
  update_progress (self, state);
  gtk_widget_set_visible (self->retry, state == LOOM_NODE_FAILED);
  gtk_widget_set_sensitive (self->retry, is_live);
  if (self->power != NULL)
    update_buttons (self, state, is_live);
}
