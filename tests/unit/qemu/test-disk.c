/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Headers of qcow2 images, good ones and those that somebody with a bad mind would make. */

#include "backend/qemu/disk.h"
#include "backend/qemu/error.h"
#include "tests/scratch.h"

#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder;
} Fixture;

static void
put_be (guint8 *data, gsize at, guint64 value, int size)
{
  for (int i = size - 1; i >= 0; i--, value >>= 8)
    data[at + (gsize) i] = (guint8) value;
}

/* (transfer full): 64 KiB that start like a version 3 image of 1 GiB, with a backing file if
 * @backing is given. */
static guint8 *
make_image (const char *backing)
{
  guint8 *data = g_malloc0 (65536);

  memcpy (data, "QFI\xfb", 4);
  put_be (data, 4, 3, 4);
  put_be (data, 20, 16, 4);
  put_be (data, 24, G_GUINT64_CONSTANT (1) << 30, 8);
  put_be (data, 96, 4, 4);
  put_be (data, 100, 104, 4);
  if (backing != NULL) {
    put_be (data, 8, 512, 8);
    put_be (data, 16, strlen (backing), 4);
    memcpy (data + 512, backing, strlen (backing));
  }
  return data;
}

static void
check_refused (const guint8 *data, gsize size, const char *part)
{
  LoomQcow2 qcow2 = {0};
  g_autoptr (GError) error = NULL;

  g_assert_false (loom_qcow2_parse (data, size, &qcow2, &error));
  g_assert_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_null (qcow2.backing_file);
}

static void
test_parse (void)
{
  g_autofree guint8 *data = make_image ("base.qcow2");
  g_auto (LoomQcow2) qcow2 = {0};

  put_be (data, 104, 0xe2792aca, 4);
  put_be (data, 108, 5, 4);
  memcpy (data + 112, "qcow2", 5);
  g_assert_true (loom_qcow2_parse (data, 65536, &qcow2, NULL));
  g_assert_cmpint (qcow2.version, ==, 3);
  g_assert_cmpuint (qcow2.virtual_size_bytes, ==, G_GUINT64_CONSTANT (1) << 30);
  g_assert_cmpstr (qcow2.backing_file, ==, "base.qcow2");
  g_assert_cmpstr (qcow2.backing_format, ==, "qcow2");
  g_assert_null (qcow2.data_file);
}

static void
test_hostile (void)
{
  static const struct {
    gsize at;
    int size;
    guint64 value;
    const char *part;
  } cases[] = {
      {0, 4, 0x7f454c46, "not a qcow2"},
      {4, 4, 4, "version"},
      {24, 8, 0, "size"},
      {24, 8, G_MAXUINT64, "size"},
      {32, 4, 1, "encrypted"},
      {72, 8, 1 << 20, "features"},
      {100, 4, 0xffffffff, "size"},
      {100, 4, 0, "size"},
      {8, 8, G_MAXUINT64, "backing"},
      {8, 8, 65530, "backing"},
      {16, 4, 0xffffffff, "backing"},
      {16, 4, 1024, "backing"},
      {104, 8, G_MAXUINT64, "end"},
      {104, 8, G_GUINT64_CONSTANT (0x4441544100000400), "not text"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree guint8 *data = make_image ("b");

    put_be (data, cases[i].at, cases[i].value, cases[i].size);
    check_refused (data, 65536, cases[i].part);
  }
}

static void
test_truncated (void)
{
  g_autofree guint8 *data = make_image (NULL);
  g_autofree guint8 *backed = make_image ("a-name-of-21-bytes.qc");

  check_refused (backed, 512 + 20, "backing");
  for (gsize size = 0; size < 112; size++) {
    g_autofree guint8 *part = g_memdup2 (data, size);
    LoomQcow2 qcow2 = {0};

    g_assert_false (loom_qcow2_parse (part, size, &qcow2, NULL));
  }
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = scratch_new ("disk");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  scratch_free (f->folder);
}

static char *
write_image (Fixture *f, const char *name, const char *backing)
{
  g_autofree guint8 *data = make_image (backing);
  char *path = g_build_filename (f->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, (char *) data, 65536, NULL));
  return path;
}

static void
check_path (const char *path, const char *folder, const char *part)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  guint64 size_bytes = 0;

  if (loom_disk_check (path, folder, &size_bytes, &error)) {
    g_assert_null (part);
    g_assert_cmpuint (size_bytes, ==, G_GUINT64_CONSTANT (1) << 30);
    return;
  }
  g_assert_nonnull (part);
  g_assert_true (g_str_has_prefix (error->message, name));
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_files (Fixture *f, gconstpointer data)
{
  static const char *const outside[] = {"/etc/passwd",  "../../../etc/passwd", "json:{}",
                                        "nbd://host/x", "missing.qcow2",       "/dev/sda"};
  g_autofree char *base = write_image (f, "base.qcow2", NULL);
  g_autofree char *over = write_image (f, "over.qcow2", "base.qcow2");
  g_autofree char *loop = write_image (f, "loop.qcow2", "loop.qcow2");
  g_autofree char *fifo = g_build_filename (f->folder, "fifo", NULL);
  g_autofree char *link = g_build_filename (f->folder, "link", NULL);
  g_autofree char *linked = write_image (f, "linked.qcow2", "link");
  g_autofree char *missing = g_build_filename (f->folder, "missing.qcow2", NULL);

  check_path (base, NULL, NULL);
  check_path (over, f->folder, NULL);
  check_path (over, NULL, "another file");
  check_path (loop, f->folder, "another file");
  check_path (missing, NULL, "no such disk image");
  check_path (f->folder, NULL, "not a file");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  check_path (fifo, NULL, "not a file");
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  check_path (linked, f->folder, "another file");
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++) {
    g_autofree char *path = write_image (f, "outside.qcow2", outside[i]);

    check_path (path, f->folder, "another file");
  }
}

/* What QEMU may open are files that were looked at, whatever became of them since. */
static void
test_layers (Fixture *f, gconstpointer data)
{
  g_autofree char *base = write_image (f, "base.qcow2", NULL);
  g_autofree char *over = write_image (f, "over.qcow2", "base.qcow2");
  g_auto (GStrv) both = loom_disk_list_layers (over);
  g_auto (GStrv) first = NULL, none = NULL;

  g_assert_cmpuint (g_strv_length (both), ==, 2);
  g_assert_cmpstr (both[0], ==, over);
  g_assert_true (g_str_has_suffix (both[1], "/base.qcow2"));
  g_free (write_image (f, "base.qcow2", "/etc/passwd"));
  first = loom_disk_list_layers (over);
  g_assert_cmpuint (g_strv_length (first), ==, 1);
  none = loom_disk_list_layers (base);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Our parser and QEMU's own tool mean the same. */
static void
test_overlay (Fixture *f, gconstpointer data)
{
  g_autofree char *base = write_image (f, "base.qcow2", NULL);
  g_autofree char *overlay = g_build_filename (f->folder, "overlay,1.qcow2", NULL);
  g_autofree char *tool = g_find_program_in_path ("qemu-img");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (LoomQcow2) qcow2 = {0};
  g_autofree char *text = NULL;
  gsize size;

  if (tool == NULL) {
    g_test_skip ("qemu-img is missing");
    return;
  }
  g_unlink (base);
  g_assert_true (g_spawn_sync (NULL,
                               (char *[]){tool, "create", "-q", "-f", "qcow2", base, "1G", NULL},
                               NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, NULL));
  check_path (base, NULL, NULL);
  loom_disk_create_overlay_async (base, overlay, NULL, on_created, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  loom_disk_create_overlay_finish (result, &error);
  g_assert_no_error (error);
  check_path (overlay, f->folder, NULL);
  g_assert_true (g_file_get_contents (overlay, &text, &size, NULL));
  g_assert_true (loom_qcow2_parse ((guint8 *) text, size, &qcow2, NULL));
  g_assert_cmpstr (qcow2.backing_file, ==, base);
  g_assert_cmpstr (qcow2.backing_format, ==, "qcow2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk/parse", test_parse);
  g_test_add_func ("/disk/hostile", test_hostile);
  g_test_add_func ("/disk/truncated", test_truncated);
  g_test_add ("/disk/files", Fixture, NULL, set_up, test_files, tear_down);
  g_test_add ("/disk/layers", Fixture, NULL, set_up, test_layers, tear_down);
  g_test_add ("/disk/overlay", Fixture, NULL, set_up, test_overlay, tear_down);
  return g_test_run ();
}
