/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See typist.h. */

#include "gui/typist.h"

#include "gui/paste-text.h"

/* On a computer so busy that a machine got no processor for 100 ms, 8 ms lost keys. */
#define KEY_MS 30
#define LEFT_SHIFT 0x2a

struct _LoomTypist {
  char *text;
  const char *next;
  LoomTypistKeyFunc key;
  LoomTypistDoneFunc done;
  gpointer user_data;
  guint source;
};

/* What the person holds down for the shortcut would change what every key types. */
static void
let_go_of_modifiers (LoomTypist *self)
{
  static const guint modifiers[] = {0x1d, 0x2a, 0x36, 0x38}; /* Ctrl, both Shifts, Alt */

  for (guint i = 0; i < G_N_ELEMENTS (modifiers); i++)
    self->key (modifiers[i], FALSE, self->user_data);
}

static void
press (LoomTypist *self, gunichar c)
{
  guint scan_code;
  gboolean shift;

  if (!loom_paste_text_get_key (c, &scan_code, &shift))
    return;
  if (shift)
    self->key (LEFT_SHIFT, TRUE, self->user_data);
  self->key (scan_code, TRUE, self->user_data);
  self->key (scan_code, FALSE, self->user_data);
  if (shift)
    self->key (LEFT_SHIFT, FALSE, self->user_data);
}

static gboolean
on_key_due (gpointer user_data)
{
  LoomTypist *self = user_data;

  if (*self->next != '\0') {
    press (self, g_utf8_get_char (self->next));
    self->next = g_utf8_next_char (self->next);
    return G_SOURCE_CONTINUE;
  }
  self->source = 0;
  self->done (self->user_data);
  return G_SOURCE_REMOVE;
}

LoomTypist *
loom_typist_new (const char *text, LoomTypistKeyFunc key, LoomTypistDoneFunc done,
                 gpointer user_data)
{
  LoomTypist *self = g_new0 (LoomTypist, 1);

  self->text = g_strdup (text);
  self->next = self->text;
  self->key = key;
  self->done = done;
  self->user_data = user_data;
  let_go_of_modifiers (self);
  self->source = g_timeout_add (KEY_MS, on_key_due, self);
  return self;
}

void
loom_typist_free (LoomTypist *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_free (self->text);
  g_free (self);
}
