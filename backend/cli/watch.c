/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The view of `run --watch`. On a terminal the picture is drawn over itself twice a second;
 * elsewhere only changes of state and the last picture are written. Pings run one after the other
 * inside the guests while the picture goes on. */

#include "backend/cli/watch.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define REFRESH_MS 500
#define MAX_TRIES 5 /* of a pair, a second each: a guest may still be learning its address */
#define CLEAR_SCREEN "\033[H\033[2J\033[3J"

typedef struct {
  const char *from;
  const char *to;
  char *address; /* of to */
  int n_tries;
  gboolean reached;
} Pair;

typedef struct {
  LoomCli *cli;
  LoomClient *client;
  LoomLab *lab;
  GArray *pairs; /* of Pair */
  guint current; /* the pair that is pinging */
  gboolean is_terminal;
  int null_fd;
  GAsyncResult *ping;     /* set when the ping under way has ended */
  GAsyncResult *counters; /* set when the counters asked for have come */
  gboolean asked;         /* for counters */
  GPtrArray *links;       /* last counters; or NULL */
} Watch;

char *
loom_cli_dup_address (const LoomNode *node)
{
  for (int i = 0; i < node->n_ports; i++) {
    const char *addresses = node->ports[i].addresses;

    if (addresses != NULL && addresses[0] != '\0')
      return g_strndup (addresses, strcspn (addresses, "/, "));
  }
  return NULL;
}

static void
pair_clear (gpointer data)
{
  g_free (((Pair *) data)->address);
}

/* Every machine with an address to every other. */
static GArray *
list_pairs (LoomLab *lab)
{
  GArray *pairs = g_array_new (FALSE, TRUE, sizeof (Pair));
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);

  g_array_set_clear_func (pairs, pair_clear);
  for (guint i = 0; i < nodes->len; i++)
    for (guint j = 0; j < nodes->len; j++) {
      const LoomNode *from = nodes->pdata[i];
      const LoomNode *to = nodes->pdata[j];
      g_autofree char *source = loom_cli_dup_address (from);
      Pair pair = {.from = from->name, .to = to->name};

      if (i == j || source == NULL || (pair.address = loom_cli_dup_address (to)) == NULL)
        continue;
      g_array_append_val (pairs, pair);
    }
  return pairs;
}

/* --- the picture ------------------------------------------------------------------------------*/

static void
draw (Watch *watch)
{
  g_autoptr (GPtrArray) nodes = loom_client_list_nodes (watch->client);
  guint n_reached = 0;

  if (watch->is_terminal)
    g_print (CLEAR_SCREEN);
  g_print ("%s\n\n", loom_lab_get_name (watch->lab));
  for (guint i = 0; i < nodes->len; i++) {
    LoomClientNode *node = g_ptr_array_index (nodes, i);

    g_print ("%-20s %-10s %s\n", node->name, loom_node_state_to_label (node->state), node->detail);
  }
  g_print ("\n");
  if (watch->links != NULL)
    loom_cli_print_counters (watch->links);
  for (guint i = 0; i < watch->pairs->len; i++)
    n_reached += g_array_index (watch->pairs, Pair, i).reached ? 1 : 0;
  g_print (_ ("\nPings that were answered: %u of %u\n"), n_reached, watch->pairs->len);
}

static void
ask_for_counters (Watch *watch)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (!watch->asked) {
    watch->asked = TRUE;
    loom_client_counters_async (watch->client, NULL, loom_cli_on_ready, &watch->counters);
  }
  if (watch->counters == NULL)
    return;
  result = g_steal_pointer (&watch->counters);
  watch->asked = FALSE;
  g_clear_pointer (&watch->links, g_ptr_array_unref);
  watch->links = loom_client_counters_finish (watch->client, result, NULL, NULL);
}

/* --- the pings --------------------------------------------------------------------------------*/

static void
start_ping (Watch *watch)
{
  Pair *pair = &g_array_index (watch->pairs, Pair, watch->current);
  const char *argv[] = {"ping", "-c", "1", "-W", "1", pair->address, NULL};

  pair->n_tries++;
  loom_client_exec_async (watch->client, pair->from, argv, watch->null_fd, watch->null_fd,
                          watch->null_fd, watch->cli->cancellable, loom_cli_on_ready, &watch->ping);
}

/* Takes the answer of the ping under way. FALSE: it could not be run at all. */
static gboolean
take_ping (Watch *watch, GError **error)
{
  Pair *pair = &g_array_index (watch->pairs, Pair, watch->current);
  g_autoptr (GAsyncResult) result = g_steal_pointer (&watch->ping);
  int status = loom_client_exec_finish (watch->client, result, error);

  if (status < 0)
    return FALSE;
  pair->reached = status == 0;
  if (pair->reached || pair->n_tries >= MAX_TRIES) {
    watch->current++;
    if (!watch->is_terminal)
      g_print (pair->reached ? _ ("%s reached %s\n") : _ ("%s did not reach %s\n"), pair->from,
               pair->to);
  }
  return TRUE;
}

/* Pings pair after pair, drawing meanwhile. */
static gboolean
ping_all (Watch *watch, GError **error)
{
  while (watch->current < watch->pairs->len) {
    start_ping (watch);
    while (watch->ping == NULL) {
      ask_for_counters (watch);
      if (watch->is_terminal)
        draw (watch);
      loom_cli_sleep (watch->cli, REFRESH_MS);
      if (watch->cli->signal_number != 0 && watch->ping == NULL)
        g_main_context_iteration (NULL, TRUE);
    }
    if (!take_ping (watch, error))
      return FALSE;
  }
  /* The last counters, with all pings in them. */
  while (watch->asked && watch->counters == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (watch->asked)
    ask_for_counters (watch);
  g_clear_pointer (&watch->links, g_ptr_array_unref);
  watch->links = loom_cli_read_counters (watch->cli, watch->client, NULL, error);
  return watch->links != NULL;
}

static int
report (Watch *watch)
{
  int code = LOOM_EXIT_OK;

  draw (watch);
  for (guint i = 0; i < watch->pairs->len; i++) {
    Pair *pair = &g_array_index (watch->pairs, Pair, i);

    if (pair->reached)
      continue;
    loom_cli_say (_ ("“%s” did not reach “%s” (%s)."), pair->from, pair->to, pair->address);
    code = LOOM_EXIT_PROBLEMS;
  }
  return code;
}

int
loom_cli_watch_lab (LoomCli *cli, LoomClient *client, LoomLab *lab, double timeout_s)
{
  Watch watch = {.cli = cli, .client = client, .lab = lab};
  g_autoptr (GError) error = NULL;
  int code = loom_cli_wait_ready (cli, client, lab, timeout_s);

  if (code != LOOM_EXIT_OK)
    return code;
  watch.pairs = list_pairs (lab);
  watch.is_terminal = isatty (STDOUT_FILENO);
  watch.null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  code = ping_all (&watch, &error) ? report (&watch) : loom_cli_fail (cli, error);
  while (watch.asked && watch.counters == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&watch.counters);
  close (watch.null_fd);
  g_array_unref (watch.pairs);
  g_clear_pointer (&watch.links, g_ptr_array_unref);
  return code;
}
