/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A drawing's colours and font, taken from the GTK theme: ground, text and accent are its own; the
 * colours of states are ours. */

#include "canvas/widget/gtk-theme.h"

#define READABLE 4.5
#define DESIGN_SIZE_PT 10.0 /* of names, at text_scale 1 */

static gboolean
look_up (GtkWidget *widget, const char *name, LoomColor *color)
{
  GdkRGBA rgba;

  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), name, &rgba)
      || rgba.alpha < 0.99)
    return FALSE;
  *color = (LoomColor){rgba.red, rgba.green, rgba.blue};
  return TRUE;
}

static void
take_font (LoomTheme *theme, GtkWidget *widget)
{
  g_autofree char *name = NULL;
  int xft_dpi = 0;

  g_object_get (gtk_widget_get_settings (widget), "gtk-font-name", &name, "gtk-xft-dpi", &xft_dpi,
                NULL);
  if (name == NULL)
    return;
  PangoFontDescription *font = pango_font_description_from_string (name);
  const char *family = pango_font_description_get_family (font);
  double size_pt = pango_font_description_get_size (font) / (double) PANGO_SCALE;
  if (family != NULL)
    g_strlcpy (theme->font, family, sizeof theme->font);
  if (size_pt > 0 && !pango_font_description_get_size_is_absolute (font))
    theme->text_scale = size_pt / DESIGN_SIZE_PT;
  if (xft_dpi > 0)
    theme->text_scale *= xft_dpi / 1024.0 / 96.0;
  theme->text_scale = CLAMP (theme->text_scale, 0.8, 2.0);
  pango_font_description_free (font);
}

static void
make_readable (LoomTheme *theme)
{
  LoomColor *const colors[] = {&theme->text, &theme->quiet, &theme->ok,    &theme->wait,
                               &theme->bad,  &theme->off,   &theme->accent};

  for (guint i = 0; i < G_N_ELEMENTS (colors); i++) {
    *colors[i] = loom_color_readable (colors[i], &theme->background, READABLE);
    *colors[i] = loom_color_readable (colors[i], &theme->tile, READABLE);
  }
}

void
loom_theme_init_from_gtk (LoomTheme *theme, GtkWidget *widget)
{
  static const LoomColor white = {1, 1, 1};
  LoomColor ground = white;

  look_up (widget, "theme_base_color", &ground);
  gboolean is_dark = loom_color_contrast (&ground, &white) > 4.5;
  if (is_dark)
    loom_theme_init_dark (theme);
  else
    loom_theme_init_light (theme);

  theme->background = ground;
  if (look_up (widget, "theme_text_color", &theme->text))
    theme->icon = theme->text;
  look_up (widget, "theme_selected_bg_color", &theme->accent);
  theme->tile = is_dark ? loom_color_mix (&ground, &white, 0.06) : ground;
  theme->grid = loom_color_mix (&ground, &theme->text, is_dark ? 0.11 : 0.12);
  theme->border = loom_color_mix (&ground, &theme->text, is_dark ? 0.25 : 0.27);
  theme->quiet = loom_color_mix (&theme->text, &ground, 0.35);
  theme->cable = loom_color_mix (&theme->text, &ground, 0.28);
  make_readable (theme);
  take_font (theme, widget);
}
