/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Blocks of a capture file: by hand from their first to their last octet, and, if tshark is there,
 * as it reads them. */

#include "backend/wire/law/pcapng.h"
#include "tests/unit/wire/tshark.h"

#include <glib/gstdio.h>
#include <string.h>

#define TIME_NS G_GINT64_CONSTANT (1700000000123456789)

static guint32
get_32 (const GByteArray *bytes, guint at)
{
  guint32 value;

  g_assert_cmpuint (at + sizeof value, <=, bytes->len);
  memcpy (&value, bytes->data + at, sizeof value);
  return value;
}

/* Each block says its size at both ends; a reader finds the last block's end where the file ends.
 */
static void
check_blocks (const GByteArray *bytes, const guint32 *types, guint n)
{
  guint at = 0;

  for (guint i = 0; i < n; i++) {
    guint32 size = get_32 (bytes, at + 4);

    g_assert_cmpuint (get_32 (bytes, at), ==, types[i]);
    g_assert_cmpuint (size % 4, ==, 0);
    g_assert_cmpuint (get_32 (bytes, at + size - 4), ==, size);
    at += size;
  }
  g_assert_cmpuint (at, ==, bytes->len);
}

/* (transfer full): two interfaces, frames of 60 to 63 octets (all paddings), one cut to 14. */
static GByteArray *
make_file (void)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 frame[63] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};

  loom_wire_pcapng_section (bytes, "test");
  loom_wire_pcapng_interface (bytes, "pc1:0", 0, "");
  loom_wire_pcapng_interface (bytes, "pc2:0", 96, "arp or icmp");
  for (guint i = 0; i < 4; i++)
    loom_wire_pcapng_frame (bytes, i % 2, TIME_NS + i, 1 + i % 2, 60 + i, frame, 60 + i);
  loom_wire_pcapng_frame (bytes, 1, TIME_NS + 4, 2, 63, frame, 14);
  loom_wire_pcapng_statistics (bytes, 0, TIME_NS + 5, 5, 2);
  return bytes;
}

static void
test_blocks (void)
{
  static const guint32 TYPES[] = {0x0a0d0d0a, 1, 1, 6, 6, 6, 6, 6, 5};
  g_autoptr (GByteArray) bytes = make_file ();
  g_autoptr (GByteArray) statistics = g_byte_array_new ();

  check_blocks (bytes, TYPES, G_N_ELEMENTS (TYPES));
  loom_wire_pcapng_statistics (statistics, 0, TIME_NS, 5, 2);
  g_assert_cmpuint (statistics->len, ==, LOOM_WIRE_PCAPNG_STATISTICS_BYTES);
  g_assert_cmpuint (get_32 (bytes, 8), ==, 0x1a2b3c4d);
}

static void
test_frame (void)
{
  static const guint8 OCTETS[] = {1, 2, 3, 4, 5};
  static const guint8 EXPECTED[] = {
      6,  0, 0, 0, 52, 0, 0, 0,             /* type, size */
      7,  0, 0, 0,                          /* interface */
      1,  0, 0, 0, 2,  0, 0, 0,             /* time, the high half first */
      5,  0, 0, 0, 9,  0, 0, 0,             /* captured, length */
      1,  2, 3, 4, 5,  0, 0, 0,             /* padded */
      2,  0, 4, 0, 2,  0, 0, 0, 0, 0, 0, 0, /* epb_flags, end of options */
      52, 0, 0, 0,
  };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  loom_wire_pcapng_frame (bytes, 7, (G_GINT64_CONSTANT (1) << 32) + 2, 2, 9, OCTETS, sizeof OCTETS);
  g_assert_cmpmem (bytes->data, bytes->len, EXPECTED, sizeof EXPECTED);
}

static void
test_tshark (void)
{
  g_autoptr (GByteArray) bytes = make_file ();
  g_autofree char *folder = g_dir_make_tmp ("pcapng-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.pcapng", NULL);
  static const char *const FIELDS[] = {"frame.interface_name",
                                       "frame.packet_flags_direction",
                                       "frame.len",
                                       "frame.cap_len",
                                       "frame.time_epoch",
                                       NULL};
  g_autofree char *output = NULL;

  g_assert_true (g_file_set_contents (path, (const char *) bytes->data, bytes->len, NULL));
  output = tshark_read (path, FIELDS);
  g_unlink (path);
  g_rmdir (folder);
  if (output == NULL) {
    g_test_skip ("tshark is not installed");
    return;
  }
  g_assert_cmpstr (output, ==,
                   "pc1:0 0x00000001 60 60 1700000000.123456789\n"
                   "pc2:0 0x00000002 61 61 1700000000.123456790\n"
                   "pc1:0 0x00000001 62 62 1700000000.123456791\n"
                   "pc2:0 0x00000002 63 63 1700000000.123456792\n"
                   "pc2:0 0x00000002 63 14 1700000000.123456793\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcapng/blocks", test_blocks);
  g_test_add_func ("/pcapng/frame", test_frame);
  g_test_add_func ("/pcapng/tshark", test_tshark);
  return g_test_run ();
}
