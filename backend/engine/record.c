/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the engine has set up for a lab, as a value. */

#include "backend/engine/record.h"

#include <string.h>

static void
free_instance (gpointer data)
{
  LoomInstance *instance = data;

  g_free (instance->key);
  loom_node_unref (instance->node);
  g_free (instance);
}

static void
free_cable (gpointer data)
{
  LoomCable *cable = data;

  g_free (cable->key_a);
  g_free (cable->key_b);
  g_clear_pointer (&cable->link, loom_link_unref);
  g_free (cable);
}

LoomRecord *
loom_record_new (void)
{
  LoomRecord *record = g_new0 (LoomRecord, 1);

  record->next_machine = 1;
  record->next_bridge = 1;
  record->next_cookie = 1;
  record->instances = g_ptr_array_new_with_free_func (free_instance);
  record->cables = g_ptr_array_new_with_free_func (free_cable);
  return record;
}

LoomRecord *
loom_record_copy (const LoomRecord *record)
{
  LoomRecord *copy = loom_record_new ();

  copy->switch_running = record->switch_running;
  copy->next_machine = record->next_machine;
  copy->next_bridge = record->next_bridge;
  copy->next_cookie = record->next_cookie;
  for (guint i = 0; i < record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (record->instances, i);
    LoomInstance *same = loom_record_add_instance (copy, instance->key, instance->role,
                                                   instance->node);
    same->powered = instance->powered;
    same->failed = instance->failed;
  }
  for (guint i = 0; i < record->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (record->cables, i);
    loom_cable_take_over (loom_record_add_cable (copy, cable->cookie, cable->key_a, cable->port_a,
                                                 cable->key_b, cable->port_b),
                          cable);
  }
  return copy;
}

void
loom_record_free (LoomRecord *record)
{
  g_ptr_array_unref (record->instances);
  g_ptr_array_unref (record->cables);
  g_free (record);
}

LoomInstance *
loom_record_add_instance (LoomRecord *record, const char *key, LoomRole role, LoomNode *node)
{
  LoomInstance *instance = g_new0 (LoomInstance, 1);

  instance->key = g_strdup (key);
  instance->role = role;
  instance->node = loom_node_ref (node);
  instance->powered = TRUE;
  g_ptr_array_add (record->instances, instance);
  return instance;
}

LoomCable *
loom_record_add_cable (LoomRecord *record, guint64 cookie, const char *key_a, int port_a,
                       const char *key_b, int port_b)
{
  LoomCable *cable = g_new0 (LoomCable, 1);

  cable->cookie = cookie;
  cable->key_a = g_strdup (key_a);
  cable->port_a = port_a;
  cable->key_b = g_strdup (key_b);
  cable->port_b = port_b;
  g_ptr_array_add (record->cables, cable);
  return cable;
}

void
loom_cable_take_over (LoomCable *cable, const LoomCable *source)
{
  g_clear_pointer (&cable->link, loom_link_unref);
  cable->link = source->link != NULL ? loom_link_ref (source->link) : NULL;
  cable->swapped = source->swapped;
  cable->flap_began_us = source->flap_began_us;
  cable->flap_down = source->flap_down;
}

static gboolean
flap_alike (const LoomLink *a, const LoomLink *b)
{
  return a != NULL && b != NULL && a->fault == b->fault && a->period_s == b->period_s
         && a->up_percent == b->up_percent;
}

void
loom_record_set_link (const LoomRecord *record, LoomCable *cable, LoomLink *link)
{
  const LoomInstance *a = loom_record_get (record, cable->key_a);

  if (!flap_alike (cable->link, link)) {
    cable->flap_began_us = 0;
    cable->flap_down = FALSE;
  }
  loom_link_ref (link);
  g_clear_pointer (&cable->link, loom_link_unref);
  cable->link = link;
  cable->swapped = a != NULL
                   && !(g_str_equal (a->node->name, link->a.node) && link->a.port == cable->port_a);
}

void
loom_cable_get_health (const LoomCable *cable, LoomCableHealth *ret_health)
{
  LoomFault fault = cable->link != NULL ? cable->link->fault : LOOM_FAULT_NONE;
  int end = cable->link != NULL ? (cable->link->fault_end ^ (cable->swapped ? 1 : 0)) : 0;
  gboolean is_out = fault == LOOM_FAULT_UNPLUGGED
                    || (fault == LOOM_FAULT_FLAPPING && cable->flap_down);

  for (int i = 0; i < 2; i++) {
    ret_health->carrier[i] = !is_out && !(fault == LOOM_FAULT_PORT && i == end);
    ret_health->passes[i] = !is_out && fault != LOOM_FAULT_PORT
                            && !(fault == LOOM_FAULT_ONE_WAY && i != end);
  }
}

gint64
loom_cable_flap (LoomCable *cable, gint64 now_us)
{
  if (cable->link == NULL || cable->link->fault != LOOM_FAULT_FLAPPING)
    return G_MAXINT64;
  if (cable->flap_began_us == 0)
    cable->flap_began_us = now_us;

  gint64 period_us = (gint64) (cable->link->period_s * G_USEC_PER_SEC);
  gint64 up_us = period_us * cable->link->up_percent / 100;
  gint64 phase_us = (now_us - cable->flap_began_us) % period_us;
  cable->flap_down = phase_us >= up_us;
  return now_us - phase_us + (cable->flap_down ? period_us : up_us);
}

LoomInstance *
loom_record_get (const LoomRecord *record, const char *key)
{
  for (guint i = 0; i < record->instances->len; i++) {
    LoomInstance *instance = g_ptr_array_index (record->instances, i);
    if (g_str_equal (instance->key, key))
      return instance;
  }
  return NULL;
}

LoomInstance *
loom_record_get_by_name (const LoomRecord *record, const char *name)
{
  for (guint i = 0; i < record->instances->len; i++) {
    LoomInstance *instance = g_ptr_array_index (record->instances, i);
    if (g_str_equal (instance->node->name, name))
      return instance;
  }
  return NULL;
}

LoomCable *
loom_record_get_cable_at (const LoomRecord *record, const char *key, int port)
{
  for (guint i = 0; i < record->cables->len; i++) {
    LoomCable *cable = g_ptr_array_index (record->cables, i);
    if ((cable->port_a == port && g_str_equal (cable->key_a, key))
        || (cable->port_b == port && g_str_equal (cable->key_b, key)))
      return cable;
  }
  return NULL;
}

char *
loom_record_dup_link_id (const LoomRecord *record, const LoomCable *cable, gboolean *ret_swapped)
{
  const LoomInstance *a = loom_record_get (record, cable->key_a);
  const LoomInstance *b = loom_record_get (record, cable->key_b);
  if (a == NULL || b == NULL)
    return NULL;

  const LoomEnd end_a = {a->node->name, cable->port_a};
  const LoomEnd end_b = {b->node->name, cable->port_b};
  g_autoptr (LoomLink) link = loom_link_new (&end_a, &end_b);
  if (ret_swapped != NULL)
    *ret_swapped = loom_end_compare (&end_a, &end_b) > 0;
  return loom_link_dup_id (link);
}

char *
loom_record_dup_end_key (const char *key, int port)
{
  return g_strdup_printf ("%s.%d", key, port);
}

char *
loom_record_parse_end_key (const char *end, int *ret_port)
{
  const char *dot = strchr (end, '.');
  guint64 port;

  if (dot == NULL || dot == end || !g_ascii_string_to_unsigned (dot + 1, 10, 0, 65535, &port, NULL))
    return NULL;
  *ret_port = (int) port;
  return g_strndup (end, (gsize) (dot - end));
}
