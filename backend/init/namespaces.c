/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inside of a lab: what the first process does between being cloned into new namespaces and
 * becoming PID 1 of the lab.
 *
 * - The user map is the identity for one user: files, SO_PEERCRED and DPDK's choice of runtime
 * folder are what they are outside. Capabilities are kept as ambient ones, since an exec by a user
 * that is not 0 would drop them; they count inside only.
 * - /run is a tmpfs of the lab's own, since what listens there (the person's desktop, the system's
 *   daemons) is no business of a lab. What a lab needs is bound back at its place, where it lies
 *   below /run: the runtime folder, the project's folder, the image library, the programs, and
 *   /run/media (people's disks).
 * - /proc shows the lab's processes. /sys stays the host's: DPDK reads CPUs and nodes from it. */

#include "backend/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <limits.h>
#include <linux/capability.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lanloom-config.h"

#define _(text) dgettext (GETTEXT_PACKAGE, text)

static int
write_file (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;

  ssize_t length = (ssize_t) strlen (text);
  int result = write (fd, text, (size_t) length) == length ? 0 : -1;
  int saved = errno;
  close (fd);
  errno = saved;
  return result;
}

static int
map_user (uid_t uid, gid_t gid)
{
  char text[64];

  /* user_namespaces (7): setgroups must be given up before an unprivileged gid map. */
  if (write_file ("/proc/self/setgroups", "deny") < 0)
    return -1;
  snprintf (text, sizeof text, "%u %u 1", (unsigned) uid, (unsigned) uid);
  if (write_file ("/proc/self/uid_map", text) < 0)
    return -1;
  snprintf (text, sizeof text, "%u %u 1", (unsigned) gid, (unsigned) gid);
  return write_file ("/proc/self/gid_map", text);
}

static int
make_parents (const char *path)
{
  char copy[PATH_MAX];

  snprintf (copy, sizeof copy, "%s", path);
  for (char *p = strchr (copy + 1, '/'); p != NULL; p = strchr (p + 1, '/')) {
    *p = '\0';
    if (mkdir (copy, 0755) < 0 && errno != EEXIST)
      return -1;
    *p = '/';
  }
  return mkdir (copy, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

/* Binds the folder open at @fd (of the mount that is hidden now) to @path. */
static int
bind_back (int fd, const char *path)
{
  char source[64];

  if (make_parents (path) < 0)
    return -1;
  snprintf (source, sizeof source, "/proc/self/fd/%d", fd);
  return mount (source, path, NULL, MS_BIND | MS_REC, NULL);
}

/* A folder that the lab sees although it lies below /run. */
typedef struct {
  char path[PATH_MAX];
  int fd;
} Kept;

#define MAX_KEPT 8

typedef struct {
  Kept folders[MAX_KEPT];
  int n;
} KeptList;

/* Opened in this namespace: a handle from outside belongs to mounts that cannot be bound here. What
 * does not exist, or is not below /run, needs nothing. */
static void
keep (KeptList *list, const char *path)
{
  Kept *kept = &list->folders[list->n];

  if (list->n == MAX_KEPT || realpath (path, kept->path) == NULL
      || (strncmp (kept->path, "/run/", 5) != 0 && strcmp (kept->path, "/run") != 0))
    return;
  kept->fd = open (kept->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (kept->fd >= 0)
    list->n++;
}

/* The folder @n_up levels above what @path names. */
static void
keep_above (KeptList *list, const char *path, int n_up)
{
  char copy[PATH_MAX];

  snprintf (copy, sizeof copy, "%s", path);
  while (n_up-- > 0) {
    char *slash = strrchr (copy, '/');
    if (slash == NULL || slash == copy)
      return;
    *slash = '\0';
  }
  keep (list, copy);
}

/* Where g_get_user_data_dir () is: see loom_derive_image (). */
static void
keep_library (KeptList *list)
{
  const char *data = getenv ("XDG_DATA_HOME");
  const char *home = getenv ("HOME");
  char path[PATH_MAX];

  if (data != NULL && data[0] == '/')
    snprintf (path, sizeof path, "%s/lanloom/images", data);
  else
    snprintf (path, sizeof path, "%s/.local/share/lanloom/images", home != NULL ? home : "");
  keep (list, path);
}

static int
cover_run (const KeptList *list)
{
  for (int i = 0; i < list->n; i++)
    if (strcmp (list->folders[i].path, "/run") == 0)
      return 0; /* a project in /run itself: there is nothing to hide */

  if (mount ("lanloom", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64m") < 0)
    return -1;
  /* A folder inside another is bound twice, which is what it was before. */
  for (int i = 0; i < list->n; i++)
    if (bind_back (list->folders[i].fd, list->folders[i].path) < 0)
      return -1;
  return 0;
}

static int
mount_run (const InitOptions *options)
{
  KeptList list = {.n = 0};

  keep (&list, options->runtime);
  keep (&list, "/run/media");
  keep_library (&list);
  if (options->file != NULL)
    keep_above (&list, options->file, 1);
  /* build/backend/engine/lanloom-engine, prefix/libexec/lanloom/lanloom-engine */
  if (options->engine != NULL)
    keep_above (&list, options->engine, 3);
  keep (&list, LOOM_SOURCE_ROOT);

  int result = cover_run (&list);
  int saved = errno;
  for (int i = 0; i < list.n; i++)
    close (list.folders[i].fd);
  errno = saved;
  return result;
}

static int
set_up_loopback (void)
{
  struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;

  strcpy (request.ifr_name, "lo");
  int result = ioctl (fd, SIOCSIFFLAGS, &request);
  int saved = errno;
  close (fd);
  errno = saved;
  return result;
}

/* Makes every capability we have here inheritable and ambient (capabilities (7)). */
static int
keep_capabilities (void)
{
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];

  if (syscall (SYS_capget, &header, data) < 0)
    return -1;
  data[0].inheritable = data[0].permitted;
  data[1].inheritable = data[1].permitted;
  if (syscall (SYS_capset, &header, data) < 0)
    return -1;

  for (unsigned long capability = 0; capability < 64; capability++) {
    bool permitted = (data[capability / 32].permitted >> (capability % 32)) & 1;
    if (permitted && prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
      return -1;
  }
  return 0;
}

static int
fail (const char *what)
{
  init_report (errno,
               _ ("This host does not let Lanloom make a lab's own namespaces: %s failed. "
                  "Unprivileged user namespaces must be allowed (sysctl user.max_user_namespaces, "
                  "kernel.unprivileged_userns_clone, an AppArmor profile with “userns,”)."),
               what);
  return INIT_EXIT_HOST;
}

int
init_enter_namespaces (const InitOptions *options, uid_t uid, gid_t gid)
{
  if (map_user (uid, gid) < 0)
    return fail ("uid_map");
  if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    return fail ("mount --make-private");
  if (mount ("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
    return fail ("mount /proc");
  if (mount_run (options) < 0)
    return fail ("mount /run");
  /* AppArmor of some distributions lets user namespaces be made but leaves them powerless: bringing
   * lo up is the real test. */
  if (set_up_loopback () < 0)
    return fail ("ip link set lo up");
  if (keep_capabilities () < 0)
    return fail ("ambient capabilities");
  return 0;
}
