/* SPDX-License-Identifier: MIT */
/*
 * HTTP/1 sessions on one end of a socket pair, and a client on the other. All
 * on one thread: what waits for the client's side turns the loop meanwhile.
 */
#ifndef TRICORN_TESTS_SERVING_H
#define TRICORN_TESTS_SERVING_H

#include "base/buffer.h"
#include "serve/context.h"
#include "serve/exchange.h"
#include "serve/http1_priv.h"
#include "serve/route.h"

struct serving {
	struct loop loop;
	struct scoreboard_worker score;
	struct config config;
	struct config_pool pool;   /* the test's to change before a connect */
	struct config_route route; /* "/" */
	struct config_route *routes[1];
	char *match[1];
	struct server_context context;
	unsigned closed;  /* connections */
	unsigned used_up; /* calls of requests_used_up */
};

struct client {
	struct serving *serving;
	int fd;
	struct buffer got;
	bool ended, reset; /* by the server */
};

/* Fills in the configuration; long time-outs. */
void serving_configure(struct serving *serving);
/* Everything is answered by handler; state is its route's. */
void serving_begin(struct serving *serving, const struct handler_ops *handler,
    void *state);
/* Closes what is open. */
void serving_end(struct serving *serving);
/* A few turns without waiting: whatever can happen now has happened. */
void serving_settle(struct serving *serving);
/* The session of the only connection. */
struct http1 *serving_session(struct serving *serving);

void client_connect(struct client *client, struct serving *serving);
void client_send(struct client *client, const char *text);
/* Sends all, turning the loop while the socket is full. */
void client_send_bytes(struct client *client, const char *data, size_t size);
/* Ends the client's side. */
void client_shutdown(struct client *client);
void client_close(struct client *client);
/* Turns the loop and reads until got begins with text; then takes that away.
 * A different text fails the test; so does its end before. */
void client_expect(struct client *client, const char *text);
/* Turns the loop and reads until text was found; takes all up to its end. */
void client_skip_past(struct client *client, const char *text);
/* Turns the loop and reads until the server has ended the connection; what
 * came before must be text, or anything when that is NULL. */
void client_expect_end(struct client *client, const char *text);
/* Nothing has come. */
void client_expect_nothing(struct client *client);

#endif
