/* SPDX-License-Identifier: GPL-3.0-or-later */

/* copy: files into and out of a machine, over exec. A file goes through cat and dd, a folder
 * through tar on both sides; no shell is involved, so that any name does. Modes are kept. */

#include "backend/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ANSWER_BYTES 256

typedef struct {
  LoomCli *cli;
  LoomClient *client;
  const char *node;
  GError *error;
} Copy;

/* Runs a command in the guest; /dev/null where a descriptor is -1. TRUE if it ended with 0. */
static gboolean
run_in_guest (Copy *copy, const char *const *argv, int in_fd, int out_fd)
{
  int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  int status;

  status = loom_cli_exec_in (copy->cli, copy->client, copy->node, argv,
                             in_fd >= 0 ? in_fd : null_fd, out_fd >= 0 ? out_fd : null_fd,
                             STDERR_FILENO, &copy->error);
  close (null_fd);
  return copy->error == NULL && status == 0;
}

static gboolean
is_guest_folder (Copy *copy, const char *path)
{
  const char *argv[] = {"test", "-d", path, NULL};

  return run_in_guest (copy, argv, -1, -1);
}

/* The permission bits of a file of the guest; -1 if it cannot be told. */
static int
get_guest_mode (Copy *copy, const char *path)
{
  const char *argv[] = {"stat", "-L", "-c", "%a", path, NULL};
  char answer[MAX_ANSWER_BYTES] = "";
  guint64 mode;
  gssize size;
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) < 0)
    return -1;
  size = run_in_guest (copy, argv, -1, fds[1]) ? 1 : -1;
  close (fds[1]);
  if (size > 0)
    size = read (fds[0], answer, sizeof answer - 1);
  close (fds[0]);
  g_strstrip (answer);
  if (size <= 0 || !g_ascii_string_to_unsigned (answer, 8, 0, 07777, &mode, NULL))
    return -1;
  return (int) mode;
}

/* A tar process here, one end of whose pipe is @ret_fd: its input (extract) or its output. */
static GSubprocess *
spawn_tar (Copy *copy, const char *const *argv, gboolean extract, int *ret_fd)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  GSubprocess *tar;
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) < 0) {
    g_set_error (&copy->error, G_IO_ERROR, g_io_error_from_errno (errno), "%s", g_strerror (errno));
    return NULL;
  }
  if (extract)
    g_subprocess_launcher_take_stdin_fd (launcher, fds[0]);
  else
    g_subprocess_launcher_take_stdout_fd (launcher, fds[1]);
  *ret_fd = extract ? fds[1] : fds[0];
  tar = g_subprocess_launcher_spawnv (launcher, argv, &copy->error);
  if (tar == NULL)
    close (*ret_fd);
  return tar;
}

static gboolean
copy_folder_in (Copy *copy, const char *source, const char *destination)
{
  g_autofree char *parent = g_path_get_dirname (source);
  g_autofree char *name = g_path_get_basename (source);
  const char *here[] = {"tar", "-C", parent, "-cf", "-", "--", name, NULL};
  const char *there[] = {"tar", "-C", destination, "-xf", "-", NULL};
  g_autoptr (GSubprocess) tar = NULL;
  gboolean ok;
  int fd;

  tar = spawn_tar (copy, here, FALSE, &fd);
  if (tar == NULL)
    return FALSE;
  ok = run_in_guest (copy, there, fd, -1);
  close (fd);
  return g_subprocess_wait_check (tar, NULL, copy->error == NULL ? &copy->error : NULL) && ok;
}

/* tar's words, and those of a folder of the guest, which may be its enemy's, to files in @folder.
 * The name once more: it may send what was not asked for, ".bashrc" into a home folder. */
static gboolean
extract (Copy *copy, const char *parent, const char *name, const char *folder)
{
  const char *there[] = {"tar", "-C", parent, "-cf", "-", "--", name, NULL};
  const char *here[] = {"tar", "-C", folder, "--no-same-owner", "-xf", "-", "--", name, NULL};
  g_autoptr (GSubprocess) tar = NULL;
  gboolean ok;
  int fd;

  tar = spawn_tar (copy, here, TRUE, &fd);
  if (tar == NULL)
    return FALSE;
  ok = run_in_guest (copy, there, -1, fd);
  close (fd);
  return g_subprocess_wait_check (tar, NULL, copy->error == NULL ? &copy->error : NULL) && ok;
}

/* Moves what came to @path, where nothing may be but an empty folder. */
static gboolean
put_in_place (Copy *copy, const char *found, const char *path)
{
  struct stat info;
  int code = 0;

  if (lstat (found, &info) < 0 || !S_ISDIR (info.st_mode))
    return FALSE;
  if (rename (found, path) < 0)
    code = errno;
  if (code == ENOTEMPTY || code == EEXIST || code == ENOTDIR)
    g_set_error (&copy->error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                 _ ("“%s” is there already. Remove it, or choose another folder."), path);
  else if (code != 0)
    g_set_error (&copy->error, G_IO_ERROR, g_io_error_from_errno (code),
                 _ ("“%s” could not be written: %s."), path, g_strerror (code));
  return code == 0;
}

/* Into a new folder first: tar follows links that it has just made, or that an earlier copy left
 * ("x" to ".", then "x/.bashrc"). In a new folder they lead to nothing of the person's. */
static gboolean
copy_folder_out (Copy *copy, const char *source, const char *destination)
{
  g_autofree char *parent = g_path_get_dirname (source);
  g_autofree char *name = g_path_get_basename (source);
  g_autofree char *path = g_build_filename (destination, name, NULL);
  g_autofree char *temporary = g_build_filename (destination, ".lanloom-XXXXXX", NULL);
  g_autofree char *found = NULL;
  const char *rm[] = {"rm", "-rf", "--", temporary, NULL};
  gboolean ok;

  if (g_mkdtemp (temporary) == NULL) {
    g_set_error (&copy->error, G_IO_ERROR, g_io_error_from_errno (errno),
                 _ ("“%s” could not be written: %s."), destination, g_strerror (errno));
    return FALSE;
  }
  found = g_build_filename (temporary, name, NULL);
  ok = extract (copy, parent, name, temporary) && put_in_place (copy, found, path);
  g_spawn_sync (NULL, (char **) rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  return ok;
}

static gboolean
copy_file_in (Copy *copy, const char *source, const char *path)
{
  g_autofree char *output = g_strconcat ("of=", path, NULL);
  const char *dd[] = {"dd", output, "bs=65536", NULL};
  g_autofree char *mode = NULL;
  const char *chmod_argv[] = {"chmod", NULL, "--", path, NULL};
  struct stat info;
  gboolean ok;
  int saved_stderr;
  int fd = open (source, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || fstat (fd, &info) < 0) {
    g_set_error (&copy->error, G_IO_ERROR, g_io_error_from_errno (errno),
                 _ ("“%s” could not be read: %s."), source, g_strerror (errno));
    if (fd >= 0)
      close (fd);
    return FALSE;
  }
  /* dd reports on its standard error even when all is well: what it says is shown only by the test
   * that follows. */
  saved_stderr = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  ok = loom_cli_exec_in (copy->cli, copy->client, copy->node, dd, fd, saved_stderr, saved_stderr,
                         &copy->error)
       == 0;
  close (saved_stderr);
  close (fd);
  if (!ok && copy->error == NULL)
    g_set_error (&copy->error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                 _ ("“%s” could not be written in “%s”. Is its folder there?"), path, copy->node);
  if (!ok)
    return FALSE;
  mode = g_strdup_printf ("%o", (guint) info.st_mode & 07777);
  chmod_argv[1] = mode;
  return run_in_guest (copy, chmod_argv, -1, -1);
}

/* To a file beside the destination first: a copy that breaks off leaves what was there. */
static gboolean
copy_file_out (Copy *copy, const char *source, const char *path)
{
  g_autofree char *temporary = g_strconcat (path, ".XXXXXX", NULL);
  const char *cat[] = {"cat", "--", source, NULL};
  int mode = get_guest_mode (copy, source);
  gboolean ok;
  int fd;

  if (copy->error != NULL || mode < 0)
    return FALSE;
  fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) {
    g_set_error (&copy->error, G_IO_ERROR, g_io_error_from_errno (errno),
                 _ ("“%s” could not be written: %s."), path, g_strerror (errno));
    return FALSE;
  }
  ok = run_in_guest (copy, cat, -1, fd) && fchmod (fd, (mode_t) mode & 0777) == 0;
  close (fd);
  if (ok && g_rename (temporary, path) < 0) {
    g_set_error (&copy->error, G_IO_ERROR, g_io_error_from_errno (errno),
                 _ ("“%s” could not be written: %s."), path, g_strerror (errno));
    ok = FALSE;
  }
  if (!ok)
    g_unlink (temporary);
  return ok;
}

static gboolean
copy_in (Copy *copy, const char *source, const char *destination)
{
  g_autofree char *name = g_path_get_basename (source);
  g_autofree char *inside = g_build_filename (destination, name, NULL);
  gboolean into_folder = is_guest_folder (copy, destination);

  if (copy->error != NULL)
    return FALSE;
  if (!g_file_test (source, G_FILE_TEST_IS_DIR))
    return copy_file_in (copy, source, into_folder ? inside : destination);
  if (into_folder)
    return copy_folder_in (copy, source, destination);
  g_set_error (&copy->error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
               _ ("“%s” is a folder: the destination must be a folder of “%s” that is there."),
               source, copy->node);
  return FALSE;
}

static gboolean
copy_out (Copy *copy, const char *source, const char *destination)
{
  g_autofree char *name = g_path_get_basename (source);
  g_autofree char *inside = g_build_filename (destination, name, NULL);
  gboolean is_folder = is_guest_folder (copy, source);
  gboolean into_folder = g_file_test (destination, G_FILE_TEST_IS_DIR);

  if (copy->error != NULL)
    return FALSE;
  if (!is_folder)
    return copy_file_out (copy, source, into_folder ? inside : destination);
  if (into_folder)
    return copy_folder_out (copy, source, destination);
  g_set_error (&copy->error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
               _ ("“%s” is a folder: the destination must be a folder that is there."), source);
  return FALSE;
}

int
loom_cli_copy (LoomCli *cli, int argc, char **argv)
{
  g_autofree char *node = NULL;
  g_autofree char *path = NULL;
  g_autofree char *other_node = NULL;
  g_autofree char *other_path = NULL;
  g_autoptr (LoomClient) client = NULL;
  Copy copy = {.cli = cli};
  gboolean from_guest;
  gboolean ok;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, NULL, FALSE, FALSE, 3, 3, &code))
    return code;
  from_guest = loom_cli_split_location (argv[2], &node, &path);
  if (from_guest == loom_cli_split_location (argv[3], &other_node, &other_path)) {
    loom_cli_say (_ ("One of the two must be NODE:PATH, the other a path here (“./a:b” for one "
                     "with a colon)."));
    return LOOM_EXIT_USAGE;
  }
  client = loom_cli_attach (cli, argv[1], &code);
  if (client == NULL)
    return code;
  copy.client = client;
  copy.node = from_guest ? node : other_node;
  ok = from_guest ? copy_out (&copy, path, argv[3]) : copy_in (&copy, argv[2], other_path);
  if (ok)
    return LOOM_EXIT_OK;
  code = copy.error != NULL ? loom_cli_fail (cli, copy.error) : LOOM_EXIT_FAILED;
  if (copy.error == NULL)
    loom_cli_say (_ ("“%s” could not be copied to “%s”."), argv[2], argv[3]);
  g_clear_error (&copy.error);
  return code;
}
