/* SPDX-License-Identifier: MIT */
/*
 * A handler whose answers depend on the path, one server and one client: the
 * fixture of the HTTP/1 tests. Every test has them afresh, in a process of
 * its own.
 */
#ifndef TRICORN_TESTS_HTTP1_FIXTURE_H
#define TRICORN_TESTS_HTTP1_FIXTURE_H

#include <check.h>

#include "serving.h"

/* A head with nothing in it that changes from day to day. */
#define DATE "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
#define HELLO "HTTP/1.1 200 OK\r\n" DATE "Content-Length: 6\r\n\r\nhello\n"
#define HELLO_CLOSE \
	"HTTP/1.1 200 OK\r\n" DATE \
	"Content-Length: 6\r\nConnection: close\r\n\r\nhello\n"

extern struct serving serving; /* configured; the test's to begin() */
extern struct client client;

/*
 * "/hello" is answered at once, "/echo" with the request's body, "/much" with
 * to_write bytes as room comes; any other path waits as open_exchange, and
 * "/evented" is cancelled when its client ends its side.
 */
extern const struct handler_ops handler;

/* What the handler saw last. */
extern struct exchange *open_exchange; /* of those that wait */
extern struct buffer body;
extern int body_error; /* -1: no end yet */
extern enum exchange_cancel cancelled;
extern unsigned starts, cancels, writables;
extern size_t to_write, written; /* by the path "/much" */

/* Starts the server with the handler and connects the client. */
void begin(void);
/* 200 with the fixed date; length as in exchange_respond(). */
void begin_response(struct exchange *exchange, int64_t length);
/* Answers the exchange with HELLO; it is open no more. */
void say_hello(struct exchange *exchange);
/* Finishes the open exchange as it stands. */
void finish_open(void);
/* Turns the loop until the handler was cancelled: once, and for that. */
void await_cancel(enum exchange_cancel why);
/* Turns the loop until so many exchanges were started, and no more. */
void await_start(unsigned count);

/* main() of a program: add fills the test case. Returns the exit status. */
int run_http1(const char *name, void (*add)(TCase *tests));

#endif
