/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A spatial index over square cells. An entry lies in every cell it touches; a query visits the
 * cells of its area and uses a stamp to report each entry once. */

#include "canvas/scene/index.h"

#include <math.h>

#define CELL_SIZE 192.0
/* Positions come from files: far out, everything shares the outermost cells. */
#define CELL_LIMIT 1000000
/* What covers more cells than this is found by every query instead. */
#define MAX_CELLS 1024
#define EVERYWHERE G_MININT64

struct _LoomIndex {
  GHashTable *cells; /* gint64 → GPtrArray of LoomIndexEntry */
  guint stamp;
};

typedef struct {
  int left;
  int top;
  int right;
  int bottom;
} Span;

static int
cell_of (double coordinate)
{
  if (isnan (coordinate))
    return 0;
  return (int) floor (CLAMP (coordinate / CELL_SIZE, -CELL_LIMIT, CELL_LIMIT));
}

static Span
span_of (const LoomRect *rect)
{
  return (Span){cell_of (rect->x), cell_of (rect->y), cell_of (rect->x + rect->width),
                cell_of (rect->y + rect->height)};
}

static double
n_cells_of (const Span *span)
{
  return (span->right - span->left + 1.0) * (span->bottom - span->top + 1.0);
}

static gint64
key_of (int column, int row)
{
  return (gint64) column * (1 << 28) + row;
}

static void
enter (LoomIndex *self, LoomIndexEntry *entry, gint64 key)
{
  for (guint i = entry->cells->len; i > 0 && i + 8 > entry->cells->len; i--) {
    if (g_array_index (entry->cells, gint64, i - 1) == key)
      return;
  }

  GPtrArray *cell = g_hash_table_lookup (self->cells, &key);
  if (cell == NULL) {
    cell = g_ptr_array_new ();
    g_hash_table_insert (self->cells, g_memdup2 (&key, sizeof key), cell);
  }
  g_ptr_array_add (cell, entry);
  g_array_append_val (entry->cells, key);
}

static void
enter_rect (LoomIndex *self, LoomIndexEntry *entry, const LoomRect *rect)
{
  Span span = span_of (rect);

  if (n_cells_of (&span) > MAX_CELLS) {
    enter (self, entry, EVERYWHERE);
    return;
  }
  for (int column = span.left; column <= span.right; column++) {
    for (int row = span.top; row <= span.bottom; row++)
      enter (self, entry, key_of (column, row));
  }
}

static void
begin (LoomIndex *self, LoomIndexEntry *entry)
{
  loom_index_remove (self, entry);
  entry->cells = g_array_new (FALSE, FALSE, sizeof (gint64));
}

LoomIndex *
loom_index_new (void)
{
  LoomIndex *self = g_new0 (LoomIndex, 1);

  self->cells = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                       (GDestroyNotify) g_ptr_array_unref);
  return self;
}

void
loom_index_free (LoomIndex *self)
{
  g_hash_table_unref (self->cells);
  g_free (self);
}

void
loom_index_put_rect (LoomIndex *self, LoomIndexEntry *entry, const LoomRect *rect)
{
  begin (self, entry);
  enter_rect (self, entry, rect);
}

void
loom_index_put_curve (LoomIndex *self, LoomIndexEntry *entry, const LoomCurve *curve, double by)
{
  /* Pieces shorter than a cell, each entered by its bounds: a long diagonal stays cheap. */
  double length = loom_curve_length (curve);
  int n_pieces = CLAMP (isfinite (length) ? length / CELL_SIZE + 1 : 1, curve->bowed ? 4 : 1, 512);
  LoomPoint last = curve->start;

  begin (self, entry);
  for (int i = 1; i <= n_pieces; i++) {
    LoomPoint next = loom_curve_at (curve, (double) i / n_pieces);
    LoomRect piece = {MIN (last.x, next.x), MIN (last.y, next.y), fabs (next.x - last.x),
                      fabs (next.y - last.y)};
    piece = loom_rect_grown (&piece, by);
    enter_rect (self, entry, &piece);
    last = next;
  }
}

void
loom_index_remove (LoomIndex *self, LoomIndexEntry *entry)
{
  if (entry->cells == NULL)
    return;

  for (guint i = 0; i < entry->cells->len; i++) {
    gint64 *key = &g_array_index (entry->cells, gint64, i);
    GPtrArray *cell = g_hash_table_lookup (self->cells, key);
    /* A cell may hold the entry twice: a curve that left it and came back. */
    if (cell != NULL && g_ptr_array_remove_fast (cell, entry) && cell->len == 0)
      g_hash_table_remove (self->cells, key);
  }
  g_clear_pointer (&entry->cells, g_array_unref);
}

static void
report (LoomIndex *self, GPtrArray *cell, GPtrArray *found)
{
  for (guint i = 0; i < cell->len; i++) {
    LoomIndexEntry *entry = g_ptr_array_index (cell, i);
    if (entry->stamp == self->stamp)
      continue;
    entry->stamp = self->stamp;
    g_ptr_array_add (found, entry);
  }
}

void
loom_index_query (LoomIndex *self, const LoomRect *area, GPtrArray *found)
{
  Span span = span_of (area);
  self->stamp++;
  if (n_cells_of (&span) > g_hash_table_size (self->cells)) {
    GHashTableIter iter;
    gpointer cell;
    g_hash_table_iter_init (&iter, self->cells);
    while (g_hash_table_iter_next (&iter, NULL, &cell))
      report (self, cell, found);
    return;
  }

  gint64 everywhere = EVERYWHERE;
  GPtrArray *large = g_hash_table_lookup (self->cells, &everywhere);
  if (large != NULL)
    report (self, large, found);
  for (int column = span.left; column <= span.right; column++) {
    for (int row = span.top; row <= span.bottom; row++) {
      gint64 key = key_of (column, row);
      GPtrArray *cell = g_hash_table_lookup (self->cells, &key);
      if (cell != NULL)
        report (self, cell, found);
    }
  }
}
