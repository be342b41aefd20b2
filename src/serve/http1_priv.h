/* SPDX-License-Identifier: MIT */
/* The HTTP/1 session as its own files see it. */
#ifndef TRICORN_SERVE_HTTP1_PRIV_H
#define TRICORN_SERVE_HTTP1_PRIV_H

#include <netinet/in.h>

#include "base/buffer.h"
#include "http/chunked.h"
#include "serve/context.h"
#include "serve/exchange.h"
#include "serve/http1.h"

enum http1_state {
	HTTP1_IDLE,     /* between requests, nothing received */
	HTTP1_HEAD,     /* some of a head was received */
	HTTP1_EXCHANGE, /* an exchange is open */
	HTTP1_SKIP,     /* answered; what is left of the body is dropped */
	HTTP1_CLOSING,  /* no more requests; output is still to be sent */
	HTTP1_LINGER,   /* our side is shut; waits for the client's end */
	HTTP1_CLOSED,   /* freed at the end of the turn */
};

struct http1 {
	struct stream stream;
	struct connection connection;
	struct server_context *context;
	const struct config_listen *listen;
	struct exchange *exchange;  /* NULL but in EXCHANGE */
	struct exchange_peer *peer; /* made when first asked for */
	struct timeout timeout;     /* head, body, idle or linger */
	struct timeout send_timeout;
	struct loop_task task;        /* process again, or free */
	struct buffer in;             /* received, not yet used */
	struct http_chunked *chunked; /* of the request body; in the arena
	                                   of the exchange */
	uint64_t body_left;           /* of a body with a length */
	uint64_t window_bytes;        /* body bytes in this rate window */
	uint64_t last_data_ms;
	uint64_t body_since_ms; /* 0: no body awaited yet */
	uint64_t requests;
	size_t scanned; /* bytes of in that were parsed as an
	                                   incomplete head */
	enum http1_state state;
	struct sockaddr_in6 address; /* of the peer; fits IPv4 too */
	bool task_queued;
	bool processing;   /* inside http1_process() */
	bool body_done;    /* of the current request */
	bool continue_due; /* the client waits for 100 Continue */
	bool keep_alive;   /* another request may follow */
	bool chunked_out;  /* of the current response */
	bool read_eof;     /* the client ended its side */
	bool reset;        /* close so that the client sees it */
};

extern const struct session_ops http1_session_ops;

/* Moves to another state; the only place where it changes. */
void http1_set_state(struct http1 *http1, enum http1_state state);
/* Processes buffered input, and what follows, at the end of the turn. */
void http1_schedule(struct http1 *http1);
/* The response is complete on our side: goes on to the next request, or to
 * the end of the connection. */
void http1_response_done(struct http1 *http1);
/* Closes at once and tells the exchange, if one is open. */
void http1_close(struct http1 *http1, enum exchange_cancel why);

/* --- http1_request.c ------------------------------------------------------ */

/* Takes a head, or a piece of the body, from the front of length bytes;
 * returns how many it used, 0 when it waits for more. */
size_t http1_process_head(struct http1 *http1, const char *data, size_t length);
size_t http1_process_body(struct http1 *http1, const char *data, size_t length);
/* Answers what could not be parsed, and closes. method and target are what
 * could be read of them, for the log. */
void http1_refuse(struct http1 *http1, const struct http_problem *problem,
    struct str method, struct str target);
/* The body is complete, for good or ill. */
void http1_body_ends(struct http1 *http1, enum exchange_body_error error);
/* How many body bytes may be taken now. */
uint64_t http1_body_credit(const struct http1 *http1);
/* Whether what is left of the body is worth reading to keep the connection.
 */
bool http1_body_is_short(const struct http1 *http1);
/* Starts the clock of the body. */
void http1_await_body(struct http1 *http1);
/* The client is not awaited now: the handler is slow. */
void http1_stop_body_clock(struct http1 *http1);

#endif
