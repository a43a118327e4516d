/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Labs that tests of the canvas draw. */

#include "tests/unit/scene/sample.h"

#include "tests/unit/model/fixture.h"

#include <math.h>
#include <stdio.h>

LoomLab *
sample_lab (const char *const *nodes, const char *const *links)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (LoomChange) change = loom_change_new ("Sample");
  LoomLab *lab = loom_lab_new (catalogue);

  for (int i = 0; nodes[i] != NULL; i++) {
    g_auto (GStrv) words = g_strsplit (nodes[i], " ", 4);
    const LoomKind *kind = loom_catalogue_lookup (catalogue, words[1]);
    g_assert_nonnull (kind);
    gboolean is_machine = kind->role == LOOM_ROLE_MACHINE;
    g_autoptr (LoomNode) node = loom_node_new (words[0], words[1], is_machine ? 8 : 16);
    node->x = g_ascii_strtod (words[2], NULL);
    node->y = g_ascii_strtod (words[3], NULL);
    if (is_machine && kind->takes_addresses)
      node->ports[0].addresses = g_strdup_printf ("10.0.0.%d/24", i + 1);
    loom_change_add_node (change, NULL, node);
  }
  for (int i = 0; links != NULL && links[i] != NULL; i++) {
    g_auto (GStrv) words = g_strsplit (links[i], " ", 2);
    LoomEnd one;
    LoomEnd other;
    g_assert_true (loom_end_parse (words[0], &one));
    g_assert_true (loom_end_parse (words[1], &other));
    g_autoptr (LoomLink) link = loom_link_new (&one, &other);
    loom_change_add_link (change, NULL, link);
    loom_end_clear (&one);
    loom_end_clear (&other);
  }
  loom_lab_apply (lab, change);
  return lab;
}

LoomLab *
sample_campus (void)
{
  static const char *const nodes[] = {
      "pc1 tiny 120 120",  "sw1 switch 360 120", "sw2 switch 680 80", "pc2 tiny 920 200",
      "srv1 disk 700 360", "hub1 hub 400 340",   "pc3 tiny 160 380",  NULL};
  static const char *const links[] = {"pc1:0 sw1:0",  "sw1:1 sw2:1",  "sw1:2 sw2:2",  "pc2:0 sw2:0",
                                      "srv1:0 sw2:4", "hub1:0 sw1:4", "hub1:1 pc3:0", NULL};

  return sample_lab (nodes, links);
}

static void
set_link (LoomStatus *status, const char *id, double a_bps, double b_bps, gboolean carrier)
{
  LoomLinkStatus link = {.carrier = carrier};

  link.from_a = (LoomFlow){.n_frames = a_bps > 0 ? 123456 : 0,
                           .n_bytes = a_bps * 2,
                           .rate_bps = a_bps,
                           .rate_fps = a_bps / 8000};
  link.from_b = (LoomFlow){.n_frames = b_bps > 0 ? 4567 : 0,
                           .n_bytes = b_bps * 2,
                           .rate_bps = b_bps,
                           .rate_fps = b_bps / 8000};
  loom_status_set_link (status, id, &link);
}

LoomStatus *
sample_campus_status (void)
{
  LoomStatus *status = loom_status_new ();

  loom_status_set_lab (status, LOOM_LAB_RUNNING);
  loom_status_set_node (status, "pc1", LOOM_NODE_READY, NULL, -1);
  loom_status_set_node (status, "sw1", LOOM_NODE_READY, NULL, -1);
  loom_status_set_node (status, "sw2", LOOM_NODE_READY, NULL, -1);
  loom_status_set_node (status, "pc2", LOOM_NODE_BOOTING, NULL, 0.4);
  loom_status_set_node (status, "srv1", LOOM_NODE_FAILED, "not enough memory", -1);
  loom_status_set_node (status, "pc3", LOOM_NODE_PAUSED, NULL, -1);
  set_link (status, "pc1:0 sw1:0", 94.1e6, 1.9e6, TRUE);
  set_link (status, "sw1:1 sw2:1", 93.4e6, 1.9e6, TRUE);
  set_link (status, "sw1:2 sw2:2", 2.1e9, 0, TRUE);
  set_link (status, "pc2:0 sw2:0", 0, 0, TRUE);
  set_link (status, "srv1:0 sw2:4", 0, 0, FALSE);
  set_link (status, "hub1:0 sw1:4", 1200, 84e3, TRUE);
  set_link (status, "hub1:1 pc3:0", 84e3, 1200, TRUE);
  loom_status_end_links (status, 1);
  return status;
}

LoomLab *
sample_mesh (int n_nodes, int n_links)
{
  static const char *const kinds[] = {"tiny", "switch", "hub", "disk"};
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free);
  int side = ceil (sqrt (n_nodes));

  for (int i = 0; i < n_nodes; i++)
    g_ptr_array_add (nodes, g_strdup_printf ("n%d %s %d %d", i, kinds[i % 4], i % side * 168,
                                             i / side * 144 + (i % side) % 2 * 40));
  /* Each node to its right, then each to the one below, then along the diagonals. */
  for (int i = 0; i < n_links; i++) {
    int from = i % n_nodes;
    int lane = i / n_nodes;
    int to = (from + (lane == 0 ? 1 : lane == 1 ? side : side + lane - 1)) % n_nodes;
    g_ptr_array_add (links, g_strdup_printf ("n%d:%d n%d:%d", from, lane * 2, to, lane * 2 + 1));
  }
  g_ptr_array_add (nodes, NULL);
  g_ptr_array_add (links, NULL);
  return sample_lab ((const char *const *) nodes->pdata, (const char *const *) links->pdata);
}

void
sample_traffic (LoomLab *lab, LoomStatus *status, int round)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);

  for (guint i = 0; i < links->len; i++) {
    g_autofree char *id = loom_link_dup_id (g_ptr_array_index (links, i));
    LoomLinkStatus link = {.carrier = TRUE};
    link.from_a = (LoomFlow){.n_frames = 100 + round * 7 + i,
                             .n_bytes = 1000 * round,
                             .rate_bps = (1e5 + i * 7919 % 9000) * (1000 + round * 37 % 200) / 100,
                             .rate_fps = 100};
    link.from_b = (LoomFlow){.n_frames = 100 + round * 3 + i,
                             .n_bytes = 100 * round,
                             .rate_bps = (1e3 + i * 31 % 900) * (1000 + round * 53 % 200) / 100,
                             .rate_fps = 10};
    loom_status_set_link (status, id, &link);
  }
  loom_status_end_links (status, round * G_GINT64_CONSTANT (100000));
}
