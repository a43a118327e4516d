/* SPDX-License-Identifier: GPL-3.0-or-later */

/* capture: what passes at ports of a running lab, to a pcapng file or a pipe, until it is
 * interrupted or a limit is reached. */

#include "backend/cli/cli.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "backend/engine/engine-dbus.h"

#define POLL_MS 100
#define MAX_LINE_BYTES 8192
/* That the wire takes. */
#define MAX_SECONDS 1e9

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
  int owner; /* the capture goes on for as long as this is open; the wire says there why it ends */
  char *ended; /* why, or NULL */
  gboolean has_reached_limit;
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
  if (options->seconds > 0)
    g_variant_builder_add (&builder, "{sv}", "seconds", g_variant_new_double (options->seconds));
  return g_variant_builder_end (&builder);
}

static gboolean
start (LoomCli *cli, Watch *watch, const char *const *ends, const char *path, GError **error)
{
  g_autoptr (LoomDBusEngine) proxy = loom_cli_ref_engine (cli, watch->client, error);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  if (proxy == NULL)
    return FALSE;
  loom_dbus_engine_call_start_capture (proxy, watch->id, ends, path,
                                       options_to_variant (watch->options), NULL, cli->cancellable,
                                       loom_cli_on_ready, &slot);
  result = loom_cli_wait (&slot);
  if (!loom_dbus_engine_call_start_capture_finish (proxy, NULL, &fds, result, error))
    return FALSE;
  watch->owner = g_unix_fd_list_get (fds, 0, error);
  return watch->owner >= 0;
}

/* Captures are the wire's, and go on while the engine is started again. */
static gboolean
is_lab_there (LoomClient *client)
{
  return loom_client_get_state (client) == LOOM_CLIENT_ATTACHED
         || loom_client_get_state (client) == LOOM_CLIENT_RECONNECTING;
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
    if (local_error != NULL) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
    if (!is_lab_there (watch->client)) {
      loom_cli_say (_ ("The lab has ended, and the capture with it."));
      return TRUE;
    }
    if (!loom_cli_sleep (cli, POLL_MS)) {
      loom_cli_say (_ ("The engine is being started again: the capture ends, and nobody tells how "
                       "many frames it has."));
      return TRUE;
    }
  }
  g_autofree char *n_frames = g_strdup_printf ("%" G_GUINT64_FORMAT, counts.frames);
  g_autofree char *n_bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, counts.bytes);
  g_autofree char *n_dropped = g_strdup_printf ("%" G_GUINT64_FORMAT, counts.dropped);
  /* Translators: numbers of frames, of bytes, and of frames that could not be written in time. */
  g_printerr (_ ("%s frames, %s bytes, %s frames lost\n"), n_frames, n_bytes, n_dropped);
  return TRUE;
}

/* The wire writes one line: a reason, a tab, and a sentence. */
static void
listen (Watch *watch)
{
  char line[MAX_LINE_BYTES];
  gssize size = read (watch->owner, line, sizeof line);

  if (size > 0) {
    g_autofree char *text = g_utf8_make_valid (line, size);
    g_auto (GStrv) words = g_strsplit (g_strstrip (text), "\t", 2);

    watch->has_reached_limit = g_str_equal (words[0], LOOM_CLIENT_CAPTURE_LIMIT);
    watch->ended = g_strdup (words[1] != NULL ? words[1] : words[0]);
  } else if (size == 0) {
    watch->ended = g_strdup (_ ("The wire ended: what it held is lost, and captures end here."));
  }
}

/* When the seconds that were asked for are over if they begin now. */
static gint64
get_deadline_us (const Options *options)
{
  return options->seconds > 0
             ? g_get_monotonic_time ()
                   + (gint64) (MIN (options->seconds, MAX_SECONDS) * G_USEC_PER_SEC)
             : G_MAXINT64;
}

/* Until a signal comes, the time is over, or the wire says that it has ended. */
static int
watch_capture (LoomCli *cli, Watch *watch)
{
  gint64 deadline_us = get_deadline_us (watch->options);
  g_autoptr (GError) error = NULL;

  while (watch->ended == NULL && g_get_monotonic_time () < deadline_us
         && is_lab_there (watch->client) && loom_cli_sleep (cli, POLL_MS))
    listen (watch);
  if (!is_lab_there (watch->client)) {
    loom_cli_say (_ ("The lab has ended, and the capture with it."));
    return LOOM_EXIT_FAILED;
  }
  if (watch->ended != NULL) {
    loom_cli_say ("%s", watch->ended);
    stop (cli, watch, NULL); /* if there is something to be stopped yet */
    return watch->has_reached_limit ? LOOM_EXIT_OK : LOOM_EXIT_FAILED;
  }
  if (!stop (cli, watch, &error)) {
    loom_engine_error_strip (error);
    loom_cli_say ("%s", error->message);
    return LOOM_EXIT_FAILED;
  }
  return LOOM_EXIT_OK;
}

static int
capture (LoomCli *cli, LoomClient *client, const char *const *ends, const char *path,
         const Options *options)
{
  g_autofree char *id = g_strdup_printf ("ctl-%d-%" G_GINT64_FORMAT, (int) getpid (),
                                         g_get_monotonic_time ());
  Watch watch = {.client = client, .id = id, .options = options, .owner = -1};
  g_autoptr (GError) error = NULL;
  int code;

  if (start (cli, &watch, ends, path, &error)) {
    code = watch_capture (cli, &watch);
  } else {
    loom_engine_error_strip (error);
    code = loom_cli_fail (cli, error);
  }
  if (watch.owner >= 0)
    close (watch.owner);
  g_free (watch.ended);
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
