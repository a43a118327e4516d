/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/frames-words.h"

#include <glib/gi18n-lib.h>

char *
loom_frames_words_title (const char *const *links)
{
  g_autoptr (GString) title = g_string_new (NULL);

  for (guint i = 0; links[i] != NULL; i++) {
    g_auto (GStrv) ends = g_strsplit (links[i], " ", 2);

    g_string_append_printf (title, "%s%s – %s", i > 0 ? ", " : "", ends[0],
                            ends[1] != NULL ? ends[1] : "");
  }
  return g_string_free (g_steal_pointer (&title), FALSE);
}

char *
loom_frames_words_counts (LoomFrames *frames, gboolean is_filtered, guint n_rows)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 all, forgotten, untold;

  loom_frames_count (frames, &all, &forgotten, &untold);
  g_string_append_printf (text, ngettext ("%u frame.", "%u frames.", (gulong) all), (guint) all);
  if (is_filtered) {
    g_string_append_c (text, ' ');
    g_string_append_printf (text, ngettext ("%u is shown.", "%u are shown.", n_rows), n_rows);
  }
  if (forgotten > 0) {
    g_string_append_c (text, ' ');
    g_string_append_printf (
        text,
        ngettext ("%u older one is not kept.", "%u older ones are not kept.", (gulong) forgotten),
        (guint) forgotten);
  }
  if (untold > 0) {
    g_string_append_c (text, ' ');
    g_string_append_printf (text,
                            ngettext ("%u passed too fast to be listed.",
                                      "%u passed too fast to be listed.", (gulong) untold),
                            (guint) untold);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
loom_frames_words_wrong (LoomFrames *frames)
{
  const char *filter_error = loom_frames_get_filter_error (frames);
  const char *decoder_error = loom_frames_get_decoder_error (frames);

  if (filter_error != NULL)
    /* Translators: what the decoder says about a filter */
    return g_strdup_printf (_ ("The filter is not understood: %s"), filter_error);
  if (loom_frames_is_decoder_missing (frames))
    return g_strdup (
        _ ("Frames are told in few words: tshark is missing, which the package of that "
           "name has."));
  if (decoder_error != NULL)
    return g_strdup_printf (_ ("Frames are told in few words, since tshark failed: %s"),
                            decoder_error);
  return NULL;
}
