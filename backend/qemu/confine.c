/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The numbers are the kernel's: headers of Debian 12 know less of them than its kernel may. What
 * Landlock does not cover is who may be spoken to: sockets of the lab are files of the same user,
 * and whoever reaches the engine or the switch's database has all rights of theirs. So no confined
 * program connects to anything (they are connected to, all of them), which a filter of system calls
 * sees to (seccomp(2)); io_uring, which goes past such filters, is shut with it. */

#include "backend/qemu/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRUNCATE (1ull << 14) /* LANDLOCK_ACCESS_FS_TRUNCATE, of version 3 */
#define READ_FILE (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE)
#define READ (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)
#define SOCKETS (LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define ALL_OF_VERSION_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define HIGH_FD 100 /* beyond those that a spawned program is given */

/* LANDLOCK_SCOPE_…, of version 6: sockets without a path, and signals, stay inside. */
#define SCOPES 3
#define SCOPES_VERSION 6

/* As of version 6; older kernels take what they do not know if it is 0. */
typedef struct {
  guint64 handled_access_fs;
  guint64 handled_access_net;
  guint64 scoped;
} RulesetAttributes;

/* Where a system keeps its programs, and what tells of it: nothing of a person's. */
static const char *const systems[] = {"/bin",   "/etc",    "/gnu", "/lib", "/lib32",
                                      "/lib64", "/libx32", "/nix", "/opt", "/proc",
                                      "/sbin",  "/snap",   "/sys", "/usr", NULL};
/* Not all of /dev: terminals and shared memory of the person's other programs are there. */
static const char *const devices[] = {"/dev/full",    "/dev/kvm",  "/dev/null", "/dev/random",
                                      "/dev/urandom", "/dev/zero", NULL};

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
add_rules (int ruleset, const char *const *paths, guint64 access, guint64 known)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    add_rule (ruleset, paths[i], access, known);
}

int
loom_confine_open (const char *const *readable, const char *const *writable,
                   const char *const *socket_folders)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  RulesetAttributes attributes = {.handled_access_fs = ALL_OF_VERSION_1};
  int fd, high_fd;

  if (version < 1)
    return -1;
  if (version >= 3)
    attributes.handled_access_fs |= TRUNCATE;
  if (version >= SCOPES_VERSION)
    attributes.scoped = SCOPES;
  fd = (int) syscall (SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (fd < 0)
    return -1;
  high_fd = fcntl (fd, F_DUPFD_CLOEXEC, HIGH_FD);
  close (fd);
  if (high_fd < 0)
    return -1;
  add_rules (high_fd, systems, READ, attributes.handled_access_fs);
  add_rules (high_fd, devices, READ_FILE | WRITE_FILE, attributes.handled_access_fs);
  add_rules (high_fd, readable, READ, attributes.handled_access_fs);
  add_rules (high_fd, writable, READ_FILE | WRITE_FILE, attributes.handled_access_fs);
  add_rules (high_fd, socket_folders, SOCKETS, attributes.handled_access_fs);
  return high_fd;
}

/* FALSE: the filter was refused. A kernel that knows none has none. */
static gboolean
forbid_calls (void)
{
#ifdef __x86_64__
  /* Other calling conventions of this processor have other numbers: none of them is used. */
  static struct sock_filter filter[] = {
      BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, arch)),
      BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 5),
      BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
      BPF_JUMP (BPF_JMP | BPF_JGE | BPF_K, __X32_SYSCALL_BIT, 3, 0),
      BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 2, 0),
      BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 1, 0),
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
  };
  static const struct sock_fprog program = {G_N_ELEMENTS (filter), filter};

  return prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 || errno == EINVAL;
#else
  return TRUE;
#endif
}

void
loom_confine_enter (gpointer fd)
{
  int ruleset = *(int *) fd;

  /* Landlock and the filter ask for the first; all are for good. A kernel that made the rules keeps
   * them. */
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
      || syscall (SYS_landlock_restrict_self, ruleset, 0) < 0 || !forbid_calls ())
    _exit (126);
}
