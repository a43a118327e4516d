/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the methods of the control connection share. All of it is the main thread's. */

#pragma once

#include "backend/proto/acceptor.h"
#include "backend/proto/json-rpc.h"
#include "backend/wire/control.h"
#include "backend/wire/vhost-front.h"

G_BEGIN_DECLS

typedef struct _LoomWireAttachment LoomWireAttachment;

typedef struct {
  LoomWireAttachment *attachment;
  LoomWireFront *front;
  gboolean connected;
} LoomWireEnd;

/* A cable with its sockets. */
struct _LoomWireAttachment {
  LoomWireControl *control;
  gint64 cookie;
  char *key;
  guint64 seed;
  guint index; /* which pair of the memory's rings */
  LoomWireCable *cable;
  LoomWireEnd ends[2];
  gboolean holds[2]; /* directions */
  guint n_held;      /* as was told last */
  guint n_taps[2];   /* captures at each end */
  guint sample_rate; /* as the datapath was told last */
};

struct _LoomWireControl {
  LoomAcceptor *acceptor;
  LoomJsonRpc *rpc; /* of the newest client; or NULL */
  guint idle_id;
  guint idle_s;
  LoomWireMemory *memory;
  LoomWireDatapath *datapath;
  GMainLoop *loop;
  GHashTable *attachments; /* cookie (gint64, the attachment's own) -> LoomWireAttachment */
  gboolean used[LOOM_WIRE_MAX_CABLES]; /* pairs of rings */
  GHashTable *captures;                /* id -> what capture-methods.c knows of it */
  guint watch_id;                      /* while something is held */
  GHashTable *watches;                 /* id -> what watch-methods.c knows of it */
  LoomWireRing *samples;               /* from the datapath thread; NULL: never needed */
  guint samples_id;                    /* while somebody watches */
};

/* A call that has not been answered. */
typedef struct {
  LoomWireControl *control;
  LoomJsonRpc *rpc; /* of the client that calls */
  JsonNode *id;
} LoomWireCall;

/* Each ends the call. @result (transfer full): NULL is {}. */
void loom_wire_call_answer (LoomWireCall *call, JsonNode *result);
void loom_wire_call_fail (LoomWireCall *call, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Posts @order; FALSE when it cannot, and then the call has failed. */
gboolean loom_wire_call_post (LoomWireCall *call, LoomWireOrder *order);

/* Tells the client, if there is one. @params (transfer full): an array of one object. */
void loom_wire_control_notify (LoomWireControl *control, const char *method, JsonNode *params);
/* A client or a cable came or went. */
void loom_wire_control_look (LoomWireControl *control);

/* (nullable): the cable that @params names; NULL when there is none, and then the call has failed.
 */
LoomWireAttachment *loom_wire_call_get_attachment (LoomWireCall *call, JsonObject *params);

/* Leaves the sockets: the switch is not talked with any more. */
void loom_wire_attachment_stop (LoomWireAttachment *self);
void loom_wire_attachment_free (LoomWireAttachment *self);

/* The methods: each answers its call, now or later. */
void loom_wire_attach (LoomWireCall *call, JsonObject *params);
void loom_wire_set (LoomWireCall *call, JsonObject *params);
void loom_wire_detach (LoomWireCall *call, JsonObject *params);
void loom_wire_stats (LoomWireCall *call, JsonObject *params);
void loom_wire_hold (LoomWireCall *call, JsonObject *params);
void loom_wire_held (LoomWireCall *call, JsonObject *params);
void loom_wire_act (LoomWireCall *call, JsonObject *params);
void loom_wire_capture_method (LoomWireCall *call, JsonObject *params);
void loom_wire_capture_save_method (LoomWireCall *call, JsonObject *params);
void loom_wire_capture_stop_method (LoomWireCall *call, JsonObject *params);
void loom_wire_watch (LoomWireCall *call, JsonObject *params);
void loom_wire_unwatch (LoomWireCall *call, JsonObject *params);

/* Some cable may hold frames from now on: how many is told when it changes. */
void loom_wire_watch_held (LoomWireControl *control);

/* Adds the ids of the cable's captures to the array that @builder is in. */
void loom_wire_captures_add (LoomWireAttachment *attachment, JsonBuilder *builder);
/* The cable goes: its captures see no more of it, nor of another that is called the same. */
void loom_wire_captures_forget (LoomWireAttachment *attachment);
/* A cable came: those who watch it are told of its frames. */
void loom_wire_watches_follow (LoomWireControl *control);
/* Adds the ids of those who watch cable @cookie to the array that @builder is in. */
void loom_wire_watches_add (LoomWireControl *control, gint64 cookie, JsonBuilder *builder);
void loom_wire_watches_init (LoomWireControl *control);
/* Ends all. The datapath thread has ended. */
void loom_wire_watches_end (LoomWireControl *control);

/* Ends all captures, and waits for their last octets. The datapath thread has ended. */
void loom_wire_captures_end (LoomWireControl *control);

G_END_DECLS
