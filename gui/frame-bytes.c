/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A line is "0000  45 00 …  E.…": where it begins, 16 octets, the same as letters. */

#include "gui/frame-bytes.h"

#include <glib/gi18n-lib.h>

#define A_LINE 16
#define MAX_OCTETS 65535
#define HEX_COLUMN 6
#define LETTERS_COLUMN (HEX_COLUMN + 3 * A_LINE + 2) /* two gaps */

struct _LoomFrameBytes {
  GtkScrolledWindow parent_instance;

  GtkTextView *view;
  GtkTextBuffer *buffer;
  GtkTextTag *mark;
  gsize size;
};

G_DEFINE_TYPE (LoomFrameBytes, loom_frame_bytes, GTK_TYPE_SCROLLED_WINDOW)

static void
append_line (GString *text, gsize at, const guint8 *octets, gsize size)
{
  g_string_append_printf (text, "%04x  ", (guint) at);
  for (gsize i = 0; i < A_LINE; i++) {
    /* A gap in the middle: eight are counted at a glance. */
    if (i == A_LINE / 2)
      g_string_append_c (text, ' ');
    if (i < size)
      g_string_append_printf (text, "%02x ", octets[i]);
    else
      g_string_append (text, "   ");
  }
  g_string_append_c (text, ' ');
  for (gsize i = 0; i < size; i++)
    g_string_append_c (text, g_ascii_isprint (octets[i]) ? (char) octets[i] : '.');
  g_string_append_c (text, '\n');
}

static void
loom_frame_bytes_class_init (LoomFrameBytesClass *klass)
{
}

static void
loom_frame_bytes_init (LoomFrameBytes *self)
{
  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  self->buffer = gtk_text_view_get_buffer (self->view);
  self->mark = gtk_text_buffer_create_tag (self->buffer, NULL, "background", "#f9f06b",
                                           "foreground", "black", NULL);
  gtk_text_view_set_editable (self->view, FALSE);
  gtk_text_view_set_cursor_visible (self->view, FALSE);
  gtk_text_view_set_monospace (self->view, TRUE);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_left_margin (self->view, 8);
  gtk_text_view_set_top_margin (self->view, 4);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->view)),
                       _ ("Bytes of the Frame"));
}

GtkWidget *
loom_frame_bytes_new (void)
{
  LoomFrameBytes *self = g_object_new (LOOM_TYPE_FRAME_BYTES, NULL);

  gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (self->view));
  return GTK_WIDGET (self);
}

void
loom_frame_bytes_show (LoomFrameBytes *self, const guint8 *octets, gsize size)
{
  g_autoptr (GString) text = g_string_new (NULL);

  self->size = octets != NULL ? MIN (size, MAX_OCTETS) : 0;
  for (gsize at = 0; at < self->size; at += A_LINE)
    append_line (text, at, octets + at, MIN (self->size - at, A_LINE));
  gtk_text_buffer_set_text (self->buffer, text->str, (int) text->len);
}

static void
mark_columns (LoomFrameBytes *self, gsize line, gsize first, gsize last)
{
  GtkTextIter from, to;

  gtk_text_buffer_get_iter_at_line_offset (self->buffer, &from, (int) line, (int) first);
  gtk_text_buffer_get_iter_at_line_offset (self->buffer, &to, (int) line, (int) last);
  gtk_text_buffer_apply_tag (self->buffer, self->mark, &from, &to);
}

static gsize
get_hex_column (gsize octet)
{
  return HEX_COLUMN + 3 * octet + (octet >= A_LINE / 2 ? 1 : 0);
}

void
loom_frame_bytes_mark (LoomFrameBytes *self, gsize first, gsize size)
{
  gsize end = MIN (first + size, self->size);
  GtkTextIter from, to;

  gtk_text_buffer_get_bounds (self->buffer, &from, &to);
  gtk_text_buffer_remove_tag (self->buffer, self->mark, &from, &to);
  if (first >= end)
    return;
  for (gsize line = first / A_LINE; line * A_LINE < end; line++) {
    gsize a = MAX (first, line * A_LINE) - line * A_LINE;
    gsize b = MIN (end - line * A_LINE, A_LINE) - 1;

    mark_columns (self, line, get_hex_column (a), get_hex_column (b) + 2);
    mark_columns (self, line, LETTERS_COLUMN + a, LETTERS_COLUMN + b + 1);
  }
  gtk_text_buffer_get_iter_at_line_offset (self->buffer, &from, (int) (first / A_LINE), 0);
  gtk_text_view_scroll_to_iter (self->view, &from, 0.05, FALSE, 0, 0);
}
