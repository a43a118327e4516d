/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain and its D-Bus names. */

#include "backend/engine/error.h"

static const GDBusErrorEntry entries[] = {
    {LOOM_ENGINE_ERROR_FAILED, "org.lanloom.Error.Failed"},
    {LOOM_ENGINE_ERROR_NOT_RUNNING, "org.lanloom.Error.NotRunning"},
    {LOOM_ENGINE_ERROR_HOST, "org.lanloom.Error.Host"},
    {LOOM_ENGINE_ERROR_INVALID, "org.lanloom.Error.Invalid"},
    {LOOM_ENGINE_ERROR_CONFLICT, "org.lanloom.Error.Conflict"},
    {LOOM_ENGINE_ERROR_NO_NODE, "org.lanloom.Error.NoNode"},
    {LOOM_ENGINE_ERROR_NOT_READY, "org.lanloom.Error.NotReady"},
    {LOOM_ENGINE_ERROR_UNSUPPORTED, "org.lanloom.Error.Unsupported"},
    {LOOM_ENGINE_ERROR_TOO_LARGE, "org.lanloom.Error.TooLarge"},
    {LOOM_ENGINE_ERROR_CLOSED, "org.lanloom.Error.Closed"},
};

GQuark
loom_engine_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("loom-engine-error-quark", &quark, entries,
                                      G_N_ELEMENTS (entries));
  return (GQuark) quark;
}

void
loom_engine_error_strip (GError *error)
{
  if (error != NULL)
    g_dbus_error_strip_remote_error (error);
}
