/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The members of a node's line. Each is a row of a table: what it is called, what it must be, what
 * reads it. Limits are those of check.c. Next: reader.c, which puts nodes and cables together. */

#include "canvas/model/reader-node.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/after.h"
#include "canvas/model/check.h"
#include "canvas/model/error.h"
#include "canvas/model/text.h"

typedef struct {
  GPtrArray *problems;
  const LoomKind *kind;
  LoomNode *node;
} NodeReader;

/* Which kinds of node a member is for. */
typedef enum {
  FOR_ALL,
  FOR_MACHINES,
  FOR_SWITCHES,
  FOR_SWITCHES_AND_HUBS,
  FOR_IMAGES,
  FOR_GUESTS, /* those that take addresses and a boot script */
} Applies;

typedef struct {
  const char *name;
  LoomJsonType type;
  Applies applies;
  void (*read) (NodeReader *reader, const LoomJsonValue *value); /* NULL: read before */
} Member;

void
loom_problem_free (LoomProblem *problem)
{
  g_free (problem->item);
  g_free (problem->message);
  g_free (problem);
}

void
loom_reader_add_problem (GPtrArray *problems, int line, const char *item, char *message)
{
  LoomProblem *problem;

  if (problems->len >= LOOM_READER_MAX_PROBLEMS) {
    g_free (message);
    return;
  }
  problem = g_new0 (LoomProblem, 1);
  problem->line = line;
  problem->item = item != NULL ? loom_text_for_display (item) : NULL;
  problem->message = message;
  g_ptr_array_add (problems, problem);
}

void
loom_reader_add_error (GPtrArray *problems, int line, const char *item, GError *error)
{
  loom_reader_add_problem (problems, line, item, g_strdup (error->message));
  g_error_free (error);
}

void
loom_reader_keep (GPtrArray **extra, const LoomJsonValue *value)
{
  if (*extra == NULL)
    *extra = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (*extra, g_strdup (value->name));
  g_ptr_array_add (*extra, loom_json_value_dup_compact (value));
}

static char *
describe_type (const char *name, LoomJsonType type)
{
  switch (type) {
  case LOOM_JSON_STRING:
    return g_strdup_printf (_ ("“%s” must be a text in quotes."), name);
  case LOOM_JSON_NUMBER:
    return g_strdup_printf (_ ("“%s” must be a number."), name);
  case LOOM_JSON_ARRAY:
    return g_strdup_printf (_ ("“%s” must be a list in square brackets."), name);
  case LOOM_JSON_OBJECT:
    return g_strdup_printf (_ ("“%s” must be an object in curly brackets."), name);
  case LOOM_JSON_BOOLEAN:
    return g_strdup_printf (_ ("“%s” must be true or false."), name);
  case LOOM_JSON_NULL:
    break;
  }
  g_return_val_if_reached (NULL);
}

gboolean
loom_reader_expect (GPtrArray *problems, const LoomJsonValue *value, LoomJsonType type,
                    const char *item)
{
  g_autofree char *shown_item = item != NULL ? loom_text_for_display (item) : NULL;
  g_autofree char *shown = NULL;
  g_autofree char *message = NULL;

  if (value->type == type)
    return TRUE;
  shown = loom_text_for_display (value->name != NULL ? value->name : _ ("Each entry"));
  message = describe_type (shown, type);
  if (shown_item != NULL)
    /* Translators: the name of a node or cable, and a sentence about it. */
    loom_reader_add_problem (problems, value->line, item,
                             g_strdup_printf (_ ("“%s”: %s"), shown_item, message));
  else
    loom_reader_add_problem (problems, value->line, NULL, g_steal_pointer (&message));
  return FALSE;
}

static void
add_error (NodeReader *reader, const LoomJsonValue *value, GError *error)
{
  loom_reader_add_error (reader->problems, value->line, reader->node->name, error);
}

static void G_GNUC_PRINTF (3, 4)
    add_problem (NodeReader *reader, const LoomJsonValue *value, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  loom_reader_add_problem (reader->problems, value->line, reader->node->name,
                           g_strdup_vprintf (format, args));
  va_end (args);
}

static void
read_memory (NodeReader *reader, const LoomJsonValue *value)
{
  GError *error = NULL;

  if (!loom_check_memory (reader->node->name, reader->kind, value->number, &error))
    add_error (reader, value, error);
  else if (value->number != reader->kind->default_memory_mib)
    reader->node->memory_mib = (int) value->number;
}

static void
read_cpus (NodeReader *reader, const LoomJsonValue *value)
{
  GError *error = NULL;

  if (!loom_check_cpus (reader->node->name, value->number, &error))
    add_error (reader, value, error);
  else if (value->number != reader->kind->default_cpus)
    reader->node->n_cpus = (int) value->number;
}

static void
read_image (NodeReader *reader, const LoomJsonValue *value)
{
  GError *error = NULL;

  if (*value->string == '\0')
    return;
  if (!loom_check_image (reader->node->name, value->string, &error))
    add_error (reader, value, error);
  else
    reader->node->image = g_strdup (value->string);
}

static void
read_boot (NodeReader *reader, const LoomJsonValue *value)
{
  GError *error = NULL;

  if (*value->string == '\0')
    return;
  if (!loom_check_boot (reader->node->name, value->string, &error))
    add_error (reader, value, error);
  else
    reader->node->boot = g_strdup (value->string);
}

/* A list whose entry i is about port i. */
static void
read_per_port (NodeReader *reader, const LoomJsonValue *list, gsize offset,
               char *(*check) (const char *, int, const char *, GError **) )
{
  int port = 0;

  if (list->n_items > (guint) reader->node->n_ports) {
    add_problem (reader, list, _ ("“%s” has %d NICs, but %u entries in “%s”."), reader->node->name,
                 reader->node->n_ports, list->n_items, list->name);
    return;
  }
  for (const LoomJsonValue *item = list->first; item != NULL; item = item->next, port++) {
    char **place = G_STRUCT_MEMBER_P (&reader->node->ports[port], offset);
    GError *error = NULL;

    if (!loom_reader_expect (reader->problems, item, LOOM_JSON_STRING, reader->node->name)
        || *item->string == '\0')
      continue;
    *place = check (reader->node->name, port, item->string, &error);
    if (*place == NULL)
      add_error (reader, item, error);
  }
}

static void
read_macs (NodeReader *reader, const LoomJsonValue *value)
{
  read_per_port (reader, value, G_STRUCT_OFFSET (LoomPort, mac), loom_check_mac);
}

static void
read_addresses (NodeReader *reader, const LoomJsonValue *value)
{
  read_per_port (reader, value, G_STRUCT_OFFSET (LoomPort, addresses), loom_check_addresses);
}

/* The port a member of "access" or "trunk" is about; NULL if that is a problem. */
static LoomPort *
get_vlan_port (NodeReader *reader, const LoomJsonValue *value, int *ret_number)
{
  g_autofree char *shown = NULL;
  guint64 number;

  /* No sign, no leading zero: one port has one name. */
  if (!g_ascii_string_to_unsigned (value->name, 10, 0, LOOM_NODE_MAX_PORTS, &number, NULL)
      || (value->name[0] == '0' && value->name[1] != '\0')
      || number >= (guint64) reader->node->n_ports) {
    shown = loom_text_for_display (value->name);
    add_problem (reader, value, _ ("“%s” has no port “%s”: its ports are 0 to %d."),
                 reader->node->name, shown, reader->node->n_ports - 1);
    return NULL;
  }
  *ret_number = (int) number;
  if (reader->node->ports[number].vlan_mode != LOOM_VLAN_NONE) {
    add_problem (reader, value, _ ("Port “%s:%d” cannot be both an access port and a trunk."),
                 reader->node->name, *ret_number);
    return NULL;
  }
  return &reader->node->ports[number];
}

static void
read_access (NodeReader *reader, const LoomJsonValue *value)
{
  for (const LoomJsonValue *item = value->first; item != NULL; item = item->next) {
    GError *error = NULL;
    int number = 0;
    LoomPort *port = get_vlan_port (reader, item, &number);

    if (port == NULL
        || !loom_reader_expect (reader->problems, item, LOOM_JSON_NUMBER, reader->node->name))
      continue;
    if (!loom_check_vlan (reader->node->name, number, item->number, &error)) {
      add_error (reader, item, error);
      continue;
    }
    port->vlan_mode = LOOM_VLAN_ACCESS;
    port->access_vlan = (int) item->number;
  }
}

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

static void
read_trunk_vlans (NodeReader *reader, const LoomJsonValue *list, LoomPort *port, int number)
{
  GArray *vlans = g_array_new (FALSE, FALSE, sizeof (int));

  port->vlan_mode = LOOM_VLAN_TRUNK;
  port->trunk_vlans = vlans;
  for (const LoomJsonValue *item = list->first; item != NULL; item = item->next) {
    GError *error = NULL;
    int vlan;

    if (!loom_reader_expect (reader->problems, item, LOOM_JSON_NUMBER, reader->node->name))
      return;
    if (!loom_check_vlan (reader->node->name, number, item->number, &error)) {
      add_error (reader, item, error);
      return;
    }
    vlan = (int) item->number;
    g_array_append_val (vlans, vlan);
  }
  g_array_sort (vlans, compare_ints);
  for (guint i = 1; i < vlans->len; i++) {
    if (g_array_index (vlans, int, i) == g_array_index (vlans, int, i - 1)) {
      add_problem (reader, list, _ ("The trunk “%s:%d” lists VLAN %d twice."), reader->node->name,
                   number, g_array_index (vlans, int, i));
      return;
    }
  }
}

static void
read_trunk (NodeReader *reader, const LoomJsonValue *value)
{
  for (const LoomJsonValue *item = value->first; item != NULL; item = item->next) {
    int number = 0;
    LoomPort *port = get_vlan_port (reader, item, &number);

    if (port != NULL
        && loom_reader_expect (reader->problems, item, LOOM_JSON_ARRAY, reader->node->name))
      read_trunk_vlans (reader, item, port, number);
  }
}

/* Whether there are such nodes is checked in reader.c, when all are known. */
static void
read_after (NodeReader *reader, const LoomJsonValue *list)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GError *error = NULL;

  for (const LoomJsonValue *item = list->first; item != NULL; item = item->next) {
    if (!loom_reader_expect (reader->problems, item, LOOM_JSON_STRING, reader->node->name))
      return;
    g_ptr_array_add (names, item->string);
  }
  g_ptr_array_add (names, NULL);
  if (loom_check_after (reader->node->name, (const char *const *) names->pdata, &error))
    reader->node->after = loom_after_normalize ((const char *const *) names->pdata);
  else
    add_error (reader, list, error);
}

static const Member members[] = {
    {"name", LOOM_JSON_STRING, FOR_ALL, NULL},
    {"kind", LOOM_JSON_STRING, FOR_ALL, NULL},
    {"nics", LOOM_JSON_NUMBER, FOR_MACHINES, NULL},
    {"ports", LOOM_JSON_NUMBER, FOR_SWITCHES_AND_HUBS, NULL},
    {"memory_mib", LOOM_JSON_NUMBER, FOR_MACHINES, read_memory},
    {"cpus", LOOM_JSON_NUMBER, FOR_MACHINES, read_cpus},
    {"image", LOOM_JSON_STRING, FOR_IMAGES, read_image},
    {"macs", LOOM_JSON_ARRAY, FOR_MACHINES, read_macs},
    {"addresses", LOOM_JSON_ARRAY, FOR_GUESTS, read_addresses},
    {"access", LOOM_JSON_OBJECT, FOR_SWITCHES, read_access},
    {"trunk", LOOM_JSON_OBJECT, FOR_SWITCHES, read_trunk},
    {"after", LOOM_JSON_ARRAY, FOR_MACHINES, read_after},
    {"boot", LOOM_JSON_STRING, FOR_GUESTS, read_boot},
};

static const Member *
find_member (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    if (strcmp (members[i].name, name) == 0)
      return &members[i];
  }
  return NULL;
}

static gboolean
applies (const Member *member, const LoomKind *kind)
{
  switch (member->applies) {
  case FOR_ALL:
    return TRUE;
  case FOR_MACHINES:
    return kind->role == LOOM_ROLE_MACHINE;
  case FOR_SWITCHES:
    return kind->role == LOOM_ROLE_SWITCH;
  case FOR_SWITCHES_AND_HUBS:
    return kind->role != LOOM_ROLE_MACHINE;
  case FOR_IMAGES:
    return kind->needs_image;
  case FOR_GUESTS:
    return kind->takes_addresses;
  }
  g_return_val_if_reached (FALSE);
}

static void
read_member (NodeReader *reader, const LoomJsonValue *value)
{
  const Member *member = find_member (value->name);

  if (member == NULL)
    loom_reader_keep (&reader->node->extra, value);
  else if (!applies (member, reader->kind))
    add_problem (reader, value, _ ("“%s” is of the kind “%s”, which has no “%s”."),
                 reader->node->name, reader->node->kind, value->name);
  else if (member->read != NULL
           && loom_reader_expect (reader->problems, value, member->type, reader->node->name))
    member->read (reader, value);
}

static char *
read_name (const LoomJsonValue *value, GPtrArray *problems)
{
  const LoomJsonValue *name = loom_json_value_get (value, "name");
  GError *error = NULL;

  if (name == NULL) {
    loom_reader_add_problem (problems, value->line, NULL, g_strdup (_ ("A node has no “name”.")));
    return NULL;
  }
  if (!loom_reader_expect (problems, name, LOOM_JSON_STRING, NULL))
    return NULL;
  if (!loom_node_name_is_valid (name->string, &error)) {
    loom_reader_add_error (problems, name->line, name->string, error);
    return NULL;
  }
  return g_strdup (name->string);
}

static const LoomKind *
read_kind (LoomCatalogue *catalogue, const LoomJsonValue *value, const char *name,
           GPtrArray *problems)
{
  const LoomJsonValue *kind = loom_json_value_get (value, "kind");
  const LoomKind *found;
  g_autofree char *shown = NULL;

  if (kind == NULL) {
    loom_reader_add_problem (problems, value->line, name,
                             g_strdup_printf (_ ("The node “%s” has no “kind”."), name));
    return NULL;
  }
  if (!loom_reader_expect (problems, kind, LOOM_JSON_STRING, name))
    return NULL;
  found = loom_catalogue_lookup (catalogue, kind->string);
  if (found == NULL) {
    shown = loom_text_for_display (kind->string);
    loom_reader_add_problem (
        problems, kind->line, name,
        g_strdup_printf (_ ("“%s” is of the kind “%s”, which this Lanloom does not know."), name,
                         shown));
  }
  return found;
}

static int
read_n_ports (const LoomJsonValue *value, const char *name, const LoomKind *kind,
              GPtrArray *problems)
{
  const char *member = kind->role == LOOM_ROLE_MACHINE ? "nics" : "ports";
  const LoomJsonValue *number = loom_json_value_get (value, member);
  GError *error = NULL;

  if (number == NULL || !loom_reader_expect (problems, number, LOOM_JSON_NUMBER, name))
    return kind->default_ports;
  if (loom_check_n_ports (name, kind, number->number, &error))
    return (int) number->number;
  loom_reader_add_error (problems, number->line, name, error);
  /* As many as can be, so that its cables are not a problem each. */
  return kind->max_ports;
}

LoomNode *
loom_reader_read_node (LoomCatalogue *catalogue, const LoomJsonValue *value, GPtrArray *problems,
                       char **ret_name)
{
  g_autofree char *name = NULL;
  NodeReader reader = {.problems = problems};

  if (!loom_reader_expect (problems, value, LOOM_JSON_OBJECT, NULL))
    return NULL;
  name = read_name (value, problems);
  reader.kind = name != NULL ? read_kind (catalogue, value, name, problems) : NULL;
  if (reader.kind == NULL) {
    *ret_name = g_steal_pointer (&name);
    return NULL;
  }
  reader.node = loom_node_new (name, reader.kind->id,
                               read_n_ports (value, name, reader.kind, problems));
  for (const LoomJsonValue *item = value->first; item != NULL; item = item->next)
    read_member (&reader, item);
  return reader.node;
}
