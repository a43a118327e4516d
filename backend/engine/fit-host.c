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

#include "backend/engine/reserve.h"
#include "backend/ovs/switch-memory.h"

#define MAX_GROUP_DEPTH 32

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

int
loom_fit_host_parse_limit (const char *max, const char *current)
{
  guint64 limit, used;

  if (!g_ascii_isdigit (max[0]))
    return -1;
  limit = g_ascii_strtoull (max, NULL, 10) / (1024 * 1024);
  used = g_ascii_strtoull (current, NULL, 10) / (1024 * 1024);
  if (limit > G_MAXINT)
    return -1;
  return used < limit ? (int) (limit - used) : 0;
}

/* What the limits of our control group and those above it leave; -1: no limit. Page cache counts as
 * used there, so this errs on the safe side. */
static int
measure_group_mib (void)
{
  g_autofree char *text = NULL;
  g_autofree char *group = NULL;
  int least = -1;

  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL) || strstr (text, "0::") == NULL)
    return -1;
  group = g_strdup (strstr (text, "0::") + strlen ("0::"));
  group[strcspn (group, "\n")] = '\0';
  for (int i = 0; i < MAX_GROUP_DEPTH && strlen (group) > 1; i++) {
    g_autofree char *max_path = g_build_filename ("/sys/fs/cgroup", group, "memory.max", NULL);
    g_autofree char *current_path = g_build_filename ("/sys/fs/cgroup", group, "memory.current",
                                                      NULL);
    g_autofree char *max = NULL;
    g_autofree char *current = NULL;
    char *slash = strrchr (group, '/');

    if (g_file_get_contents (max_path, &max, NULL, NULL)
        && g_file_get_contents (current_path, &current, NULL, NULL)) {
      int left = loom_fit_host_parse_limit (max, current);
      least = left >= 0 && (least < 0 || left < least) ? left : least;
    }
    if (slash == NULL)
      break;
    *slash = '\0';
  }
  return least;
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
  int group_mib = measure_group_mib ();

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
  if (group_mib >= 0)
    ret_host->memory_available_mib = MIN (ret_host->memory_available_mib, group_mib);
}
