/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is set on a cable, in words: for its label, its tooltip, and those who listen. All return
 * (transfer full), numbers in the person's locale. */

#pragma once

#include "canvas/model/link.h"
#include "canvas/model/status.h"

G_BEGIN_DECLS

/* A few words for the label on the cable: "20 ms · loss 1 %"; what differs by direction is
 * "8 / 1 Mb/s". NULL (nullable): a perfect cable. */
char *loom_cable_summarize (const LoomLink *link);
/* The state for an accessible name: "unplugged", "impaired"; NULL (nullable): nothing to say. */
char *loom_cable_describe_state (const LoomLink *link);
/* A sentence on what is broken: "Port fault at pc1: …"; NULL (nullable): nothing is. */
char *loom_cable_describe_fault (const LoomLink *link);
/* What one direction is asked for: "20 ms ± 5 ms · loss 1 %"; NULL (nullable): nothing. */
char *loom_cable_describe_asked (const LoomImpairment *impairment);
/* What one direction was measured to do: "20.04 ms ± 0.03 · loss 0.98 %". */
char *loom_cable_describe_measured (const LoomLinkMeasure *measured);

G_END_DECLS
