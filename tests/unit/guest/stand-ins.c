/* SPDX-License-Identifier: GPL-3.0-or-later */

/* In place of the guest's port, configuration, boot script and links: the agent under test runs on
 * this computer, whose name and addresses are no business of it. */

#include "backend/guest/guest.h"
#include "tests/unit/guest/stand-ins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int stand_in_port_fd = -1;

struct config {
  size_t size;
};

int
port_open (void)
{
  return stand_in_port_fd;
}

config_t *
config_parse (char *text, size_t size)
{
  config_t *config = calloc (1, sizeof *config);

  if (config != NULL)
    config->size = size;
  return config;
}

/* What went wrong is how much there was. */
void
config_apply (config_t *next, config_t *old, char *message, size_t message_size)
{
  snprintf (message, message_size, "%zu", next->size);
  free (old);
}

void
config_apply_links (config_t *config)
{
}

const char *
config_get_boot_script (const config_t *config)
{
  return NULL;
}

pid_t
script_start (const char *text)
{
  return -1;
}

void
script_read_last_line (char *text, size_t text_size)
{
  text[0] = '\0';
}

int
netlink_open_events (void)
{
  return -1;
}

bool
netlink_drain_events (int fd)
{
  return false;
}
