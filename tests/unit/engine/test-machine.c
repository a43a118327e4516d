/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One machine of a running lab, up to where QEMU would start: its sockets are bound, its ports
 * asked for, refused, and asked for again. And one that is found running, by a QEMU played here. */

#include "backend/engine/machine.h"

#include "backend/engine/record.h"
#include "backend/proto/pulse.h"
#include "backend/qemu/listener.h"
#include "tests/scratch.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define S G_USEC_PER_SEC
#define T0 (1000 * S)

typedef struct {
  char *folder;
  LoomMachine *machines[2];
  guint n_changes; /* of ports */
} Fixture;

static void
on_ports_changed (LoomMachine *machine, gpointer user_data)
{
  ((Fixture *) user_data)->n_changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = scratch_new ("machine");
  for (int i = 0; i < 2; i++) {
    g_autofree char *key = g_strdup_printf ("m%d", i + 1);
    g_autoptr (LoomGuestSpec) spec = loom_guest_spec_new (key, key, fixture->folder);
    spec->kernel = g_strdup ("/vmlinuz");
    for (int n = 0; n < 2; n++) {
      g_autofree char *path = g_strdup_printf ("%s/%s.%d.vhost", fixture->folder, key, n);
      g_autofree char *mac = g_strdup_printf ("02:00:00:00:%02d:%02d", i, n);
      loom_guest_spec_add_nic (spec, path, mac, NULL, TRUE);
    }
    fixture->machines[i] = loom_machine_new (key);
    g_signal_connect (fixture->machines[i], "ports-changed", G_CALLBACK (on_ports_changed),
                      fixture);
    loom_machine_set_wanted (fixture->machines[i], spec);
    g_assert_cmpint (loom_machine_step (fixture->machines[i], FALSE), ==, LOOM_MACHINE_IDLE);
  }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    g_object_unref (fixture->machines[i]);
  scratch_free (fixture->folder);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  LoomMachine *guilty = fixture->machines[0];
  LoomMachine *other = fixture->machines[1];

  g_assert_cmpuint (loom_machine_get_n_ports (guilty), ==, 2);
  g_assert_true (loom_machine_lacks_ports (guilty));
  fixture->n_changes = 0;
  loom_machine_refuse_port (guilty, 1, "no room");
  loom_machine_set_n_connected (guilty, 2); /* of the fabric that was handed over before */
  loom_machine_set_n_connected (other, 2);

  g_assert_cmpint (loom_machine_get_state (guilty), ==, LOOM_NODE_FAILED);
  g_assert_cmpstr (loom_machine_get_detail (guilty), ==, "no room");
  g_assert_cmpuint (loom_machine_get_n_ports (guilty), ==, 0);
  g_assert_cmpuint (fixture->n_changes, ==, 1);
  g_assert_cmpint (loom_machine_get_state (other), ==, LOOM_NODE_PREPARING);
  g_assert_false (loom_machine_lacks_ports (other));

  /* It says nothing new, and does not try again by itself. */
  loom_machine_refuse_port (guilty, 1, "no room");
  loom_machine_step (guilty, TRUE);
  g_assert_cmpuint (fixture->n_changes, ==, 1);
  g_assert_cmpint (loom_machine_get_state (guilty), ==, LOOM_NODE_FAILED);
}

static void
test_refused_and_repaired (Fixture *fixture, gconstpointer data)
{
  LoomMachine *machine = fixture->machines[0];

  loom_machine_refuse_port (machine, 0, "no room");
  loom_machine_retry (machine);
  loom_machine_step (machine, FALSE);
  g_assert_cmpint (loom_machine_get_state (machine), ==, LOOM_NODE_PREPARING);
  g_assert_cmpuint (loom_machine_get_n_ports (machine), ==, 2);
  g_assert_true (loom_machine_lacks_ports (machine));
}

/* Returns a process that listens at @path for the machine "m1", as its QEMU. @ret_fd: (transfer
 * full): where to answer for it. */
static pid_t
fork_qemu (const char *path, int *ret_fd)
{
  g_autoptr (GError) error = NULL;
  int ready[2];
  char octet;
  pid_t pid;

  *ret_fd = loom_listener_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pipe (ready), ==, 0);
  pid = fork ();
  if (pid == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    listen (*ret_fd, 1); /* from now on it is this process that a client sees */
    (void) !write (ready[1], "", 1);
    for (;;)
      pause ();
  }
  g_assert_cmpint (read (ready[0], &octet, 1), ==, 1);
  close (ready[0]);
  close (ready[1]);
  return pid;
}

static void
send_line (int fd, const char *line)
{
  g_assert_cmpint (send (fd, line, strlen (line), MSG_NOSIGNAL), ==, (gssize) strlen (line));
}

/* QEMU's side, until it has answered the first question after the greeting: it is paused. */
static void
answer_paused (int fd)
{
  char question[512];

  send_line (fd, "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n");
  for (int id = 1; id <= 2; id++) { /* both counted by qmp-client.c, in any order */
    gssize size;
    const char *at;

    while ((size = recv (fd, question, sizeof question - 1, MSG_DONTWAIT)) < 0)
      g_main_context_iteration (NULL, FALSE);
    question[size] = '\0';
    at = strstr (question, "\"id\":");
    g_assert_nonnull (at);
    g_autofree char *answer = g_strdup_printf (
        "{\"return\": {\"status\": \"paused\"}, \"id\": %d}\n", atoi (at + strlen ("\"id\":")));
    send_line (fd, answer);
  }
}

/* An engine that takes over loses no machine because QEMU is slow to answer. */
static void
test_adopted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LoomMachine) machine = loom_machine_new ("m1");
  g_autoptr (LoomGuestSpec) spec = loom_guest_spec_new ("m1", "m1", fixture->folder);
  g_autofree char *path = loom_guest_spec_dup_path (spec, "qmp");
  g_autofree char *serial_path = loom_guest_spec_dup_path (spec, "serial");
  int serial = loom_listener_open (serial_path, NULL);
  int listener, connection;
  pid_t pid = fork_qemu (path, &listener);

  spec->kernel = g_strdup ("/vmlinuz");
  spec->has_agent = TRUE;
  loom_machine_adopt (machine, spec, NULL);
  loom_machine_set_wanted (machine, spec);
  loom_machine_step (machine, FALSE);
  connection = accept (listener, NULL, NULL);
  g_assert_cmpint (connection, >=, 0);

  /* An engine that dies now finds it among what runs. */
  g_assert_nonnull (loom_machine_get_running_spec (machine));
  g_assert_cmpint (loom_machine_get_state (machine), ==, LOOM_NODE_BOOTING);
  for (int i = 0; i <= 60; i += 2)
    loom_machine_tick (machine, T0 + i * S);
  g_assert_true (loom_machine_is_late (machine));
  g_assert_nonnull (strstr (loom_machine_get_detail (machine), "m1 has not answered"));
  g_assert_cmpint (waitpid (pid, NULL, WNOHANG), ==, 0);

  answer_paused (connection);
  while (loom_machine_get_state (machine) != LOOM_NODE_PAUSED)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (loom_guest_get_pid (loom_machine_get_guest (machine)), ==, pid);
  kill (pid, SIGKILL);
  while (loom_machine_get_state (machine) != LOOM_NODE_FAILED)
    g_main_context_iteration (NULL, TRUE);
  close (connection);
  close (listener);
  close (serial);
}

static void
test_end_keys (void)
{
  static const char *const wrong[] = {"", "m3", ".1", "m3.", "m3.x", "m3.-1", "m3.99999999999"};
  int port = -1;
  g_autofree char *key = loom_record_parse_end_key ("m3.12", &port);

  g_assert_cmpstr (key, ==, "m3");
  g_assert_cmpint (port, ==, 12);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_null (loom_record_parse_end_key (wrong[i], &port));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/machine/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/machine/refused-and-repaired", Fixture, NULL, set_up, test_refused_and_repaired,
              tear_down);
  g_test_add ("/machine/adopted", Fixture, NULL, set_up, test_adopted, tear_down);
  g_test_add_func ("/machine/end-keys", test_end_keys);
  return g_test_run ();
}
