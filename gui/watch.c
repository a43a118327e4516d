/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pipe of a watch. Other cables mean another pipe: the old one is read until the new one is
 * there, so that the cables that both have stay in the wire.
 *
 * off      nothing is to be watched, or no lab runs
 * asking   the engine was asked for a pipe
 * on       the pipe is read
 * waiting  that failed, or the pipe ended: a moment, then asking again */

#include "gui/watch.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <unistd.h>

#include "backend/engine/engine-dbus.h"

#define RETRY_MS 1000
/* Of the pipe, each time it has something. */
#define MAX_READ 512

typedef struct {
  char *link;
  gboolean swapped; /* forward leaves its second end */
} Cable;

struct _LoomWatch {
  GObject parent_instance;

  LoomSession *session;
  LoomDBusEngine *proxy; /* of the lab that runs; or NULL */
  GCancellable *cancellable;
  GStrv links; /* never NULL */
  guint per_second;
  guint asked_per_second;
  GStrv asked; /* what the engine was asked for; NULL: nothing is under way */
  int fd;      /* -1: off */
  guint source_id;
  guint retry_id;
  GHashTable *cables; /* cookie (guint64) → Cable, of the pipe that is read */
};

G_DEFINE_FINAL_TYPE (LoomWatch, loom_watch, G_TYPE_OBJECT)

enum {
  SIGNAL_FRAME,
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void ask (LoomWatch *self);

static void
cable_free (gpointer data)
{
  Cable *cable = data;

  g_free (cable->link);
  g_free (cable);
}

static void
close_pipe (LoomWatch *self)
{
  g_clear_handle_id (&self->source_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_hash_table_remove_all (self->cables);
}

static gboolean
on_retry (gpointer user_data)
{
  LoomWatch *self = user_data;

  self->retry_id = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (LoomWatch *self)
{
  if (self->retry_id == 0)
    self->retry_id = g_timeout_add (RETRY_MS, on_retry, self);
}

static void
tell (LoomWatch *self, const LoomFrameSample *sample)
{
  const Cable *cable = g_hash_table_lookup (self->cables, &sample->cable);

  if (cable != NULL && sample->head_size <= LOOM_SAMPLE_HEAD)
    g_signal_emit (self, signals[SIGNAL_FRAME], 0, cable->link,
                   (sample->direction == 1) != cable->swapped, sample);
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (LoomWatch) self = g_object_ref (LOOM_WATCH (user_data));
  LoomFrameSample samples[16];
  gssize size = 0;

  /* Records are written whole. */
  for (guint n = 0; n < MAX_READ / G_N_ELEMENTS (samples) && fd == self->fd; n++) {
    size = read (fd, samples, sizeof samples);
    if (size <= 0)
      break;
    for (gsize i = 0; i < (gsize) size / sizeof *samples; i++)
      tell (self, &samples[i]);
  }
  if (fd != self->fd || size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR)))
    return fd == self->fd;
  /* The wire ended. */
  self->source_id = 0;
  close_pipe (self);
  retry_later (self);
  return G_SOURCE_REMOVE;
}

static void
begin (LoomWatch *self, GVariant *cables, int fd)
{
  GVariantIter iter;
  guint64 cookie;
  gboolean swapped;

  close_pipe (self);
  g_variant_iter_init (&iter, cables);
  for (guint i = 0;
       self->asked[i] != NULL && g_variant_iter_next (&iter, "(tb)", &cookie, &swapped); i++) {
    Cable *cable = g_new0 (Cable, 1);

    cable->link = g_strdup (self->asked[i]);
    cable->swapped = swapped;
    g_hash_table_insert (self->cables, g_memdup2 (&cookie, sizeof cookie), cable);
  }
  self->fd = fd;
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  self->source_id = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomWatch) self = user_data;
  g_autoptr (GVariant) cables = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  gboolean answered = loom_dbus_engine_call_watch_finish (LOOM_DBUS_ENGINE (source), &cables,
                                                          &handle, &fds, result, &error);
  int fd;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  fd = answered && fds != NULL ? g_unix_fd_list_get (fds, g_variant_get_handle (handle), NULL) : -1;
  if (fd >= 0)
    begin (self, cables, fd);
  gboolean is_old = !g_strv_equal ((const char *const *) self->asked,
                                   (const char *const *) self->links)
                    || self->asked_per_second != self->per_second;
  g_clear_pointer (&self->asked, g_strfreev);
  if (is_old) {
    ask (self);
  } else if (fd < 0) {
    if (error != NULL)
      loom_engine_error_strip (error);
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error != NULL ? error->message : "");
    retry_later (self);
  }
}

/* Asks for a pipe with what is to be watched now. */
static void
ask (LoomWatch *self)
{
  if (self->proxy == NULL || self->links[0] == NULL) {
    g_clear_handle_id (&self->retry_id, g_source_remove);
    close_pipe (self);
    return;
  }
  if (self->asked != NULL)
    return;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  self->asked = g_strdupv (self->links);
  self->asked_per_second = self->per_second;
  loom_dbus_engine_call_watch (self->proxy, (const char *const *) self->asked, self->per_second,
                               NULL, self->cancellable, on_answered, g_object_ref (self));
}

/* The lab began or ended, or its engine is another one. */
static void
on_session_changed (LoomSession *session, LoomWatch *self)
{
  LoomClient *client = loom_session_get_client (session);
  LoomDBusEngine *proxy = client != NULL ? loom_client_get_proxy (client) : NULL;

  if (proxy == self->proxy)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_pointer (&self->asked, g_strfreev);
  g_set_object (&self->proxy, proxy);
  close_pipe (self);
  ask (self);
}

static void
loom_watch_dispose (GObject *object)
{
  LoomWatch *self = LOOM_WATCH (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  close_pipe (self);
  g_clear_object (&self->proxy);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (loom_watch_parent_class)->dispose (object);
}

static void
loom_watch_finalize (GObject *object)
{
  LoomWatch *self = LOOM_WATCH (object);

  g_clear_object (&self->cancellable);
  g_strfreev (self->links);
  g_strfreev (self->asked);
  g_hash_table_unref (self->cables);
  G_OBJECT_CLASS (loom_watch_parent_class)->finalize (object);
}

static void
loom_watch_class_init (LoomWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_watch_finalize;
  signals[SIGNAL_FRAME] = g_signal_new ("frame", LOOM_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_BOOLEAN,
                                        G_TYPE_POINTER);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", LOOM_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
loom_watch_init (LoomWatch *self)
{
  self->cancellable = g_cancellable_new ();
  self->links = g_new0 (char *, 1);
  self->per_second = 1;
  self->fd = -1;
  self->cables = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, cable_free);
}

LoomWatch *
loom_watch_new (LoomSession *session)
{
  LoomWatch *self = g_object_new (LOOM_TYPE_WATCH, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (on_session_changed), self, 0);
  on_session_changed (session, self);
  return self;
}

void
loom_watch_set_links (LoomWatch *self, const char *const *links, guint per_second)
{
  g_return_if_fail (LOOM_IS_WATCH (self));

  if (g_strv_equal (links, (const char *const *) self->links) && per_second == self->per_second)
    return;
  g_strfreev (self->links);
  self->links = g_strdupv ((char **) links);
  self->per_second = per_second;
  ask (self);
}

gboolean
loom_watch_is_on (LoomWatch *self)
{
  return self->fd >= 0;
}
