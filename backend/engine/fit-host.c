/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measures the host for the fit check. See fit-host.h. */

#include "backend/engine/fit-host.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "backend/engine/control-group.h"
#include "backend/engine/reserve.h"
#include "backend/ovs/switch-memory.h"

static gboolean
find_kib (const char *meminfo, const char *name, gint64 *ret_kib)
{
  const char *place = strstr (meminfo, name);

  if (place == NULL || (place != meminfo && place[-1] != '\n'))
    return FALSE;
  *ret_kib = (gint64) MIN (g_ascii_strtoull (place + strlen (name), NULL, 10),
                           (guint64) G_MAXINT * 1024);
  return TRUE;
}

gboolean
loom_fit_host_parse_memory (const char *meminfo, int *ret_total_mib, int *ret_available_mib)
{
  gint64 total, available;

  if (!find_kib (meminfo, "MemTotal:", &total) || !find_kib (meminfo, "MemAvailable:", &available))
    return FALSE;
  *ret_total_mib = (int) (total / 1024);
  *ret_available_mib = (int) (available / 1024);
  return TRUE;
}

static int
count_cores (void)
{
  cpu_set_t set;

  if (sched_getaffinity (0, sizeof set, &set) == 0)
    return MAX (CPU_COUNT (&set), 1);
  return (int) MAX (sysconf (_SC_NPROCESSORS_ONLN), 1);
}

static gint64
measure_disk_mib (void)
{
  struct statvfs fs;

  if (statvfs ("/var/tmp", &fs) < 0)
    return -1;
  return (gint64) ((guint64) fs.f_bavail * fs.f_frsize / (1024 * 1024));
}

/* As lanloom-engine will decide, without its trial boot: emulation unless KVM may work. */
static gboolean
guess_kvm (void)
{
  g_autofree char *path = g_build_filename (g_get_user_cache_dir (), "lanloom", "accel", NULL);
  g_autofree char *text = NULL;
  const char *forced = g_getenv ("LANLOOM_ACCEL");

  if (forced != NULL && forced[0] != '\0')
    return g_str_equal (forced, "kvm");
  if (access ("/dev/kvm", R_OK | W_OK) < 0)
    return FALSE;
  return g_file_get_contents (path, &text, NULL, NULL) && g_str_has_prefix (text, "kvm");
}

void
loom_fit_host_measure (LoomFitHost *ret_host)
{
  g_autofree char *meminfo = NULL;
  g_autofree char *membership = NULL;
  int group_mib = -1;

  /* Where nothing can be read nothing is refused. */
  *ret_host = (LoomFitHost){
      .memory_total_mib = G_MAXINT,
      .memory_available_mib = G_MAXINT,
      .hugepages_free_mib = (int) loom_switch_read_free_hugepages_mib (LOOM_SWITCH_SYS),
      .n_cores = count_cores (),
      .disk_free_mib = measure_disk_mib (),
      .kvm = guess_kvm (),
      .reserved_mib = loom_reserve_measure_mib (),
  };
  if (g_file_get_contents ("/proc/meminfo", &meminfo, NULL, NULL))
    loom_fit_host_parse_memory (meminfo, &ret_host->memory_total_mib,
                                &ret_host->memory_available_mib);
  if (g_file_get_contents ("/proc/self/cgroup", &membership, NULL, NULL))
    group_mib = loom_control_group_measure_mib (membership, "/sys/fs/cgroup");
  if (group_mib >= 0)
    ret_host->memory_available_mib = MIN (ret_host->memory_available_mib, group_mib);
}
