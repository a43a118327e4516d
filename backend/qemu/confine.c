/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The numbers are the kernel's: headers of Debian 12 know less of them than its kernel may. */

#include "backend/qemu/confine.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRUNCATE (1ull << 14) /* LANDLOCK_ACCESS_FS_TRUNCATE, of version 3 */
#define READ_FILE (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE)
#define READ (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)
#define ALL_OF_VERSION_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define HIGH_FD 100 /* beyond those that a spawned program is given */

/* Folders of "/" that are a person's, or anybody's. */
static const char *const closed[] = {"boot", "home", "lost+found", "media", "mnt", "root",
                                     "run",  "srv",  "tmp",        "var",   NULL};

static void
add_rule (int ruleset, const char *path, guint64 access, guint64 known)
{
  struct landlock_path_beneath_attr rule = {
      .parent_fd = open (path, O_PATH | O_CLOEXEC),
      .allowed_access = access & known,
  };
  struct stat st;

  if (rule.parent_fd < 0)
    return;
  if (fstat (rule.parent_fd, &st) == 0 && !S_ISDIR (st.st_mode))
    rule.allowed_access &= READ_FILE | WRITE_FILE;
  if (syscall (SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
    g_warning ("landlock: %s", path);
  close (rule.parent_fd);
}

static void
add_system (int ruleset, guint64 known)
{
  g_autoptr (GDir) root = g_dir_open ("/", 0, NULL);
  const char *name;

  while (root != NULL && (name = g_dir_read_name (root)) != NULL) {
    g_autofree char *path = g_build_filename ("/", name, NULL);

    if (!g_strv_contains (closed, name))
      add_rule (ruleset, path, g_str_equal (name, "dev") ? READ | WRITE_FILE : READ, known);
  }
}

int
loom_confine_open (const char *const *readable, const char *const *writable)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  struct landlock_ruleset_attr attributes = {.handled_access_fs = ALL_OF_VERSION_1};
  int fd, high_fd;

  if (version < 1)
    return -1;
  if (version >= 3)
    attributes.handled_access_fs |= TRUNCATE;
  fd = (int) syscall (SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (fd < 0)
    return -1;
  high_fd = fcntl (fd, F_DUPFD_CLOEXEC, HIGH_FD);
  close (fd);
  if (high_fd < 0)
    return -1;
  add_system (high_fd, attributes.handled_access_fs);
  for (guint i = 0; readable != NULL && readable[i] != NULL; i++)
    add_rule (high_fd, readable[i], READ, attributes.handled_access_fs);
  for (guint i = 0; writable != NULL && writable[i] != NULL; i++)
    add_rule (high_fd, writable[i], ~(guint64) LANDLOCK_ACCESS_FS_EXECUTE,
              attributes.handled_access_fs);
  return high_fd;
}

void
loom_confine_enter (gpointer fd)
{
  int ruleset = *(int *) fd;

  /* Landlock asks for the first; both are for good. A kernel that made the rules keeps them. */
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
      || syscall (SYS_landlock_restrict_self, ruleset, 0) < 0)
    _exit (126);
}
