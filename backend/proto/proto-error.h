/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain of backend/proto. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_PROTO_ERROR (loom_proto_error_quark ())
GQuark loom_proto_error_quark (void);

typedef enum {
  LOOM_PROTO_ERROR_SYNTAX, /* the peer sent what is no message: give the connection up */
  LOOM_PROTO_ERROR_LIMIT,  /* longer or deeper than agreed, or a queue is full */
  LOOM_PROTO_ERROR_CLOSED, /* the peer went away */
  LOOM_PROTO_ERROR_REMOTE, /* the peer answered with an error: the connection is fine */
} LoomProtoError;

G_END_DECLS
