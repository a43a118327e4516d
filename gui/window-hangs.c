/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Parts of the running lab that live and do not answer: a notice each, with the one click that
 * brings it back. It goes when the part answers again. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#define NOTICE_PREFIX "hang:"

typedef struct {
  LoomWindow *window; /* weak: the notice is a part of it */
  char *item;
} Hang;

static void
hang_free (gpointer data)
{
  Hang *hang = data;

  g_free (hang->item);
  g_free (hang);
}

static void
on_answer (int button, gpointer user_data)
{
  const Hang *hang = user_data;
  gboolean is_node = strchr (hang->item, ':') == NULL;

  if (button == 0)
    loom_session_repair (hang->window->session, is_node ? hang->item : NULL);
}

static void
add_notice (LoomWindow *self, const char *item, const char *sentence)
{
  const char *const buttons[] = {_ ("_Repair"), NULL};
  g_autofree char *id = g_strconcat (NOTICE_PREFIX, item, NULL);
  Hang *hang = g_new0 (Hang, 1);

  hang->window = self;
  hang->item = g_strdup (item);
  loom_notices_add (self->notices, id, GTK_MESSAGE_WARNING, sentence, NULL, buttons, on_answer,
                    hang, hang_free);
}

void
loom_window_on_hangs_changed (LoomWindow *self)
{
  GHashTable *hangs = loom_session_get_hangs (self->session);
  g_autoptr (GHashTable) shown = g_steal_pointer (&self->hangs);
  GHashTableIter iter;
  gpointer item, sentence;

  self->hangs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (hangs != NULL) {
    g_hash_table_iter_init (&iter, hangs);
    while (g_hash_table_iter_next (&iter, &item, &sentence)) {
      g_hash_table_add (self->hangs, g_strdup (item));
      if (shown == NULL || !g_hash_table_remove (shown, item))
        add_notice (self, item, sentence);
    }
  }
  loom_window_update_power_actions (self);
  if (shown == NULL)
    return;
  g_hash_table_iter_init (&iter, shown);
  while (g_hash_table_iter_next (&iter, &item, NULL)) {
    g_autofree char *id = g_strconcat (NOTICE_PREFIX, item, NULL);

    loom_notices_remove (self->notices, id);
  }
}
