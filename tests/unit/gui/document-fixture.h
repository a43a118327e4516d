/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A document, and a file with a lab in a folder of its own. */

#pragma once

#include "gui/document.h"

G_BEGIN_DECLS

/* By then a document has looked at a file that has changed. */
#define LOOKED_MS 700

typedef struct {
  LoomCatalogue *catalogue;
  LoomDocument *document;
  char *dir;
  char *path; /* of the file, which has TWO_MACHINES in it */
  GAsyncResult *result;
  int n_outside; /* times that "changed-outside" was told */
} DocumentFixture;

/* For g_test_add (). */
void document_fixture_set_up (DocumentFixture *fixture, gconstpointer data);
void document_fixture_tear_down (DocumentFixture *fixture, gconstpointer data);

/* Lets the main loop run for so long. */
void run_ms (int ms);

/* A GAsyncReadyCallback, and (transfer full) what was ready. */
void on_ready (GObject *source, GAsyncResult *result, gpointer fixture);
GAsyncResult *wait_result (DocumentFixture *fixture);

/* Whether that worked, in the end. */
gboolean load (DocumentFixture *fixture, GError **error);
gboolean save (DocumentFixture *fixture, GError **error);

void add_switch (DocumentFixture *fixture);

G_END_DECLS
