/* SPDX-License-Identifier: MIT */
/*
 * An exchange: one request and its response, whatever the protocol and
 * whoever answers. It stands between the session, which knows the wire, and
 * the handler, which knows the answer; neither knows the other.
 *
 * Everything here runs on the loop's thread, unless said otherwise.
 *
 * Life: the session creates it with the request's head, finds its route and
 * calls exchange_start(). The handler answers with exchange_respond(),
 * _write(), _send_file() and ends it with exchange_finish() (or _abort, or
 * _fail). After that call, or after its cancel() was called, a handler must
 * not touch the exchange again unless it holds a reference.
 */
#ifndef TRICORN_SERVE_EXCHANGE_H
#define TRICORN_SERVE_EXCHANGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "http/request.h"
#include "http/response.h"

struct exchange;
struct route;
struct filter;
struct server_context;

/* Why an exchange was taken from its handler. */
enum exchange_cancel {
	EXCHANGE_CANCEL_NONE,
	EXCHANGE_CANCEL_CLIENT_GONE,
	EXCHANGE_CANCEL_TIMEOUT,
	EXCHANGE_CANCEL_DRAIN,
};

/* How a request body ended before its end; 0 is a complete body. */
enum exchange_body_error {
	EXCHANGE_BODY_OK,
	EXCHANGE_BODY_CLOSED,    /* the client went away */
	EXCHANGE_BODY_TIMEOUT,   /* too slow; 408 */
	EXCHANGE_BODY_TOO_LARGE, /* over max_body; 413 */
	EXCHANGE_BODY_MALFORMED, /* bad chunks; 400 */
};

/* What a handler implements. NULL where it does not care, but for start. */
struct handler_ops {
	const char *name;
	/* The head is complete. May answer at once or later. */
	void (*start)(struct exchange *exchange);
	/* Body bytes within the credit of exchange_want_body(). */
	void (*body)(struct exchange *exchange, const char *data, size_t size);
	/* After the last byte, or instead of it. Called once, and only when
	   some body was wanted or the request has none. */
	void (*body_end)(struct exchange *exchange,
	    enum exchange_body_error error);
	/* Output is below the low-water mark again after exchange_room()
	   was 0. */
	void (*writable)(struct exchange *exchange);
	/* The exchange ends without the handler: forget it. */
	void (*cancel)(struct exchange *exchange, enum exchange_cancel why);
};

/* What a session implements: the wire's side of an exchange. */
struct session_ops {
	/* The exchange's response head is final: queue it for the wire. */
	void (*respond)(struct exchange *exchange);
	void (*inform)(struct exchange *exchange, int status,
	    const struct http_field *fields, size_t count);
	void (*write)(struct exchange *exchange, const char *data, size_t size);
	/* fd is owned by the session from now on. */
	void (*send_file)(struct exchange *exchange, int fd, int64_t offset,
	    int64_t length);
	void (*flush)(struct exchange *exchange);
	void (*finish)(struct exchange *exchange,
	    const struct http_field *trailers, size_t count);
	/* The response is broken off: the client must be able to tell. */
	void (*abort)(struct exchange *exchange);
	/* Bytes that may be queued before the limit is reached. */
	size_t (*room)(struct exchange *exchange);
	/* exchange->credit has grown. */
	void (*want_body)(struct exchange *exchange);
	/* Fills exchange->peer. */
	void (*find_peer)(struct exchange *exchange);
};

/* Addresses of a connection as text; shared by its exchanges. */
struct exchange_peer {
	struct str scheme;                  /* "http" */
	struct str peer_address, peer_port; /* "" on a Unix socket */
	struct str local_address, local_port;
	char text[160];
	unsigned reference_count;
};

struct exchange {
	struct arena arena;
	atomic_uint references; /* session 1, handler as it likes */
	struct server_context *context;
	void *session; /* NULL once detached */
	const struct session_ops *session_ops;
	const struct route *route;         /* NULL: none matched */
	const struct handler_ops *handler; /* NULL once finished/cancelled */
	void *handler_data;                /* the handler's own */
	struct filter *filter; /* response filters, outermost first */
	const struct exchange_peer *peer; /* NULL until exchange_peer() */
	const struct config_listen *listen;
	struct str mount; /* matched part of the path, no final
	                                slash; see router_find() */
	struct exchange *next_free;

	/* request; views into the arena, constant after start */
	struct http_request_head request;
	struct str path;             /* decoded once, normalised */
	struct http_field *trailers; /* of the request, after its body */
	size_t trailer_count;
	bool has_body; /* a body is announced, even of 0 bytes
	                                when chunked */
	uint64_t max_body;
	uint64_t body_received; /* bytes handed over */
	uint64_t credit;        /* body bytes the handler still takes */
	bool body_wanted;       /* exchange_want_body() was called */
	bool body_ended;        /* body_end was called */
	bool eof_cancels;       /* set by the handler: that the client
	                                ended its side means that it is gone */

	/* response */
	int status;                         /* 0: not begun */
	struct http_field *response_fields; /* in the arena */
	size_t response_count;
	int64_t response_length;   /* -1: not known */
	uint64_t response_written; /* body bytes from the handler */
	uint64_t bytes_sent;       /* body bytes given to the wire */
	bool response_has_body;    /* not HEAD, 204, 304 */
	bool has_date, has_server; /* among the handler's fields */
	bool close_after;          /* the connection must close afterwards */
	bool finished;
	enum exchange_cancel cancelled;

	/* log */
	uint64_t started_ns; /* CLOCK_MONOTONIC */
	uint64_t started_wall_us;
	const char *note; /* why it failed, for the log; static or
	                                in the arena */
};

/* --- for handlers --------------------------------------------------------- */

/*
 * Takes up to credit more bytes of the request body (UINT64_MAX: all). The
 * first call makes the session send 100 Continue if the client waits for it.
 */
void exchange_want_body(struct exchange *exchange, uint64_t credit);

/*
 * Begins the response. Fields are copied (names and values too). The framing
 * is the session's: Content-Length among them is left out (length counts), a
 * field of one hop is refused. Date and Server are added unless given.
 * length -1: not known. 0, or -1 with *problem set for an invalid status or
 * field (nothing was sent then).
 */
int exchange_respond(struct exchange *exchange, int status,
    const struct http_field *fields, size_t count, int64_t length,
    const char **problem) __attribute__((warn_unused_result));
/* An interim response (103). Ignored after respond and for HTTP/1.0. */
void exchange_inform(struct exchange *exchange, int status,
    const struct http_field *fields, size_t count);
/* How many bytes write() should be given now; 0: wait for writable(). */
size_t exchange_room(struct exchange *exchange);
/* Takes all bytes (copied or sent), whatever exchange_room() says. Bytes
 * over the announced length are a bug of the caller (asserted). */
void exchange_write(struct exchange *exchange, const char *data, size_t size);
/* Part of a regular file; fd is the exchange's in any case. */
void exchange_send_file(struct exchange *exchange, int fd, int64_t offset,
    int64_t length);
/* Sends what is gathered without waiting for the end of the loop's turn. */
void exchange_flush(struct exchange *exchange);
void exchange_finish(struct exchange *exchange,
    const struct http_field *trailers, size_t count);
/* Ends it as broken: cuts the connection if the response has begun, else
 * answers 500. */
void exchange_abort(struct exchange *exchange);
/*
 * A whole error answer with a short text body, and finish. When the response
 * has begun it aborts instead. note goes to the access log's json and the
 * error log at debug level; static or in the arena.
 */
void exchange_fail(struct exchange *exchange, int status, const char *note);
/* A whole answer with a body in memory, and finish. */
void exchange_reply(struct exchange *exchange, int status,
    const struct http_field *fields, size_t count, struct str body);
/* The matched part of the path without its final slash: "" or "/live". */
static inline struct str
exchange_mount(const struct exchange *exchange)
{
	return exchange->mount;
}
/* The addresses of the connection, valid as long as the exchange. NULL when
 * first asked for after the end of the exchange. */
const struct exchange_peer *exchange_peer(struct exchange *exchange);
/* Lets go of a reference; accepts NULL. */
void exchange_peer_unref(struct exchange_peer *peer);
/* [any thread] */
void exchange_ref(struct exchange *exchange);
/* [any thread] The last one frees; then *exchange is gone. */
void exchange_unref(struct exchange *exchange);

/* --- for sessions --------------------------------------------------------- */

/* From the worker's free list; zeroed but for the arena. */
struct exchange *exchange_create(struct server_context *context);
/* Routes it and calls the handler, or answers 404 and so on. */
void exchange_start(struct exchange *exchange);
/* Body bytes; at most exchange->credit of them. */
void exchange_receive(struct exchange *exchange, const char *data, size_t size);
void exchange_receive_end(struct exchange *exchange,
    enum exchange_body_error error);
/* The session can take bytes again. */
void exchange_writable(struct exchange *exchange);
/* The client is gone or late: tells the handler and detaches both sides. */
void exchange_cancel(struct exchange *exchange, enum exchange_cancel why);

#endif
