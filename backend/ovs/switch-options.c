/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the switch is started with, and whether the host has what it takes. */

#include "backend/ovs/switch-parts.h"

#include <glib/gi18n-lib.h>

#define PMD_MAXSLEEP_US 500

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
