/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the engine share: engine.c (documents, convergence), engine-begin.c (adopting
 * what runs), engine-order.c (who starts when), engine-report.c (what clients are told),
 * engine-switch.c (the fabric), engine-nodes.c (one node at a time), engine-wire.c (cables by way
 * of the wire), engine-faults.c, engine-measures.c, engine-taps.c (with taps.h: holds and
 * captures), engine-repair.c, engine-counters.c. */

#pragma once

#include "backend/engine/engine.h"
#include "backend/engine/machine.h"
#include "backend/engine/meters.h"
#include "backend/engine/panel.h"
#include "backend/engine/quiet.h"
#include "backend/engine/state.h"
#include "backend/proto/pulse.h"
#include "backend/engine/wire.h"

G_BEGIN_DECLS

/* What a wire has of what it was told. */
typedef enum {
  LOOM_WIRE_MEMORY_NONE,  /* there is none yet, or it ended */
  LOOM_WIRE_MEMORY_KNOWN, /* what the engine knows */
  LOOM_WIRE_MEMORY_STALE, /* it is late, and cables were made direct meanwhile: ask when it answers
                           */
} LoomWireMemory;

struct _LoomEngine {
  GObject parent;
  LoomCatalogue *catalogue;
  char *file;
  char *lab_folder;
  char *runtime_folder;
  char *disk_folder;
  char *state_path;

  char *document;
  guint64 generation;
  gint64 started_unix_us;
  LoomLabState state;
  LoomAccel accel;
  gboolean accel_known;

  LoomRecord *record;
  GHashTable *machines; /* key → LoomMachine; also those on their way out */
  GHashTable *gone;     /* key → name, of machines on their way out */
  GHashTable *reported; /* name → state and detail of bridges as last reported */
  LoomPanel *panel;
  gboolean panel_was_up;
  gint64 panel_late_since_us; /* 0: the switch answers */
  LoomPulse init_pulse;       /* of PID 1 */
  gint64 ticked_us;
  GVariant *hangs; /* a{ss}: what does not answer, as last told */
  guint reassert_id;
  gboolean fabric_dirty;
  GHashTable *submitted;         /* key → number of ports, of the fabric under way */
  GHashTable *submitted_bridges; /* keys of bridges of the fabric under way */
  GHashTable *bridges_up;        /* keys of bridges that the switch has */
  char *fabric_failure;          /* why the last update failed; or NULL */

  LoomWire *wire;
  gboolean wire_pending; /* what the wire that was found has is not known yet: touch nothing */
  LoomWireMemory wire_memory;
  GHashTable *detours; /* cookie (guint64) → LoomDetour */
  guint wire_timer_id;
  GPtrArray *taps;      /* of Tap: why cables go by the wire but for what is set on them */
  GPtrArray *tap_tasks; /* of GTask: orders that wait for cables to be through */
  GHashTable *measures; /* cookie (guint64) → LoomLinkMeasure[2], from the cable's end a */
  gint64 measured_us;
  gboolean measuring;
  guint flap_id;

  GPtrArray *repairs; /* of GTask: waiting for the switch */
  guint repair_timeout_id;

  LoomMeters *meters;
  gint64 sampled_us;
  int totals_fd;      /* the file that keeps totals; or -1 */
  GBytes *totals;     /* as last written there; or NULL */
  GPtrArray *waiting; /* of GTask: for the reading under way */
  guint sample_id;
  guint converge_id;
  LoomLab *lab;     /* the document, read; or NULL */
  GHashTable *only; /* names: of the machines that come next, those that start; or NULL: all */
  int need_mib;     /* as last written down */

  LoomQuiet quiet;        /* how deep the switch sleeps */
  gint64 woken_us;        /* when somebody last needed it */
  guint64 n_frames;       /* that came to it, all in all, when last read */
  gint64 moved_us;        /* when that number last grew */
  gint64 battery_read_us; /* when on_battery was found out */
  gboolean on_battery;

  guint order_id; /* looks again who may start */
  gboolean state_dirty;
  char *state_failure; /* why the state was not written the last time; or NULL */
};

/* Something may have changed: have a look soon. */
void loom_engine_kick (LoomEngine *self);
LoomDeriveContext loom_engine_get_derive_context (LoomEngine *self);
/* (transfer none): a new machine, watched. */
LoomMachine *loom_engine_add_machine (LoomEngine *self, const char *key);
/* Writes the state down. */
void loom_engine_save_state (LoomEngine *self);
/* Hands every machine what it is to be by the record. */
void loom_engine_set_wanted (LoomEngine *self);

/* engine-begin.c */
/* Adopts what runs, by the state file, or begins with nothing; brings the switch up either way. */
void loom_engine_begin (LoomEngine *self);

/* engine-order.c */
/* Lets every machine do what is next for it. */
void loom_engine_step_machines (LoomEngine *self);
/* Tries the machine called @name again, and before it what failed of those it waits for. */
void loom_engine_retry_with_forerunners (LoomEngine *self, const char *name);

/* engine-need.c */
/* Writes down what the lab needs, if that changed. */
void loom_engine_keep_need (LoomEngine *self);

/* engine-quiet.c */
/* Lets the switch sleep as deep as the lab is quiet. */
void loom_engine_step_quiet (LoomEngine *self);
/* It is needed now. */
void loom_engine_wake_switch (LoomEngine *self);
gboolean loom_engine_is_switch_asleep (LoomEngine *self);
/* The switch went: nothing was told to the next one yet. */
void loom_engine_forget_quiet (LoomEngine *self);
/* @counters: key → LoomPortCounters, just read. */
void loom_engine_note_frames (LoomEngine *self, GHashTable *counters);

/* engine-report.c */
/* (transfer none) (nullable): also of a machine on its way out. */
const char *loom_engine_get_machine_name (LoomEngine *self, LoomMachine *machine);
void loom_engine_report_machine (LoomEngine *self, LoomMachine *machine);
/* Tells about bridges whose state is another than last told. */
void loom_engine_report_bridges (LoomEngine *self);
LoomNodeState loom_engine_get_bridge_state (LoomEngine *self, const LoomInstance *bridge,
                                            const char **ret_detail);
void loom_engine_set_state (LoomEngine *self, LoomLabState state);
/* Whether every node has come to what it will be for now. */
gboolean loom_engine_has_settled (LoomEngine *self);

/* engine-switch.c */
void loom_engine_watch_panel (LoomEngine *self);
/* Hands the switch its fabric, when it differs and the switch is free. */
void loom_engine_step_switch (LoomEngine *self);

/* engine-wire.c */
/* Finds the wire that an engine before this one left running, if it did. */
void loom_engine_open_wire (LoomEngine *self);
/* Hands every cable's detour what it is to be by the record. */
void loom_engine_set_wire_wanted (LoomEngine *self);
void loom_engine_step_wire (LoomEngine *self);
/* The fabric, detours and all, was handed to the switch; the switch has become so. */
void loom_engine_note_fabric_submitted (LoomEngine *self);
void loom_engine_note_fabric (LoomEngine *self);

/* engine-taps.c */
GPtrArray *loom_engine_new_taps (void);
/* Whether somebody holds or captures the cable. */
gboolean loom_engine_is_tapped (LoomEngine *self, guint64 cookie);
/* A hold ends with its cable: one that is put back is another cable. */
void loom_engine_forget_gone_holds (LoomEngine *self);
/* Gives the orders whose cables are through by now. */
void loom_engine_step_taps (LoomEngine *self);
/* The wire ended: whatever it held or wrote is over. */
void loom_engine_lose_taps (LoomEngine *self);
/* The wire that was found holds or captures the cable. */
void loom_engine_adopt_tap (LoomEngine *self, guint64 cookie, const char *reason);
/* Something that the wire says of holds and captures. */
void loom_engine_take_tap_notice (LoomEngine *self, const char *method, JsonObject *params);

/* engine-measures.c */
/* Asks the wire what it measured, unless that is young. */
void loom_engine_measure (LoomEngine *self);
/* Columns of what GetCounters answers: of one cable, the @index th, if the wire has to do with it.
 */
typedef struct {
  GVariantBuilder states;
  GArray *indices; /* of guint32 */
  GArray *values;  /* of double */
  GArray *marks;   /* of guint64 */
} LoomMeasureColumns;
void loom_engine_add_measures (LoomEngine *self, const LoomCable *cable, gboolean swapped,
                               guint32 index, LoomMeasureColumns *columns);

/* engine-faults.c */
/* Unplugs and plugs in what flaps, now and from now on. */
void loom_engine_step_faults (LoomEngine *self);

/* engine-pulse.c */
/* To be called every second or so: finds out whether all parts answer. */
void loom_engine_tick (LoomEngine *self, gint64 now_us);
/* Tells what does not answer, if that is news. */
void loom_engine_report_hangs (LoomEngine *self);
/* Brings back what does not answer; of the machines those in @nodes only. */
void loom_engine_wake (LoomEngine *self, const char *const *nodes);

/* engine-repair.c */
/* Answers those who asked for a repair, when there is an answer. */
void loom_engine_step_repairs (LoomEngine *self);

/* engine-counters.c */
/* Opens the file that keeps what cables counted. @adopt: goes on where it says. */
void loom_engine_open_totals (LoomEngine *self, gboolean adopt);
void loom_engine_begin_sampling (LoomEngine *self);
/* Reads the counters now. */
void loom_engine_sample (LoomEngine *self);

G_END_DECLS
