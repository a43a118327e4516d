/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the switch is started with, and whether the host has what it takes. The numbers behind the
 * memory plan were measured with Open vSwitch 3.1 and DPDK 22.11; see DESIGN.md. */

#include "backend/ovs/switch-parts.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#define BASE_MIB 64
#define PORT_MIB 84
#define MIN_MIB 4096
#define PMD_MAXSLEEP_US 500

/* Without huge pages a buffer takes a whole page of 4 KiB. The switch asks for 262,144 of them and
 * halves that down to 16,384 until DPDK has so many (lib/netdev-dpdk.c, dpdk_mp_create ()). So the
 * limit chooses the number: 16,384 take 64 MiB and twice as many do not fit into less than 128.
 * Buffers are only on loan between two ports, so that the smallest pool serves any number; what is
 * left over is for the ports themselves and for segments of up to 64 KiB on their way.
 *
 * A try that does not fit sometimes ends in ENOBUFS instead of ENOMEM, when the last scrap of
 * memory crosses the border of a page, and then the switch gives up. Another limit moves that
 * scrap. */
static const struct {
  guint max_nics;
  int first_mib;
  int end_mib; /* the next larger pool would fit */
} SHARED[] = {
    {128, 104, 128}, /* measured with 104 NICs */
    {512, 192, 256},
    {G_MAXUINT, 384, 512},
};

#define SHARED_STEP_MIB 5

LoomSwitchMemory
loom_switch_plan_memory (guint n_nics, guint free_hugepages_mib)
{
  LoomSwitchMemory memory = {0};
  guint per_port_mib = BASE_MIB + MIN (n_nics, G_MAXINT / PORT_MIB / 4) * PORT_MIB;
  guint i = 0;

  if (free_hugepages_mib >= per_port_mib) {
    memory.hugepages = TRUE;
    memory.per_port_memory = TRUE;
    memory.memory_mib = MAX (MIN_MIB, 2 * (int) per_port_mib);
    return memory;
  }
  while (n_nics > SHARED[i].max_nics)
    i++;
  memory.memory_mib = SHARED[i].first_mib;
  return memory;
}

gboolean
loom_switch_plan_next_memory (LoomSwitchMemory *memory, guint n_nics)
{
  guint per_port_mib = BASE_MIB + MIN (n_nics, G_MAXINT / PORT_MIB / 4) * PORT_MIB;

  if (memory->per_port_memory)
    return FALSE;
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

void
loom_switch_options_init (LoomSwitchOptions *ret_options, guint n_nics, guint free_hugepages_mib)
{
  *ret_options = (LoomSwitchOptions){
      .n_nics = n_nics,
      .tso = TRUE,
      .pmd_maxsleep_us = PMD_MAXSLEEP_US,
      .memory = loom_switch_plan_memory (n_nics, free_hugepages_mib),
  };
}

guint
loom_switch_read_free_hugepages_mib (void)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", &text, NULL,
                            NULL))
    return 0;
  return (guint) MIN (g_ascii_strtoull (text, NULL, 10), G_MAXINT / 2) * 2;
}

GStrv
loom_switch_check_host (void)
{
  g_autoptr (GStrvBuilder) missing = g_strv_builder_new ();
  g_autofree char *vswitchd = loom_switch_find_vswitchd ();
  g_autofree char *schema = loom_switch_find_schema ();
  g_autofree char *server = loom_switch_find_program ("ovsdb-server");
  g_autofree char *tool = loom_switch_find_program ("ovsdb-tool");

  if (vswitchd == NULL)
    g_strv_builder_add (missing, _ ("Open vSwitch with DPDK is not installed. Install the package "
                                    "“openvswitch-switch-dpdk”."));
  if (server == NULL || tool == NULL)
    g_strv_builder_add (missing, _ ("“ovsdb-server” is not installed. Install the package "
                                    "“openvswitch-common”."));
  if (schema == NULL)
    g_strv_builder_add (missing, _ ("The database schema of Open vSwitch is not installed. Install "
                                    "the package “openvswitch-switch”."));
  return g_strv_builder_end (missing);
}
