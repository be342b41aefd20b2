/* SPDX-License-Identifier: MIT */
/*
 * What all sessions and exchanges of one worker share: made once by the
 * worker, reached through every exchange. Loop thread only.
 */
#ifndef TRICORN_SERVE_CONTEXT_H
#define TRICORN_SERVE_CONTEXT_H

#include "base/list.h"
#include "config/model.h"
#include "http/date.h"
#include "http/request.h"
#include "ipc/scoreboard.h"
#include "net/loop.h"
#include "net/stream.h"

struct access_log;
struct exchange;
struct router;
struct server_context;

/* A connection of any protocol, in server_context.connections. */
struct connection {
	struct list link;
	const struct connection_ops *ops;
};

struct connection_ops {
	/* Close if no exchange is open. */
	void (*close_idle)(struct connection *connection);
	/* Close, cancelling what is open. */
	void (*kill)(struct connection *connection);
};

struct server_context {
	struct loop *loop;
	struct stream_pool streams;
	const struct config *config;
	const struct config_pool *pool;
	struct router *router;
	struct access_log *access_log;
	struct scoreboard_worker *score;
	struct http_date_cache date;
	struct http_limits limits;
	struct http_field *field_space; /* limits.max_fields, for parsing */
	struct str server_field;        /* "Server: x\r\n", or empty */
	struct timeout_list head_timeouts, body_timeouts, idle_timeouts,
	    send_timeouts, linger_timeouts;
	struct list connections;
	unsigned connection_count;
	bool draining;
	/* A connection was closed: accept again, or leave. */
	void (*connection_closed)(struct server_context *context);
	/* The worker's max_requests is used up. */
	void (*requests_used_up)(struct server_context *context);
	uint64_t requests_left; /* 0: no limit */
	struct exchange *free_exchanges;
	unsigned free_exchange_count;
};

/* Fills in what follows from the heritage; router, access_log and the hooks
 * are set by the worker. */
void server_context_init(struct server_context *context, struct loop *loop,
    const struct config *config, const struct config_pool *pool,
    struct scoreboard_worker *score);
/* After all connections are closed and the exchanges released. */
void server_context_finish(struct server_context *context);
/* Responses say Connection: close from now on. */
void server_context_drain(struct server_context *context);
void server_context_close_idle(struct server_context *context);
void server_context_kill(struct server_context *context);

#endif
