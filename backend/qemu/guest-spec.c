/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The value that a machine is described by; argv.c turns it into a command line. */

#include "backend/qemu/guest-spec.h"

#include "backend/qemu/error.h"

#include <glib/gi18n-lib.h>

#include <arpa/inet.h>
#include <string.h>

#define MAX_MEMORY_MIB (1024 * 1024)
#define MAX_ADDRESSES_BYTES 1024
/* sun_path holds 108 bytes with the final NUL. */
#define MAX_SOCKET_PATH 107

G_DEFINE_BOXED_TYPE (LoomGuestSpec, loom_guest_spec, loom_guest_spec_ref, loom_guest_spec_unref)

const char *
loom_accel_to_id (LoomAccel accel)
{
  return accel == LOOM_ACCEL_KVM ? "kvm" : "tcg";
}

gboolean
loom_accel_from_id (const char *id, LoomAccel *ret_accel)
{
  if (g_strcmp0 (id, "kvm") != 0 && g_strcmp0 (id, "tcg") != 0)
    return FALSE;
  *ret_accel = id[0] == 'k' ? LOOM_ACCEL_KVM : LOOM_ACCEL_TCG;
  return TRUE;
}

LoomGuestNic *
loom_guest_nic_new (const char *vhost_path, const char *mac, const char *addresses,
                    gboolean link_up)
{
  LoomGuestNic *nic = g_new0 (LoomGuestNic, 1);

  nic->vhost_path = g_strdup (vhost_path);
  nic->mac = g_strdup (mac);
  nic->addresses = g_strdup (addresses);
  nic->link_up = link_up;
  return nic;
}

LoomGuestNic *
loom_guest_nic_copy (const LoomGuestNic *nic)
{
  return loom_guest_nic_new (nic->vhost_path, nic->mac, nic->addresses, nic->link_up);
}

void
loom_guest_nic_free (LoomGuestNic *nic)
{
  g_free (nic->vhost_path);
  g_free (nic->mac);
  g_free (nic->addresses);
  g_free (nic);
}

static void
host_free (gpointer data)
{
  LoomGuestHost *host = data;

  g_free (host->address);
  g_free (host->name);
  g_free (host);
}

LoomGuestSpec *
loom_guest_spec_new (const char *key, const char *name, const char *runtime_folder)
{
  LoomGuestSpec *spec = g_new0 (LoomGuestSpec, 1);

  g_atomic_ref_count_init (&spec->ref_count);
  spec->key = g_strdup (key);
  spec->name = g_strdup (name);
  spec->runtime_folder = g_strdup (runtime_folder);
  spec->program = g_strdup ("qemu-system-x86_64");
  spec->memory_mib = 128;
  spec->n_cpus = 1;
  spec->nics = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_guest_nic_free);
  spec->hosts = g_ptr_array_new_with_free_func (host_free);
  return spec;
}

LoomGuestSpec *
loom_guest_spec_copy (const LoomGuestSpec *spec)
{
  LoomGuestSpec *copy = loom_guest_spec_new (spec->key, spec->name, spec->runtime_folder);

  g_free (copy->program);
  copy->program = g_strdup (spec->program);
  copy->accel = spec->accel;
  copy->memory_mib = spec->memory_mib;
  copy->n_cpus = spec->n_cpus;
  copy->kernel = g_strdup (spec->kernel);
  copy->initrd = g_strdup (spec->initrd);
  copy->append = g_strdup (spec->append);
  copy->disk = g_strdup (spec->disk);
  copy->image = g_strdup (spec->image);
  copy->has_agent = spec->has_agent;
  copy->boot_script = g_strdup (spec->boot_script);
  for (guint i = 0; i < spec->nics->len; i++)
    g_ptr_array_add (copy->nics, loom_guest_nic_copy (spec->nics->pdata[i]));
  for (guint i = 0; i < spec->hosts->len; i++) {
    const LoomGuestHost *host = spec->hosts->pdata[i];

    loom_guest_spec_add_host (copy, host->address, host->name);
  }
  return copy;
}

LoomGuestSpec *
loom_guest_spec_ref (LoomGuestSpec *spec)
{
  g_atomic_ref_count_inc (&spec->ref_count);
  return spec;
}

void
loom_guest_spec_unref (LoomGuestSpec *spec)
{
  if (!g_atomic_ref_count_dec (&spec->ref_count))
    return;
  g_free (spec->key);
  g_free (spec->name);
  g_free (spec->runtime_folder);
  g_free (spec->program);
  g_free (spec->kernel);
  g_free (spec->initrd);
  g_free (spec->append);
  g_free (spec->disk);
  g_free (spec->image);
  g_free (spec->boot_script);
  g_ptr_array_unref (spec->nics);
  g_ptr_array_unref (spec->hosts);
  g_free (spec);
}

void
loom_guest_spec_add_nic (LoomGuestSpec *spec, const char *vhost_path, const char *mac,
                         const char *addresses, gboolean link_up)
{
  g_ptr_array_add (spec->nics, loom_guest_nic_new (vhost_path, mac, addresses, link_up));
}

void
loom_guest_spec_add_host (LoomGuestSpec *spec, const char *address, const char *name)
{
  LoomGuestHost *host = g_new0 (LoomGuestHost, 1);

  host->address = g_strdup (address);
  host->name = g_strdup (name);
  g_ptr_array_add (spec->hosts, host);
}

gboolean
loom_guest_spec_needs_restart (const LoomGuestSpec *a, const LoomGuestSpec *b)
{
  return g_strcmp0 (a->key, b->key) != 0 || g_strcmp0 (a->runtime_folder, b->runtime_folder) != 0
         || g_strcmp0 (a->program, b->program) != 0 || a->accel != b->accel
         || a->memory_mib != b->memory_mib || a->n_cpus != b->n_cpus
         || g_strcmp0 (a->kernel, b->kernel) != 0 || g_strcmp0 (a->initrd, b->initrd) != 0
         || g_strcmp0 (a->append, b->append) != 0 || g_strcmp0 (a->disk, b->disk) != 0
         || a->has_agent != b->has_agent;
}

char *
loom_guest_spec_dup_path (const LoomGuestSpec *spec, const char *suffix)
{
  return g_strdup_printf ("%s/%s.%s", spec->runtime_folder, spec->key, suffix);
}

/* A word that may stand on a command line of QEMU and in a line of the configuration: nothing that
 * either would split at. */
static gboolean
is_word (const char *text, gsize max_size)
{
  if (text == NULL || text[0] == '\0' || strlen (text) > max_size)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr (".:_-", *p) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_path (const char *path)
{
  if (path == NULL || path[0] != '/' || strlen (path) > 4096)
    return FALSE;
  for (const char *p = path; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return FALSE;
  return TRUE;
}

static gboolean
is_mac (const char *mac)
{
  if (mac == NULL || strlen (mac) != 17)
    return FALSE;
  for (int i = 0; i < 17; i++)
    if (i % 3 == 2 ? mac[i] != ':' : !g_ascii_isxdigit (mac[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_address (const char *text, gboolean with_prefix)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 3);
  guint8 binary[16];
  gboolean v4 = parts[0] != NULL && inet_pton (AF_INET, parts[0], binary) == 1;
  guint64 prefix;

  if (!v4 && (parts[0] == NULL || inet_pton (AF_INET6, parts[0], binary) != 1))
    return FALSE;
  if (!with_prefix)
    return parts[1] == NULL;
  return parts[1] != NULL && parts[2] == NULL
         && g_ascii_string_to_unsigned (parts[1], 10, 0, v4 ? 32 : 128, &prefix, NULL);
}

/* (transfer full): "10.0.0.1/24, fd00::1/64" as words. */
static char **
split_addresses (const char *addresses)
{
  g_auto (GStrv) parts = g_strsplit_set (addresses != NULL ? addresses : "", ", \t", -1);
  GStrvBuilder *builder = g_strv_builder_new ();
  char **words;

  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_strv_builder_add (builder, parts[i]);
  words = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return words;
}

static gboolean
check_nic (const LoomGuestSpec *spec, const LoomGuestNic *nic, GError **error)
{
  g_auto (GStrv) addresses = NULL;

  if (!is_mac (nic->mac)) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("%s has a network card with the address “%s”, which is not a MAC address."),
                 spec->name, nic->mac != NULL ? nic->mac : "");
    return FALSE;
  }
  if (!is_path (nic->vhost_path) || strlen (nic->vhost_path) > MAX_SOCKET_PATH) {
    g_set_error (
        error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
        _ ("The folder for the sockets of %s has too long a path. Set XDG_RUNTIME_DIR to a "
           "shorter one."),
        spec->name);
    return FALSE;
  }
  if (nic->addresses != NULL && strlen (nic->addresses) > MAX_ADDRESSES_BYTES) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("%s has too many addresses on one network card."), spec->name);
    return FALSE;
  }
  addresses = split_addresses (nic->addresses);
  for (guint i = 0; addresses[i] != NULL; i++)
    if (!is_address (addresses[i], TRUE)) {
      g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                   _ ("“%s” is not an address for %s. Write it like 10.0.0.1/24 or fd00::1/64."),
                   addresses[i], spec->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_files (const LoomGuestSpec *spec, GError **error)
{
  g_autofree char *socket = loom_guest_spec_dup_path (spec, "serial");

  if (!is_path (spec->runtime_folder) || strlen (socket) > MAX_SOCKET_PATH) {
    g_set_error (
        error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
        _ ("The folder for the sockets of %s has too long a path. Set XDG_RUNTIME_DIR to a "
           "shorter one."),
        spec->name);
    return FALSE;
  }
  if ((spec->kernel == NULL) == (spec->disk == NULL)
      || (spec->kernel != NULL && !is_path (spec->kernel))
      || (spec->initrd != NULL && !is_path (spec->initrd))
      || (spec->disk != NULL && !is_path (spec->disk))) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("%s has nothing to boot from. Give it a disk image."), spec->name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_size (const LoomGuestSpec *spec, GError **error)
{
  if (spec->memory_mib < 16 || spec->memory_mib > MAX_MEMORY_MIB) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("%s cannot have %d MiB of memory. Choose between 16 MiB and 1 TiB."),
                 spec->name, spec->memory_mib);
    return FALSE;
  }
  if (spec->n_cpus < 1 || spec->n_cpus > LOOM_GUEST_MAX_CPUS) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("%s cannot have %d CPUs. Choose between 1 and %d."), spec->name, spec->n_cpus,
                 LOOM_GUEST_MAX_CPUS);
    return FALSE;
  }
  if (spec->nics->len > LOOM_GUEST_MAX_NICS) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("%s has more than %d network cards. Take some out."), spec->name,
                 LOOM_GUEST_MAX_NICS);
    return FALSE;
  }
  if (spec->hosts->len > LOOM_GUEST_MAX_HOSTS
      || (spec->boot_script != NULL
          && strlen (spec->boot_script) > LOOM_GUEST_MAX_BOOT_SCRIPT_BYTES)) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("The boot script of %s is too long. Shorten it."), spec->name);
    return FALSE;
  }
  return TRUE;
}

gboolean
loom_guest_spec_check (const LoomGuestSpec *spec, GError **error)
{
  if (!is_word (spec->key, 16) || !is_word (spec->name, 64)) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("A machine cannot be called “%.64s”. Use letters, digits, “.”, “-” and “_”."),
                 spec->name != NULL ? spec->name : "");
    return FALSE;
  }
  if (!check_size (spec, error) || !check_files (spec, error))
    return FALSE;
  for (guint i = 0; i < spec->nics->len; i++)
    if (!check_nic (spec, spec->nics->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < spec->hosts->len; i++) {
    const LoomGuestHost *host = spec->hosts->pdata[i];

    if (!is_word (host->name, 64) || host->address == NULL || !is_address (host->address, FALSE)) {
      g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                   _ ("%s cannot know the machine “%.64s” by name: its address is not valid."),
                   spec->name, host->name != NULL ? host->name : "");
      return FALSE;
    }
  }
  return TRUE;
}

char *
loom_guest_spec_dup_config (const LoomGuestSpec *spec, gboolean boot)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "hostname %s\n", spec->name);
  for (guint i = 0; i < spec->nics->len; i++) {
    const LoomGuestNic *nic = spec->nics->pdata[i];
    g_auto (GStrv) addresses = split_addresses (nic->addresses);
    g_autofree char *words = g_strjoinv (" ", addresses);
    g_autofree char *mac = g_ascii_strdown (nic->mac, -1);

    g_string_append_printf (text, "nic %s%s%s\n", mac, words[0] != '\0' ? " " : "", words);
  }
  for (guint i = 0; i < spec->hosts->len; i++) {
    const LoomGuestHost *host = spec->hosts->pdata[i];

    g_string_append_printf (text, "host %s %s\n", host->address, host->name);
  }
  if (boot && spec->boot_script != NULL && spec->boot_script[0] != '\0')
    g_string_append_printf (text, "boot\n%s", spec->boot_script);
  return g_string_free (text, FALSE);
}
