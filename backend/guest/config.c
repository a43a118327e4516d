/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Name, hosts and addresses as the host wants them; the text is described in protocol.h.
 *
 * What a person does by hand in the guest is left alone: an address is set when its NIC appears or
 * when the host changes it, and only addresses set here are taken away again. */

#include "backend/guest/guest.h"

#include "backend/guest/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  MAX_NICS = 8,
  MAX_ADDRESSES = 16
};

struct nic {
  char *mac;
  char *addresses[MAX_ADDRESSES];
  size_t n_addresses;
  int index; /* of the interface that was set up; 0: none yet */
};

struct config {
  char *text; /* the strings point in here */
  const char *hostname;
  struct nic nics[MAX_NICS];
  size_t n_nics;
  char *hosts; /* lines "address name\n" */
  size_t hosts_size;
  const char *boot;
};

static void
parse_nic (config_t *config, char *rest)
{
  struct nic *nic = &config->nics[config->n_nics];
  char *save;
  char *word = strtok_r (rest, " ", &save);

  if (word == NULL || config->n_nics == MAX_NICS)
    return;
  nic->mac = word;
  while ((word = strtok_r (NULL, " ", &save)) != NULL && nic->n_addresses < MAX_ADDRESSES)
    nic->addresses[nic->n_addresses++] = word;
  config->n_nics++;
}

static void
parse_line (config_t *config, char *line)
{
  char *rest = strchr (line, ' ');

  if (rest == NULL)
    return;
  *rest++ = '\0';
  if (strcmp (line, "hostname") == 0)
    config->hostname = rest;
  else if (strcmp (line, "nic") == 0)
    parse_nic (config, rest);
  else if (strcmp (line, "host") == 0)
    config->hosts_size += (size_t) sprintf (config->hosts + config->hosts_size, "%s\n", rest);
}

config_t *
config_parse (char *text, size_t size)
{
  config_t *config = calloc (1, sizeof *config);
  char *line;

  if (config == NULL)
    return NULL;
  config->text = malloc (size + 1);
  config->hosts = malloc (size + 1); /* every line of it is shorter than its source */
  if (config->text == NULL || config->hosts == NULL) {
    free (config->text);
    free (config->hosts);
    free (config);
    return NULL;
  }
  memcpy (config->text, text, size);
  config->text[size] = '\0';
  config->hosts[0] = '\0';
  for (line = config->text; *line != '\0';) {
    char *end = strchr (line, '\n');

    if (end != NULL)
      *end = '\0';
    if (strcmp (line, "boot") == 0) {
      config->boot = end != NULL ? end + 1 : "";
      break;
    }
    parse_line (config, line);
    if (end == NULL)
      break;
    line = end + 1;
  }
  return config;
}

const char *
config_get_boot_script (const config_t *config)
{
  return config != NULL && config->boot != NULL && config->boot[0] != '\0' ? config->boot : NULL;
}

static void
write_hosts (const config_t *config)
{
  const char *hostname = config->hostname != NULL ? config->hostname : "tiny";
  FILE *file = fopen ("/etc/hosts.new", "we");

  if (file == NULL)
    return;
  fprintf (file, "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 %s\n%s", hostname,
           config->hosts);
  fclose (file);
  rename ("/etc/hosts.new", "/etc/hosts");
}

static const struct nic *
find_nic (const config_t *config, const char *mac)
{
  for (size_t i = 0; config != NULL && i < config->n_nics; i++)
    if (strcmp (config->nics[i].mac, mac) == 0)
      return &config->nics[i];
  return NULL;
}

static bool
has_address (const struct nic *nic, const char *address)
{
  for (size_t i = 0; nic != NULL && i < nic->n_addresses; i++)
    if (strcmp (nic->addresses[i], address) == 0)
      return true;
  return false;
}

/* The first NIC of the list is eth0, whatever order the kernel found them in. */
static void
name_links (config_t *config)
{
  char name[16], wanted[16];

  for (size_t i = 0; i < config->n_nics; i++) {
    snprintf (wanted, sizeof wanted, "eth%zu", i);
    if (netlink_find (config->nics[i].mac, name) == 0 || strcmp (name, wanted) == 0)
      continue;
    netlink_rename (wanted, "ethx"); /* out of the way; it gets its own turn */
    netlink_rename (name, wanted);
  }
}

static void
apply_nic (struct nic *nic, const struct nic *old, char *message, size_t message_size)
{
  char name[16];
  int index = netlink_find (nic->mac, name);
  int result;

  if (index == 0 || index == nic->index)
    return;
  if (old != NULL && old->index != index)
    old = NULL;
  for (size_t i = 0; old != NULL && i < old->n_addresses; i++)
    if (!has_address (nic, old->addresses[i]))
      netlink_change_address (index, old->addresses[i], false);
  if (old == NULL)
    netlink_set_up (name);
  for (size_t i = 0; i < nic->n_addresses; i++) {
    if (has_address (old, nic->addresses[i]))
      continue;
    result = netlink_change_address (index, nic->addresses[i], true);
    if (result < 0)
      snprintf (message, message_size, "%s: %s: %s", name, nic->addresses[i], strerror (-result));
  }
  nic->index = index;
}

void
config_apply_links (config_t *config)
{
  char message[256];

  if (config == NULL)
    return;
  name_links (config);
  for (size_t i = 0; i < config->n_nics; i++)
    apply_nic (&config->nics[i], NULL, message, sizeof message);
}

void
config_apply (config_t *next, config_t *old, char *message, size_t message_size)
{
  message[0] = '\0';
  if (next->hostname != NULL && sethostname (next->hostname, strlen (next->hostname)) < 0)
    snprintf (message, message_size, "hostname: %s", strerror (errno));
  write_hosts (next);
  name_links (next);
  for (size_t i = 0; i < next->n_nics; i++)
    apply_nic (&next->nics[i], find_nic (old, next->nics[i].mac), message, message_size);
  if (old != NULL) {
    free (old->text);
    free (old->hosts);
    free (old);
  }
}
