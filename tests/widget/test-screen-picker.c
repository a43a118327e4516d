/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Selecting on the picture of a text screen: where cells are, what a drag and a double click take,
 * and a text that comes late. */

#include "gui/screen-picker.h"
#include "hands.h"

#include <string.h>

#define SCREEN "12 4\nfirst line  \n  /etc/word \n            \nlast        \n"
/* The picture of 12 × 4 cells is 120 × 80; the window is twice as wide as that picture is, drawn
 * twice as large: it begins at 120, and a cell is 20 × 40. */
#define LEFT 120

typedef struct {
  GtkWidget *window;
  LoomScreenPicker *picker;
  guint n_asked;
  guint n_picked;
} Fixture;

static void
on_asked (LoomScreenPicker *picker, Fixture *fixture)
{
  fixture->n_asked++;
}

static void
on_picked (LoomScreenPicker *picker, Fixture *fixture)
{
  fixture->n_picked++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  fixture->picker = LOOM_SCREEN_PICKER (loom_screen_picker_new ());
  gtk_widget_set_size_request (GTK_WIDGET (fixture->picker), 480, 160);
  gtk_container_add (GTK_CONTAINER (fixture->window), GTK_WIDGET (fixture->picker));
  loom_screen_picker_set_picture (fixture->picker, 120, 80);
  g_signal_connect (fixture->picker, "asked", G_CALLBACK (on_asked), fixture);
  g_signal_connect (fixture->picker, "picked", G_CALLBACK (on_picked), fixture);
  gtk_widget_show_all (fixture->window);
  hands_settle (50);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_widget_destroy (fixture->window);
}

static void
answer (Fixture *fixture)
{
  loom_screen_picker_set_text (fixture->picker, loom_screen_text_parse (SCREEN, strlen (SCREEN)));
}

static void
check_selected (Fixture *fixture, const char *expected)
{
  g_autofree char *selected = loom_screen_picker_dup_selected (fixture->picker);

  g_assert_cmpstr (selected, ==, expected);
}

static void
test_drag (Fixture *fixture, gconstpointer data)
{
  GtkWidget *widget = GTK_WIDGET (fixture->picker);

  hands_drag (widget, LEFT + 6 * 20, 20, LEFT + 7 * 20, 60, 0);
  g_assert_cmpuint (fixture->n_asked, ==, 1);
  g_assert_true (loom_screen_picker_is_waiting (fixture->picker));
  check_selected (fixture, NULL);
  g_assert_cmpuint (fixture->n_picked, ==, 0);
  answer (fixture);
  g_assert_false (loom_screen_picker_is_waiting (fixture->picker));
  g_assert_cmpuint (fixture->n_picked, ==, 1);
  check_selected (fixture, "line\n  /etc/");
  /* Off the picture, to the left of it and below */
  hands_drag (widget, LEFT + 1, 60, LEFT - 50, 159, 0);
  answer (fixture);
  check_selected (fixture, "  /etc/word\n\n");
}

static void
test_click (Fixture *fixture, gconstpointer data)
{
  GtkWidget *widget = GTK_WIDGET (fixture->picker);

  hands_drag (widget, LEFT, 20, LEFT + 100, 20, 0);
  answer (fixture);
  check_selected (fixture, "first");
  hands_click (widget, LEFT + 30, 60, 0);
  answer (fixture);
  check_selected (fixture, NULL);
  g_assert_cmpuint (fixture->n_picked, ==, 1);
}

static void
test_double_click (Fixture *fixture, gconstpointer data)
{
  hands_double_click (GTK_WIDGET (fixture->picker), LEFT + 4 * 20, 60);
  answer (fixture);
  check_selected (fixture, "/etc/word");
  g_assert_cmpuint (fixture->n_picked, ==, 1);
}

/* What is selected is what was there when the selection began, whatever size it has now. */
static void
test_other_picture (Fixture *fixture, gconstpointer data)
{
  hands_double_click (GTK_WIDGET (fixture->picker), LEFT + 4 * 20, 60);
  answer (fixture);
  loom_screen_picker_set_picture (fixture->picker, 120, 80); /* no news */
  check_selected (fixture, "/etc/word");
  loom_screen_picker_set_picture (fixture->picker, 640, 480);
  check_selected (fixture, NULL);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add ("/screen-picker/drag", Fixture, NULL, set_up, test_drag, tear_down);
  g_test_add ("/screen-picker/click", Fixture, NULL, set_up, test_click, tear_down);
  g_test_add ("/screen-picker/double-click", Fixture, NULL, set_up, test_double_click, tear_down);
  g_test_add ("/screen-picker/other-picture", Fixture, NULL, set_up, test_other_picture, tear_down);
  return g_test_run ();
}
