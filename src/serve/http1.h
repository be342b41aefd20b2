/* SPDX-License-Identifier: MIT */
/*
 * The HTTP/1 session: one client connection that makes exchanges, one after
 * the other (RFC 9112). Loop thread only.
 */
#ifndef TRICORN_SERVE_HTTP1_H
#define TRICORN_SERVE_HTTP1_H

#include <sys/socket.h>

#include "serve/context.h"

/* Sets up the context's time-out lists for sessions of this kind. */
void http1_init_timeouts(struct server_context *context);

/* Serves a client on *fd, which becomes the session's. */
void http1_accept(struct server_context *context, int *fd,
    const struct sockaddr *peer, const struct config_listen *listen);

#endif
