/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What document.c (the document, loading and saving) and document-outside.c (what others do to its
 * file) share. */

#pragma once

#include "gui/autosave.h"
#include "gui/document.h"

G_BEGIN_DECLS

struct _LoomDocument {
  GObject parent_instance;

  LoomCatalogue *catalogue;
  LoomHistory *history;
  LoomAutosave *autosave; /* NULL: none */
  char *path;
  gboolean is_recovered; /* unsaved work of a former run: modified until saved */
  guint64 serial;        /* of the last edit */
  guint n_labs;          /* that were shown, with this one */

  guint autosave_source;
  GFileMonitor *monitor;
  guint outside_source;
  GCancellable *look;   /* at the file, under way; or NULL */
  gboolean is_saving;   /* a change of the file is ours */
  GQueue waiting_saves; /* of GTask: one at a time */
  char *etag;           /* of the file as it was loaded or saved; NULL: not known */
  char *outside_etag;   /* of what was reported as "changed-outside" */
  LoomOutside lost;     /* and so was this: gone, no lab; else LOOM_OUTSIDE_SAME */
};

/* document-outside.c */
/* Begins to hear of the file at self->path; looks at it when its etag is not known. */
void loom_document_watch (LoomDocument *self);
void loom_document_unwatch (LoomDocument *self);
/* The file is as the document knows it. @etag: (transfer full) (nullable): unknown */
void loom_document_set_etag (LoomDocument *self, char *etag);

/* document.c */
/* Whether there is something to save has changed, by something else than an edit. */
void loom_document_update_modified (LoomDocument *self);

G_END_DECLS
