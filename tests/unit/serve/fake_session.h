/* SPDX-License-Identifier: MIT */
/*
 * A session without a socket, for tests of handlers and filters: it makes
 * exchanges from request texts and keeps what is answered.
 */
#ifndef TRICORN_TESTS_FAKE_SESSION_H
#define TRICORN_TESTS_FAKE_SESSION_H

#include "base/buffer.h"
#include "config/model.h"
#include "serve/context.h"
#include "serve/exchange.h"
#include "serve/route.h"

struct fake_session {
	struct loop loop;
	struct scoreboard_worker score;
	struct config_pool pool;
	struct server_context context;
	struct config_route config; /* of the route; the test's to fill */
	struct route route;
	struct str mount;
	struct exchange_peer peer;
	struct exchange *exchange; /* NULL once finished or aborted */
	struct http_field request_fields[64];
	struct buffer request;

	size_t room; /* what room() says; less by each write */
	/* What was answered. */
	int status;
	int64_t length;
	bool has_body;
	struct buffer head; /* "Name: value\n" … */
	struct buffer body;
	unsigned writes, files, flushes;
	bool finished, aborted;
	const char *note;
};

/* With a route whose mount is "" and that is answered by handler. */
void fake_session_init(struct fake_session *fake,
    const struct handler_ops *handler);
/* Cancels what is open. */
void fake_session_finish(struct fake_session *fake);

/*
 * Gives the handler a request: "GET /path HTTP/1.1\r\n…" without the empty
 * line, which is added. Forgets the answer before. The test fails when the
 * text is no request.
 */
void fake_session_ask(struct fake_session *fake, const char *text);
/* GET of a target with the further field lines, each with its CRLF. */
void fake_session_get(struct fake_session *fake, const char *target,
    const char *fields);

/* The session can take room bytes: tells the exchange, once. */
void fake_session_give_room(struct fake_session *fake, size_t room);
/* Runs what was put off to the end of the loop's turn. */
void fake_session_turn(struct fake_session *fake);
/* The client goes away. */
void fake_session_cancel(struct fake_session *fake);

/* A field of the answer, "" when there is none. Static, one of eight. Fails
 * the test when there are several of that name. */
const char *fake_session_field(struct fake_session *fake, const char *name);
/* The body with a NUL behind it, valid until the next call. */
const char *fake_session_body(struct fake_session *fake);

#endif
