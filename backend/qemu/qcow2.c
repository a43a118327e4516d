/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The header of a qcow2 image, as QEMU's docs/interop/qcow2.txt describes it: all numbers big
 * endian; version 3 has feature bits and a list of extensions after the fixed part. */

#include "backend/qemu/disk.h"
#include "backend/qemu/error.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#define HEADER_V2 72
#define HEADER_V3 104
#define MAX_VIRTUAL_SIZE (G_GUINT64_CONSTANT (64) << 40) /* 64 TiB: what QEMU itself allows */

/* Incompatible features; others than these QEMU 7.2 does not know. */
#define FEATURE_EXTERNAL_DATA 0x04
#define FEATURES_KNOWN 0x1f

#define EXTENSION_END 0x00000000
#define EXTENSION_BACKING_FORMAT 0xe2792aca
#define EXTENSION_DATA_FILE 0x44415441

void
loom_qcow2_clear (LoomQcow2 *qcow2)
{
  g_clear_pointer (&qcow2->backing_file, g_free);
  g_clear_pointer (&qcow2->backing_format, g_free);
  g_clear_pointer (&qcow2->data_file, g_free);
}

static guint32
read_u32 (const guint8 *data, gsize at)
{
  guint32 value;

  memcpy (&value, data + at, sizeof value);
  return GUINT32_FROM_BE (value);
}

static guint64
read_u64 (const guint8 *data, gsize at)
{
  return ((guint64) read_u32 (data, at) << 32) | read_u32 (data, at + 4);
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID, message);
  return FALSE;
}

/* (transfer full) (nullable): a file name out of the image; NULL: none that could be one. */
static char *
read_name (const guint8 *data, gsize size, guint64 at, guint64 name_size)
{
  if (name_size == 0 || name_size > LOOM_QCOW2_MAX_NAME_BYTES || at > size || name_size > size - at)
    return NULL;

  const char *name = (const char *) data + at;
  if (memchr (name, '\0', name_size) != NULL || !g_utf8_validate (name, (gssize) name_size, NULL))
    return NULL;
  return g_strndup (name, name_size);
}

static gboolean
parse_extensions (const guint8 *data, gsize size, gsize at, LoomQcow2 *qcow2, GError **error)
{
  while (at + 8 <= size) {
    guint32 type = read_u32 (data, at);
    guint32 length = read_u32 (data, at + 4);
    char **place = NULL;

    at += 8;
    if (type == EXTENSION_END)
      return TRUE;
    if (length > size - at)
      break;
    if (type == EXTENSION_BACKING_FORMAT)
      place = &qcow2->backing_format;
    else if (type == EXTENSION_DATA_FILE)
      place = &qcow2->data_file;
    if (place != NULL) {
      g_free (*place);
      *place = read_name (data, size, at, length);
      if (*place == NULL)
        return refuse (error, _ ("This qcow2 image is damaged: a name in its header is not text."));
    }
    at += ((gsize) length + 7) & ~(gsize) 7;
  }
  return refuse (error, _ ("This qcow2 image is damaged: its header does not end."));
}

static gboolean
parse_backing (const guint8 *data, gsize size, LoomQcow2 *qcow2, GError **error)
{
  guint64 at = read_u64 (data, 8);

  if (at == 0)
    return TRUE;
  qcow2->backing_file = read_name (data, size, at, read_u32 (data, 16));
  return qcow2->backing_file != NULL
         || refuse (error,
                    _ ("This qcow2 image is damaged: the name of its backing file is not text."));
}

static gboolean
parse (const guint8 *data, gsize size, LoomQcow2 *qcow2, GError **error)
{
  guint64 incompatible = 0;
  gsize header_size = HEADER_V2;

  if (size < 8 || memcmp (data, "QFI\xfb", 4) != 0)
    return refuse (error, _ ("This is not a qcow2 image. Convert it with “qemu-img convert”."));
  qcow2->version = (int) read_u32 (data, 4);
  if (qcow2->version != 2 && qcow2->version != 3)
    return refuse (error, _ ("This qcow2 image is of a version that Lanloom does not know. Convert "
                             "it with “qemu-img convert”."));
  if (size < (qcow2->version == 3 ? HEADER_V3 : HEADER_V2))
    return refuse (error, _ ("This qcow2 image is damaged: it ends within its header."));
  qcow2->virtual_size_bytes = read_u64 (data, 24);
  if (qcow2->virtual_size_bytes == 0 || qcow2->virtual_size_bytes > MAX_VIRTUAL_SIZE)
    return refuse (error, _ ("This qcow2 image is damaged: it says a size that no disk has."));
  if (read_u32 (data, 32) != 0)
    return refuse (error, _ ("This qcow2 image is encrypted. Lanloom cannot open it."));
  if (qcow2->version == 3) {
    incompatible = read_u64 (data, 72);
    header_size = read_u32 (data, 100);
    if (header_size < HEADER_V3 || header_size > size || header_size % 8 != 0)
      return refuse (error, _ ("This qcow2 image is damaged: its header has no valid size."));
  }
  if ((incompatible & ~(guint64) FEATURES_KNOWN) != 0)
    return refuse (error,
                   _ ("This qcow2 image uses features that Lanloom does not know. Convert it "
                      "with “qemu-img convert”."));
  if (!parse_backing (data, size, qcow2, error)
      || !parse_extensions (data, size, header_size, qcow2, error))
    return FALSE;
  if ((incompatible & FEATURE_EXTERNAL_DATA) != 0 && qcow2->data_file == NULL)
    qcow2->data_file = g_strdup ("?"); /* it has one, wherever that is */
  return TRUE;
}

gboolean
loom_qcow2_parse (const guint8 *data, gsize size, LoomQcow2 *ret_qcow2, GError **error)
{
  g_auto (LoomQcow2) qcow2 = {0};

  if (!parse (data, size, &qcow2, error))
    return FALSE;
  *ret_qcow2 = qcow2;
  memset (&qcow2, 0, sizeof qcow2);
  return TRUE;
}
