/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canonical form of a project file, described in data/FORMAT.md: a fixed order of members, one
 * line a node, a cable, a place on the canvas; sorted; without what is as by default. Two people
 * who edit two nodes change two lines. */

#include "canvas/model/writer.h"

#include <string.h>

#include "canvas/model/json.h"

#define FORMAT_VERSION 1

static void
append_number (GString *json, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE + 320];
  char *end;

  g_ascii_formatd (text, sizeof text, "%.2f", number);
  end = text + strlen (text);
  while (end[-1] == '0')
    *--end = '\0';
  if (end[-1] == '.')
    *--end = '\0';
  g_string_append (json, strcmp (text, "-0") == 0 ? "0" : text);
}

static void
append_extra (GString *json, const GPtrArray *extra)
{
  for (guint i = 0; extra != NULL && i + 1 < extra->len; i += 2) {
    g_string_append (json, ", ");
    loom_json_append_string (json, extra->pdata[i]);
    g_string_append (json, ": ");
    g_string_append (json, extra->pdata[i + 1]);
  }
}

static void
append_member (GString *json, const char *name, const char *value)
{
  g_string_append_printf (json, ", \"%s\": ", name);
  loom_json_append_string (json, value);
}

static void
append_after (GString *json, const LoomNode *node)
{
  for (guint i = 0; node->after != NULL && node->after[i] != NULL; i++) {
    g_string_append (json, i == 0 ? ", \"after\": [" : ", ");
    loom_json_append_string (json, node->after[i]);
  }
  if (node->after != NULL)
    g_string_append_c (json, ']');
}

/* Entry i is port i; what is empty at the end is left away, and so is an empty array. */
static void
append_per_port (GString *json, const char *name, const LoomNode *node, gsize offset)
{
  int n = 0;

  for (int i = 0; i < node->n_ports; i++) {
    if (G_STRUCT_MEMBER (char *, &node->ports[i], offset) != NULL)
      n = i + 1;
  }
  if (n == 0)
    return;
  g_string_append_printf (json, ", \"%s\": [", name);
  for (int i = 0; i < n; i++) {
    const char *text = G_STRUCT_MEMBER (char *, &node->ports[i], offset);

    if (i > 0)
      g_string_append (json, ", ");
    loom_json_append_string (json, text != NULL ? text : "");
  }
  g_string_append_c (json, ']');
}

static void
append_vlans (GString *json, const LoomPort *port)
{
  if (port->vlan_mode == LOOM_VLAN_ACCESS) {
    g_string_append_printf (json, "%d", port->access_vlan);
    return;
  }
  g_string_append_c (json, '[');
  for (guint i = 0; port->trunk_vlans != NULL && i < port->trunk_vlans->len; i++)
    g_string_append_printf (json, i > 0 ? ", %d" : "%d", g_array_index (port->trunk_vlans, int, i));
  g_string_append_c (json, ']');
}

static void
append_ports_of_mode (GString *json, const char *name, const LoomNode *node, LoomVlanMode mode)
{
  gboolean is_first = TRUE;

  for (int i = 0; i < node->n_ports; i++) {
    if (node->ports[i].vlan_mode != mode)
      continue;
    if (is_first)
      g_string_append_printf (json, ", \"%s\": {\"%d\": ", name, i);
    else
      g_string_append_printf (json, ", \"%d\": ", i);
    append_vlans (json, &node->ports[i]);
    is_first = FALSE;
  }
  if (!is_first)
    g_string_append_c (json, '}');
}

static void
append_node (GString *json, LoomLab *lab, const LoomNode *node)
{
  gboolean is_machine = loom_lab_get_kind (lab, node)->role == LOOM_ROLE_MACHINE;

  g_string_append (json, "    {\"name\": ");
  loom_json_append_string (json, node->name);
  append_member (json, "kind", node->kind);
  g_string_append_printf (json, ", \"%s\": %d", is_machine ? "nics" : "ports", node->n_ports);
  if (node->memory_mib != 0)
    g_string_append_printf (json, ", \"memory_mib\": %d", node->memory_mib);
  if (node->n_cpus != 0)
    g_string_append_printf (json, ", \"cpus\": %d", node->n_cpus);
  if (node->image != NULL)
    append_member (json, "image", node->image);
  append_per_port (json, "macs", node, G_STRUCT_OFFSET (LoomPort, mac));
  append_per_port (json, "addresses", node, G_STRUCT_OFFSET (LoomPort, addresses));
  append_ports_of_mode (json, "access", node, LOOM_VLAN_ACCESS);
  append_ports_of_mode (json, "trunk", node, LOOM_VLAN_TRUNK);
  append_after (json, node);
  if (node->boot != NULL)
    append_member (json, "boot", node->boot);
  append_extra (json, node->extra);
  g_string_append_c (json, '}');
}

/* Members that both directions share. */
static void
append_shared (GString *json, const LoomLink *link)
{
  guint n_members;
  const LoomImpairmentMember *members = loom_impairment_list_members (&n_members);

  for (guint i = 0; i < n_members; i++) {
    double value = loom_impairment_get (&link->forward, &members[i]);
    g_autofree char *text = NULL;

    if (value == members[i].default_value
        || value != loom_impairment_get (&link->backward, &members[i]))
      continue;
    text = loom_impairment_dup_json (&link->forward, &members[i]);
    g_string_append_printf (json, ", \"%s\": %s", members[i].name, text);
  }
}

/* Members of @own that differ from @other's, as an object; nothing if there are none. */
static void
append_direction (GString *json, const char *name, const LoomImpairment *own,
                  const LoomImpairment *other, const GPtrArray *extra)
{
  g_autoptr (GString) object = g_string_new (NULL);
  guint n_members;
  const LoomImpairmentMember *members = loom_impairment_list_members (&n_members);

  for (guint i = 0; i < n_members; i++) {
    double value = loom_impairment_get (own, &members[i]);
    g_autofree char *text = NULL;

    if (value == members[i].default_value || value == loom_impairment_get (other, &members[i]))
      continue;
    text = loom_impairment_dup_json (own, &members[i]);
    g_string_append_printf (object, ", \"%s\": %s", members[i].name, text);
  }
  append_extra (object, extra);
  if (object->len > 0)
    g_string_append_printf (json, ", \"%s\": {%s}", name, object->str + strlen (", "));
}

static void
append_fault (GString *json, const LoomLink *link)
{
  const LoomEnd *at = link->fault_end == 0 ? &link->a : &link->b;

  if (link->fault == LOOM_FAULT_NONE)
    return;
  append_member (json, "fault", loom_fault_to_id (link->fault));
  if (link->fault == LOOM_FAULT_PORT || link->fault == LOOM_FAULT_ONE_WAY)
    g_string_append_printf (json, ", \"at\": \"%s:%d\"", at->node, at->port);
  if (link->period_s != LOOM_PERIOD_DEFAULT_S) {
    g_string_append (json, ", \"period_s\": ");
    append_number (json, link->period_s);
  }
  if (link->up_percent != LOOM_UP_DEFAULT_PERCENT)
    g_string_append_printf (json, ", \"up_percent\": %d", link->up_percent);
}

static void
append_link (GString *json, const LoomLink *link)
{
  g_string_append_printf (json, "    {\"ends\": [\"%s:%d\", \"%s:%d\"]", link->a.node, link->a.port,
                          link->b.node, link->b.port);
  append_shared (json, link);
  append_direction (json, "forward", &link->forward, &link->backward, link->forward_extra);
  append_direction (json, "backward", &link->backward, &link->forward, link->backward_extra);
  if (link->seed != 0)
    g_string_append_printf (json, ", \"seed\": %" G_GUINT64_FORMAT, link->seed);
  append_fault (json, link);
  append_extra (json, link->extra);
  g_string_append_c (json, '}');
}

static void
append_place (GString *json, const LoomNode *node)
{
  g_string_append (json, "    ");
  loom_json_append_string (json, node->name);
  g_string_append (json, ": {\"x\": ");
  append_number (json, node->x);
  g_string_append (json, ", \"y\": ");
  append_number (json, node->y);
  append_extra (json, node->canvas_extra);
  g_string_append_c (json, '}');
}

static void
append_top_extra (GString *json, LoomLab *lab)
{
  GPtrArray *extra = loom_lab_get_extra (lab);

  for (guint i = 0; i + 1 < extra->len; i += 2) {
    g_string_append (json, ",\n  ");
    loom_json_append_string (json, extra->pdata[i]);
    g_string_append (json, ": ");
    g_string_append (json, extra->pdata[i + 1]);
  }
}

static void
append_line_end (GString *json, guint i, guint n)
{
  g_string_append (json, i + 1 < n ? ",\n" : "\n");
}

static void
append_lists (GString *json, LoomLab *lab)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);

  g_string_append (json, nodes->len > 0 ? "  \"nodes\": [\n" : "  \"nodes\": [");
  for (guint i = 0; i < nodes->len; i++) {
    append_node (json, lab, nodes->pdata[i]);
    append_line_end (json, i, nodes->len);
  }
  g_string_append (json, nodes->len > 0 ? "  ],\n" : "],\n");
  g_string_append (json, links->len > 0 ? "  \"links\": [\n" : "  \"links\": [");
  for (guint i = 0; i < links->len; i++) {
    append_link (json, links->pdata[i]);
    append_line_end (json, i, links->len);
  }
  g_string_append (json, links->len > 0 ? "  ],\n" : "],\n");
  g_string_append (json, nodes->len > 0 ? "  \"canvas\": {\n" : "  \"canvas\": {");
  for (guint i = 0; i < nodes->len; i++) {
    append_place (json, nodes->pdata[i]);
    append_line_end (json, i, nodes->len);
  }
  g_string_append (json, nodes->len > 0 ? "  }" : "}");
}

/**
 * loom_writer_write:
 * @ret_size: (out) (optional): bytes, without the NUL
 *
 * Returns: (transfer full): the text of the project file
 */
char *
loom_writer_write (LoomLab *lab, gsize *ret_size)
{
  GString *json;

  g_return_val_if_fail (LOOM_IS_LAB (lab), NULL);

  json = g_string_sized_new (256 + 160 * loom_lab_get_n_nodes (lab)
                             + 48 * loom_lab_get_n_links (lab));
  g_string_append_printf (json, "{\n  \"lanloom\": %d,\n", FORMAT_VERSION);
  if (*loom_lab_get_name (lab) != '\0') {
    g_string_append (json, "  \"name\": ");
    loom_json_append_string (json, loom_lab_get_name (lab));
    g_string_append (json, ",\n");
  }
  if (*loom_lab_get_description (lab) != '\0') {
    g_string_append (json, "  \"description\": ");
    loom_json_append_string (json, loom_lab_get_description (lab));
    g_string_append (json, ",\n");
  }
  append_lists (json, lab);
  append_top_extra (json, lab);
  g_string_append (json, "\n}\n");
  if (ret_size != NULL)
    *ret_size = json->len;
  return g_string_free (json, FALSE);
}
