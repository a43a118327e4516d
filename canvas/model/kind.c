/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The catalogue of the kinds of node. Reading the files is the business of whoever has files
 * (backend/engine/catalogue-load.c); this file only understands their text. */

#include "canvas/model/kind.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/error.h"
#include "canvas/model/node.h"

#define GROUP "Node"
#define KIND_MAX_SIZE_BYTES (64 * 1024)
#define MAX_MEMORY_MIB (1024 * 1024)
#define MAX_CPUS 64

struct _LoomCatalogue {
  GObject parent;

  GHashTable *by_id;   /* id (the kind's own) -> LoomKind, owned */
  GPtrArray *in_order; /* of LoomKind, in palette order */
};

G_DEFINE_FINAL_TYPE (LoomCatalogue, loom_catalogue, G_TYPE_OBJECT)

static const char *const role_ids[] = {"machine", "switch", "hub", NULL};

static void
kind_free (LoomKind *kind)
{
  g_free (kind->id);
  g_free (kind->engine);
  g_free (kind->label);
  g_free (kind->description);
  g_free (kind->section);
  g_free (kind->icon);
  g_free (kind->prefix);
  g_clear_pointer (&kind->file, g_key_file_unref);
  g_free (kind);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomKind, kind_free)

static int
compare_kinds (gconstpointer a, gconstpointer b)
{
  const LoomKind *one = *(const LoomKind *const *) a;
  const LoomKind *other = *(const LoomKind *const *) b;

  if (one->order != other->order)
    return one->order < other->order ? -1 : 1;
  return strcmp (one->id, other->id);
}

/* The files are in English; the catalogue of messages holds their words. */
static char *
read_text (GKeyFile *file, const char *key, gboolean translate, const char *fallback)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, key, NULL);

  if (text == NULL || *text == '\0')
    return g_strdup (fallback);
  return translate ? g_strdup (_ (text)) : g_steal_pointer (&text);
}

static gboolean
read_int (GKeyFile *file, const char *id, const char *key, int min, int max, int fallback,
          int *ret_value, GError **error)
{
  g_autoptr (GError) local = NULL;
  int value;

  if (!g_key_file_has_key (file, GROUP, key, NULL)) {
    *ret_value = fallback;
    return TRUE;
  }
  value = g_key_file_get_integer (file, GROUP, key, &local);
  if (local != NULL || value < min || value > max) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("The kind “%s” is wrong: its %s must be a number from %d to %d."), id, key, min,
                 max);
    return FALSE;
  }
  *ret_value = value;
  return TRUE;
}

static gboolean
read_role (GKeyFile *file, LoomKind *kind, GError **error)
{
  g_autofree char *role = g_key_file_get_string (file, GROUP, "Role", NULL);

  for (int i = 0; role_ids[i] != NULL; i++) {
    if (g_strcmp0 (role, role_ids[i]) == 0) {
      kind->role = (LoomRole) i;
      return TRUE;
    }
  }
  g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
               _ ("The kind “%s” is wrong: its Role must be machine, switch or hub."), kind->id);
  return FALSE;
}

static gboolean
read_numbers (GKeyFile *file, LoomKind *kind, GError **error)
{
  const char *id = kind->id;

  if (!read_int (file, id, "Order", 0, 10000, 1000, &kind->order, error)
      || !read_int (file, id, "MaxPorts", 1, LOOM_NODE_MAX_PORTS, 1, &kind->max_ports, error)
      || !read_int (file, id, "DefaultPorts", 0, kind->max_ports, 1, &kind->default_ports, error))
    return FALSE;
  if (kind->role != LOOM_ROLE_MACHINE)
    return TRUE;
  return read_int (file, id, "MinMemoryMiB", 16, MAX_MEMORY_MIB, 16, &kind->min_memory_mib, error)
         && read_int (file, id, "DefaultMemoryMiB", kind->min_memory_mib, MAX_MEMORY_MIB,
                      MAX (kind->min_memory_mib, 128), &kind->default_memory_mib, error)
         && read_int (file, id, "DefaultCpus", 1, MAX_CPUS, 1, &kind->default_cpus, error);
}

static LoomKind *
parse_kind (const char *id, GKeyFile *file, GError **error)
{
  g_autoptr (LoomKind) kind = g_new0 (LoomKind, 1);

  kind->id = g_strdup (id);
  kind->file = g_key_file_ref (file);
  if (!read_role (file, kind, error) || !read_numbers (file, kind, error))
    return NULL;
  kind->engine = read_text (file, "Engine", FALSE, "");
  kind->label = read_text (file, "Label", TRUE, id);
  kind->description = read_text (file, "Description", TRUE, "");
  kind->section = read_text (file, "Section", TRUE, "");
  kind->icon = read_text (file, "Icon", FALSE, "lanloom-machine");
  kind->prefix = read_text (file, "Prefix", FALSE, "node");
  kind->needs_image = g_key_file_get_boolean (file, GROUP, "NeedsImage", NULL);
  kind->takes_addresses = g_key_file_get_boolean (file, GROUP, "TakesAddresses", NULL);
  return g_steal_pointer (&kind);
}

static void
loom_catalogue_finalize (GObject *object)
{
  LoomCatalogue *self = LOOM_CATALOGUE (object);

  g_ptr_array_unref (self->in_order);
  g_hash_table_unref (self->by_id);
  G_OBJECT_CLASS (loom_catalogue_parent_class)->finalize (object);
}

static void
loom_catalogue_class_init (LoomCatalogueClass *class)
{
  G_OBJECT_CLASS (class)->finalize = loom_catalogue_finalize;
}

static void
loom_catalogue_init (LoomCatalogue *self)
{
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) kind_free);
  self->in_order = g_ptr_array_new ();
}

LoomCatalogue *
loom_catalogue_new (void)
{
  return g_object_new (LOOM_TYPE_CATALOGUE, NULL);
}

/**
 * loom_catalogue_add:
 * @id: what files call the kind
 * @data: the key file's text, @size bytes of it, at most 64 KiB
 * @error: LOOM_MODEL_ERROR_INVALID, or of G_KEY_FILE_ERROR
 *
 * A kind that is there already stays as it is, and is an error: nodes may point to it.
 *
 * Returns: whether the kind was added
 */
gboolean
loom_catalogue_add (LoomCatalogue *self, const char *id, const char *data, gsize size,
                    GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  LoomKind *kind;

  g_return_val_if_fail (LOOM_IS_CATALOGUE (self), FALSE);

  if (!loom_node_name_is_valid (id, error))
    return FALSE;
  if (size > KIND_MAX_SIZE_BYTES || g_hash_table_contains (self->by_id, id)) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("The kind “%s” is there twice, or its file is larger than 64 KiB."), id);
    return FALSE;
  }
  if (!g_key_file_load_from_data (file, data, size, G_KEY_FILE_NONE, error))
    return FALSE;
  kind = parse_kind (id, file, error);
  if (kind == NULL)
    return FALSE;
  g_hash_table_insert (self->by_id, kind->id, kind);
  g_ptr_array_add (self->in_order, kind);
  g_ptr_array_sort (self->in_order, compare_kinds);
  return TRUE;
}

/**
 * loom_catalogue_lookup:
 *
 * Returns: (transfer none) (nullable): the kind called @id, as long as @self lives
 */
const LoomKind *
loom_catalogue_lookup (LoomCatalogue *self, const char *id)
{
  g_return_val_if_fail (LOOM_IS_CATALOGUE (self) && id != NULL, NULL);

  return g_hash_table_lookup (self->by_id, id);
}

/**
 * loom_catalogue_get_kinds:
 *
 * Returns: (transfer none) (element-type LoomKind): in palette order
 */
GPtrArray *
loom_catalogue_get_kinds (LoomCatalogue *self)
{
  g_return_val_if_fail (LOOM_IS_CATALOGUE (self), NULL);

  return self->in_order;
}
