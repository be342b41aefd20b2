/* SPDX-License-Identifier: MIT */
/* Sessions and their clients in one thread. */
#include "serving.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/http1.h"
#include "serve/router.h"

#define LONG_MS 60000

void
serving_configure(struct serving *serving)
{
	struct config_pool *pool = &serving->pool;

	memset(serving, 0, sizeof(*serving));
	serving->config.server.server_header = (char *)"";
	serving->config.server.temp_dir = (char *)"/tmp";
	pool->name = (char *)"pool";
	pool->threads = 1;
	pool->thread_queue = 1024;
	pool->head_timeout = pool->body_timeout = LONG_MS;
	pool->send_timeout = pool->keep_alive = LONG_MS;
	pool->max_head = 16384;
	pool->max_target = 8192;
	pool->max_fields = 100;
	pool->max_body = 1 << 30;
	pool->body_buffer = 1 << 20;
	pool->output_buffer = 262144;
	serving->match[0] = (char *)"/";
	serving->route.name = (char *)"route";
	serving->route.match.items = serving->match;
	serving->route.match.count = 1;
	serving->route.target = CONFIG_TARGET_RESPOND;
	serving->route.max_body = UINT64_MAX;
	serving->routes[0] = &serving->route;
	serving->config.routes = serving->routes;
	serving->config.route_count = 1;
}

static void
connection_closed(struct server_context *context)
{
	container_of(context, struct serving, context)->closed++;
}

static void
requests_used_up(struct server_context *context)
{
	container_of(context, struct serving, context)->used_up++;
}

void
serving_begin(struct serving *serving, const struct handler_ops *handler,
    void *state)
{
	struct error error;
	struct route *routes;
	size_t count;

	ck_assert_int_eq(loop_init(&serving->loop, &error), 0);
	server_context_init(&serving->context, &serving->loop, &serving->config,
	    &serving->pool, &serving->score);
	serving->context.connection_closed = connection_closed;
	serving->context.requests_used_up = requests_used_up;
	serving->context.router =
	    router_create(&serving->config, &serving->pool);
	routes = router_routes(serving->context.router, &count);
	ck_assert_uint_eq(count, 1);
	routes[0].handler = handler;
	routes[0].handler_state = state;
}

void
serving_end(struct serving *serving)
{
	server_context_kill(&serving->context);
	ck_assert_uint_eq(serving->context.connection_count, 0);
	serving_settle(serving);
	ck_assert_uint_eq(atomic_load(&serving->score.requests),
	    atomic_load(&serving->score.responses));
	server_context_finish(&serving->context);
	router_destroy(&serving->context.router);
	loop_finish(&serving->loop);
}

void
serving_settle(struct serving *serving)
{
	for (int i = 0; i < 20; i++)
		loop_turn(&serving->loop, false);
}

struct http1 *
serving_session(struct serving *serving)
{
	ck_assert_uint_eq(serving->context.connection_count, 1);
	return container_of(container_of(serving->context.connections.next,
				struct connection, link),
	    struct http1, connection);
}

void
client_connect(struct client *client, struct serving *serving)
{
	struct sockaddr peer = { .sa_family = AF_UNIX };
	int fds[2], size = 8192;

	memset(client, 0, sizeof(*client));
	client->serving = serving;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	client->fd = fds[0];
	http1_accept(&serving->context, &fds[1], &peer, NULL);
	ck_assert_int_eq(fds[1], -1);
}

/* Waits a little for the client's socket while the loop turns. */
static void
turn_and_poll(struct client *client, short events)
{
	struct pollfd poller = { client->fd, events, 0 };

	loop_turn(&client->serving->loop, false);
	poll(&poller, 1, 1);
}

void
client_send_bytes(struct client *client, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t count = send(client->fd, data, size, MSG_NOSIGNAL);

		if (count < 0) {
			ck_assert_int_eq(errno, EAGAIN);
			turn_and_poll(client, POLLOUT);
			continue;
		}
		data += count;
		size -= (size_t)count;
	}
}

void
client_send(struct client *client, const char *text)
{
	client_send_bytes(client, text, strlen(text));
}

void
client_shutdown(struct client *client)
{
	ck_assert_int_eq(shutdown(client->fd, SHUT_WR), 0);
}

void
client_close(struct client *client)
{
	close(client->fd);
	client->fd = -1;
	buffer_finish(&client->got);
}

/* Turns the loop and reads once. */
static void
receive(struct client *client)
{
	char *space = buffer_reserve(&client->got, 65536);
	ssize_t count;

	turn_and_poll(client, POLLIN);
	count = recv(client->fd, space, 65536, 0);
	if (count > 0) {
		buffer_commit(&client->got, (size_t)count);
	} else if (count == 0) {
		client->ended = true;
	} else if (errno != EAGAIN) {
		ck_assert_int_eq(errno, ECONNRESET);
		client->ended = client->reset = true;
	}
}

void
client_expect(struct client *client, const char *text)
{
	size_t size = strlen(text);

	while (buffer_length(&client->got) < size && !client->ended)
		receive(client);
	if (buffer_length(&client->got) < size ||
	    memcmp(buffer_bytes(&client->got), text, size) != 0)
		ck_abort_msg("expected \"%s\", got \"%.*s\"", text,
		    STR_ARG(buffer_str(&client->got)));
	buffer_consume(&client->got, size);
}

void
client_skip_past(struct client *client, const char *text)
{
	size_t size = strlen(text);
	char *found;

	for (;;) {
		found = buffer_length(&client->got) == 0
		    ? NULL
		    : memmem(buffer_bytes(&client->got),
			  buffer_length(&client->got), text, size);
		if (found != NULL)
			break;
		if (client->ended)
			ck_abort_msg("expected \"%s\" somewhere, got \"%.*s\"",
			    text, STR_ARG(buffer_str(&client->got)));
		receive(client);
	}
	buffer_consume(&client->got,
	    (size_t)(found - buffer_bytes(&client->got)) + size);
}

void
client_expect_end(struct client *client, const char *text)
{
	while (!client->ended)
		receive(client);
	if (text != NULL && !str_equal(buffer_str(&client->got), str_of(text)))
		ck_abort_msg("expected \"%s\" and the end, got \"%.*s\"", text,
		    STR_ARG(buffer_str(&client->got)));
}

void
client_expect_nothing(struct client *client)
{
	serving_settle(client->serving);
	receive(client);
	ck_assert_uint_eq(buffer_length(&client->got), 0);
	ck_assert(!client->ended);
}
