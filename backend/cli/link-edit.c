/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a command line says of a cable. */

#include "backend/cli/link-edit.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID, format, args);
  va_end (args);
  return FALSE;
}

/* (transfer none): the cable at "pc1:0", or the only one of "pc1". */
static LoomLink *
find_at (LoomLab *lab, const char *text, GError **error)
{
  LoomEnd end = {NULL, 0};

  if (loom_end_parse (text, &end)) {
    LoomLink *link = loom_lab_get_link_at (lab, end.node, end.port);
    loom_end_clear (&end);
    if (link == NULL)
      refuse (error, _ ("There is no cable at “%s”."), text);
    return link;
  }
  if (loom_lab_get_node (lab, text) == NULL) {
    refuse (error, _ ("The lab has no node “%s”."), text);
    return NULL;
  }
  g_autoptr (GPtrArray) links = loom_lab_list_links_of (lab, text);
  if (links->len == 1)
    return g_ptr_array_index (links, 0);
  refuse (error,
          links->len == 0 ? _ ("“%s” has no cable.")
                          : _ ("“%s” has several cables. Say which port: “%s:0”."),
          text, text);
  return NULL;
}

/* (transfer none): the one cable between two nodes, or at two ports. */
static LoomLink *
find_between (LoomLab *lab, const char *one, const char *other, GError **error)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  LoomLink *found = NULL;

  for (guint i = 0; i < links->len; i++) {
    LoomLink *link = g_ptr_array_index (links, i);
    int end_one, end_other;
    if (!loom_link_edit_parse_end (link, one, &end_one, NULL)
        || !loom_link_edit_parse_end (link, other, &end_other, NULL) || end_one == end_other)
      continue;
    if (found != NULL) {
      refuse (error, _ ("“%s” and “%s” have several cables. Say which ports: “%s:0”."), one, other,
              one);
      return NULL;
    }
    found = link;
  }
  if (found == NULL)
    refuse (error, _ ("There is no cable from “%s” to “%s”."), one, other);
  return found;
}

LoomLink *
loom_link_edit_find (LoomLab *lab, const char *const *texts, GError **error)
{
  LoomLink *link = texts[1] != NULL ? find_between (lab, texts[0], texts[1], error)
                                    : find_at (lab, texts[0], error);

  return link != NULL ? loom_link_ref (link) : NULL;
}

gboolean
loom_link_edit_parse_end (const LoomLink *link, const char *text, int *ret_end, GError **error)
{
  const LoomEnd *const ends[] = {&link->a, &link->b};

  for (int i = 0; i < 2; i++) {
    g_autofree char *name = loom_end_to_string (ends[i]);
    if (strcmp (name, text) == 0 || strcmp (ends[i]->node, text) == 0) {
      *ret_end = i;
      return TRUE;
    }
  }
  g_autofree char *id = loom_link_dup_id (link);
  return refuse (error, _ ("“%s” is no end of the cable %s."), text, id);
}

static gboolean
parse_number (const char *name, const char *text, double min, double max, double *ret_value,
              GError **error)
{
  char *end;
  double value = g_ascii_strtod (text, &end);

  if (end == text || *end != '\0' || !isfinite (value) || value < min || value > max)
    return refuse (error, _ ("“%s” must be from %g to %g."), name, min, max);
  *ret_value = value;
  return TRUE;
}

/* What is the cable's and not a direction's. *@ret_known: whether @name is. */
static gboolean
set_own (LoomLink *link, const char *name, const char *value, gboolean *ret_known, GError **error)
{
  double number;

  *ret_known = TRUE;
  if (strcmp (name, "fault") == 0)
    return loom_fault_from_id (value, &link->fault)
           || refuse (error, _ ("“fault” is one of: %s."),
                      "none, unplugged, port, one-way, flapping");
  if (strcmp (name, "at") == 0)
    return loom_link_edit_parse_end (link, value, &link->fault_end, error);
  if (strcmp (name, "seed") == 0) {
    if (!parse_number (name, value, 0, (double) LOOM_SEED_MAX, &number, error))
      return FALSE;
    link->seed = (guint64) number;
    return TRUE;
  }
  if (strcmp (name, "period_s") == 0)
    return parse_number (name, value, 0.5, 3600, &link->period_s, error);
  if (strcmp (name, "up_percent") == 0) {
    if (!parse_number (name, value, 1, 99, &number, error))
      return FALSE;
    link->up_percent = (int) number;
    return TRUE;
  }
  *ret_known = FALSE;
  return FALSE;
}

gboolean
loom_link_edit_set (LoomLink *link, const char *assignment, int from, GError **error)
{
  const char *equals = strchr (assignment, '=');
  gboolean is_own;

  if (equals == NULL)
    return refuse (error, _ ("“%s” is not of the form MEMBER=VALUE."), assignment);
  g_autofree char *name = g_strndup (assignment, (gsize) (equals - assignment));
  gboolean good = set_own (link, name, equals + 1, &is_own, error);
  if (is_own)
    return good;

  const LoomImpairmentMember *member = loom_impairment_find_member (name);
  if (member == NULL)
    return refuse (error, _ ("A cable has no member “%s”."), name);
  return (from == 1 || loom_impairment_set_text (&link->forward, member, equals + 1, error))
         && (from == 0 || loom_impairment_set_text (&link->backward, member, equals + 1, error));
}

void
loom_link_edit_clear (LoomLink *link)
{
  loom_impairment_init (&link->forward);
  loom_impairment_init (&link->backward);
  link->fault = LOOM_FAULT_NONE;
  link->seed = 0;
  loom_link_normalize (link);
}
