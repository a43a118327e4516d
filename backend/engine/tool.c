/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three things have to be over before a tool has ended: its output, its complaints, the process. */

#include "backend/engine/tool.h"

#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "backend/qemu/confine.h"

#define PIECE_BYTES 65536
#define MAX_COMPLAINT_BYTES 2048
/* What decoding some ten thousand frames takes is 200 MiB. */
#define MAX_MEMORY_BYTES (2ull << 30)
#define NICENESS 5

struct _LoomTool {
  GObject parent_instance;

  GSubprocess *process;
  GCancellable *cancellable;
  GQueue input; /* of GBytes */
  gsize backlog;
  gboolean is_writing;
  gboolean input_ends;
  GString *complaint;
  guint n_open; /* of the three */
  gboolean was_stopped;
};

G_DEFINE_FINAL_TYPE (LoomTool, loom_tool, G_TYPE_OBJECT)

enum {
  SIGNAL_OUTPUT,
  SIGNAL_ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct {
  int ruleset;
  pid_t parent;
} Confinement;

static void
limit (__rlimit_resource_t resource, rlim_t value)
{
  struct rlimit both = {value, value};

  setrlimit (resource, &both);
}

/* Between fork () and exec (): little is allowed here. */
static void
confine (gpointer user_data)
{
  Confinement *confinement = user_data;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != confinement->parent)
    _exit (126);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit (RLIMIT_CORE, 0);
  limit (RLIMIT_FSIZE, 0);
  limit (RLIMIT_AS, MAX_MEMORY_BYTES);
  setpriority (PRIO_PROCESS, 0, NICENESS);
  if (confinement->ruleset >= 0)
    loom_confine_enter (&confinement->ruleset);
}

/* (nullable) (transfer full): what it complained of, or what became of it. */
static char *
dup_last_words (LoomTool *self)
{
  g_auto (GStrv) lines = NULL;
  g_autofree char *valid = g_utf8_make_valid (self->complaint->str, (gssize) self->complaint->len);

  if (g_subprocess_get_if_exited (self->process)
      && g_subprocess_get_exit_status (self->process) == 0)
    return NULL;
  if (!g_subprocess_get_if_exited (self->process))
    return g_strdup (g_strsignal (g_subprocess_get_term_sig (self->process)));
  lines = g_strsplit (valid, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    /* Wireshark's programs begin with this when root runs them, whatever comes of it. */
    if (lines[i][0] != '\0' && !g_str_has_prefix (lines[i], "Running as user "))
      return g_strdup (lines[i]);
  }
  return g_strdup_printf (_ ("exit status %d"), g_subprocess_get_exit_status (self->process));
}

static void
close_one (LoomTool *self)
{
  g_autofree char *said = NULL;

  if (--self->n_open > 0 || self->was_stopped)
    return;
  said = dup_last_words (self);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, said);
}

/* --- input ----------------------------------------------------------------------------------- */

static void write_next (LoomTool *self);

static void
on_input_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_output_stream_close_finish (G_OUTPUT_STREAM (source), result, NULL);
  g_object_unref (user_data);
}

static void
drop_input (LoomTool *self)
{
  g_queue_clear_full (&self->input, (GDestroyNotify) g_bytes_unref);
  self->backlog = 0;
}

/* A program that takes no more input says why by itself. */
static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomTool) self = user_data;
  g_autoptr (GBytes) octets = NULL;
  gsize n_written;

  self->is_writing = FALSE;
  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, &n_written, NULL)) {
    drop_input (self);
    return;
  }
  octets = g_queue_pop_head (&self->input);
  if (octets != NULL)
    self->backlog -= g_bytes_get_size (octets);
  write_next (self);
}

static void
write_next (LoomTool *self)
{
  GOutputStream *stdin_pipe = g_subprocess_get_stdin_pipe (self->process);
  GBytes *octets = g_queue_peek_head (&self->input);

  if (self->is_writing)
    return;
  if (octets != NULL) {
    self->is_writing = TRUE;
    g_output_stream_write_all_async (stdin_pipe, g_bytes_get_data (octets, NULL),
                                     g_bytes_get_size (octets), G_PRIORITY_DEFAULT,
                                     self->cancellable, on_written, g_object_ref (self));
  } else if (self->input_ends) {
    self->input_ends = FALSE;
    g_output_stream_close_async (stdin_pipe, G_PRIORITY_DEFAULT, NULL, on_input_closed,
                                 g_object_ref (self));
  }
}

/* --- output ---------------------------------------------------------------------------------- */

static void
read_more (LoomTool *self, GInputStream *stream, GAsyncReadyCallback callback)
{
  /* Below the priority of drawing: output may come faster than anybody can look at it. */
  g_input_stream_read_bytes_async (stream, PIECE_BYTES, G_PRIORITY_DEFAULT_IDLE, self->cancellable,
                                   callback, g_object_ref (self));
}

static void
on_output_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomTool) self = user_data;
  g_autoptr (GBytes)
      octets = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);

  if (self->was_stopped || octets == NULL || g_bytes_get_size (octets) == 0) {
    close_one (self);
    return;
  }
  g_signal_emit (self, signals[SIGNAL_OUTPUT], 0, octets);
  read_more (self, G_INPUT_STREAM (source), on_output_read);
}

static void
on_complaint_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomTool) self = user_data;
  g_autoptr (GBytes)
      octets = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);
  gsize size = 0;
  const char *text = octets != NULL ? g_bytes_get_data (octets, &size) : NULL;

  if (self->was_stopped || size == 0) {
    close_one (self);
    return;
  }
  g_string_append_len (self->complaint, text,
                       (gssize) MIN (size, MAX_COMPLAINT_BYTES - self->complaint->len));
  read_more (self, G_INPUT_STREAM (source), on_complaint_read);
}

static void
on_exited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomTool) self = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  close_one (self);
}

/* --- life ------------------------------------------------------------------------------------ */

static void
loom_tool_dispose (GObject *object)
{
  loom_tool_stop (LOOM_TOOL (object));
  G_OBJECT_CLASS (loom_tool_parent_class)->dispose (object);
}

static void
loom_tool_finalize (GObject *object)
{
  LoomTool *self = LOOM_TOOL (object);

  drop_input (self);
  g_clear_object (&self->process);
  g_object_unref (self->cancellable);
  g_string_free (self->complaint, TRUE);
  G_OBJECT_CLASS (loom_tool_parent_class)->finalize (object);
}

static void
loom_tool_class_init (LoomToolClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_tool_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_tool_finalize;
  signals[SIGNAL_OUTPUT] = g_signal_new ("output", LOOM_TYPE_TOOL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", LOOM_TYPE_TOOL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
loom_tool_init (LoomTool *self)
{
  self->cancellable = g_cancellable_new ();
  self->complaint = g_string_new (NULL);
  g_queue_init (&self->input);
}

/* @path: may be anywhere, and is to be found where files are shut off. */
static GSubprocess *
spawn (const char *const *argv, const char *path, GError **error)
{
  const char *const readable[] = {path, NULL};
  Confinement confinement = {loom_confine_open (readable, NULL, NULL), getpid ()};
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
      | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  GSubprocess *process;

  g_subprocess_launcher_set_cwd (launcher, "/");
  /* What it says is read by a program. */
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_setenv (launcher, "HOME", "/", TRUE);
  g_subprocess_launcher_set_child_setup (launcher, confine, &confinement, NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, error);
  if (confinement.ruleset >= 0)
    close (confinement.ruleset);
  return process;
}

void
loom_tool_unblock_input (GSubprocess *process)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (process);

  g_unix_set_fd_nonblocking (g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (input)), TRUE,
                             NULL);
}

LoomTool *
loom_tool_new (const char *const *argv, GError **error)
{
  g_autofree char *path = g_find_program_in_path (argv[0]);
  g_autoptr (LoomTool) self = NULL;

  if (path == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("The program %s is not installed."),
                 argv[0]);
    return NULL;
  }
  self = g_object_new (LOOM_TYPE_TOOL, NULL);
  self->process = spawn (argv, path, error);
  if (self->process == NULL)
    return NULL;
  loom_tool_unblock_input (self->process);
  self->n_open = 3;
  read_more (self, g_subprocess_get_stdout_pipe (self->process), on_output_read);
  read_more (self, g_subprocess_get_stderr_pipe (self->process), on_complaint_read);
  g_subprocess_wait_async (self->process, NULL, on_exited, g_object_ref (self));
  return g_steal_pointer (&self);
}

void
loom_tool_write (LoomTool *self, GBytes *octets)
{
  if (g_bytes_get_size (octets) == 0 || self->input_ends || self->was_stopped)
    return;
  g_queue_push_tail (&self->input, g_bytes_ref (octets));
  self->backlog += g_bytes_get_size (octets);
  write_next (self);
}

gsize
loom_tool_get_backlog (LoomTool *self)
{
  return self->backlog;
}

void
loom_tool_end_input (LoomTool *self)
{
  self->input_ends = TRUE;
  write_next (self);
}

void
loom_tool_stop (LoomTool *self)
{
  if (self->was_stopped || self->process == NULL)
    return;
  self->was_stopped = TRUE;
  g_cancellable_cancel (self->cancellable);
  g_subprocess_force_exit (self->process);
}
