/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/decoded-tree.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_DEPTH 40
#define MAX_ITEMS 5000
#define MAX_LABEL_BYTES 1024
#define MAX_OCTET 65535

typedef struct {
  GNode *root;
  GNode *at;
  guint depth;
  guint n_items;
  guint n_skipped; /* open elements that are not shown, with all within */
  gboolean has_packet;
} Reader;

static const char *
get_attribute (const char **names, const char **values, const char *name)
{
  for (guint i = 0; names[i] != NULL; i++) {
    if (g_str_equal (names[i], name))
      return values[i];
  }
  return NULL;
}

static guint
get_number (const char **names, const char **values, const char *name)
{
  const char *text = get_attribute (names, values, name);
  guint64 number;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, MAX_OCTET, &number, NULL)
             ? (guint) number
             : 0;
}

/* (transfer full): what may be shown. */
static char *
dup_label (const char **names, const char **values)
{
  const char *label = get_attribute (names, values, "showname");
  char *cut;

  if (label == NULL)
    label = get_attribute (names, values, "show");
  if (label == NULL)
    label = get_attribute (names, values, "name");
  if (label == NULL)
    label = "";
  cut = g_utf8_make_valid (label, (gssize) MIN (strlen (label), MAX_LABEL_BYTES));
  for (char *at = cut; *at != '\0'; at = g_utf8_next_char (at)) {
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  }
  return cut;
}

static gboolean
is_shown (const char **names, const char **values, gboolean is_layer)
{
  const char *name = get_attribute (names, values, "name");

  /* Says the same as the layer "frame". */
  return g_strcmp0 (get_attribute (names, values, "hide"), "yes") != 0
         && !(is_layer && g_strcmp0 (name, "geninfo") == 0);
}

static void
on_start (GMarkupParseContext *context, const char *element, const char **names,
          const char **values, gpointer user_data, GError **error)
{
  Reader *reader = user_data;
  gboolean is_layer = g_str_equal (element, "proto");
  LoomDecodedItem *item;

  if (g_str_equal (element, "packet"))
    reader->has_packet = TRUE;
  if (!is_layer && !g_str_equal (element, "field"))
    return;
  if (reader->n_skipped > 0 || reader->depth == MAX_DEPTH || reader->n_items == MAX_ITEMS
      || !is_shown (names, values, is_layer)) {
    reader->n_skipped++;
    return;
  }
  item = g_new0 (LoomDecodedItem, 1);
  item->label = dup_label (names, values);
  item->first = get_number (names, values, "pos");
  item->size = get_number (names, values, "size");
  reader->at = g_node_append_data (reader->at, item);
  reader->depth++;
  reader->n_items++;
}

static void
on_end (GMarkupParseContext *context, const char *element, gpointer user_data, GError **error)
{
  Reader *reader = user_data;

  if (!g_str_equal (element, "proto") && !g_str_equal (element, "field"))
    return;
  if (reader->n_skipped > 0) {
    reader->n_skipped--;
    return;
  }
  reader->at = reader->at->parent;
  reader->depth--;
}

GNode *
loom_decoded_tree_new (const char *text, gsize size, GError **error)
{
  const GMarkupParser parser = {.start_element = on_start, .end_element = on_end};
  Reader reader = {.root = g_node_new (NULL)};
  g_autoptr (GMarkupParseContext) context = NULL;
  gboolean parsed;

  reader.at = reader.root;
  context = g_markup_parse_context_new (&parser, G_MARKUP_IGNORE_QUALIFIED, &reader, NULL);
  parsed = size > 0 && g_markup_parse_context_parse (context, text, (gssize) size, NULL)
           && g_markup_parse_context_end_parse (context, NULL) && reader.has_packet;
  if (parsed)
    return reader.root;
  loom_decoded_tree_free (reader.root);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _ ("The decoder said nothing that could be understood."));
  return NULL;
}

static gboolean
free_item (GNode *node, gpointer user_data)
{
  LoomDecodedItem *item = node->data;

  if (item != NULL)
    g_free (item->label);
  g_free (item);
  return FALSE;
}

void
loom_decoded_tree_free (GNode *root)
{
  if (root == NULL)
    return;
  g_node_traverse (root, G_PRE_ORDER, G_TRAVERSE_ALL, -1, free_item, NULL);
  g_node_destroy (root);
}
