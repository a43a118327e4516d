/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector of a cable in a window of its own: what is typed becomes the cable, sliding is one
 * step of the history, what was measured stands beside what was asked. */

#include "gui/fault-row.h"
#include "gui/impairment-form.h"
#include "gui/inspector-page.h"
#include "gui/presets.h"
#include "gui/unit-spin.h"

#include "tests/unit/gui/catalogue.h"

#include <string.h>

#define ID "pc1:0 pc2:0"

typedef struct {
  LoomCatalogue *catalogue;
  LoomDocument *document;
  LoomSession *session;
  GPtrArray *presets;
  LoomRateHistory *history;
  GtkWidget *window;
  GtkWidget *page;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_getenv ("LANLOOM_SOURCE"), "data/presets", NULL);
  g_autoptr (GError) error = NULL;

  f->catalogue = make_catalogue ();
  f->document = loom_document_new (f->catalogue, NULL);
  g_assert_true (
      loom_document_recover (f->document, NULL, TWO_MACHINES, strlen (TWO_MACHINES), &error));
  f->session = loom_session_new (f->document);
  f->presets = loom_presets_load_folder (folder, &error);
  g_assert_no_error (error);
  f->history = loom_rate_history_new (loom_session_get_status (f->session));
  f->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  f->page = loom_link_page_new (f->document, f->session, f->presets, f->history, ID);
  gtk_container_add (GTK_CONTAINER (f->window), f->page);
  gtk_widget_show (f->window);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_widget_destroy (f->window);
  g_ptr_array_unref (f->presets);
  g_object_unref (f->history);
  g_object_unref (f->session);
  g_object_unref (f->document);
  g_object_unref (f->catalogue);
}

typedef struct {
  GType type;
  const char *name; /* accessible name or description */
  GtkWidget *found;
} Search;

static void
search (GtkWidget *widget, gpointer user_data)
{
  Search *wanted = user_data;
  AtkObject *accessible = gtk_widget_get_accessible (widget);

  if (wanted->found == NULL && g_type_is_a (G_OBJECT_TYPE (widget), wanted->type)
      && (g_strcmp0 (atk_object_get_name (accessible), wanted->name) == 0
          || g_strcmp0 (atk_object_get_description (accessible), wanted->name) == 0))
    wanted->found = widget;
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), search, user_data);
}

static gpointer
find (Fixture *f, GType type, const char *name)
{
  Search wanted = {type, name, NULL};

  search (f->page, &wanted);
  g_test_message ("%s", name);
  g_assert_nonnull (wanted.found);
  return wanted.found;
}

static LoomLink *
get_link (Fixture *f)
{
  return loom_lab_get_link (loom_document_get_lab (f->document), ID);
}

static LoomHistory *
get_history (Fixture *f)
{
  return loom_document_get_history (f->document);
}

/* What the inspector does when the lab changed. */
static void
refresh (Fixture *f)
{
  loom_inspector_page_update (LOOM_INSPECTOR_PAGE (f->page));
}

static void
type_into (Fixture *f, const char *name, const char *text)
{
  GtkSpinButton *spin = find (f, GTK_TYPE_SPIN_BUTTON, name);

  gtk_entry_set_text (GTK_ENTRY (spin), text);
  gtk_spin_button_update (spin);
  refresh (f);
}

static void
assert_text (Fixture *f, const char *name, const char *text)
{
  g_assert_cmpstr (gtk_entry_get_text (find (f, GTK_TYPE_SPIN_BUTTON, name)), ==, text);
}

static void
test_typed (Fixture *f, gconstpointer data)
{
  assert_text (f, "Delay", "0 ms");
  assert_text (f, "Rate", "unlimited");
  type_into (f, "Delay", "20");
  type_into (f, "Rate", "0.064 Mbit/s");
  g_assert_cmpfloat (get_link (f)->forward.delay_ms, ==, 20);
  g_assert_cmpfloat (get_link (f)->backward.rate_mbps, ==, 0.064);
  assert_text (f, "Delay", "20 ms");
  type_into (f, "Delay", "nonsense");
  g_assert_cmpfloat (get_link (f)->forward.delay_ms, ==, 20);
  type_into (f, "Delay", "99999999");
  g_assert_cmpfloat (get_link (f)->forward.delay_ms, ==, 60000);
  type_into (f, "Rate", "unlimited");
  g_assert_cmpfloat (get_link (f)->backward.rate_mbps, ==, 0);
  /* Setting one threshold makes a pair that is allowed. */
  type_into (f, "RED from", "20");
  g_assert_cmpfloat (get_link (f)->forward.red_max_percent, ==, 100);
  type_into (f, "RED to", "10");
  g_assert_cmpfloat (get_link (f)->forward.red_min_percent, ==, 0);
}

/* A wheel turned 30 times is one step. */
static void
test_sliding (Fixture *f, gconstpointer data)
{
  GtkSpinButton *spin = find (f, GTK_TYPE_SPIN_BUTTON, "Loss");

  for (int i = 0; i < 30; i++) {
    gtk_spin_button_spin (spin, GTK_SPIN_STEP_FORWARD, 0.5);
    refresh (f);
  }
  g_assert_cmpfloat (get_link (f)->forward.loss_percent, ==, 15);
  g_assert_true (loom_history_undo (get_history (f)));
  refresh (f);
  g_assert_cmpfloat (get_link (f)->forward.loss_percent, ==, 0);
  assert_text (f, "Loss", "0 %");
  g_assert_false (loom_history_get_can_undo (get_history (f)));
}

static void
test_directions (Fixture *f, gconstpointer data)
{
  GtkToggleButton *same = find (f, GTK_TYPE_CHECK_BUTTON, "Same in Both Directions");

  g_assert_true (gtk_toggle_button_get_active (same));
  gtk_toggle_button_set_active (same, FALSE);
  type_into (f, "Delay", "5");
  g_assert_cmpfloat (get_link (f)->forward.delay_ms, ==, 5);
  g_assert_cmpfloat (get_link (f)->backward.delay_ms, ==, 0);
  gtk_toggle_button_set_active (find (f, GTK_TYPE_RADIO_BUTTON, "pc2 → pc1"), TRUE);
  assert_text (f, "Delay", "0 ms");
  type_into (f, "Delay", "7");
  g_assert_cmpfloat (get_link (f)->forward.delay_ms, ==, 5);
  g_assert_cmpfloat (get_link (f)->backward.delay_ms, ==, 7);
  /* The direction that is shown is what both become. */
  gtk_toggle_button_set_active (same, TRUE);
  refresh (f);
  g_assert_cmpfloat (get_link (f)->forward.delay_ms, ==, 7);
  g_assert_true (gtk_toggle_button_get_active (same));
  g_assert_true (loom_history_undo (get_history (f)));
  refresh (f);
  g_assert_false (gtk_toggle_button_get_active (same));
}

static void
test_faults (Fixture *f, gconstpointer data)
{
  GtkButton *plug = find (f, GTK_TYPE_BUTTON, "Unplug");
  GtkComboBox *fault = find (f, GTK_TYPE_COMBO_BOX, "Fault");

  gtk_button_clicked (plug);
  refresh (f);
  g_assert_cmpint (get_link (f)->fault, ==, LOOM_FAULT_UNPLUGGED);
  g_assert_cmpint (gtk_combo_box_get_active (fault), ==, 1);
  g_assert_cmpstr (gtk_button_get_label (plug), ==, "_Plug In");
  gtk_button_clicked (plug);
  refresh (f);
  g_assert_cmpint (get_link (f)->fault, ==, LOOM_FAULT_NONE);
  gtk_combo_box_set_active (fault, 3);
  refresh (f);
  g_assert_cmpint (get_link (f)->fault, ==, LOOM_FAULT_PORT);
  g_assert_cmpint (get_link (f)->fault_end, ==, 1);
  g_assert_cmpstr (gtk_button_get_label (plug), ==, "_Repair");
  gtk_combo_box_set_active (fault, 6);
  refresh (f);
  type_into (f, "Period", "2 s");
  type_into (f, "Plugged in", "80");
  g_assert_cmpint (get_link (f)->fault, ==, LOOM_FAULT_FLAPPING);
  g_assert_cmpfloat (get_link (f)->period_s, ==, 2);
  g_assert_cmpint (get_link (f)->up_percent, ==, 80);
}

static void
tell (Fixture *f, const LoomLinkMeasure *measured)
{
  LoomStatus *status = loom_session_get_status (f->session);
  LoomLinkStatus link = {.carrier = TRUE, .measured = {*measured, {.known = TRUE}}};

  link.from_a.rate_bps = 1e6;
  loom_status_set_link (status, ID, &link);
  loom_status_end_links (status, 1);
  refresh (f);
}

static const char *
read_label (Fixture *f, const char *name)
{
  return gtk_label_get_text (find (f, GTK_TYPE_LABEL, name));
}

static void
test_measured (Fixture *f, gconstpointer data)
{
  LoomLinkMeasure measured = {.known = TRUE,
                              .delay_ms = 20.04,
                              .jitter_ms = 0.031,
                              .loss_percent = 0.98,
                              .rate_bps = 93.4e6,
                              .duplicated = 1234,
                              .late = 5};
  GtkWidget *late = gtk_widget_get_parent (
      find (f, GTK_TYPE_LABEL, "This computer cannot keep up: frames leave later than asked."));

  g_assert_cmpstr (read_label (f, "Delay, measured"), ==, "–");
  tell (f, &measured);
  g_assert_cmpstr (read_label (f, "Delay, measured"), ==, "20.04 ms");
  g_assert_cmpstr (read_label (f, "Jitter, measured"), ==, "0.03 ms");
  g_assert_cmpstr (read_label (f, "Loss, measured"), ==, "0.98 %");
  g_assert_cmpstr (read_label (f, "Rate, measured"), ==, "93.4 Mb/s");
  /* What was late before is past; what grows is said. */
  g_assert_false (gtk_widget_get_visible (late));
  measured.late = 6;
  tell (f, &measured);
  g_assert_true (gtk_widget_get_visible (late));
  /* A quiet cable: no delay of 0 ms is claimed. */
  measured.rate_bps = 0;
  tell (f, &measured);
  g_assert_cmpstr (read_label (f, "Delay, measured"), ==, "–");
  g_assert_cmpstr (read_label (f, "Jitter, measured"), ==, "–");
  g_assert_cmpstr (read_label (f, "Loss, measured"), ==, "0.98 %");

  measured.known = FALSE;
  tell (f, &measured);
  g_assert_cmpstr (read_label (f, "Delay, measured"), ==, "–");
  g_assert_cmpstr (read_label (f, "Rate, measured"), ==, "1.00 Mb/s");
}

static void
activate_preset (GtkWidget *item, gpointer label)
{
  if (GTK_IS_MENU_ITEM (item)
      && g_strcmp0 (gtk_menu_item_get_label (GTK_MENU_ITEM (item)), label) == 0)
    gtk_menu_item_activate (GTK_MENU_ITEM (item));
}

static void
test_presets (Fixture *f, gconstpointer data)
{
  GtkMenuButton *button = find (f, GTK_TYPE_MENU_BUTTON, "Presets");
  GtkContainer *menu = GTK_CONTAINER (gtk_menu_button_get_popup (button));

  gtk_container_foreach (menu, activate_preset, (gpointer) "ADSL");
  refresh (f);
  g_assert_cmpfloat (get_link (f)->backward.rate_mbps, ==, 5.66);
  g_assert_nonnull (loom_presets_match (f->presets, get_link (f)));
  gtk_container_foreach (menu, activate_preset, (gpointer) "Swap Directions");
  g_assert_cmpfloat (get_link (f)->forward.rate_mbps, ==, 5.66);
  gtk_container_foreach (menu, activate_preset, (gpointer) "Perfect Cable");
  g_assert_false (loom_link_needs_wire (get_link (f)));
}

/* Asked, and nobody does it: the page does not let it look done. */
static void
test_not_done (Fixture *f, gconstpointer data)
{
  static const LoomLinkMeasure nothing = {.known = FALSE};
  LoomStatus *status = loom_session_get_status (f->session);
  LoomLinkStatus link = {.carrier = TRUE, .measured = {nothing, nothing}};

  loom_status_set_link (status, ID, &link);
  loom_status_end_links (status, 1);
  refresh (f);
  find (f, GTK_TYPE_LABEL, "Plugged in, carrier at both ends");
  type_into (f, "Delay", "20");
  find (f, GTK_TYPE_LABEL,
        "Carrier at both ends, but frames do not go through the wire: nothing of what is asked "
        "happens.");
  link.measured[0].known = TRUE;
  loom_status_set_link (status, ID, &link);
  loom_status_end_links (status, 2);
  refresh (f);
  find (f, GTK_TYPE_LABEL, "Carrier at both ends · through the wire");
}

/* The page outlives its cable for a moment. */
static void
test_deleted (Fixture *f, gconstpointer data)
{
  LoomLab *lab = loom_document_get_lab (f->document);
  g_autoptr (LoomChange) change = loom_change_new ("Delete");

  loom_change_add_link (change, get_link (f), NULL);
  loom_lab_apply (lab, change);
  refresh (f);
  type_into (f, "Delay", "20");
  gtk_button_clicked (find (f, GTK_TYPE_BUTTON, "Unplug"));
  g_assert_cmpuint (loom_lab_get_n_links (lab), ==, 0);
}

static void
test_parse (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *text;
    double value; /* -1: refused */
  } texts[] = {{"20", 20},  {" 20 ms", 20}, {"0.5", 0.5},        {"1e3", 1000},
               {"", -1},    {"ms", -1},     {"unlimited", 0},    {"inf", -1},
               {"nan", -1}, {"7x", 7},      {"0.000001 %", 1e-6}};

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    double value = -1;

    g_test_message ("%s", texts[i].text);
    g_assert_cmpint (loom_unit_spin_parse (texts[i].text, "unlimited", &value), ==,
                     texts[i].value >= 0);
    g_assert_cmpfloat (value, ==, texts[i].value);
  }
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  ADD ("/link-page/typed", test_typed);
  ADD ("/link-page/sliding", test_sliding);
  ADD ("/link-page/directions", test_directions);
  ADD ("/link-page/faults", test_faults);
  ADD ("/link-page/measured", test_measured);
  ADD ("/link-page/not-done", test_not_done);
  ADD ("/link-page/presets", test_presets);
  ADD ("/link-page/deleted", test_deleted);
  ADD ("/link-page/parse", test_parse);
  return g_test_run ();
}
