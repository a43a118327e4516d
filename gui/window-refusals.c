/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Why a lab was not started, and what can be done about it: this computer lacks something, or the
 * lab needs more than there is. What was said goes when the lab is started again. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#define NOTICE_HOST "host"
#define NOTICE_FIT "fit"

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

void
loom_window_on_host_missing (LoomWindow *self, const char *text)
{
  const char *const buttons[] = {_ ("_Copy Command"), NULL};
  char *command = dup_install_command (text);

  loom_window_say (self, _ ("The lab was not started: this computer lacks something it needs."));
  loom_notices_add (self->notices, NOTICE_HOST, GTK_MESSAGE_WARNING,
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

void
loom_window_on_does_not_fit (LoomWindow *self, const char *text)
{
  gboolean some_fit = loom_session_can_start_first (self->session);
  const char *const buttons[] = {_ ("Start _Anyway"), some_fit ? _ ("Start Those That _Fit") : NULL,
                                 NULL};

  loom_window_say (self, _ ("The lab was not started: it needs more than this computer has."));
  loom_notices_add (self->notices, NOTICE_FIT, GTK_MESSAGE_WARNING,
                    _ ("The lab was not started: it needs more than this computer has."), text,
                    buttons, on_fit_answer, self, NULL);
}

void
loom_window_drop_refusals (LoomWindow *self)
{
  loom_notices_remove (self->notices, NOTICE_HOST);
  loom_notices_remove (self->notices, NOTICE_FIT);
  loom_notices_remove (self->notices, LOOM_NOTICE_LAB);
}
