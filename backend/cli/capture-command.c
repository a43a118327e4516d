/* SPDX-License-Identifier: GPL-3.0-or-later */

/* capture: what passes at ports of a running lab, to a pcapng file or a pipe, until it is
 * interrupted or a limit is reached. */

#include "backend/cli/cli.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "backend/engine/engine-dbus.h"

typedef struct {
  char *filter;
  int snaplen;
  gint64 max_bytes;
  int ring_files;
  double seconds;
} Options;

/* A capture while it runs. */
typedef struct {
  LoomClient *client;
  const char *id;
  const Options *options;
  GUnixFDList *owner; /* the capture goes on for as long as there is this */
} Watch;

static GVariant *
options_to_variant (const Options *options)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (options->filter != NULL)
    g_variant_builder_add (&builder, "{sv}", "filter", g_variant_new_string (options->filter));
  if (options->snaplen > 0)
    g_variant_builder_add (&builder, "{sv}", "snaplen",
                           g_variant_new_uint32 ((guint32) options->snaplen));
  if (options->max_bytes > 0)
    g_variant_builder_add (&builder, "{sv}", "max-bytes",
                           g_variant_new_uint64 ((guint64) options->max_bytes));
  if (options->ring_files > 0)
    g_variant_builder_add (&builder, "{sv}", "ring-files",
                           g_variant_new_uint32 ((guint32) options->ring_files));
  if (options->seconds != 0)
    g_variant_builder_add (&builder, "{sv}", "seconds", g_variant_new_double (options->seconds));
  return g_variant_builder_end (&builder);
}

static gboolean
start (LoomCli *cli, Watch *watch, const char *const *ends, const char *path, GError **error)
{
  g_autoptr (LoomDBusEngine) proxy = loom_cli_ref_engine (cli, watch->client, error);
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  if (proxy == NULL)
    return FALSE;
  loom_dbus_engine_call_start_capture (proxy, watch->id, ends, path,
                                       options_to_variant (watch->options), NULL, cli->cancellable,
                                       loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  return loom_dbus_engine_call_start_capture_finish (proxy, NULL, &watch->owner, result, error);
}

typedef struct {
  guint64 frames, dropped, bytes;
} Counts;

/* The engine may be started again meanwhile: FALSE without @error when there is none. */
static gboolean
ask_to_stop (Watch *watch, Counts *counts, GError **error)
{
  g_autoptr (LoomDBusEngine) proxy = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  g_set_object (&proxy, loom_client_get_proxy (watch->client));
  if (proxy == NULL)
    return FALSE;
  loom_dbus_engine_call_stop_capture (proxy, watch->id, NULL, loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  if (loom_dbus_engine_call_stop_capture_finish (proxy, &counts->frames, &counts->dropped,
                                                 &counts->bytes, result, error))
    return TRUE;
  if (g_dbus_connection_is_closed (g_dbus_proxy_get_connection (G_DBUS_PROXY (proxy))))
    g_clear_error (error);
  return FALSE;
}

static void
say_counts (const Counts *counts)
{
  g_autofree char *n_frames = g_strdup_printf ("%" G_GUINT64_FORMAT, counts->frames);
  g_autofree char *n_bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, counts->bytes);
  g_autofree char *n_dropped = g_strdup_printf ("%" G_GUINT64_FORMAT, counts->dropped);

  /* Translators: numbers of frames, of bytes, and of frames that could not be written in time. */
  g_printerr (_ ("%s frames, %s bytes, %s frames lost\n"), n_frames, n_bytes, n_dropped);
}

/* What was captured is to be whole, whatever signal came: waits for an engine that is being started
 * again, until another signal comes. Without one the wire ends the capture when its owner goes, and
 * nobody tells what there is of it. */
static gboolean
stop (LoomCli *cli, Watch *watch, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  Counts counts = {0};

  cli->signal_number = 0;
  while (!ask_to_stop (watch, &counts, &local_error)) {
    LoomClientState state = loom_client_get_state (watch->client);

    if (local_error == NULL && state != LOOM_CLIENT_ATTACHED && state != LOOM_CLIENT_RECONNECTING)
      g_set_error_literal (&local_error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CLOSED,
                           _ ("The lab has ended, and the capture with it."));
    if (local_error != NULL) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
    if (cli->signal_number != 0) {
      loom_cli_say (_ ("The engine is being started again: the capture ends, and nobody tells how "
                       "many frames it has."));
      return TRUE;
    }
    g_main_context_iteration (NULL, TRUE);
  }
  say_counts (&counts);
  return TRUE;
}

/* Until a signal comes, or the wire says that it has ended. */
static int
watch_capture (LoomCli *cli, Watch *watch)
{
  g_autofree char *why = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  gboolean is_good = TRUE;

  loom_client_hear_capture_end_async (watch->client, watch->owner, cli->cancellable,
                                      loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  why = loom_client_hear_capture_end_finish (watch->client, result, &is_good, NULL);
  if (why != NULL)
    loom_cli_say ("%s", why);
  /* What has ended may be gone already. */
  if (!stop (cli, watch, &error) && why == NULL) {
    loom_engine_error_strip (error);
    loom_cli_say ("%s", error->message);
    is_good = FALSE;
  }
  return is_good ? LOOM_EXIT_OK : LOOM_EXIT_FAILED;
}

static int
capture (LoomCli *cli, LoomClient *client, const char *const *ends, const char *path,
         const Options *options)
{
  g_autofree char *id = g_strdup_printf ("ctl-%d-%" G_GINT64_FORMAT, (int) getpid (),
                                         g_get_monotonic_time ());
  Watch watch = {.client = client, .id = id, .options = options};
  g_autoptr (GError) error = NULL;
  int code;

  loom_cli_watch_hangs (client);
  if (start (cli, &watch, ends, path, &error)) {
    code = watch_capture (cli, &watch);
  } else {
    loom_engine_error_strip (error);
    code = loom_cli_fail (cli, error);
  }
  g_clear_object (&watch.owner);
  return code;
}

int
loom_cli_capture (LoomCli *cli, int argc, char **argv)
{
  Options options = {NULL};
  const GOptionEntry entries[] = {
      {"filter", 'F', 0, G_OPTION_ARG_STRING, &options.filter,
       N_ ("Only frames that match, as tcpdump writes it: “arp”"), N_ ("EXPRESSION")},
      {"seconds", 's', 0, G_OPTION_ARG_DOUBLE, &options.seconds, N_ ("Stop after so long"),
       N_ ("SECONDS")},
      {"max-bytes", 'b', 0, G_OPTION_ARG_INT64, &options.max_bytes,
       N_ ("Stop at so many bytes, or go on to the next file of a ring"), N_ ("BYTES")},
      {"ring-files", 'r', 0, G_OPTION_ARG_INT, &options.ring_files,
       N_ ("Keep so many files of --max-bytes, writing over the oldest"), "N"},
      {"snaplen", 'S', 0, G_OPTION_ARG_INT, &options.snaplen,
       N_ ("Keep only so many bytes of each frame"), N_ ("BYTES")},
      {NULL},
  };
  g_autoptr (LoomClient) client = NULL;
  int code;

  if (!loom_cli_parse (cli, &argc, &argv, entries, FALSE, FALSE, 3, -1, &code))
    return code;
  client = loom_cli_attach (cli, argv[1], &code);
  if (client == NULL)
    return code;
  g_autofree char *filter = options.filter;
  g_autofree char *path = g_canonicalize_filename (argv[2], NULL);
  g_autoptr (GPtrArray) ends = g_ptr_array_new ();
  for (int i = 3; i < argc; i++)
    g_ptr_array_add (ends, argv[i]);
  g_ptr_array_add (ends, NULL);
  return capture (cli, client, (const char *const *) ends->pdata, path, &options);
}
