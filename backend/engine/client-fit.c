/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The fit check as clients of the engine make it: from the text of documents, on this host, now. */

#include "backend/engine/catalogue-load.h"
#include "backend/engine/client-private.h"
#include "backend/engine/fit-host.h"
#include "canvas/model/reader.h"

#include <string.h>

static LoomLab *
read_document (LoomCatalogue *catalogue, const char *document)
{
  if (document == NULL)
    return NULL;
  return loom_reader_read (catalogue, document, strlen (document), NULL, NULL);
}

gboolean
loom_client_check_fit (const char *running, const char *document, GError **error)
{
  g_autoptr (LoomCatalogue) catalogue = loom_catalogue_load (NULL);
  g_autoptr (LoomLab) before = NULL;
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (LoomFit) fit = NULL;
  LoomFitHost host;

  if (catalogue != NULL)
    lab = read_document (catalogue, document);
  if (lab == NULL)
    return TRUE;
  before = read_document (catalogue, running);
  loom_fit_host_measure (&host);
  if (before != NULL)
    fit = loom_fit_check_edit (before, lab, &host, &loom_fit_costs);
  else
    fit = loom_fit_check (lab, &host, &loom_fit_costs);
  if (fit->verdict != LOOM_FIT_TOO_LARGE)
    return TRUE;
  g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_TOO_LARGE, fit->sentence);
  return FALSE;
}
