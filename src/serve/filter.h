/* SPDX-License-Identifier: MIT */
/*
 * Response filters: what changes a response between its handler and its
 * session. Today that is compression. exchange.c asks filter_setup() once
 * the head is known; if it left a filter in exchange->filter, the body passes
 * through the calls below instead of going to the session.
 *
 * Backpressure: a filter takes all that is written to it. A file it reads
 * itself, in pieces and only as fast as the session takes them; meanwhile
 * later writes and the end wait behind it, and filter_room() is 0.
 *
 * All of this runs on the loop's thread. Sessions must not cancel the
 * exchange from within the calls a filter makes (write, flush, room).
 */
#ifndef TRICORN_SERVE_FILTER_H
#define TRICORN_SERVE_FILTER_H

#include "base/list.h"
#include "net/loop.h"
#include "serve/exchange.h"

/* A filter adds at most so many fields: the array has room for them. */
#define FILTER_EXTRA_FIELDS 2

/* What a kind of filter implements. It writes to exchange->session_ops. */
struct filter_ops {
	void (*write)(struct filter *filter, struct exchange *exchange,
	    const char *data, size_t size);
	/* Gives the session all that is held back, so that the client can
	   use what was written so far. */
	void (*flush)(struct filter *filter, struct exchange *exchange);
	/* The end of the body: gives the session the rest. */
	void (*finish)(struct filter *filter, struct exchange *exchange);
	void (*destroy)(struct filter *filter);
};

/* The common part; in the exchange's arena. */
struct filter {
	const struct filter_ops *ops;
	struct exchange *exchange;
	struct list waiting;         /* parts behind a file, and it itself */
	struct loop_task resume;     /* goes on with the file next turn */
	bool resuming;               /* queued; holds a reference */
	bool flush_each;             /* every write reaches the client */
	bool finishing;              /* filter_finish() was called */
	bool broken;                 /* will be aborted at the turn's end */
	int64_t announced;           /* body bytes due; -1: not known */
	uint64_t taken;              /* of them, filtered so far */
	struct http_field *trailers; /* to send at the end */
	size_t trailer_count;
};

/*
 * Decides on the final response head: may change exchange->response_fields
 * and set response_length to -1, and may install a filter. Call it after the
 * fields are in the exchange and response_has_body is known, before the
 * session's respond().
 */
void filter_setup(struct exchange *exchange);

/* As the exchange_* calls of that name; exchange->filter is not NULL. A file
 * that comes short breaks the response off at the end of the turn. */
void filter_write(struct exchange *exchange, const char *data, size_t size);
void filter_send_file(struct exchange *exchange, int fd, int64_t offset,
    int64_t length);
void filter_flush(struct exchange *exchange);
/* Calls the session's finish() once all is written, now or later, and ends
 * the filter. */
void filter_finish(struct exchange *exchange, const struct http_field *trailers,
    size_t count);

/* 0 while a file is being read: writable() will follow. */
size_t filter_room(struct exchange *exchange);
/*
 * The session has room again. True when the handler may write now; false
 * while the filter uses the room itself.
 */
bool filter_writable(struct exchange *exchange);

/* Drops what waits and frees; exchange->filter is NULL then. Accepts none. */
void filter_destroy(struct exchange *exchange);

#endif
