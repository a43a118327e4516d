/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The fit check as clients of the engine make it: from the text of documents, on this host, now.
 * Machines that are off cost nothing until they are switched on. */

#include "backend/engine/client-fit.h"

#include <string.h>
#include <unistd.h>

#include "backend/engine/catalogue-load.h"
#include "backend/engine/error.h"
#include "backend/engine/fit-host.h"
#include "backend/engine/reserve.h"
#include "canvas/model/edit.h"
#include "canvas/model/reader.h"

/* Another start of this person is being checked, or handed over: that takes half a second. */
#define LOCK_PATIENCE_MS 10000

void
loom_client_fit_free (LoomClientFit *fit)
{
  g_free (fit->running);
  g_free (fit->document);
  g_strfreev (fit->off);
  g_strfreev (fit->only);
  g_free (fit->power_on);
  g_strfreev (fit->start_first);
  if (fit->lock_fd >= 0)
    close (fit->lock_fd);
  g_free (fit);
}

LoomClientFit *
loom_client_fit_new (const char *document)
{
  LoomClientFit *fit = g_new0 (LoomClientFit, 1);

  fit->document = g_strdup (document);
  fit->lock_fd = -1;
  return fit;
}

static LoomLab *
read_document (LoomCatalogue *catalogue, const char *document)
{
  if (document == NULL)
    return NULL;
  return loom_reader_read (catalogue, document, strlen (document), NULL, NULL);
}

static gboolean
has (char **names, const char *name)
{
  return names != NULL && g_strv_contains ((const char *const *) names, name);
}

/* (transfer full): @lab without what is not to be on. @power_on: as in LoomClientFit. */
static LoomLab *
copy_powered (const LoomClientFit *fit, LoomLab *lab, const char *power_on)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *node = g_ptr_array_index (nodes, i);
    gboolean is_off = has (fit->off, node->name)
                      || (fit->only != NULL && !has (fit->only, node->name));
    gboolean is_meant = power_on != NULL
                        && (*power_on == '\0' || g_str_equal (power_on, node->name));

    if (!is_off || is_meant)
      g_ptr_array_add (names, node->name);
  }
  g_ptr_array_add (names, NULL);
  return loom_edit_copy_part (lab, (const char *const *) names->pdata);
}

gboolean
loom_client_fit_check (LoomClientFit *fit, GError **error)
{
  g_autoptr (LoomCatalogue) catalogue = loom_catalogue_load (NULL);
  g_autoptr (LoomLab) lab = catalogue != NULL ? read_document (catalogue, fit->document) : NULL;
  g_autoptr (LoomLab) running = catalogue != NULL ? read_document (catalogue, fit->running) : NULL;
  g_autoptr (LoomLab) after = NULL;
  g_autoptr (LoomLab) before = NULL;
  g_autoptr (LoomFit) result = NULL;
  LoomFitHost host;

  if (lab == NULL)
    return TRUE;
  fit->lock_fd = loom_reserve_lock (LOCK_PATIENCE_MS);
  loom_fit_host_measure (&host);
  after = copy_powered (fit, lab, fit->power_on);
  if (running != NULL) {
    before = copy_powered (fit, running, NULL);
    result = loom_fit_check_edit (before, after, &host, &loom_fit_costs);
  } else {
    result = loom_fit_check (after, &host, &loom_fit_costs);
  }
  if (result->verdict != LOOM_FIT_TOO_LARGE)
    return TRUE;
  g_ptr_array_add (result->start_first, NULL);
  fit->start_first = g_strdupv ((char **) result->start_first->pdata);
  g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_TOO_LARGE, result->sentence);
  return FALSE;
}
