/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Headers of disk images. */

#include "backend/qemu/disk.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  /* A copy of just that size, so that a read past its end is seen. */
  g_autofree guint8 *copy = g_memdup2 (data, size);
  g_auto (LoomQcow2) qcow2 = {0};
  g_autoptr (GError) error = NULL;
  gboolean good = loom_qcow2_parse (copy, size, &qcow2, &error);

  g_assert_true (good == (error == NULL));
  return 0;
}
