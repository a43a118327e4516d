/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A cable's way into the wire and out again, by transcript: a word for what happens, then what the
 * detour says of itself. The clock is the test's. */

#include "backend/engine/detour.h"

#include <string.h>

typedef struct {
  LoomDetour *detour;
  gboolean up;
  gint64 now_us;
  LoomDetourOrder order; /* last given */
} World;

static const char *
order_to_text (LoomDetourOrder order)
{
  static const char *const texts[] = {"-", "attach", "set", "ask", "detach"};

  return texts[order];
}

static const char *
route_to_text (LoomFabricRoute route)
{
  static const char *const texts[] = {"straight", "by-wire", "emptying"};

  return texts[route];
}

static void
happen (World *world, const char *event)
{
  LoomDetour *detour = world->detour;

  if (g_str_has_prefix (event, "want="))
    loom_detour_set_wanted (detour, event + 5);
  else if (g_str_equal (event, "unwant"))
    loom_detour_set_wanted (detour, NULL);
  else if (g_str_equal (event, "up"))
    world->up = TRUE;
  else if (g_str_equal (event, "good"))
    loom_detour_answered (detour, world->order, TRUE, 0, world->now_us);
  else if (g_str_equal (event, "bad"))
    loom_detour_answered (detour, world->order, FALSE, 0, world->now_us);
  else if (g_str_equal (event, "holds-3"))
    loom_detour_answered (detour, world->order, TRUE, 3, world->now_us);
  else if (g_str_equal (event, "plug"))
    loom_detour_connected (detour, 0, TRUE), loom_detour_connected (detour, 1, TRUE);
  else if (g_str_equal (event, "lose"))
    loom_detour_connected (detour, 1, FALSE);
  else if (g_str_equal (event, "fabric"))
    loom_detour_fabric_submitted (detour), loom_detour_fabric_done (detour);
  else if (g_str_equal (event, "die"))
    world->up = FALSE, loom_detour_wire_died (detour);
  else if (g_str_equal (event, "minute"))
    world->now_us += LOOM_DETOUR_DRAIN_US;
  else if (g_str_equal (event, "second"))
    world->now_us += G_USEC_PER_SEC;
  else
    g_assert_not_reached ();
}

/* Lines of "event: order state route ports differs". */
static void
check (const char *transcript)
{
  g_auto (GStrv) lines = g_strsplit (transcript, "\n", -1);
  g_autoptr (GString) got = g_string_new (NULL);
  g_autoptr (LoomDetour) detour = loom_detour_new (7);
  World world = {.detour = detour, .now_us = 1};

  for (char **line = lines; **line != '\0'; line++) {
    g_auto (GStrv) parts = g_strsplit (*line, ":", 2);

    happen (&world, parts[0]);
    LoomDetourOrder order = loom_detour_step (detour, world.up, world.now_us);
    if (order != LOOM_DETOUR_ORDER_NONE)
      world.order = order;
    g_string_append_printf (got, "%s: %s %s %s%s%s\n", parts[0], order_to_text (order),
                            loom_detour_state_to_id (loom_detour_get_state (detour)),
                            route_to_text (loom_detour_get_route (detour)),
                            loom_detour_has_ports (detour) ? " ports" : "",
                            loom_detour_differs (detour) ? " differs" : "");
  }
  g_assert_cmpstr (got->str, ==, transcript);
}

static void
test_in_and_out (void)
{
  check ("want=a: - direct straight\n"
         "up: attach attaching straight\n"
         "good: - joining straight ports differs\n"
         "plug: - joining straight ports differs\n"
         "fabric: - through by-wire ports differs\n"
         "fabric: - through by-wire ports\n"
         "want=b: set through by-wire ports\n"
         "good: - through by-wire ports\n"
         "unwant: - draining emptying ports differs\n"
         "fabric: ask draining emptying ports\n"
         "holds-3: - draining emptying ports\n"
         "second: ask draining emptying ports\n"
         "good: - leaving straight differs\n"
         "fabric: detach detaching straight\n"
         "good: - direct straight\n");
}

/* What the wire never lets go of is dropped in the end. */
static void
test_deadline (void)
{
  check ("want=a: - direct straight\n"
         "up: attach attaching straight\n"
         "good: - joining straight ports differs\n"
         "plug: - joining straight ports differs\n"
         "fabric: - through by-wire ports differs\n"
         "unwant: - draining emptying ports differs\n"
         "minute: - leaving straight differs\n"
         "fabric: detach detaching straight\n"
         "bad: - direct straight\n");
}

/* Frames go from end to end at once; the ports stay for the next wire. */
static void
test_death (void)
{
  check ("want=a: - direct straight\n"
         "up: attach attaching straight\n"
         "good: - joining straight ports differs\n"
         "plug: - joining straight ports differs\n"
         "fabric: - through by-wire ports differs\n"
         "fabric: - through by-wire ports\n"
         "die: - direct straight ports differs\n"
         "fabric: - direct straight ports\n"
         "up: attach attaching straight ports\n"
         "good: - joining straight ports\n"
         "plug: - through by-wire ports differs\n"
         "die: - direct straight ports\n"
         "unwant: - leaving straight differs\n"
         "fabric: - direct straight\n");
}

static void
test_lost_peer (void)
{
  check ("want=a: - direct straight\n"
         "up: attach attaching straight\n"
         "good: - joining straight ports differs\n"
         "plug: - joining straight ports differs\n"
         "fabric: - through by-wire ports differs\n"
         "lose: - joining straight ports\n"
         "plug: - through by-wire ports differs\n");
}

/* A person who changes their mind half way. */
static void
test_change_of_mind (void)
{
  check ("want=a: - direct straight\n"
         "up: attach attaching straight\n"
         "unwant: - attaching straight\n"
         "good: - leaving straight\n"
         "want=b: set joining straight ports differs\n"
         "plug: - joining straight ports differs\n"
         "good: - joining straight ports differs\n"
         "unwant: - leaving straight\n");
}

static void
test_refusal (void)
{
  check ("want=a: - direct straight\n"
         "up: attach attaching straight\n"
         "bad: - direct straight\n"
         "second: attach attaching straight\n"
         "bad: - direct straight\n"
         "want=b: attach attaching straight\n");
}

static void
test_adoption (void)
{
  g_autoptr (LoomDetour) detour = loom_detour_new (7);
  const gboolean connected[2] = {TRUE, TRUE};

  loom_detour_adopt (detour, "a", connected);
  loom_detour_set_wanted (detour, "a");
  g_assert_cmpint (loom_detour_step (detour, TRUE, 1), ==, LOOM_DETOUR_ORDER_NONE);
  g_assert_cmpint (loom_detour_get_route (detour), ==, LOOM_FABRIC_THROUGH);
  g_assert_false (loom_detour_is_over (detour));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/detour/in-and-out", test_in_and_out);
  g_test_add_func ("/detour/deadline", test_deadline);
  g_test_add_func ("/detour/death", test_death);
  g_test_add_func ("/detour/lost-peer", test_lost_peer);
  g_test_add_func ("/detour/change-of-mind", test_change_of_mind);
  g_test_add_func ("/detour/refusal", test_refusal);
  g_test_add_func ("/detour/adoption", test_adoption);
  return g_test_run ();
}
