/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What nodes are together, when all of them are read: whether two have one address, who waits for
 * whom, and where those stand that the file has no place for. */

#include "canvas/model/reader-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "canvas/model/after.h"
#include "canvas/model/check.h"

/* Of the grid for nodes whose place the file does not tell. */
#define GRID 160

/* A bridge that sees one address on two ports sends frames to whoever spoke last. */
static void
check_macs (LoomReader *reader)
{
  g_autoptr (GHashTable) owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint n = 0; n < reader->names->len; n++) {
    const LoomReaderEntry *entry = g_hash_table_lookup (reader->entries, reader->names->pdata[n]);
    const LoomNode *node = entry->node;

    if (node == NULL
        || loom_catalogue_lookup (reader->catalogue, node->kind)->role != LOOM_ROLE_MACHINE)
      continue;
    for (int port = 0; port < node->n_ports; port++) {
      g_autofree char *mac = loom_node_dup_mac (node, port);
      const char *owner = g_hash_table_lookup (owners, mac);

      if (owner != NULL)
        loom_reader_report (
            reader, entry->line, node->name,
            _ ("“%s:%d” has the MAC address %s, which is that of “%s”. Change one."), node->name,
            port, mac, owner);
      else
        g_hash_table_insert (owners, g_steal_pointer (&mac),
                             g_strdup_printf ("%s:%d", node->name, port));
    }
  }
}

static const LoomNode *
look_up (gpointer data, const char *name)
{
  const LoomReaderEntry *entry = g_hash_table_lookup (((LoomReader *) data)->entries, name);

  return entry != NULL ? entry->node : NULL;
}

/* The first one only: every node of a cycle would be a problem. */
static void
check_after_cycles (LoomReader *reader)
{
  g_auto (GStrv) cycle = loom_after_find_cycle (
      look_up, reader, (const char *const *) reader->names->pdata, reader->names->len);
  g_autofree char *shown = NULL;

  if (cycle == NULL)
    return;
  shown = g_strjoinv (" → ", cycle);
  loom_reader_report (
      reader, ((LoomReaderEntry *) g_hash_table_lookup (reader->entries, cycle[0]))->line, cycle[0],
      _ ("“%s” would wait for itself: %s. Take one out of “after”."), cycle[0], shown);
}

static void
check_after (LoomReader *reader)
{
  for (guint n = 0; n < reader->names->len; n++) {
    const char *name = reader->names->pdata[n];
    const LoomReaderEntry *entry = g_hash_table_lookup (reader->entries, name);
    const LoomNode *node = entry->node;

    for (guint i = 0; node != NULL && node->after != NULL && node->after[i] != NULL; i++) {
      if (!g_hash_table_contains (reader->entries, node->after[i]))
        loom_reader_report (reader, entry->line, name,
                            _ ("“%s” starts after “%s”, but there is no node called so."), name,
                            node->after[i]);
    }
  }
  check_after_cycles (reader);
}

void
loom_reader_check_whole (LoomReader *reader)
{
  check_macs (reader);
  check_after (reader);
}

void
loom_reader_place_rest (LoomReader *reader)
{
  int n_rest = 0;
  int n_columns;
  double top = 0;
  int i = 0;

  for (guint n = 0; n < reader->names->len; n++) {
    const LoomReaderEntry *entry = g_hash_table_lookup (reader->entries, reader->names->pdata[n]);

    if (entry->node == NULL)
      continue;
    if (entry->is_placed)
      top = MAX (top, ceil (entry->node->y));
    else
      n_rest++;
  }
  n_columns = (int) ceil (sqrt (n_rest));
  for (guint n = 0; n < reader->names->len; n++) {
    LoomReaderEntry *entry = g_hash_table_lookup (reader->entries, reader->names->pdata[n]);

    if (entry->node == NULL || entry->is_placed)
      continue;
    entry->node->x = GRID * (1 + i % n_columns);
    entry->node->y = loom_check_round (top + GRID * (1 + i / n_columns));
    i++;
  }
}
