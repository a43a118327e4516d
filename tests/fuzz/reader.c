/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The project reader: any bytes are a lab or problems with plain sentences; a lab that came out is
 * written and read again as the same. */

#include "canvas/model/reader.h"

#include <stdint.h>
#include <string.h>

#include "canvas/model/edit.h"
#include "canvas/model/text.h"
#include "canvas/model/writer.h"
#include "tests/unit/model/fixture.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_problems (GPtrArray *problems)
{
  g_assert_cmpuint (problems->len, >, 0);
  g_assert_cmpuint (problems->len, <=, 100);
  for (guint i = 0; i < problems->len; i++) {
    const LoomProblem *problem = problems->pdata[i];

    g_assert_cmpint (problem->line, >=, 0);
    g_assert_true (g_utf8_validate (problem->message, -1, NULL));
    g_assert_true (loom_text_is_plain (problem->message, FALSE));
    g_assert_cmpuint (strlen (problem->message), <, 1000);
  }
}

static void
check_nodes (LoomCatalogue *catalogue, LoomLab *lab)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);

  for (guint i = 0; i < nodes->len; i++) {
    g_autoptr (GError) error = NULL;

    loom_edit_check_node (catalogue, nodes->pdata[i], &error);
    g_assert_no_error (error);
  }
}

static void
check_links (LoomLab *lab)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);

  for (guint i = 0; i < links->len; i++) {
    g_autoptr (LoomLink) again = loom_link_copy (links->pdata[i]);
    g_autoptr (GError) error = NULL;

    loom_link_check (links->pdata[i], &error);
    g_assert_no_error (error);
    loom_link_normalize (again);
    g_assert_true (loom_link_equal (links->pdata[i], again));
  }
}

static void
check_lab (LoomCatalogue *catalogue, LoomLab *lab)
{
  gsize size = 0;
  gsize again_size = 0;
  g_autofree char *text = loom_writer_write (lab, &size);
  g_autofree char *again_text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLab) again = loom_reader_read (catalogue, text, size, NULL, &error);

  g_assert_no_error (error);
  again_text = loom_writer_write (again, &again_size);
  g_assert_cmpmem (text, size, again_text, again_size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static LoomCatalogue *catalogue;
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLab) lab = NULL;

  if (catalogue == NULL)
    catalogue = fixture_catalogue ();
  /* An empty input has no address. */
  lab = loom_reader_read (catalogue, size > 0 ? (const char *) data : "", size, &problems, &error);
  if (lab == NULL) {
    g_assert_nonnull (error);
    check_problems (problems);
    return 0;
  }
  g_assert_no_error (error);
  g_assert_cmpuint (problems->len, ==, 0);
  check_nodes (catalogue, lab);
  check_links (lab);
  check_lab (catalogue, lab);
  return 0;
}
