/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A text screen as a guest tells it, and any two places on it between which somebody selects. The
 * first six octets are the places and the unit. */

#include "gui/screen-text.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (LoomScreenText) screen = NULL;
  g_autofree char *text = NULL;
  LoomScreenPlace start, end;

  if (size < 6)
    return 0;
  screen = loom_screen_text_parse ((const char *) data + 6, size - 6);
  if (screen == NULL)
    return 0;
  start = loom_screen_text_get_place (screen, data[0], data[1], 100, 100);
  end = loom_screen_text_get_place (screen, data[2], data[3], 100, 100);
  loom_screen_text_extend (screen, data[4] % 3, &start, &end);
  text = loom_screen_text_dup_range (screen, start, end);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  return 0;
}
