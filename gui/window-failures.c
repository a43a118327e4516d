/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The notice about machines that failed: one for all of them, since they often fail together and
 * for one reason. */

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
    loom_window_report (self, NOTICE_FAILED, text, NULL);
  } else {
    g_autofree char *title = g_strdup_printf (
        ngettext ("%u machine failed.", "%u machines failed.", n), n);

    loom_window_report (self, NOTICE_FAILED, title, text);
  }
}
