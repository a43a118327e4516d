/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of nodes in an entry. Whether there are such nodes, and no cycle, is for the edit to say.
 */

#include "gui/after-entry.h"

#include <glib/gi18n-lib.h>

#include "canvas/model/after.h"
#include "gui/form.h"

GtkEntry *
loom_after_entry_add (GtkGrid *grid)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_width_chars (GTK_ENTRY (entry), 10);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("the switch alone"));
  gtk_widget_set_tooltip_text (
      entry, _ ("Names of nodes, separated by commas, that are to be ready before this machine is "
                "started."));
  loom_form_add_row (grid, _ ("Starts after"), entry);
  return GTK_ENTRY (entry);
}

void
loom_after_entry_update (GtkEntry *entry, const LoomNode *node)
{
  g_autofree char *text = node->after != NULL ? g_strjoinv (", ", node->after) : NULL;

  loom_form_set_entry (entry, text);
}

LoomNode *
loom_after_entry_dup_node (GtkEntry *entry, const LoomNode *node)
{
  g_auto (GStrv) parts = g_strsplit_set (gtk_entry_get_text (entry), ", ", -1);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (LoomNode) after = loom_node_copy (node);

  for (guint i = 0; parts[i] != NULL; i++) {
    if (parts[i][0] != '\0')
      g_ptr_array_add (names, parts[i]);
  }
  g_ptr_array_add (names, NULL);
  g_strfreev (after->after);
  after->after = loom_after_normalize ((const char *const *) names->pdata);
  return loom_node_equal (after, node) ? NULL : g_steal_pointer (&after);
}
