/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How deep the switch may sleep. */

#include "backend/engine/quiet.h"

#include <string.h>

/* Long enough that a ping every second keeps it awake. */
#define SILENCE_US (10 * G_USEC_PER_SEC)
#define AWAKE_SLEEP_US 500
#define DROWSY_SLEEP_US 2000

LoomQuiet
loom_quiet_choose (guint n_running, guint n_paused, gboolean on_battery, gint64 silent_us)
{
  if (n_running > 0 && n_paused == n_running)
    return LOOM_QUIET_ASLEEP;
  return on_battery && silent_us >= SILENCE_US ? LOOM_QUIET_DROWSY : LOOM_QUIET_AWAKE;
}

int
loom_quiet_get_sleep_us (LoomQuiet quiet)
{
  return quiet == LOOM_QUIET_DROWSY ? DROWSY_SLEEP_US : AWAKE_SLEEP_US;
}

/* (transfer full): the one line of an attribute; "" if it has none. */
static char *
read_attribute (const char *folder, const char *supply, const char *name)
{
  g_autofree char *path = g_build_filename (folder, supply, name, NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup ("");
  return g_strstrip (text);
}

gboolean
loom_quiet_read_battery (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gboolean has_mains = FALSE;
  gboolean empties = FALSE;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *type = read_attribute (folder, name, "type");
    g_autofree char *scope = read_attribute (folder, name, "scope");
    g_autofree char *online = read_attribute (folder, name, "online");
    g_autofree char *status = read_attribute (folder, name, "status");

    /* A mouse has a battery, too. */
    if (strcmp (scope, "Device") == 0)
      continue;
    if (strcmp (type, "Battery") == 0)
      empties = empties || strcmp (status, "Discharging") == 0;
    else
      has_mains = has_mains || strcmp (online, "1") == 0;
  }
  return empties && !has_mains;
}
