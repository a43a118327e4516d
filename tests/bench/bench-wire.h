/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts of bench-wire: each prints "wire: what: value unit" lines for bench.py. A cable between
 * two peers is there; its settings are left as they may. */

#pragma once

#include "tests/system/wire-cable.h"

G_BEGIN_DECLS

/* Truth: delays and jitter; loss, bursts, duplicates, bit errors; rates. */
void bench_wire_delay (WireCable *f);
void bench_wire_loss (WireCable *f);
void bench_wire_rate (WireCable *f);

/* How fast: with no effect, with 1 ms of delay, and dpdk-testpmd in the wire's place. */
void bench_wire_speed (WireCable *f);

/* What a capture takes without losing a frame. */
void bench_wire_capture (WireCable *f);

/* What 1, 10 and 100 impaired cables cost. */
void bench_wire_cables (WireCable *f);

G_END_DECLS
