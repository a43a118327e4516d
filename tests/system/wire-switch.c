/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See wire-switch.h. */

#include "tests/system/wire-switch.h"

void
wire_switch_set_up (WireSwitch *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LoomSwitchOptions options;

  f->folder = g_dir_make_tmp ("wire-XXXXXX", &error);
  g_assert_no_error (error);
  for (int i = 0; i < 2; i++) {
    g_autofree char *path = g_strdup_printf ("%s/m%d.0", f->folder, i);

    f->guests[i] = vhost_peer_new (path);
  }
  f->wire = wire_process_new (f->folder);
  loom_switch_options_init (&options, 6, loom_switch_read_free_hugepages_mib (LOOM_SWITCH_SYS));
  f->switch_ = loom_switch_new (f->folder, &options);
  real_switch_run (f->switch_, loom_switch_start_async, loom_switch_start_finish);
}

/* The folder goes with the namespaces. */
void
wire_switch_tear_down (WireSwitch *f, gconstpointer data)
{
  real_switch_run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_object_unref (f->switch_);
  wire_process_free (f->wire);
  for (int i = 0; i < 2; i++)
    vhost_peer_free (f->guests[i]);
  g_free (f->folder);
}

void
wire_switch_attach (WireSwitch *f, const char *settings)
{
  wire_process_do (f->wire, "attach",
                   "{'cable': %d, 'key': 'pc1:0 pc2:0', 'sockets': ['%s/w1.0', '%s/w1.1'],"
                   " 'forward': %s, 'backward': %s}",
                   WIRE_SWITCH_CABLE, f->folder, f->folder, settings, settings);
}

static void
add_nic (WireSwitch *f, LoomFabric *fabric, const char *key)
{
  g_autofree char *path = g_build_filename (f->folder, key, NULL);

  loom_fabric_add_nic (fabric, key, path);
}

void
wire_switch_plug (WireSwitch *f, const char *through)
{
  g_autofree char *near = g_strdup_printf ("%s.0", through);
  g_autofree char *far = g_strdup_printf ("%s.1", through);
  g_autoptr (LoomFabric) fabric = loom_fabric_new ();

  add_nic (f, fabric, "m0.0");
  add_nic (f, fabric, "m1.0");
  if (through == NULL) {
    loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  } else {
    add_nic (f, fabric, near);
    add_nic (f, fabric, far);
    loom_fabric_add_cable (fabric, 1, "m0.0", near);
    loom_fabric_add_cable (fabric, 2, far, "m1.0");
  }
  real_switch_update (f->switch_, fabric);
}
