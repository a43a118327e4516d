/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a switch's packet buffers are paid for. The numbers were measured with Open vSwitch 3.1 and
 * DPDK 22.11; see DESIGN.md. */

#include "backend/ovs/switch-memory.h"

#define BASE_MIB 64
#define PORT_MIB 84
#define MIN_MIB 4096
#define PAGES "hugepages/hugepages-2048kB"

/* Without huge pages a buffer takes a whole page of 4 KiB. The switch asks for 262,144 of them and
 * halves that down to 16,384 until DPDK has so many (lib/netdev-dpdk.c, dpdk_mp_create ()). So the
 * limit chooses the number: 16,384 take 64 MiB and twice as many do not fit into less than 128.
 * Buffers are only on loan between two ports, so that the smallest pool serves any number; what is
 * left over is for the ports themselves and for segments of up to 64 KiB on their way.
 *
 * A try that does not fit sometimes ends in ENOBUFS instead of ENOMEM, when the last scrap of
 * memory crosses the border of a page, and then the switch gives up. Another limit moves that
 * scrap.
 *
 * In huge pages a buffer takes 3,008 bytes, 16,384 of them 47 MiB. Limits keep away from where a
 * larger pool (94, 188, 376 MiB) just fits: at 96 MiB it did, and no port could be made. */
static const struct {
  guint max_nics;
  int first_mib;
  int end_mib; /* the next larger pool would fit */
  int huge_mib;
} SHARED[] = {
    {128, 104, 128, 88}, /* measured with 104 NICs */
    {512, 192, 256, 160},
    {G_MAXUINT, 384, 512, 320},
};

#define SHARED_STEP_MIB 5

LoomSwitchMemory
loom_switch_plan_memory (guint n_nics, guint free_hugepages_mib)
{
  LoomSwitchMemory memory = {0};
  guint i = 0;

  while (n_nics > SHARED[i].max_nics)
    i++;
  memory.hugepages = free_hugepages_mib >= (guint) SHARED[i].huge_mib;
  memory.memory_mib = memory.hugepages ? SHARED[i].huge_mib : SHARED[i].first_mib;
  return memory;
}

gboolean
loom_switch_plan_next_memory (LoomSwitchMemory *memory, guint n_nics)
{
  guint per_port_mib = BASE_MIB + MIN (n_nics, G_MAXINT / PORT_MIB / 4) * PORT_MIB;

  if (memory->per_port_memory)
    return FALSE;
  if (memory->hugepages) {
    *memory = loom_switch_plan_memory (n_nics, 0);
    return TRUE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (SHARED); i++)
    if (memory->memory_mib < SHARED[i].end_mib) {
      memory->memory_mib += SHARED_STEP_MIB;
      if (memory->memory_mib < SHARED[i].end_mib)
        return TRUE;
      break;
    }
  memory->per_port_memory = TRUE;
  memory->memory_mib = MAX (MIN_MIB, 2 * (int) per_port_mib);
  return TRUE;
}

/* FALSE: there is no such number. */
static gboolean
read_number (const char *folder, const char *name, guint64 *ret_number)
{
  g_autofree char *path = g_build_filename (folder, PAGES, name, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  *ret_number = g_ascii_strtoull (text, NULL, 10);
  return TRUE;
}

/* The least that a memory node has: the switch makes its buffers on the node of each guest. */
static guint64
read_least_of_nodes (const char *sys, guint64 n_pages)
{
  g_autofree char *path = g_build_filename (sys, "devices", "system", "node", NULL);
  g_autoptr (GDir) nodes = g_dir_open (path, 0, NULL);
  const char *name;

  while (nodes != NULL && (name = g_dir_read_name (nodes)) != NULL) {
    g_autofree char *node = g_build_filename (path, name, NULL);
    guint64 n_free;

    if (read_number (node, "free_hugepages", &n_free))
      n_pages = MIN (n_pages, n_free);
  }
  return n_pages;
}

guint
loom_switch_read_free_hugepages_mib (const char *sys)
{
  g_autofree char *all = g_build_filename (sys, "kernel", "mm", NULL);
  guint64 n_free = 0;
  guint64 n_promised = 0;

  /* A page that a program has mapped and not touched yet still counts as free. */
  read_number (all, "free_hugepages", &n_free);
  read_number (all, "resv_hugepages", &n_promised);
  n_free -= MIN (n_promised, n_free);
  return (guint) MIN (read_least_of_nodes (sys, n_free), G_MAXINT / 2) * 2;
}
