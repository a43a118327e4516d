/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Units in a spin button, through its "input" and "output" signals. */

#include "gui/unit-spin.h"

#include <math.h>
#include <string.h>

#define KEY_UNIT "loom-unit"
#define KEY_ZERO "loom-zero"
#define DECIMALS 6
#define WIDTH_CHARS 8

char *
loom_unit_spin_format (double value)
{
  char *text = g_strdup_printf ("%.*f", DECIMALS, value);
  char *end = text + strlen (text);

  while (end[-1] == '0')
    *--end = '\0';
  if (!g_ascii_isdigit (end[-1]))
    end[-1] = '\0';
  return text;
}

gboolean
loom_unit_spin_parse (const char *text, const char *zero, double *ret_value)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  char *end = NULL;
  char *c_end = NULL;
  double value = strtod (stripped, &end);
  double c_value = g_ascii_strtod (stripped, &c_end);

  if (zero != NULL && g_utf8_collate (stripped, zero) == 0) {
    *ret_value = 0;
    return TRUE;
  }
  /* Whichever spelling goes further is meant: "0.5" where a comma is the custom. */
  if (c_end > end) {
    end = c_end;
    value = c_value;
  }
  if (end == stripped || !isfinite (value))
    return FALSE;
  *ret_value = value;
  return TRUE;
}

/* What is no number leaves the value as it is: GTK would take an error for 0. */
static int
on_input (GtkSpinButton *spin, double *ret_value, gpointer user_data)
{
  const char *zero = g_object_get_data (G_OBJECT (spin), KEY_ZERO);

  if (!loom_unit_spin_parse (gtk_entry_get_text (GTK_ENTRY (spin)), zero, ret_value))
    *ret_value = gtk_adjustment_get_value (gtk_spin_button_get_adjustment (spin));
  return TRUE;
}

static gboolean
on_output (GtkSpinButton *spin, gpointer user_data)
{
  const char *unit = g_object_get_data (G_OBJECT (spin), KEY_UNIT);
  const char *zero = g_object_get_data (G_OBJECT (spin), KEY_ZERO);
  double value = gtk_adjustment_get_value (gtk_spin_button_get_adjustment (spin));
  g_autofree char *number = loom_unit_spin_format (value);
  g_autofree char *text = unit != NULL && *unit != '\0' ? g_strdup_printf ("%s %s", number, unit)
                                                        : g_strdup (number);
  const char *shown = zero != NULL && value == 0 ? zero : text;

  if (strcmp (gtk_entry_get_text (GTK_ENTRY (spin)), shown) != 0)
    gtk_entry_set_text (GTK_ENTRY (spin), shown);
  return TRUE;
}

/* Scrolling past it must not turn it: only what has the focus is turned by the wheel. */
static gboolean
on_scroll (GtkWidget *spin, GdkEvent *event, gpointer user_data)
{
  if (!gtk_widget_has_focus (spin))
    g_signal_stop_emission_by_name (spin, "scroll-event");
  return GDK_EVENT_PROPAGATE;
}

GtkWidget *
loom_unit_spin_new (double min, double max, double step, const char *unit, const char *zero)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (min, max, step);

  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), FALSE); /* units are letters */
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (spin), step, step * 10);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), DECIMALS);
  gtk_entry_set_width_chars (GTK_ENTRY (spin), WIDTH_CHARS);
  gtk_entry_set_max_width_chars (GTK_ENTRY (spin), WIDTH_CHARS);
  gtk_entry_set_alignment (GTK_ENTRY (spin), 1);
  gtk_style_context_add_class (gtk_widget_get_style_context (spin), "loom-unit-spin");
  g_object_set_data_full (G_OBJECT (spin), KEY_UNIT, g_strdup (unit), g_free);
  g_object_set_data_full (G_OBJECT (spin), KEY_ZERO, g_strdup (zero), g_free);
  g_signal_connect (spin, "input", G_CALLBACK (on_input), NULL);
  g_signal_connect (spin, "output", G_CALLBACK (on_output), NULL);
  g_signal_connect (spin, "scroll-event", G_CALLBACK (on_scroll), NULL);
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
  return spin;
}

void
loom_unit_spin_set (GtkSpinButton *spin, double value)
{
  if (gtk_adjustment_get_value (gtk_spin_button_get_adjustment (spin)) != value)
    gtk_spin_button_set_value (spin, value);
}
