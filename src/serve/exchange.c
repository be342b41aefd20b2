/* SPDX-License-Identifier: MIT */
/*
 * Exchanges: from a request's head to its handler and back. Checks what both
 * sides may do; how bytes look on the wire is the session's, what the answer
 * is the handler's.
 */
#include "serve/exchange.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/uri.h"
#include "serve/context.h"
#include "serve/filter.h"
#include "serve/route.h"
#include "serve/router.h"

#define EXCHANGE_BLOCK 4096 /* bytes of an exchange with its arena */
#define FREE_EXCHANGES 256  /* kept by a worker */

/* --- life ----------------------------------------------------------------- */

struct exchange *
exchange_create(struct server_context *context)
{
	struct exchange *exchange = context->free_exchanges;

	if (exchange != NULL) {
		context->free_exchanges = exchange->next_free;
		context->free_exchange_count--;
	} else {
		exchange = xmalloc(EXCHANGE_BLOCK);
	}
	memset(exchange, 0, sizeof(*exchange));
	arena_init(&exchange->arena, exchange + 1,
	    EXCHANGE_BLOCK - sizeof(*exchange));
	atomic_init(&exchange->references, 1);
	exchange->context = context;
	exchange->response_length = -1;
	if (context->access_log != NULL)
		exchange->started_ns = clock_monotonic_ns();
	scoreboard_add(&context->score->requests, 1);
	return exchange;
}

void
exchange_peer_unref(struct exchange_peer *peer)
{
	if (peer != NULL && --peer->reference_count == 0)
		free(peer);
}

static void
exchange_free(struct exchange *exchange)
{
	struct server_context *context = exchange->context;

	exchange_peer_unref((struct exchange_peer *)exchange->peer);
	arena_reset(&exchange->arena);
	if (context->free_exchange_count >= FREE_EXCHANGES) {
		free(exchange);
		return;
	}
	exchange->next_free = context->free_exchanges;
	context->free_exchanges = exchange;
	context->free_exchange_count++;
}

/* A release by another thread: freed on the loop. */
struct release {
	struct loop_task task;
	struct exchange *exchange;
};

static void
release_run(struct loop_task *task)
{
	struct release *release = container_of(task, struct release, task);

	exchange_free(release->exchange);
}

void
exchange_ref(struct exchange *exchange)
{
	atomic_fetch_add_explicit(&exchange->references, 1,
	    memory_order_relaxed);
}

void
exchange_unref(struct exchange *exchange)
{
	struct release *release;

	if (atomic_fetch_sub_explicit(&exchange->references, 1,
		memory_order_acq_rel) != 1)
		return;
	if (loop_is_mine(exchange->context->loop)) {
		exchange_free(exchange);
		return;
	}
	/* Nobody else has it any more: its own arena takes the task. */
	release = arena_alloc(&exchange->arena, sizeof(*release));
	release->task.run = release_run;
	release->exchange = exchange;
	loop_post(exchange->context->loop, &release->task);
}

const struct exchange_peer *
exchange_peer(struct exchange *exchange)
{
	if (exchange->peer == NULL && exchange->session != NULL)
		exchange->session_ops->find_peer(exchange);
	return exchange->peer;
}

/* --- from the session to the handler -------------------------------------- */

/* "/static" where only "/static/" is routed: 301 with the slash. */
static void
redirect_to_slash(struct exchange *exchange)
{
	struct http_field location = { .name = STR("Location"),
		.id = HTTP_FIELD_LOCATION };
	struct str path = exchange->request.path;
	struct str query = exchange->request.query;

	/* "//host" would leave this server. */
	while (path.length > 1 && path.data[1] == '/')
		path = str_make(path.data + 1, path.length - 1);
	location.value = arena_printf(&exchange->arena, "%.*s/%s%.*s",
	    STR_ARG(path), query.data ? "?" : "", STR_ARG(query));
	exchange_reply(exchange, 301, &location, 1, STR(""));
}

/* Methods that concern the server or the connection, not a resource. */
static bool
answer_special(struct exchange *exchange)
{
	struct http_field allow = { .name = STR("Allow"),
		.value = STR("GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS"),
		.id = HTTP_FIELD_ALLOW };

	if (exchange->request.method_id == HTTP_METHOD_CONNECT) {
		/* What follows may be a tunnel's bytes, not requests. */
		exchange->close_after = true;
		exchange_fail(exchange, 501, "CONNECT is not supported");
		return true;
	}
	if (str_equal(exchange->request.path, STR("*"))) {
		exchange_reply(exchange, 204, &allow, 1, STR(""));
		return true;
	}
	return false;
}

/* Finds path, host and route; false when that has answered already. */
static bool
find_route(struct exchange *exchange)
{
	struct router *router = exchange->context->router;
	struct http_problem problem = { 0 };
	struct str host = exchange->request.host;

	if (!http_path_normalise(&exchange->arena, exchange->request.path,
		&exchange->path, &problem)) {
		exchange_fail(exchange, problem.status, problem.reason);
		return false;
	}
	if (host.data == NULL)
		host = STR("");
	exchange->route = router_find(router, exchange->listen, host,
	    exchange->path, &exchange->mount);
	if (exchange->route != NULL)
		return true;
	if (router_find_with_slash(router, exchange->listen, host,
		exchange->path) != NULL)
		redirect_to_slash(exchange);
	else
		exchange_fail(exchange, 404, "no route matches");
	return false;
}

void
exchange_start(struct exchange *exchange)
{
	const struct config_route *config;

	if (answer_special(exchange) || !find_route(exchange))
		return;
	config = exchange->route->config;
	exchange->max_body = config->max_body != UINT64_MAX
	    ? config->max_body
	    : exchange->context->pool->max_body;
	if (exchange->request.content_length >= 0 &&
	    (uint64_t)exchange->request.content_length > exchange->max_body) {
		exchange_fail(exchange, 413, "the body is over max_body");
		return;
	}
	exchange->handler = exchange->route->handler;
	exchange->handler->start(exchange);
}

void
exchange_receive(struct exchange *exchange, const char *data, size_t size)
{
	assert(size <= exchange->credit);
	exchange->body_received += size;
	if (exchange->body_received > exchange->max_body) {
		exchange_receive_end(exchange, EXCHANGE_BODY_TOO_LARGE);
		return;
	}
	if (exchange->credit != UINT64_MAX)
		exchange->credit -= size;
	if (exchange->handler != NULL && exchange->handler->body != NULL)
		exchange->handler->body(exchange, data, size);
}

/* The answer to a body that did not end well; 0: cut the connection. */
static int
body_error_status(enum exchange_body_error error)
{
	switch (error) {
	case EXCHANGE_BODY_TIMEOUT:
		return 408;
	case EXCHANGE_BODY_TOO_LARGE:
		return 413;
	case EXCHANGE_BODY_MALFORMED:
		return 400;
	case EXCHANGE_BODY_OK:
	case EXCHANGE_BODY_CLOSED:
		break;
	}
	return 0;
}

void
exchange_receive_end(struct exchange *exchange, enum exchange_body_error error)
{
	int status = body_error_status(error);

	if (exchange->body_ended)
		return;
	exchange->body_ended = true;
	if (error != EXCHANGE_BODY_OK)
		exchange->close_after = true;
	exchange_ref(exchange);
	if (exchange->handler != NULL && exchange->body_wanted &&
	    exchange->handler->body_end != NULL)
		exchange->handler->body_end(exchange, error);
	/* The handler may have answered; if not, the server does, unless the
	   client is gone: then the session cancels next. */
	if (status != 0 && !exchange->finished && exchange->session != NULL) {
		const struct handler_ops *handler = exchange->handler;

		exchange->handler = NULL;
		if (handler != NULL && handler->cancel != NULL)
			handler->cancel(exchange, EXCHANGE_CANCEL_TIMEOUT);
		exchange_fail(exchange, status,
		    "the request body did not end well");
	}
	exchange_unref(exchange);
}

void
exchange_writable(struct exchange *exchange)
{
	if (exchange->filter != NULL && !filter_writable(exchange))
		return;
	if (exchange->handler != NULL && exchange->handler->writable != NULL)
		exchange->handler->writable(exchange);
}

void
exchange_cancel(struct exchange *exchange, enum exchange_cancel why)
{
	const struct handler_ops *handler = exchange->handler;

	exchange->cancelled = why;
	exchange->handler = NULL;
	if (handler != NULL && handler->cancel != NULL)
		handler->cancel(exchange, why);
	filter_destroy(exchange);
}

/* --- from the handler to the session -------------------------------------- */

void
exchange_want_body(struct exchange *exchange, uint64_t credit)
{
	if (exchange->session == NULL || exchange->body_ended)
		return;
	exchange->body_wanted = true;
	if (credit > UINT64_MAX - exchange->credit)
		exchange->credit = UINT64_MAX;
	else
		exchange->credit += credit;
	exchange->session_ops->want_body(exchange);
}

/* Copies a field; names that are in the server's own memory stay there. */
static void
add_field(struct exchange *exchange, struct str name, struct str value,
    enum http_field_id id)
{
	struct http_field *field =
	    &exchange->response_fields[exchange->response_count++];
	char *copy = arena_alloc(&exchange->arena, name.length + value.length);

	if (name.length > 0)
		memcpy(copy, name.data, name.length);
	if (value.length > 0)
		memcpy(copy + name.length, value.data, value.length);
	field->name = str_make(copy, name.length);
	field->value = str_make(copy + name.length, value.length);
	field->id = id;
	exchange->has_date |= id == HTTP_FIELD_DATE;
	exchange->has_server |= id == HTTP_FIELD_SERVER;
}

static void
add_route_fields(struct exchange *exchange, const struct config_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		struct str name = str_of(pairs->items[i].name);

		add_field(exchange, name, str_of(pairs->items[i].value),
		    http_field_lookup(name));
	}
}

static const char *
copy_fields(struct exchange *exchange, const struct http_field *fields,
    size_t count)
{
	const struct config_pairs *pairs =
	    exchange->route != NULL ? &exchange->route->config->headers : NULL;
	size_t room =
	    count + (pairs != NULL ? pairs->count : 0) + FILTER_EXTRA_FIELDS;

	exchange->response_fields =
	    arena_alloc(&exchange->arena, room * sizeof(struct http_field));
	for (size_t i = 0; i < count; i++) {
		enum http_field_id id = fields[i].id;
		const char *problem;

		if (id == HTTP_FIELD_OTHER)
			id = http_field_lookup(fields[i].name);
		if (id == HTTP_FIELD_CONTENT_LENGTH)
			continue;
		problem = http_response_field_problem(fields[i].name,
		    fields[i].value);
		if (problem != NULL) {
			exchange->response_count = 0;
			exchange->has_date = exchange->has_server = false;
			return problem;
		}
		add_field(exchange, fields[i].name, fields[i].value, id);
	}
	if (pairs != NULL)
		add_route_fields(exchange, pairs);
	return NULL;
}

int
exchange_respond(struct exchange *exchange, int status,
    const struct http_field *fields, size_t count, int64_t length,
    const char **problem)
{
	if (exchange->session == NULL)
		return 0;
	if (exchange->status != 0) {
		*problem = "the response was begun already";
		return -1;
	}
	if (status < 200 || status > 599) {
		*problem = "the status is not from 200 to 599";
		return -1;
	}
	*problem = copy_fields(exchange, fields, count);
	if (*problem != NULL)
		return -1;
	exchange->status = status;
	exchange->response_length = length;
	exchange->response_has_body = http_status_has_body(status) &&
	    exchange->request.method_id != HTTP_METHOD_HEAD;
	if (exchange->route != NULL && exchange->route->config->compress)
		filter_setup(exchange);
	exchange->session_ops->respond(exchange);
	return 0;
}

void
exchange_inform(struct exchange *exchange, int status,
    const struct http_field *fields, size_t count)
{
	if (exchange->session != NULL && exchange->status == 0 &&
	    exchange->request.version_minor > 0)
		exchange->session_ops->inform(exchange, status, fields, count);
}

size_t
exchange_room(struct exchange *exchange)
{
	if (exchange->session == NULL)
		return SIZE_MAX;
	if (exchange->filter != NULL)
		return filter_room(exchange);
	return exchange->session_ops->room(exchange);
}

void
exchange_write(struct exchange *exchange, const char *data, size_t size)
{
	if (exchange->session == NULL || size == 0)
		return;
	assert(exchange->status != 0 && !exchange->finished);
	exchange->response_written += size;
	if (exchange->filter != NULL)
		filter_write(exchange, data, size);
	else if (exchange->response_has_body)
		exchange->session_ops->write(exchange, data, size);
}

void
exchange_send_file(struct exchange *exchange, int fd, int64_t offset,
    int64_t length)
{
	if (exchange->session == NULL) {
		close(fd);
		return;
	}
	assert(exchange->status != 0 && !exchange->finished);
	exchange->response_written += (uint64_t)length;
	if (exchange->filter != NULL)
		filter_send_file(exchange, fd, offset, length);
	else if (exchange->response_has_body)
		exchange->session_ops->send_file(exchange, fd, offset, length);
	else
		close(fd);
}

void
exchange_flush(struct exchange *exchange)
{
	if (exchange->session == NULL)
		return;
	if (exchange->filter != NULL)
		filter_flush(exchange);
	exchange->session_ops->flush(exchange);
}

void
exchange_finish(struct exchange *exchange, const struct http_field *trailers,
    size_t count)
{
	exchange->handler = NULL;
	if (exchange->session == NULL || exchange->finished)
		return;
	if (exchange->status == 0) {
		exchange_fail(exchange, 500, "the handler gave no response");
		return;
	}
	exchange->finished = true;
	/* A filter that has output left finishes the session later. */
	if (exchange->filter != NULL)
		filter_finish(exchange, trailers, count);
	else
		exchange->session_ops->finish(exchange, trailers, count);
}

void
exchange_abort(struct exchange *exchange)
{
	exchange->handler = NULL;
	if (exchange->session == NULL)
		return;
	if (exchange->status == 0) {
		exchange_fail(exchange, 500, "the handler gave up");
		return;
	}
	exchange->finished = true;
	filter_destroy(exchange);
	exchange->session_ops->abort(exchange);
}

void
exchange_reply(struct exchange *exchange, int status,
    const struct http_field *fields, size_t count, struct str body)
{
	const char *problem;

	if (exchange_respond(exchange, status, fields, count,
		(int64_t)body.length, &problem) < 0) {
		exchange_fail(exchange, 500, problem);
		return;
	}
	exchange_write(exchange, body.data, body.length);
	exchange_finish(exchange, NULL, 0);
}

void
exchange_fail(struct exchange *exchange, int status, const char *note)
{
	struct http_field type = { .name = STR("Content-Type"),
		.value = STR("text/plain; charset=utf-8"),
		.id = HTTP_FIELD_CONTENT_TYPE };
	struct str reason = http_status_reason(status);
	char body[128];
	const char *problem;
	int length;

	exchange->note = note;
	if (exchange->status != 0) {
		exchange_abort(exchange);
		return;
	}
	length =
	    snprintf(body, sizeof(body), "%d %.*s\n", status, STR_ARG(reason));
	if (exchange_respond(exchange, status, &type, 1, length, &problem) < 0)
		return; /* the session is gone */
	exchange_write(exchange, body, (size_t)length);
	exchange_finish(exchange, NULL, 0);
}
