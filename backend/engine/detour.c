/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A cable's way into the wire and out again. */

#include "backend/engine/detour.h"

/* How long the wire may refuse a cable before it is asked again. */
#define RETRY_US G_USEC_PER_SEC
#define ASK_PERIOD_US (G_USEC_PER_SEC / 20)

/* What of a detour the switch can see. */
typedef struct {
  gboolean has_ports;
  LoomFabricRoute route;
} Shape;

struct _LoomDetour {
  guint64 cookie;
  LoomDetourState state;
  char *wanted;   /* settings; NULL: the wire is not wanted */
  char *told;     /* settings the wire has or is being told; NULL: it does not know the cable */
  gboolean known; /* the wire has answered that it knows the cable */
  gboolean busy;  /* an order has no answer yet */
  gboolean has_ports;
  gboolean connected[2];
  Shape submitted; /* to the switch */
  Shape done;      /* by the switch */
  gint64 next_us;  /* not before: asking again, trying again */
  gint64 deadline_us;
};

LoomDetour *
loom_detour_new (guint64 cookie)
{
  LoomDetour *detour = g_new0 (LoomDetour, 1);

  detour->cookie = cookie;
  return detour;
}

void
loom_detour_free (LoomDetour *detour)
{
  g_free (detour->wanted);
  g_free (detour->told);
  g_free (detour);
}

guint64
loom_detour_get_cookie (const LoomDetour *detour)
{
  return detour->cookie;
}

void
loom_detour_set_wanted (LoomDetour *detour, const char *settings)
{
  if (g_strcmp0 (detour->wanted, settings) == 0)
    return;
  g_free (detour->wanted);
  detour->wanted = g_strdup (settings);
  detour->next_us = 0;
}

const char *
loom_detour_get_wanted (const LoomDetour *detour)
{
  return detour->wanted;
}

static Shape
get_shape (const LoomDetour *detour)
{
  return (Shape){detour->has_ports, loom_detour_get_route (detour)};
}

static gboolean
shape_equal (const Shape *a, const Shape *b)
{
  return a->has_ports == b->has_ports && a->route == b->route;
}

static gboolean
are_both_connected (const LoomDetour *detour)
{
  return detour->connected[0] && detour->connected[1];
}

static LoomDetourOrder
give (LoomDetour *detour, LoomDetourOrder order)
{
  detour->busy = TRUE;
  if (order == LOOM_DETOUR_ORDER_ATTACH || order == LOOM_DETOUR_ORDER_SET) {
    g_free (detour->told);
    detour->told = g_strdup (detour->wanted);
  }
  return order;
}

static void
enter (LoomDetour *detour, LoomDetourState state, gint64 now_us)
{
  detour->state = state;
  detour->next_us = 0;
  if (state == LOOM_DETOUR_DRAINING)
    detour->deadline_us = now_us + LOOM_DETOUR_DRAIN_US;
  if (state == LOOM_DETOUR_JOINING)
    detour->has_ports = TRUE;
  if (state == LOOM_DETOUR_LEAVING)
    detour->has_ports = FALSE;
}

/* Changes of state that need nobody's answer. */
static void
settle (LoomDetour *detour, gint64 now_us)
{
  gboolean wanted = detour->wanted != NULL;
  const Shape shape = get_shape (detour);
  gboolean is_done = shape_equal (&shape, &detour->done);

  switch (detour->state) {
  case LOOM_DETOUR_JOINING:
    if (!wanted)
      enter (detour, LOOM_DETOUR_LEAVING, now_us);
    else if (are_both_connected (detour) && is_done)
      enter (detour, LOOM_DETOUR_THROUGH, now_us);
    break;
  case LOOM_DETOUR_THROUGH:
    if (!wanted)
      enter (detour, LOOM_DETOUR_DRAINING, now_us);
    else if (!are_both_connected (detour))
      enter (detour, LOOM_DETOUR_JOINING, now_us);
    break;
  case LOOM_DETOUR_DRAINING:
    if (wanted)
      enter (detour, LOOM_DETOUR_JOINING, now_us);
    else if (now_us >= detour->deadline_us)
      enter (detour, LOOM_DETOUR_LEAVING, now_us);
    break;
  case LOOM_DETOUR_LEAVING:
    if (wanted && detour->known)
      enter (detour, LOOM_DETOUR_JOINING, now_us);
    else if (is_done)
      enter (detour, detour->known ? LOOM_DETOUR_DETACHING : LOOM_DETOUR_DIRECT, now_us);
    break;
  case LOOM_DETOUR_DIRECT:
    /* Ports that a wire left behind when it died. */
    if (!wanted && detour->has_ports)
      enter (detour, LOOM_DETOUR_LEAVING, now_us);
    break;
  case LOOM_DETOUR_ATTACHING:
  case LOOM_DETOUR_DETACHING:
    break;
  }
}

LoomDetourOrder
loom_detour_step (LoomDetour *detour, gboolean wire_up, gint64 now_us)
{
  settle (detour, now_us);
  if (!wire_up || detour->busy || now_us < detour->next_us)
    return LOOM_DETOUR_ORDER_NONE;

  switch (detour->state) {
  case LOOM_DETOUR_DIRECT:
    if (detour->wanted == NULL)
      return LOOM_DETOUR_ORDER_NONE;
    detour->state = LOOM_DETOUR_ATTACHING;
    return give (detour, LOOM_DETOUR_ORDER_ATTACH);
  case LOOM_DETOUR_JOINING:
  case LOOM_DETOUR_THROUGH:
    if (detour->wanted != NULL && g_strcmp0 (detour->wanted, detour->told) != 0)
      return give (detour, LOOM_DETOUR_ORDER_SET);
    return LOOM_DETOUR_ORDER_NONE;
  case LOOM_DETOUR_DRAINING:
    /* As long as frames may still go in, nothing that is said of them is final. */
    if (detour->done.route != LOOM_FABRIC_DRAINING)
      return LOOM_DETOUR_ORDER_NONE;
    detour->next_us = now_us + ASK_PERIOD_US;
    return give (detour, LOOM_DETOUR_ORDER_ASK);
  case LOOM_DETOUR_DETACHING:
    return give (detour, LOOM_DETOUR_ORDER_DETACH);
  case LOOM_DETOUR_ATTACHING:
  case LOOM_DETOUR_LEAVING:
    break;
  }
  return LOOM_DETOUR_ORDER_NONE;
}

static void
forget (LoomDetour *detour)
{
  detour->known = FALSE;
  g_clear_pointer (&detour->told, g_free);
  detour->connected[0] = detour->connected[1] = FALSE;
}

void
loom_detour_answered (LoomDetour *detour, LoomDetourOrder order, gboolean good, guint n_held,
                      gint64 now_us)
{
  detour->busy = FALSE;
  switch (order) {
  case LOOM_DETOUR_ORDER_ATTACH:
    if (detour->state != LOOM_DETOUR_ATTACHING)
      break; /* the wire that was asked has died meanwhile */
    detour->known = good;
    if (good) {
      enter (detour, LOOM_DETOUR_JOINING, now_us);
    } else {
      forget (detour);
      enter (detour, LOOM_DETOUR_DIRECT, now_us);
      detour->next_us = now_us + RETRY_US;
    }
    break;
  case LOOM_DETOUR_ORDER_SET:
    if (!good) {
      g_clear_pointer (&detour->told, g_free);
      detour->next_us = now_us + RETRY_US;
    }
    break;
  case LOOM_DETOUR_ORDER_ASK:
    if (good && n_held == 0 && detour->state == LOOM_DETOUR_DRAINING)
      enter (detour, LOOM_DETOUR_LEAVING, now_us);
    break;
  case LOOM_DETOUR_ORDER_DETACH:
    forget (detour);
    if (detour->state == LOOM_DETOUR_DETACHING)
      enter (detour, LOOM_DETOUR_DIRECT, now_us);
    break;
  case LOOM_DETOUR_ORDER_NONE:
    break;
  }
}

void
loom_detour_connected (LoomDetour *detour, int port, gboolean connected)
{
  g_return_if_fail (port == 0 || port == 1);

  detour->connected[port] = connected;
}

void
loom_detour_wire_died (LoomDetour *detour)
{
  forget (detour);
  detour->busy = FALSE;
  detour->next_us = 0;
  if (detour->state != LOOM_DETOUR_LEAVING)
    detour->state = LOOM_DETOUR_DIRECT;
}

void
loom_detour_adopt (LoomDetour *detour, const char *settings, const gboolean connected[2])
{
  g_free (detour->told);
  detour->told = g_strdup (settings);
  detour->known = TRUE;
  detour->has_ports = TRUE;
  detour->connected[0] = connected[0];
  detour->connected[1] = connected[1];
  /* The engine before this one had brought it that far, and the switch goes on as it was told: a
   * cable that is through must not come back for the length of a start. */
  detour->state = connected[0] && connected[1] ? LOOM_DETOUR_THROUGH : LOOM_DETOUR_JOINING;
}

void
loom_detour_fabric_submitted (LoomDetour *detour)
{
  detour->submitted = get_shape (detour);
}

void
loom_detour_fabric_done (LoomDetour *detour)
{
  detour->done = detour->submitted;
}

gboolean
loom_detour_differs (const LoomDetour *detour)
{
  const Shape shape = get_shape (detour);

  return !shape_equal (&shape, &detour->submitted);
}

LoomDetourState
loom_detour_get_state (const LoomDetour *detour)
{
  return detour->state;
}

const char *
loom_detour_state_to_id (LoomDetourState state)
{
  static const char *const ids[] = {
      [LOOM_DETOUR_DIRECT] = "direct",       [LOOM_DETOUR_ATTACHING] = "attaching",
      [LOOM_DETOUR_JOINING] = "joining",     [LOOM_DETOUR_THROUGH] = "through",
      [LOOM_DETOUR_DRAINING] = "draining",   [LOOM_DETOUR_LEAVING] = "leaving",
      [LOOM_DETOUR_DETACHING] = "detaching",
  };

  return ids[state];
}

gboolean
loom_detour_has_ports (const LoomDetour *detour)
{
  return detour->has_ports;
}

LoomFabricRoute
loom_detour_get_route (const LoomDetour *detour)
{
  switch (detour->state) {
  case LOOM_DETOUR_THROUGH:
    return LOOM_FABRIC_THROUGH;
  case LOOM_DETOUR_DRAINING:
    return LOOM_FABRIC_DRAINING;
  default:
    return LOOM_FABRIC_DIRECT;
  }
}

gboolean
loom_detour_is_over (const LoomDetour *detour)
{
  return detour->state == LOOM_DETOUR_DIRECT && detour->wanted == NULL && !detour->has_ports
         && !detour->known && !detour->busy;
}
