/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The members of a cable's line. Impairments come from the table of impairment.c: flat ones are for
 * both directions, those of the objects “forward” and “backward” override them. */

#include "canvas/model/reader-link.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "canvas/model/reader-node.h"
#include "canvas/model/text.h"

typedef struct {
  LoomLink *link;
  const char *id;      /* "pc1:0 pc2:0" */
  gboolean is_turned;  /* the file's “forward” is the link's backward */
  gboolean has_period; /* it says how it flaps */
  gboolean is_wrong;   /* a problem was added */
  LoomEnd at;          /* owned; node NULL: not said */
  GPtrArray *problems;
} LinkReader;

static void G_GNUC_PRINTF (3, 4)
    add_problem (LinkReader *reader, const LoomJsonValue *value, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  reader->is_wrong = TRUE;
  /* Translators: the name of a node or cable, and a sentence about it. */
  loom_reader_add_problem (reader->problems, value->line, reader->id,
                           g_strdup_printf (_ ("“%s”: %s"), reader->id, text));
}

static gboolean
expect (LinkReader *reader, const LoomJsonValue *value, LoomJsonType type)
{
  if (loom_reader_expect (reader->problems, value, type, reader->id))
    return TRUE;
  reader->is_wrong = TRUE;
  return FALSE;
}

static void
read_member (LinkReader *reader, const LoomJsonValue *value, const LoomImpairmentMember *member,
             LoomImpairment *impairment)
{
  g_autoptr (GError) error = NULL;
  gboolean is_set;

  switch (member->type) {
  case LOOM_MEMBER_CHOICE:
    if (!expect (reader, value, LOOM_JSON_STRING))
      return;
    is_set = loom_impairment_set_text (impairment, member, value->string, &error);
    break;
  case LOOM_MEMBER_BOOLEAN:
    if (!expect (reader, value, LOOM_JSON_BOOLEAN))
      return;
    is_set = loom_impairment_set (impairment, member, value->raw[0] == 't', &error);
    break;
  default:
    if (!expect (reader, value, LOOM_JSON_NUMBER))
      return;
    is_set = loom_impairment_set (impairment, member, value->number, &error);
    break;
  }
  if (!is_set)
    add_problem (reader, value, "%s", error->message);
}

static void
read_flat (LinkReader *reader, const LoomJsonValue *value, const LoomImpairmentMember *member)
{
  read_member (reader, value, member, &reader->link->forward);
  /* one problem is enough */
  if (!reader->is_wrong)
    read_member (reader, value, member, &reader->link->backward);
}

static void
read_direction (LinkReader *reader, const LoomJsonValue *object)
{
  gboolean is_forward = (strcmp (object->name, "forward") == 0) != reader->is_turned;
  LoomImpairment *impairment = is_forward ? &reader->link->forward : &reader->link->backward;
  GPtrArray **extra = is_forward ? &reader->link->forward_extra : &reader->link->backward_extra;

  if (!expect (reader, object, LOOM_JSON_OBJECT))
    return;
  for (const LoomJsonValue *item = object->first; item != NULL; item = item->next) {
    const LoomImpairmentMember *member = loom_impairment_find_member (item->name);

    if (member != NULL)
      read_member (reader, item, member, impairment);
    else
      loom_reader_keep (extra, item);
  }
}

static void
read_seed (LinkReader *reader, const LoomJsonValue *value)
{
  if (!expect (reader, value, LOOM_JSON_NUMBER))
    return;
  if (value->number >= 0 && value->number <= LOOM_SEED_MAX
      && value->number == floor (value->number))
    reader->link->seed = (guint64) value->number;
  else
    add_problem (reader, value, _ ("“seed” must be a whole number from 0 to %s."),
                 LOOM_SEED_MAX_TEXT);
}

static void
read_fault (LinkReader *reader, const LoomJsonValue *value)
{
  if (expect (reader, value, LOOM_JSON_STRING)
      && !loom_fault_from_id (value->string, &reader->link->fault))
    add_problem (reader, value, _ ("“fault” must be one of: %s."),
                 "unplugged, port, one-way, flapping");
}

static void
read_at (LinkReader *reader, const LoomJsonValue *value)
{
  LoomLink *link = reader->link;

  if (!expect (reader, value, LOOM_JSON_STRING))
    return;
  if (loom_end_parse (value->string, &reader->at)
      && (loom_end_compare (&reader->at, &link->a) == 0
          || loom_end_compare (&reader->at, &link->b) == 0))
    link->fault_end = loom_end_compare (&reader->at, &link->b) == 0;
  else
    add_problem (reader, value, _ ("“at” must be one of its two ends."));
}

static void
read_period (LinkReader *reader, const LoomJsonValue *value)
{
  reader->has_period = TRUE;
  if (!expect (reader, value, LOOM_JSON_NUMBER))
    return;
  if (value->number >= 0.5 && value->number <= 3600)
    reader->link->period_s = value->number;
  else
    add_problem (reader, value, _ ("“period_s” must be from 0.5 to 3600."));
}

static void
read_up (LinkReader *reader, const LoomJsonValue *value)
{
  reader->has_period = TRUE;
  if (expect (reader, value, LOOM_JSON_NUMBER)
      && !loom_json_value_get_int (value, 1, 99, &reader->link->up_percent))
    add_problem (reader, value, _ ("“up_percent” must be a whole number from 1 to 99."));
}

static void
read_any (LinkReader *reader, const LoomJsonValue *value)
{
  static const struct {
    const char *name;
    void (*read) (LinkReader *reader, const LoomJsonValue *value);
  } others[] = {
      {"seed", read_seed},       {"fault", read_fault},   {"at", read_at},
      {"period_s", read_period}, {"up_percent", read_up},
  };
  const LoomImpairmentMember *member = loom_impairment_find_member (value->name);

  if (member != NULL) {
    read_flat (reader, value, member);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    if (strcmp (others[i].name, value->name) == 0) {
      others[i].read (reader, value);
      return;
    }
  }
  if (strcmp (value->name, "ends") != 0 && strcmp (value->name, "forward") != 0
      && strcmp (value->name, "backward") != 0)
    loom_reader_keep (&reader->link->extra, value);
}

/* Members that only make sense together. */
static void
check_whole (LinkReader *reader, const LoomJsonValue *value)
{
  LoomFault fault = reader->link->fault;
  gboolean needs_end = fault == LOOM_FAULT_PORT || fault == LOOM_FAULT_ONE_WAY;
  GError *error = NULL;

  if (needs_end && reader->at.node == NULL)
    add_problem (reader, value, _ ("This fault needs “at”, the end it is at."));
  else if (!needs_end && reader->at.node != NULL)
    add_problem (reader, value, _ ("“at” is for the faults “port” and “one-way” only."));
  if (reader->has_period && fault != LOOM_FAULT_FLAPPING)
    add_problem (reader, value,
                 _ ("“period_s” and “up_percent” are for the fault “flapping” only."));
  if (!reader->is_wrong && !loom_link_check (reader->link, &error))
    loom_reader_add_error (reader->problems, value->line, reader->id, error);
}

void
loom_reader_read_link (LoomLink *link, const LoomJsonValue *value, gboolean is_turned,
                       GPtrArray *problems)
{
  g_autofree char *id = loom_link_dup_id (link);
  LinkReader reader = {.link = link, .id = id, .is_turned = is_turned, .problems = problems};

  for (const LoomJsonValue *item = value->first; item != NULL; item = item->next)
    read_any (&reader, item);
  /* after the flat ones, wherever they stand: they override */
  for (const LoomJsonValue *item = value->first; item != NULL; item = item->next) {
    if (strcmp (item->name, "forward") == 0 || strcmp (item->name, "backward") == 0)
      read_direction (&reader, item);
  }
  check_whole (&reader, value);
  loom_link_normalize (link);
  loom_end_clear (&reader.at);
}
