/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the engine has set up for a lab: which instance stands for which node, and which cables are
 * plugged in. A pure value: the plan compares it with the lab that is wanted, the runner executes
 * the difference, and it is what a restarted engine needs to know (backend/engine/state.h).
 *
 * Instances have keys that outlive names: "m3" for the third machine of this run, "b2" for the
 * second bridge. Files, switch ports and cables are named by keys, so that a rename touches
 * nothing. */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

typedef struct {
  char *key;
  LoomRole role;
  LoomNode *node;   /* as last applied */
  gboolean powered; /* machines: a person wants it on */
  gboolean failed;  /* observed: died or did not start; nobody tries again unless asked */
} LoomInstance;

/* A cable by the keys of its ends. It keeps its cookie for as long as it is there. */
typedef struct {
  guint64 cookie;
  char *key_a;
  int port_a;
  char *key_b;
  int port_b;
  LoomLink *link;       /* as last applied; NULL: nothing is set on it */
  gboolean swapped;     /* the link's end a is the cable's b */
  gint64 flap_began_us; /* a flapping cable: since when, 0: not yet */
  gboolean flap_down;   /* observed: it is unplugged right now */
} LoomCable;

/* What a cable's fault makes of it. 0: end a, 1: end b. */
typedef struct {
  gboolean carrier[2];
  gboolean passes[2]; /* frames that leave that end arrive at the other */
} LoomCableHealth;

typedef struct {
  gboolean switch_running; /* observed */
  guint next_machine;      /* numbers for new keys; never used twice in a run */
  guint next_bridge;
  guint64 next_cookie;
  GPtrArray *instances; /* of LoomInstance, in the order they were made */
  GPtrArray *cables;    /* of LoomCable */
} LoomRecord;

/* (transfer full): nothing is set up. */
LoomRecord *loom_record_new (void);
/* (transfer full) */
LoomRecord *loom_record_copy (const LoomRecord *record);
void loom_record_free (LoomRecord *record);

/* @node: (transfer none). */
LoomInstance *loom_record_add_instance (LoomRecord *record, const char *key, LoomRole role,
                                        LoomNode *node);
LoomCable *loom_record_add_cable (LoomRecord *record, guint64 cookie, const char *key_a, int port_a,
                                  const char *key_b, int port_b);
/* What is set on the cable, which has the same ends as @link. */
void loom_record_set_link (const LoomRecord *record, LoomCable *cable, LoomLink *link);
/* What is set on @source is set on @cable, and it flaps on where that one was. */
void loom_cable_take_over (LoomCable *cable, const LoomCable *source);
void loom_cable_get_health (const LoomCable *cable, LoomCableHealth *ret_health);
/* Brings flap_down up to date. Returns when it changes next, G_MAXINT64: never. */
gint64 loom_cable_flap (LoomCable *cable, gint64 now_us);
/* (transfer none) (nullable) */
LoomInstance *loom_record_get (const LoomRecord *record, const char *key);
LoomInstance *loom_record_get_by_name (const LoomRecord *record, const char *name);
/* (transfer none) (nullable): the cable plugged into that port. */
LoomCable *loom_record_get_cable_at (const LoomRecord *record, const char *key, int port);
/* (transfer full) (nullable): "pc1:0 pc2:0", as of loom_link_dup_id (); NULL if an end has no
 * instance. @ret_swapped (optional): whether the link's end a is the cable's b. */
char *loom_record_dup_link_id (const LoomRecord *record, const LoomCable *cable,
                               gboolean *ret_swapped);
/* (transfer full): "m3.0", the name of an end at the switch. */
char *loom_record_dup_end_key (const char *key, int port);
/* (transfer full) (nullable): "m3" and 0 of "m3.0"; NULL if that is no name of an end. */
char *loom_record_parse_end_key (const char *end, int *ret_port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomRecord, loom_record_free)

G_END_DECLS
