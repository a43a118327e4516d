/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The notice about machines that failed: one for all of them, since they often fail together and
 * for one reason, with the one click that tries all of them again. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "gui/words.h"

#define NOTICE_FAILED "failed"

/* (transfer full): a sentence for each node that failed, in the order of the lab. */
static GStrv
list_failures (LoomWindow *self)
{
  LoomStatus *status = loom_session_get_status (self->session);
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (loom_document_get_lab (self->document));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < nodes->len; i++) {
    const char *name = ((const LoomNode *) g_ptr_array_index (nodes, i))->name;
    g_autofree char *sentence = NULL;

    if (loom_status_get_node (status, name) != LOOM_NODE_FAILED)
      continue;
    sentence = loom_words_failure (name, loom_status_get_node_detail (status, name));
    g_strv_builder_add (builder, sentence);
  }
  return g_strv_builder_end (builder);
}

/* The lab may have ended since. */
static void
on_answer (int button, gpointer user_data)
{
  LoomWindow *self = user_data;

  if (button != 0)
    return;
  if (loom_session_is_live (self->session))
    loom_session_repair (self->session, NULL);
  else
    loom_window_start (self);
}

static void
add_notice (LoomWindow *self, const char *title, const char *detail)
{
  const char *const buttons[] = {_ ("_Try Again"), NULL};

  loom_window_say (self, title);
  loom_notices_add (self->notices, NOTICE_FAILED, GTK_MESSAGE_ERROR, title, detail, buttons,
                    on_answer, self, NULL);
}

void
loom_window_update_failures (LoomWindow *self)
{
  g_auto (GStrv) failures = list_failures (self);
  guint n = g_strv_length (failures);
  g_autofree char *text = g_strjoinv ("\n", failures);

  /* A notice that was closed comes back with another failure only, and one about a lab that has
   * ended stays. */
  if (g_strcmp0 (text, self->failures) == 0 || (n == 0 && !loom_session_is_live (self->session)))
    return;
  g_free (self->failures);
  self->failures = g_strdup (text);
  if (n == 0) {
    loom_notices_remove (self->notices, NOTICE_FAILED);
  } else if (n == 1) {
    add_notice (self, text, NULL);
  } else {
    g_autofree char *title = g_strdup_printf (
        ngettext ("%u machine failed.", "%u machines failed.", n), n);

    add_notice (self, title, text);
  }
}
