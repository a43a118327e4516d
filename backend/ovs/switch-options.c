/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the switch is started with, and whether the host has what it takes. The numbers behind the
 * memory plan were measured with Open vSwitch 3.1 and DPDK 22.11; see DESIGN.md. */

#include <glib/gi18n-lib.h>

#include "backend/ovs/switch-parts.h"

#include <stdio.h>

#define BASE_MIB 64
#define PORT_MIB 80
#define SHARED_POOL_MIB 834
#define MIN_MIB 4096
#define PMD_MAXSLEEP_US 500

LoomSwitchMemory
loom_switch_plan_memory (guint n_nics, guint free_hugepages_mib)
{
  LoomSwitchMemory memory = {0};
  guint per_port_mib = BASE_MIB + n_nics * PORT_MIB;

  memory.hugepages = free_hugepages_mib >= MIN (per_port_mib, SHARED_POOL_MIB);
  memory.per_port_memory = TRUE;
  memory.memory_mib = MAX (MIN_MIB, 2 * per_port_mib);
  return memory;
}

void
loom_switch_options_init (LoomSwitchOptions *ret_options, guint n_nics, guint free_hugepages_mib)
{
  *ret_options = (LoomSwitchOptions){
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
