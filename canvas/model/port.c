/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ports and ends of links: the smallest values of the model. Next: node.c, link.c. */

#include "canvas/model/port.h"

#include <string.h>

/* More digits than any port number has. */
#define PORT_MAX_DIGITS 4

static gboolean
vlans_equal (const GArray *a, const GArray *b)
{
  guint a_length = a != NULL ? a->len : 0;
  guint b_length = b != NULL ? b->len : 0;

  if (a_length != b_length)
    return FALSE;
  return a_length == 0 || memcmp (a->data, b->data, a_length * sizeof (int)) == 0;
}

/**
 * loom_port_init_copy:
 * @port: (out caller-allocates): where to; what it held is not freed
 * @source: what to copy
 */
void
loom_port_init_copy (LoomPort *port, const LoomPort *source)
{
  *port = *source;
  port->mac = g_strdup (source->mac);
  port->addresses = g_strdup (source->addresses);
  if (source->trunk_vlans != NULL)
    port->trunk_vlans = g_array_copy (source->trunk_vlans);
}

/**
 * loom_port_clear:
 * @port: frees what it holds, and leaves a port on which nothing is set
 */
void
loom_port_clear (LoomPort *port)
{
  g_free (port->mac);
  g_free (port->addresses);
  g_clear_pointer (&port->trunk_vlans, g_array_unref);
  memset (port, 0, sizeof *port);
}

/**
 * loom_port_equal:
 *
 * Returns: whether the same is set on both; no list of VLANs equals an empty one
 */
gboolean
loom_port_equal (const LoomPort *a, const LoomPort *b)
{
  return g_strcmp0 (a->mac, b->mac) == 0 && g_strcmp0 (a->addresses, b->addresses) == 0
         && a->vlan_mode == b->vlan_mode && a->access_vlan == b->access_vlan
         && vlans_equal (a->trunk_vlans, b->trunk_vlans);
}

/**
 * loom_end_compare:
 *
 * Returns: less than, equal to or more than 0, as of strcmp ()
 */
int
loom_end_compare (const LoomEnd *a, const LoomEnd *b)
{
  int order = strcmp (a->node, b->node);

  return order != 0 ? order : (a->port > b->port) - (a->port < b->port);
}

/**
 * loom_end_to_string:
 *
 * Returns: (transfer full): "pc1:0"
 */
char *
loom_end_to_string (const LoomEnd *end)
{
  return g_strdup_printf ("%s:%d", end->node, end->port);
}

/**
 * loom_end_parse:
 * @text: "pc1:0"; leading zeros, signs and spaces are not of that form
 * @ret_end: (out caller-allocates): untouched on failure
 *
 * Returns: whether @text was of that form; whether there is such a port is another question
 */
gboolean
loom_end_parse (const char *text, LoomEnd *ret_end)
{
  const char *colon = strchr (text, ':');
  const char *digits;
  gsize n_digits;

  if (colon == NULL || colon == text)
    return FALSE;
  for (const char *p = text; p < colon; p++) {
    if ((guchar) *p <= ' ')
      return FALSE;
  }
  digits = colon + 1;
  n_digits = strspn (digits, "0123456789");
  if (n_digits == 0 || n_digits > PORT_MAX_DIGITS || digits[n_digits] != '\0')
    return FALSE;
  if (digits[0] == '0' && n_digits > 1)
    return FALSE;

  ret_end->node = g_strndup (text, colon - text);
  ret_end->port = (int) g_ascii_strtoll (digits, NULL, 10);
  return TRUE;
}

/**
 * loom_end_clear:
 * @end: frees what it holds
 */
void
loom_end_clear (LoomEnd *end)
{
  g_clear_pointer (&end->node, g_free);
  end->port = 0;
}
