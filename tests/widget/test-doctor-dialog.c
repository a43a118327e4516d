/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The page about this computer in a real window, on a computer without QEMU (as far as the PATH
 * goes): it comes to its report, its buttons copy, and closing it at any moment is safe. */

#include "gui/doctor-dialog.h"

#include <string.h>

#include "tests/scratch.h"

#define WAIT_S 20

static char *folder; /* for what is temporary */

typedef struct {
  const char *label;
  GtkWidget *found;
} Search;

static void
search (GtkWidget *widget, gpointer user_data)
{
  Search *wanted = user_data;

  if (wanted->found == NULL && GTK_IS_BUTTON (widget)
      && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), wanted->label) == 0)
    wanted->found = widget;
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), search, user_data);
}

static GtkWidget *
find_button (GtkWidget *window, const char *label)
{
  Search wanted = {.label = label};

  search (window, &wanted);
  return wanted.found;
}

/* Until the report is there: "Look Again" can be pressed then. */
static void
wait_for_report (GtkWidget *window)
{
  gint64 deadline_us = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;
  GtkWidget *again = find_button (window, "Look _Again");

  g_assert_nonnull (again);
  while (!gtk_widget_get_sensitive (again)) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
}

static void
settle (int ms)
{
  gint64 deadline_us = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < deadline_us) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
}

static char *
read_clipboard (void)
{
  return gtk_clipboard_wait_for_text (gtk_clipboard_get (GDK_SELECTION_CLIPBOARD));
}

static void
test_report (void)
{
  GtkWidget *window = loom_doctor_dialog_new (NULL);
  GtkWidget *copy;

  gtk_window_present (GTK_WINDOW (window));
  g_assert_null (find_button (window, "Copy"));
  wait_for_report (window);

  /* Problems come first, and QEMU is the first program. */
  copy = find_button (window, "Copy");
  g_assert_nonnull (copy);
  gtk_button_clicked (GTK_BUTTON (copy));
  g_autofree char *command = read_clipboard ();
  g_assert_cmpstr (command, ==, "sudo apt install qemu-system-x86");
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (copy)), ==, "Copied");

  gtk_button_clicked (GTK_BUTTON (find_button (window, "Copy _Report")));
  g_autofree char *report = read_clipboard ();
  g_assert_nonnull (strstr (report, "qemu-img"));
  g_assert_nonnull (strstr (report, "sudo apt install qemu-utils"));

  gtk_button_clicked (GTK_BUTTON (find_button (window, "Look _Again")));
  g_assert_null (find_button (window, "Copied"));
  wait_for_report (window);
  g_assert_nonnull (find_button (window, "Copy"));
  gtk_widget_destroy (window);
}

/* Closed at once, while it looks, and just after something was copied. */
static void
test_close (void)
{
  for (int ms = 0; ms < 60; ms += 10) {
    GtkWidget *window = loom_doctor_dialog_new (NULL);

    gtk_window_present (GTK_WINDOW (window));
    settle (ms);
    gtk_widget_destroy (window);
  }
  GtkWidget *window = loom_doctor_dialog_new (NULL);
  wait_for_report (window);
  gtk_button_clicked (GTK_BUTTON (find_button (window, "Copy")));
  gtk_widget_destroy (window);
  settle (2500);

  /* Nothing is left of programs that nobody wanted to hear any more. */
  g_autoptr (GDir) left = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (left);
  g_assert_cmpstr (g_dir_read_name (left), ==, NULL);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  folder = scratch_new ("doctor");
  g_setenv ("PATH", "/nowhere", TRUE);
  g_setenv ("TMPDIR", folder, TRUE);
  g_test_add_func ("/doctor-dialog/report", test_report);
  g_test_add_func ("/doctor-dialog/close", test_close);
  status = g_test_run ();
  scratch_free (folder);
  return status;
}
