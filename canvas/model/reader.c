/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the text of a project file to a lab, in one pass over the tree that json.c makes. All that
 * is wrong is gathered, with its line; a lab comes out only if nothing is. A file is data: reading
 * it opens nothing and runs nothing. Nodes are read in reader-node.c, what is set on cables in
 * reader-link.c; what can be said of the lab as a whole only is in reader-whole.c. */

#include "canvas/model/reader-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "canvas/model/check.h"
#include "canvas/model/reader-link.h"
#include "canvas/model/reader-node.h"
#include "canvas/model/text.h"

#define FORMAT_VERSION 1

static void
entry_free (gpointer data)
{
  LoomReaderEntry *entry = data;

  g_clear_pointer (&entry->node, loom_node_unref);
  g_free (entry);
}

void
loom_reader_report (LoomReader *reader, int line, const char *item, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  loom_reader_add_problem (reader->problems, line, item, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
read_node (LoomReader *reader, const LoomJsonValue *value)
{
  g_autofree char *name = NULL;
  LoomNode *node = loom_reader_read_node (reader->catalogue, value, reader->problems, &name);
  const LoomReaderEntry *earlier;
  LoomReaderEntry *entry;

  if (node != NULL)
    name = g_strdup (node->name);
  if (name == NULL)
    return;
  earlier = g_hash_table_lookup (reader->entries, name);
  if (earlier != NULL) {
    loom_reader_report (reader, value->line, name,
                        _ ("There are two nodes called “%s”; the other is in line %d. Rename one."),
                        name, earlier->line);
    g_clear_pointer (&node, loom_node_unref);
    return;
  }
  entry = g_new0 (LoomReaderEntry, 1);
  entry->node = node;
  entry->line = value->line;
  g_ptr_array_add (reader->names, name);
  g_hash_table_insert (reader->entries, g_steal_pointer (&name), entry);
}

static void
read_nodes (LoomReader *reader, const LoomJsonValue *list)
{
  if (!loom_reader_expect (reader->problems, list, LOOM_JSON_ARRAY, NULL))
    return;
  if (list->n_items > LOOM_LAB_MAX_NODES) {
    loom_reader_report (reader, list->line, NULL, _ ("The lab has %u nodes; there can be %d."),
                        list->n_items, LOOM_LAB_MAX_NODES);
    return;
  }
  for (const LoomJsonValue *item = list->first; item != NULL; item = item->next)
    read_node (reader, item);
}

/* Whether a cable can end there; adds what is wrong. */
static gboolean
check_end (LoomReader *reader, const LoomJsonValue *value, const LoomEnd *end)
{
  const LoomReaderEntry *entry = g_hash_table_lookup (reader->entries, end->node);
  g_autofree char *shown = NULL;

  if (entry == NULL) {
    shown = loom_text_for_display (end->node);
    loom_reader_report (reader, value->line, value->string,
                        _ ("A cable leads to “%s”, but there is no node called so."), shown);
    return FALSE;
  }
  if (entry->node == NULL)
    return FALSE;
  if (end->port >= entry->node->n_ports) {
    if (entry->node->n_ports == 0)
      loom_reader_report (reader, value->line, value->string,
                          _ ("A cable leads to “%s:%d”, but “%s” has no ports."), end->node,
                          end->port, end->node);
    else
      loom_reader_report (reader, value->line, value->string,
                          _ ("A cable leads to “%s:%d”, but the ports of “%s” are 0 to %d."),
                          end->node, end->port, end->node, entry->node->n_ports - 1);
    return FALSE;
  }
  if (!g_hash_table_add (reader->used, loom_end_to_string (end))) {
    loom_reader_report (reader, value->line, value->string,
                        _ ("Two cables end at “%s:%d”. A port takes one."), end->node, end->port);
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_end (LoomReader *reader, const LoomJsonValue *value, LoomEnd *ret_end)
{
  g_autofree char *shown = NULL;

  if (!loom_reader_expect (reader->problems, value, LOOM_JSON_STRING, NULL))
    return FALSE;
  if (loom_end_parse (value->string, ret_end))
    return check_end (reader, value, ret_end);
  shown = loom_text_for_display (value->string);
  loom_reader_report (
      reader, value->line, value->string,
      _ ("“%s” is no end of a cable: write the node's name and its port, as pc1:0."), shown);
  return FALSE;
}

/* @ret_is_turned: the ends stand in the file in another order than the canonical one. */
static LoomLink *
read_ends (LoomReader *reader, const LoomJsonValue *value, gboolean *ret_is_turned)
{
  const LoomJsonValue *ends = loom_json_value_get (value, "ends");
  LoomEnd one = {NULL, 0};
  LoomEnd other = {NULL, 0};
  LoomLink *link = NULL;
  gboolean is_right;

  if (ends == NULL || ends->type != LOOM_JSON_ARRAY || ends->n_items != 2) {
    loom_reader_report (reader, value->line, NULL,
                        _ ("A cable needs “ends”, a list of two: [\"pc1:0\", \"pc2:0\"]."));
    return NULL;
  }
  /* Both are read in any case: each may have a problem. */
  is_right = read_end (reader, ends->first, &one);
  is_right = read_end (reader, ends->first->next, &other) && is_right;
  if (is_right) {
    link = loom_link_new (&one, &other);
    *ret_is_turned = loom_end_compare (&one, &other) > 0;
  }
  loom_end_clear (&one);
  loom_end_clear (&other);
  return link;
}

static void
read_link (LoomReader *reader, const LoomJsonValue *value)
{
  g_autoptr (LoomLink) link = NULL;
  gboolean is_turned = FALSE;

  if (!loom_reader_expect (reader->problems, value, LOOM_JSON_OBJECT, NULL))
    return;
  link = read_ends (reader, value, &is_turned);
  if (link == NULL)
    return;
  loom_reader_read_link (link, value, is_turned, reader->problems);
  loom_change_add_link (reader->all, NULL, link);
}

static void
read_links (LoomReader *reader, const LoomJsonValue *list)
{
  if (!loom_reader_expect (reader->problems, list, LOOM_JSON_ARRAY, NULL))
    return;
  if (list->n_items > LOOM_LAB_MAX_LINKS) {
    loom_reader_report (reader, list->line, NULL, _ ("The lab has %u cables; there can be %d."),
                        list->n_items, LOOM_LAB_MAX_LINKS);
    return;
  }
  for (const LoomJsonValue *item = list->first; item != NULL; item = item->next)
    read_link (reader, item);
}

static void
read_coordinate (LoomReader *reader, const LoomJsonValue *value, const char *name,
                 double *coordinate)
{
  if (!loom_reader_expect (reader->problems, value, LOOM_JSON_NUMBER, name))
    return;
  if (fabs (value->number) > LOOM_CANVAS_MAX)
    loom_reader_report (reader, value->line, name,
                        _ ("“%s” stands too far away: “%s” must be from -%d to %d."), name,
                        value->name, (int) LOOM_CANVAS_MAX, (int) LOOM_CANVAS_MAX);
  *coordinate = loom_check_round (value->number);
}

static void
read_place (LoomReader *reader, const LoomJsonValue *value)
{
  LoomReaderEntry *entry = g_hash_table_lookup (reader->entries, value->name);
  g_autofree char *shown = NULL;
  gboolean has_x = FALSE;
  gboolean has_y = FALSE;

  if (entry == NULL) {
    shown = loom_text_for_display (value->name);
    loom_reader_report (reader, value->line, value->name,
                        _ ("“canvas” has a place for “%s”, but there is no node called so."),
                        shown);
    return;
  }
  if (!loom_reader_expect (reader->problems, value, LOOM_JSON_OBJECT, NULL) || entry->node == NULL)
    return;
  for (const LoomJsonValue *item = value->first; item != NULL; item = item->next) {
    if (strcmp (item->name, "x") == 0) {
      read_coordinate (reader, item, value->name, &entry->node->x);
      has_x = TRUE;
    } else if (strcmp (item->name, "y") == 0) {
      read_coordinate (reader, item, value->name, &entry->node->y);
      has_y = TRUE;
    } else {
      loom_reader_keep (&entry->node->canvas_extra, item);
    }
  }
  entry->is_placed = has_x && has_y;
}

static void
read_canvas (LoomReader *reader, const LoomJsonValue *value)
{
  if (!loom_reader_expect (reader->problems, value, LOOM_JSON_OBJECT, NULL))
    return;
  if (value->n_items > LOOM_LAB_MAX_NODES) {
    loom_reader_report (reader, value->line, NULL,
                        _ ("“canvas” has %u places; there can be %d nodes."), value->n_items,
                        LOOM_LAB_MAX_NODES);
    return;
  }
  for (const LoomJsonValue *item = value->first; item != NULL; item = item->next)
    read_place (reader, item);
}

static void
read_text (LoomReader *reader, const LoomJsonValue *value,
           gboolean (*check) (const char *, GError **), char **ret_before, char **ret_after)
{
  GError *error = NULL;

  if (!loom_reader_expect (reader->problems, value, LOOM_JSON_STRING, NULL))
    return;
  if (!check (value->string, &error)) {
    loom_reader_add_error (reader->problems, value->line, NULL, error);
    return;
  }
  *ret_before = g_strdup ("");
  *ret_after = g_strdup (value->string);
}

static void
read_top (LoomReader *reader, const LoomJsonValue *top)
{
  GPtrArray *extra = loom_lab_get_extra (reader->lab);
  LoomChange *all = reader->all;
  const LoomJsonValue *item;

  /* Nodes first, wherever they stand: the rest is about them. */
  if ((item = loom_json_value_get (top, "nodes")) != NULL)
    read_nodes (reader, item);
  if ((item = loom_json_value_get (top, "links")) != NULL)
    read_links (reader, item);
  if ((item = loom_json_value_get (top, "canvas")) != NULL)
    read_canvas (reader, item);
  for (item = top->first; item != NULL; item = item->next) {
    static const char *const known[] = {"lanloom", "nodes", "links", "canvas", NULL};

    if (strcmp (item->name, "name") == 0)
      read_text (reader, item, loom_check_title, &all->name_before, &all->name_after);
    else if (strcmp (item->name, "description") == 0)
      read_text (reader, item, loom_check_description, &all->description_before,
                 &all->description_after);
    else if (!g_strv_contains (known, item->name))
      loom_reader_keep (&extra, item);
  }
  loom_reader_check_whole (reader);
  loom_reader_place_rest (reader);
}

static gboolean
check_version (LoomReader *reader, const LoomJsonValue *top, GError **error)
{
  const LoomJsonValue *version = loom_json_value_get (top, "lanloom");
  g_autofree char *message = NULL;
  g_autofree char *shown = NULL;
  LoomModelError code = LOOM_MODEL_ERROR_SYNTAX;
  int number;

  if (version != NULL && loom_json_value_get_int (version, 1, FORMAT_VERSION, &number))
    return TRUE;
  if (version != NULL && version->type == LOOM_JSON_NUMBER && version->number > FORMAT_VERSION) {
    code = LOOM_MODEL_ERROR_VERSION;
    g_autofree char *raw = g_strndup (version->raw, version->raw_size);
    shown = loom_text_for_display (raw);
    message = g_strdup_printf (
        _ ("The file is of version %s of the format, made by a newer Lanloom; "
           "this one knows version %d. Install the newer one to open it."),
        shown, FORMAT_VERSION);
  } else {
    message = g_strdup (_ ("The file is not a Lanloom project: it does not begin with "
                           "{\"lanloom\": 1."));
  }
  loom_reader_report (reader, version != NULL ? version->line : top->line, NULL, "%s", message);
  g_set_error_literal (error, LOOM_MODEL_ERROR, code, message);
  return FALSE;
}

static void
read_text_of_file (LoomReader *reader, const char *data, gsize size, GError **error)
{
  g_autoptr (LoomJsonValue) top = NULL;
  g_autoptr (GError) local = NULL;
  int line = 0;

  if (size > LOOM_READER_MAX_SIZE_BYTES) {
    loom_reader_report (reader, 0, NULL,
                        _ ("The file is larger than %d MiB: it cannot be a project."),
                        LOOM_READER_MAX_SIZE_BYTES / (1024 * 1024));
    g_set_error_literal (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_SYNTAX,
                         ((LoomProblem *) reader->problems->pdata[0])->message);
    return;
  }
  top = loom_json_value_parse (data, size, LOOM_READER_MAX_DEPTH, &line, &local);
  if (top == NULL) {
    loom_reader_report (reader, line, NULL, "%s", local->message);
    g_propagate_prefixed_error (error, g_steal_pointer (&local), _ ("Line %d: "), line);
    return;
  }
  if (check_version (reader, top, error))
    read_top (reader, top);
}

/* The nodes come last, when nothing is set on them any more. */
static void
fill_lab (LoomReader *reader)
{
  for (guint n = 0; n < reader->names->len; n++) {
    const LoomReaderEntry *entry = g_hash_table_lookup (reader->entries, reader->names->pdata[n]);

    loom_change_add_node (reader->all, NULL, entry->node);
  }
  loom_lab_apply (reader->lab, reader->all);
}

static int
compare_problems (gconstpointer a, gconstpointer b)
{
  const LoomProblem *one = *(const LoomProblem *const *) a;
  const LoomProblem *other = *(const LoomProblem *const *) b;

  return (one->line > other->line) - (one->line < other->line);
}

/**
 * loom_reader_read:
 * @catalogue: the kinds there are
 * @data: any bytes
 * @ret_problems: (out) (optional) (element-type LoomProblem): in order of line; empty on success
 * @error: LOOM_MODEL_ERROR_SYNTAX, _VERSION or _INVALID
 *
 * Returns: (transfer full) (nullable): the lab
 */
LoomLab *
loom_reader_read (LoomCatalogue *catalogue, const char *data, gsize size, GPtrArray **ret_problems,
                  GError **error)
{
  g_autoptr (GPtrArray)
      problems = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_problem_free);
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (LoomChange) all = loom_change_new (NULL);
  g_autoptr (GHashTable)
      entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) local = NULL;
  LoomReader reader = {catalogue, problems, NULL, all, entries, names, used};

  g_return_val_if_fail (LOOM_IS_CATALOGUE (catalogue) && data != NULL, NULL);

  lab = loom_lab_new (catalogue);
  reader.lab = lab;
  read_text_of_file (&reader, data, size, &local);
  g_ptr_array_sort (problems, compare_problems);
  if (problems->len == 0)
    fill_lab (&reader);
  else if (local == NULL) {
    const LoomProblem *first = problems->pdata[0];

    /* Translators: where in a file something is wrong, and a sentence that says what. */
    local = g_error_new (LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID, _ ("Line %d: %s"), first->line,
                         first->message);
  }
  if (ret_problems != NULL)
    *ret_problems = g_steal_pointer (&problems);
  if (local == NULL)
    return g_steal_pointer (&lab);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
