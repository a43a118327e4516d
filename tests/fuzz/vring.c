/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A switch that does with the rings of a cable what it likes: uses buffers it was not given, says
 * lengths and numbers that are none, counts ahead, and writes over all that it sees. The input is
 * what it does, one step after the other. Whatever that is, no frame is lost or had twice.
 *
 * A step: an octet (lowest bit: which port; the next three: what), and what belongs to it. */

#include "backend/wire/direction.h"
#include "backend/wire/environment.h"
#include "backend/wire/intake.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define N_FRAMES 512
#define FILL 64
#define MS G_GINT64_CONSTANT (1000000)

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

enum {
  USE_NEXT,  /* size, then what is written into the next buffer that was offered */
  USE_ANY,   /* descriptor, size */
  COUNT,     /* how far */
  SCRIBBLE,  /* where, how many; then octets */
  TAKE_NEXT, /* of what was sent */
  TAKE_ANY,  /* descriptor */
  TURN,      /* how many milliseconds later */
  RECONNECT,
};

typedef struct {
  const guint8 *data;
  gsize size;
} Input;

static LoomWireMemory *memory;
static char *folder;
static int kick_fd;
static guint8 scratch[LOOM_WIRE_MAX_SEGMENT];

static void
leave (void)
{
  loom_wire_memory_free (memory);
  loom_wire_environment_remove (folder);
}

static void
enter (void)
{
  g_autoptr (GError) error = NULL;
  int code;

  folder = g_dir_make_tmp ("lanloom-fuzz-XXXXXX", NULL);
  if (!loom_wire_environment_init (folder, N_FRAMES, FALSE, &error))
    g_error ("%s", error->message);
  memory = loom_wire_memory_new (N_FRAMES, FALSE, &code);
  g_assert_nonnull (memory);
  kick_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  atexit (leave);
}

/* The next @n octets as a number, 0 behind the end. */
static guint32
take_number (Input *input, gsize n)
{
  guint32 value = 0;

  n = MIN (n, input->size);
  memcpy (&value, input->data, n);
  input->data += n;
  input->size -= n;
  return value;
}

/* Writes at most @n octets to @at, as far as that is memory the switch sees. */
static void
write_octets (Input *input, guint64 at, gsize n)
{
  guint64 base = (guint64) (gsize) memory->base;

  n = MIN (n, input->size);
  if (at >= base && at < base + memory->size && n <= base + memory->size - at)
    memcpy ((guint8 *) (gsize) at, input->data, n);
  input->data += n;
  input->size -= n;
}

static void
use (LoomWireVring *ring, guint32 id, guint32 length)
{
  guint slot = ring->used->index % LOOM_WIRE_RING_SIZE;

  ring->used->ring[slot].id = id;
  ring->used->ring[slot].length = length;
  ring->used->index++;
}

/* As a switch that is right would. */
static guint16
get_next (LoomWireVring *ring)
{
  return ring->avail->ring[ring->used->index % LOOM_WIRE_RING_SIZE] % LOOM_WIRE_RING_SIZE;
}

static void
plug (LoomWireCable *cable, guint i)
{
  LoomWirePort *port = &cable->ports[i];
  guint8 *rings = loom_wire_memory_rings (memory, i);

  loom_wire_vring_reset (&port->receive, memory, rings, kick_fd);
  loom_wire_vring_reset (&port->send, memory, rings + LOOM_WIRE_VRING_BYTES, kick_fd);
  loom_wire_vring_fill (&port->receive, FILL);
  port->connected = TRUE;
}

static void
unplug (LoomWireCable *cable, guint i)
{
  loom_wire_vring_clear (&cable->ports[i].receive);
  loom_wire_vring_clear (&cable->ports[i].send);
}

static void
turn (LoomWireCable *cable, gint64 now_ns)
{
  for (guint i = 0; i < 2; i++) {
    LoomWireFrame *frames[LOOM_WIRE_BURST];
    guint n = loom_wire_vring_receive (&cable->ports[i].receive, frames, LOOM_WIRE_BURST);

    for (guint j = 0; j < n; j++)
      loom_wire_intake (&cable->ports[i], frames[j], scratch, now_ns);
    loom_wire_vring_fill (&cable->ports[i].receive, FILL);
    loom_wire_direction_run (&cable->directions[i], now_ns);
  }
}

static void
step (LoomWireCable *cable, Input *input, gint64 *now_ns)
{
  guint what = take_number (input, 1);
  guint i = what & 1;
  LoomWireVring *receive = &cable->ports[i].receive;
  LoomWireVring *send = &cable->ports[i].send;

  switch (what >> 1 & 7) {
  case USE_NEXT: {
    guint16 id = get_next (receive);
    guint32 length = take_number (input, 2);

    write_octets (input, receive->descriptors[id].address, length);
    use (receive, id, length);
    break;
  }
  case USE_ANY: {
    guint32 id = take_number (input, 4);

    use (receive, id, take_number (input, 4));
    break;
  }
  case COUNT:
    receive->used->index += (guint16) take_number (input, 2);
    break;
  case SCRIBBLE: {
    guint32 at = take_number (input, 4) % (guint32) memory->size;

    write_octets (input, (guint64) (gsize) memory->base + at, take_number (input, 1));
    break;
  }
  case TAKE_NEXT:
    use (send, get_next (send), 0);
    break;
  case TAKE_ANY:
    use (send, take_number (input, 4), 0);
    break;
  case TURN:
    *now_ns += take_number (input, 1) * MS;
    turn (cable, *now_ns);
    break;
  default:
    unplug (cable, i);
    plug (cable, i);
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Input input = {data, size};
  LoomWireSettings settings[2];
  LoomWireCable *cable;
  gint64 now_ns = MS;

  if (memory == NULL)
    enter ();
  for (guint i = 0; i < 2; i++)
    loom_wire_settings_init (&settings[i]);
  settings[1].delay_ns = MS;
  settings[1].duplicate = 0.5;
  settings[1].bit_error = 0.001;
  memset (memory->base + LOOM_WIRE_MAX_PORTS * LOOM_WIRE_RINGS_STRIDE, 0,
          memory->size - LOOM_WIRE_MAX_PORTS * LOOM_WIRE_RINGS_STRIDE);
  cable = loom_wire_cable_new ("pc1:0 pc2:0", 1, settings, memory, 0);
  for (guint i = 0; i < 2; i++)
    plug (cable, i);
  while (input.size > 0)
    step (cable, &input, &now_ns);
  turn (cable, now_ns);
  for (guint i = 0; i < 2; i++) {
    loom_wire_direction_clear (&cable->directions[i]);
    unplug (cable, i);
  }
  g_assert_cmpuint (memory->n_travelling, ==, 0);
  g_assert_cmpuint (rte_mempool_avail_count (memory->pool), ==, N_FRAMES);
  loom_wire_cable_free (cable);
  return 0;
}
