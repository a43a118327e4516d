/* SPDX-License-Identifier: GPL-3.0-or-later */

/* DPDK takes its settings as a command line. */

#include "backend/wire/environment.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sched.h>

#include <rte_eal.h>
#include <rte_errno.h>

/* A frame without its octets, with all that DPDK puts around it, generously; and what DPDK itself
 * needs. */
#define FRAME_BYTES 256u
#define BASE_MIB 16u

/* All processors that this process may use, for a thread that is bound to none of them: "0@(0,1)".
 */
static char *
dup_lcores (const cpu_set_t *cpus)
{
  g_autoptr (GString) text = g_string_new ("0@(");

  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET (i, cpus))
      g_string_append_printf (text, "%s%d", text->str[text->len - 1] == '(' ? "" : ",", i);
  g_string_append_c (text, ')');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
loom_wire_environment_init (const char *folder, guint n_buffers, gboolean huge, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  guint memory_mib = BASE_MIB + (guint) ((guint64) n_buffers * FRAME_BYTES >> 20);
  g_autofree char *lcores = NULL;
  g_autofree char **given = NULL;
  cpu_set_t cpus;

  sched_getaffinity (0, sizeof cpus, &cpus);
  lcores = dup_lcores (&cpus);
  g_setenv ("RUNTIME_DIRECTORY", folder, TRUE);
  g_ptr_array_add (argv, g_strdup ("lanloom-wire"));
  g_ptr_array_add (argv, g_strconcat ("--lcores=", lcores, NULL));
  g_ptr_array_add (argv, g_strdup ("--no-pci"));
  g_ptr_array_add (argv, g_strdup ("--no-telemetry"));
  g_ptr_array_add (argv, g_strdup ("--iova-mode=va"));
  g_ptr_array_add (argv, g_strdup ("--log-level=warning"));
  if (huge) {
    /* Memory without a name, for users that may write to no folder of huge pages; the folder named
     * is none, or DPDK would lock the host's, which may be closed to them. */
    g_ptr_array_add (argv, g_strdup ("--in-memory"));
    g_ptr_array_add (argv, g_strdup ("--huge-dir=/none"));
  } else {
    g_ptr_array_add (argv, g_strdup ("--no-shconf"));
    g_ptr_array_add (argv, g_strdup ("--no-huge"));
    g_ptr_array_add (argv, g_strdup_printf ("-m%u", memory_mib));
  }
  /* DPDK moves and replaces what it is given. */
  given = g_memdup2 (argv->pdata, argv->len * sizeof *given);
  if (rte_eal_init ((int) argv->len, given) >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (rte_errno), "DPDK does not start: %s",
               rte_strerror (rte_errno));
  return FALSE;
}

void
loom_wire_environment_remove (const char *folder)
{
  g_autofree char *dpdk = g_build_filename (folder, "dpdk", NULL);
  g_autofree char *rte = g_build_filename (dpdk, "rte", NULL);

  g_rmdir (rte);
  g_rmdir (dpdk);
  g_rmdir (folder);
}
