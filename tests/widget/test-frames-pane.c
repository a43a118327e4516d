/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pane of frames on a capture that is fed to it by a pipe: rows come, one that is selected is
 * shown in full, and a list that is longer than its window follows its end until it is scrolled. */

#include "gui/frames-pane.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <unistd.h>

#include "gui/frame-details.h"
#include "gui/frame-list.h"
#include "gui/frames-bar.h"
#include "tests/unit/gui/capture-bytes.h"

#define WAIT_S 40
#define VIEWER "wireshark"
/* So many that what is written of them fills a pipe. */
#define VIEWED 1000

typedef struct {
  char *folder;
  LoomDocument *document;
  LoomSession *session;
  GtkWidget *window;
  LoomFramesPane *pane;
  int fd; /* what the pane reads, written */
} Fixture;

typedef struct {
  GType type;
  GtkWidget *found;
} Search;

static void
search (GtkWidget *widget, gpointer user_data)
{
  Search *wanted = user_data;

  if (wanted->found == NULL && g_type_is_a (G_OBJECT_TYPE (widget), wanted->type))
    wanted->found = widget;
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), search, user_data);
}

static GtkWidget *
find (gpointer root, GType type)
{
  Search wanted = {.type = type};

  search (root, &wanted);
  g_assert_nonnull (wanted.found);
  return wanted.found;
}

static void
settle (void)
{
  gint64 deadline_us = g_get_monotonic_time () + 50 * 1000;

  while (g_get_monotonic_time () < deadline_us) {
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  }
}

static void
setup (Fixture *f, gconstpointer data)
{
  const char *const links[] = {"pc1:0 pc2:0", NULL};
  g_autoptr (LoomCatalogue) catalogue = loom_catalogue_new ();
  LoomFifo *fifo;

  f->folder = g_dir_make_tmp ("loom-pane-XXXXXX", NULL);
  f->document = loom_document_new (catalogue, NULL);
  f->session = loom_session_new (f->document);
  f->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  f->pane = LOOM_FRAMES_PANE (loom_frames_pane_new (f->session, data));
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1000, 260);
  gtk_container_add (GTK_CONTAINER (f->window), GTK_WIDGET (f->pane));
  gtk_widget_show_all (f->window);
  fifo = loom_fifo_new (f->folder, "pipe", NULL);
  g_assert_nonnull (fifo);
  f->fd = dup (fifo->fd);
  loom_frames_pane_show_past (f->pane, links, fifo);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  gtk_widget_destroy (f->window);
  settle ();
  close (f->fd);
  g_object_unref (f->session);
  g_object_unref (f->document);
  /* The pipe went with the pane. */
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
}

static void
write_pings (Fixture *f, guint n, gboolean with_head)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gsize at = 0;

  if (with_head)
    add_head (bytes, 1, 9);
  for (guint i = 0; i < n; i++)
    add_ping (bytes, 0, 1000000 * i, i % 2 == 0 ? 2 : 1, i / 2);
  while (at < bytes->len) {
    gssize written = write (f->fd, bytes->data + at, bytes->len - at);

    if (written > 0)
      at += (gsize) written;
    else
      settle ();
  }
}

static void
wait_for_rows (Fixture *f, guint n)
{
  LoomFrameList *list = LOOM_FRAME_LIST (find (f->pane, LOOM_TYPE_FRAME_LIST));
  gint64 deadline_us = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;

  while (loom_frame_list_get_n_rows (list) < n) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    settle ();
  }
}

static gboolean
skip_without_tshark (gconstpointer decoder)
{
  g_autofree char *path = g_find_program_in_path (decoder);

  if (path == NULL)
    g_test_skip ("tshark is not installed");
  return path == NULL;
}

static void
test_details (Fixture *f, gconstpointer data)
{
  GtkWidget *list = find (f->pane, LOOM_TYPE_FRAME_LIST);
  GtkWidget *details = find (f->pane, LOOM_TYPE_FRAME_DETAILS);
  GtkTreeView *rows = GTK_TREE_VIEW (find (list, GTK_TYPE_TREE_VIEW));
  GtkTreeView *tree = GTK_TREE_VIEW (find (details, GTK_TYPE_TREE_VIEW));
  GtkTextBuffer *bytes = gtk_text_view_get_buffer (
      GTK_TEXT_VIEW (find (details, GTK_TYPE_TEXT_VIEW)));
  gint64 deadline_us = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;
  g_autoptr (GtkTreePath) third = gtk_tree_path_new_from_indices (2, -1);
  g_autofree char *text = NULL;
  GtkTextIter start, end;

  if (skip_without_tshark (data))
    return;
  write_pings (f, 4, TRUE);
  wait_for_rows (f, 4);
  g_assert_false (gtk_widget_get_visible (details));
  gtk_tree_view_set_cursor (rows, third, NULL, FALSE);
  g_assert_true (gtk_widget_get_visible (details));
  while (gtk_tree_model_iter_n_children (gtk_tree_view_get_model (tree), NULL) < 4) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    settle ();
  }
  gtk_text_buffer_get_bounds (bytes, &start, &end);
  text = gtk_text_buffer_get_text (bytes, &start, &end, FALSE);
  g_assert_true (
      g_str_has_prefix (text, "0000  02 00 00 00 00 02 02 00  00 00 00 01 08 00 45 00  "));
}

static void
test_following (Fixture *f, gconstpointer data)
{
  GtkWidget *list = find (f->pane, LOOM_TYPE_FRAME_LIST);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (list));

  write_pings (f, 100, TRUE);
  wait_for_rows (f, 100);
  settle ();
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), >, 0);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment)
                         + gtk_adjustment_get_page_size (adjustment),
                     >=, gtk_adjustment_get_upper (adjustment) - 1);
  gtk_adjustment_set_value (adjustment, 0);
  write_pings (f, 50, FALSE);
  wait_for_rows (f, 150);
  settle ();
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 0);
}

/* What stands in for Wireshark: takes nothing until there is the file "go" beside it. */
static void
install_viewer (Fixture *f)
{
  g_autofree char *script = g_build_filename (f->folder, VIEWER, NULL);
  g_autofree char *path = g_strdup_printf ("%s:%s", f->folder, g_getenv ("PATH"));
  g_autofree char *text = g_strdup_printf (
      "#!/bin/sh\nuntil [ -e %s/go ]; do sleep 0.05; done\nexec cat > /dev/null\n", f->folder);

  g_assert_true (g_file_set_contents_full (script, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  g_setenv ("PATH", path, TRUE);
}

static void
remove_viewer (Fixture *f)
{
  g_autofree char *script = g_build_filename (f->folder, VIEWER, NULL);
  g_autofree char *go = g_build_filename (f->folder, "go", NULL);

  g_assert_no_errno (g_unlink (script));
  g_assert_no_errno (g_unlink (go));
}

static void
on_message (LoomFramesPane *pane, const char *severity, const char *text, char **said)
{
  g_assert_null (*said); /* once */
  *said = g_strdup (text);
}

static void
wait_for_newest (Fixture *f, guint64 number)
{
  LoomFrameStore *store = loom_frames_get_store (loom_frames_pane_get_frames (f->pane));
  gint64 deadline_us = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;

  while (loom_frame_store_get_newest (store) < number) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    settle ();
  }
}

/* Frames that fall out of the list while Wireshark reads nothing are missing there, which is said
 * once. */
static void
test_slow_viewer (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *go = g_build_filename (f->folder, "go", NULL);
  gint64 deadline_us = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;
  g_autofree char *said = NULL;

  install_viewer (f);
  g_signal_connect (f->pane, "message", G_CALLBACK (on_message), &said);
  write_pings (f, VIEWED, TRUE);
  wait_for_newest (f, VIEWED);
  g_signal_emit_by_name (find (f->pane, LOOM_TYPE_FRAMES_BAR), "view");
  write_pings (f, LOOM_FRAMES_MAX + 1234, FALSE);
  wait_for_newest (f, VIEWED + LOOM_FRAMES_MAX + 1234);
  settle ();
  g_assert_null (said); /* it may catch up yet */
  g_assert_true (g_file_set_contents (go, "", 0, NULL));
  while (said == NULL) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    settle ();
  }
  g_assert_cmpstr (said, ==, "Wireshark did not keep up: 1234 frames are missing there.");
  settle ();
  g_signal_handlers_disconnect_by_data (f->pane, &said);
  g_setenv ("PATH", path, TRUE);
  remove_viewer (f);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add ("/frames-pane/details", Fixture, "tshark", setup, test_details, teardown);
  /* Without one, rows are in our own words, and behave alike. */
  g_test_add ("/frames-pane/following", Fixture, "/nowhere/tshark", setup, test_following,
              teardown);
  g_test_add ("/frames-pane/slow-viewer", Fixture, "/nowhere/tshark", setup, test_slow_viewer,
              teardown);
  return g_test_run ();
}
