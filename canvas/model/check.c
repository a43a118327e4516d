/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The limits of what a node may be. Whether nodes fit together (names, MACs, cables) is checked
 * where they meet: reader.c for files, edit.c for edits. */

#include "canvas/model/check.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include <arpa/inet.h>

#include "canvas/model/after.h"
#include "canvas/model/error.h"
#include "canvas/model/text.h"

/* As many as anyone would give one NIC. */
#define MAX_ADDRESSES 16

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID, format, args);
  va_end (args);
  return FALSE;
}

static gboolean
is_whole_in (double number, double min, double max)
{
  return number >= min && number <= max && number == floor (number);
}

/**
 * loom_check_n_ports:
 * @kind: the kind of the node, which knows how many ports there may be
 * @n_ports: a number from outside
 */
gboolean
loom_check_n_ports (const char *name, const LoomKind *kind, double n_ports, GError **error)
{
  gboolean is_machine = kind->role == LOOM_ROLE_MACHINE;
  int min = is_machine ? 0 : 1;

  if (is_whole_in (n_ports, min, kind->max_ports))
    return TRUE;
  if (is_machine)
    return refuse (error, _ ("“%s” may have from %d to %d NICs."), name, min, kind->max_ports);
  return refuse (error, _ ("“%s” may have from %d to %d ports."), name, min, kind->max_ports);
}

gboolean
loom_check_memory (const char *name, const LoomKind *kind, double memory_mib, GError **error)
{
  int min = MAX (LOOM_MEMORY_MIN_MIB, kind->min_memory_mib);

  return is_whole_in (memory_mib, min, LOOM_MEMORY_MAX_MIB)
         || refuse (error, _ ("The memory of “%s” must be a whole number from %d to %d MiB."), name,
                    min, LOOM_MEMORY_MAX_MIB);
}

gboolean
loom_check_cpus (const char *name, double n_cpus, GError **error)
{
  return is_whole_in (n_cpus, 1, LOOM_CPUS_MAX)
         || refuse (error, _ ("The number of CPUs of “%s” must be from 1 to %d."), name,
                    LOOM_CPUS_MAX);
}

gboolean
loom_check_vlan (const char *name, int port, double vlan, GError **error)
{
  return is_whole_in (vlan, 1, LOOM_VLAN_MAX)
         || refuse (error, _ ("A VLAN of “%s:%d” must be a number from 1 to %d."), name, port,
                    LOOM_VLAN_MAX);
}

gboolean
loom_check_boot (const char *name, const char *boot, GError **error)
{
  if (strlen (boot) > LOOM_BOOT_MAX_SIZE_BYTES)
    return refuse (error, _ ("The boot script of “%s” is longer than %d KiB."), name,
                   LOOM_BOOT_MAX_SIZE_BYTES / 1024);
  if (!loom_text_is_plain (boot, TRUE))
    return refuse (error,
                   _ ("The boot script of “%s” holds control characters, or characters that turn "
                      "the direction of writing. Remove them."),
                   name);
  return TRUE;
}

static gboolean
is_plain_path (const char *path)
{
  g_auto (GStrv) parts = NULL;

  if (strlen (path) > LOOM_IMAGE_MAX_SIZE_BYTES || !loom_text_is_plain (path, FALSE)
      || strpbrk (path, ":\\") != NULL || *path == '~')
    return FALSE;
  parts = g_strsplit (path, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++) {
    if (*parts[i] == '\0' || strcmp (parts[i], ".") == 0 || strcmp (parts[i], "..") == 0
        || strlen (parts[i]) > 255)
      return FALSE;
  }
  return parts[0] != NULL;
}

/**
 * loom_check_image:
 * @image: as written in the file; never opened here
 */
gboolean
loom_check_image (const char *name, const char *image, GError **error)
{
  g_autofree char *shown = NULL;

  if (is_plain_path (image))
    return TRUE;
  shown = loom_text_for_display (image);
  return refuse (error,
                 _ ("The image “%s” of “%s” must be a file in the folder of the lab, or below it, "
                    "or in the image library: a path without “..”, “:” and a leading “/”."),
                 shown, name);
}

/**
 * loom_check_mac:
 * @mac: six bytes in hexadecimal, between colons
 *
 * Refuses group addresses (RFC 5342 section 2.1: the lowest bit of the first byte) and zero.
 */
char *
loom_check_mac (const char *name, int port, const char *mac, GError **error)
{
  gboolean is_right = strlen (mac) == 17;
  gboolean is_zero = TRUE;
  g_autofree char *shown = NULL;

  for (int i = 0; is_right && i < 17; i++) {
    is_right = i % 3 == 2 ? mac[i] == ':' : g_ascii_isxdigit (mac[i]);
    is_zero = is_zero && (mac[i] == ':' || mac[i] == '0');
  }
  if (is_right && !is_zero && g_ascii_xdigit_value (mac[1]) % 2 == 0)
    return g_ascii_strdown (mac, -1);
  shown = loom_text_for_display (mac);
  refuse (error,
          _ ("“%s” cannot be the MAC address of “%s:%d”: write six bytes as 02:00:00:00:00:01, "
             "the first of them even."),
          shown, name, port);
  return NULL;
}

static gboolean
is_address (const char *text)
{
  const char *slash = strchr (text, '/');
  g_autofree char *host = NULL;
  guchar bytes[sizeof (struct in6_addr)];
  guint64 length;
  guint64 max;

  if (slash == NULL || strlen (text) > INET6_ADDRSTRLEN + 4)
    return FALSE;
  host = g_strndup (text, slash - text);
  if (inet_pton (AF_INET, host, bytes) == 1)
    max = 32;
  else if (inet_pton (AF_INET6, host, bytes) == 1)
    max = 128;
  else
    return FALSE;
  return g_ascii_string_to_unsigned (slash + 1, 10, 0, max, &length, NULL)
         && (slash[1] != '0' || slash[2] == '\0');
}

/**
 * loom_check_addresses:
 * @addresses: "10.0.0.1/24, fd00::1/64": between commas, each with the length of its prefix
 */
char *
loom_check_addresses (const char *name, int port, const char *addresses, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (addresses, ",", MAX_ADDRESSES + 1);
  g_autofree char *shown = NULL;

  if (g_strv_length (parts) > MAX_ADDRESSES) {
    refuse (error, _ ("“%s:%d” has more than %d addresses."), name, port, MAX_ADDRESSES);
    return NULL;
  }
  for (guint i = 0; parts[i] != NULL; i++) {
    g_strstrip (parts[i]);
    if (is_address (parts[i]))
      continue;
    shown = loom_text_for_display (parts[i]);
    refuse (error,
            _ ("“%s” cannot be an address of “%s:%d”: write it with its prefix length, as "
               "10.0.0.1/24 or fd00::1/64."),
            shown, name, port);
    return NULL;
  }
  return g_strjoinv (", ", parts);
}

gboolean
loom_check_after (const char *name, const char *const *after, GError **error)
{
  if (after != NULL && g_strv_length ((char **) after) > LOOM_AFTER_MAX)
    return refuse (error, _ ("“%s” may start after at most %d others."), name, LOOM_AFTER_MAX);
  for (guint i = 0; after != NULL && after[i] != NULL; i++) {
    if (!loom_node_name_is_valid (after[i], error))
      return FALSE;
    if (strcmp (after[i], name) == 0)
      return refuse (error, _ ("“%s” cannot start after itself."), name);
  }
  return TRUE;
}

gboolean
loom_check_title (const char *title, GError **error)
{
  return (g_utf8_strlen (title, -1) <= LOOM_TITLE_MAX_CHARACTERS
          && loom_text_is_plain (title, FALSE))
         || refuse (error,
                    _ ("The lab's name must be one line of at most %d characters, without control "
                       "characters."),
                    LOOM_TITLE_MAX_CHARACTERS);
}

gboolean
loom_check_description (const char *description, GError **error)
{
  return (g_utf8_strlen (description, -1) <= LOOM_DESCRIPTION_MAX_CHARACTERS
          && loom_text_is_plain (description, TRUE))
         || refuse (error,
                    _ ("The lab's description must have at most %d characters, and no control "
                       "characters."),
                    LOOM_DESCRIPTION_MAX_CHARACTERS);
}

double
loom_check_round (double coordinate)
{
  if (!(coordinate >= -LOOM_CANVAS_MAX)) /* NaN too */
    return -LOOM_CANVAS_MAX;
  if (coordinate > LOOM_CANVAS_MAX)
    return LOOM_CANVAS_MAX;
  return round (coordinate * 100.0) / 100.0 + 0.0; /* never -0 */
}
