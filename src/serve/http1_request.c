/* SPDX-License-Identifier: MIT */
/*
 * The HTTP/1 session's requests: from bytes to an exchange and its body. Each
 * call takes as much from the front of what was received as the state
 * allows; keeping the rest is http1.c's.
 */
#include "serve/http1_priv.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "http/chunked.h"

#define SHORT_BODY 262144 /* dropped to keep a connection */
#define REQUEST_LINE 64   /* of a request line, besides the target */
/* --- exchanges ------------------------------------------------------------ */

static bool
name_has_underscore(struct str name)
{
	return memchr(name.data, '_', name.length) != NULL;
}

/* Fields with '_' could pass as others in CGI-like environments. False when
 * the request is to be refused for them. */
static bool
map_fields(struct exchange *exchange, enum config_header_map map)
{
	struct http_request_head *request = &exchange->request;
	size_t kept = 0;

	if (map == CONFIG_HEADER_MAP_DANGEROUS)
		return true;
	for (size_t i = 0; i < request->field_count; i++) {
		if (request->fields[i].id != HTTP_FIELD_OTHER ||
		    !name_has_underscore(request->fields[i].name)) {
			if (kept != i)
				request->fields[kept] = request->fields[i];
			kept++;
		} else if (map == CONFIG_HEADER_MAP_REFUSE) {
			return false;
		}
	}
	request->field_count = kept;
	return true;
}

/* The request line tells the master what a stuck worker was doing. */
static void
note_request(struct scoreboard_worker *score, const char *head, size_t size)
{
	const char *line_end = memchr(head, '\r',
	    size < SCOREBOARD_NOW ? size : SCOREBOARD_NOW - 1);
	size_t length = line_end    ? (size_t)(line_end - head)
	    : size < SCOREBOARD_NOW ? size
				    : SCOREBOARD_NOW - 1;

	memcpy(score->now, head, length);
	score->now[length] = '\0';
}

static struct exchange *
open_exchange(struct http1 *http1)
{
	struct exchange *exchange = exchange_create(http1->context);

	exchange->session = http1;
	exchange->session_ops = &http1_session_ops;
	exchange->listen = http1->listen;
	http1->exchange = exchange;
	http1->requests++;
	http1_set_state(http1, HTTP1_EXCHANGE);
	return exchange;
}

/* Copies a parsed head into a new exchange. */
static struct exchange *
take_head(struct http1 *http1, const char *data,
    const struct http_request_head *head)
{
	struct exchange *exchange = open_exchange(http1);
	struct http_request_head *request = &exchange->request;
	char *copy = arena_alloc(&exchange->arena, head->size);

	memcpy(copy, data, head->size);
	*request = *head;
	request->fields = arena_alloc(&exchange->arena,
	    (head->field_count + 1) * sizeof(struct http_field));
	memcpy(request->fields, head->fields,
	    head->field_count * sizeof(struct http_field));
	http_request_move(request, data, copy);
	note_request(http1->context->score, request->method.data,
	    head->size - (size_t)(request->method.data - copy));
	return exchange;
}

/* bytes: whether some stand behind the head already, so that the client does
 * not wait for 100 Continue. */
static void
begin_body(struct http1 *http1, struct exchange *exchange, bool bytes)
{
	const struct http_request_head *request = &exchange->request;

	exchange->has_body = request->chunked || request->content_length > 0;
	http1->body_done = !exchange->has_body;
	http1->continue_due =
	    request->expect_continue && exchange->has_body && !bytes;
	http1->body_since_ms = 0;
	if (request->chunked) {
		http1->chunked =
		    arena_alloc(&exchange->arena, sizeof(*http1->chunked));
		http_chunked_init(http1->chunked, &http1->context->limits,
		    &exchange->arena);
	}
	http1->body_left =
	    request->content_length > 0 ? (uint64_t)request->content_length : 0;
	exchange->body_ended = http1->body_done;
}

static void
count_request(struct server_context *context)
{
	if (context->requests_left > 0 && --context->requests_left == 0)
		context->requests_used_up(context);
}

static void
start_exchange(struct http1 *http1, const char *data, size_t length,
    const struct http_request_head *head)
{
	struct exchange *exchange = take_head(http1, data, head);

	begin_body(http1, exchange, head->size < length);
	count_request(http1->context);
	if (!map_fields(exchange, http1->context->pool->header_map)) {
		exchange->close_after = true;
		exchange_fail(exchange, 400, "a field name has an underscore");
		return;
	}
	exchange_start(exchange);
}

/* Answers what could not be parsed, and closes. method and target are what
 * could be read of them, for the log. */
void
http1_refuse(struct http1 *http1, const struct http_problem *problem,
    struct str method, struct str target)
{
	struct exchange *exchange = open_exchange(http1);

	exchange->request.version_minor = 1;
	exchange->request.method = arena_str(&exchange->arena, method);
	exchange->request.target = arena_str(&exchange->arena, target);
	exchange->request.content_length = -1;
	exchange->body_ended = true;
	/* More of it may be on its way: close_when_sent() waits for the end. */
	http1->body_done = false;
	scoreboard_add(&http1->context->score->bad_requests, 1);
	exchange_fail(exchange, problem->status, problem->reason);
}

/* --- request bodies ------------------------------------------------------- */

bool
http1_body_is_short(const struct http1 *http1)
{
	return http1->chunked == NULL && !http1->continue_due &&
	    http1->body_left <= SHORT_BODY;
}

void
http1_await_body(struct http1 *http1)
{
	http1->body_since_ms = http1->last_data_ms = clock_coarse_ms();
	http1->window_bytes = 0;
	timeout_start(&http1->context->body_timeouts, &http1->timeout);
}

/* The body is complete, for good or ill. */
void
http1_body_ends(struct http1 *http1, enum exchange_body_error error)
{
	struct exchange *exchange = http1->exchange;

	http1->body_done = error == EXCHANGE_BODY_OK;
	timeout_stop(&http1->timeout);
	if (exchange != NULL) {
		if (http1->chunked != NULL && error == EXCHANGE_BODY_OK) {
			exchange->trailers = http1->chunked->trailers;
			exchange->trailer_count = http1->chunked->trailer_count;
		}
		exchange_receive_end(exchange, error);
	} else if (error != EXCHANGE_BODY_OK) {
		http1_close(http1, EXCHANGE_CANCEL_NONE);
	} else {
		http1_set_state(http1, HTTP1_IDLE);
	}
}

/* Hands body bytes on, or drops them in SKIP. */
static void
body_bytes(struct http1 *http1, const char *data, size_t size)
{
	http1->window_bytes += size;
	if (http1->exchange != NULL)
		exchange_receive(http1->exchange, data, size);
}

/* How many body bytes may be taken now. */
uint64_t
http1_body_credit(const struct http1 *http1)
{
	return http1->exchange == NULL ? UINT64_MAX : http1->exchange->credit;
}

static size_t
process_sized_body(struct http1 *http1, const char *data, size_t length)
{
	uint64_t size = http1->body_left;

	if (size > length)
		size = length;
	if (size > http1_body_credit(http1))
		size = http1_body_credit(http1);
	if (size == 0)
		return 0;
	http1->body_left -= size;
	body_bytes(http1, data, (size_t)size);
	if (http1->body_left == 0 && !http1->body_done &&
	    (http1->state == HTTP1_EXCHANGE || http1->state == HTTP1_SKIP))
		http1_body_ends(http1, EXCHANGE_BODY_OK);
	return (size_t)size;
}

static size_t
process_chunked_body(struct http1 *http1, const char *data, size_t length)
{
	uint64_t credit = http1_body_credit(http1);
	struct http_problem problem;
	struct str payload;
	size_t consumed = 0;

	if (credit == 0)
		return 0;
	/* No more bytes than credit can hold more payload than credit. */
	if (length > credit)
		length = (size_t)credit;
	switch (http_chunked_feed(http1->chunked, data, length, &consumed,
	    &payload, &problem)) {
	case HTTP_CHUNKED_MORE:
		break;
	case HTTP_CHUNKED_DATA:
		body_bytes(http1, payload.data, payload.length);
		break;
	case HTTP_CHUNKED_DONE:
		http1_body_ends(http1, EXCHANGE_BODY_OK);
		break;
	case HTTP_CHUNKED_ERROR:
		scoreboard_add(&http1->context->score->bad_requests, 1);
		http1->exchange->note = problem.reason;
		http1_body_ends(http1, EXCHANGE_BODY_MALFORMED);
		return length;
	}
	return consumed;
}

/* The handler is slow, not the client, whose time begins anew when the
 * handler wants more. */
void
http1_stop_body_clock(struct http1 *http1)
{
	timeout_stop(&http1->timeout);
	http1->body_since_ms = 0;
}

size_t
http1_process_body(struct http1 *http1, const char *data, size_t length)
{
	size_t used;

	if (http1->body_done)
		return 0;
	if (http1_body_credit(http1) == 0) {
		http1_stop_body_clock(http1);
		return 0;
	}
	/* An answered exchange takes its chunk decoder along: SKIP is for
	   bodies with a length only. */
	used = http1->chunked != NULL
	    ? process_chunked_body(http1, data, length)
	    : process_sized_body(http1, data, length);
	if (used > 0)
		http1->last_data_ms = clock_coarse_ms();
	return used;
}

/* --- heads ---------------------------------------------------------------- */

size_t
http1_process_head(struct http1 *http1, const char *data, size_t length)
{
	struct server_context *context = http1->context;
	struct http_request_head head;
	struct http_problem problem;

	/* Without another line end there is nothing new to see, unless the
	   line grows over its limit. */
	if (http1->scanned > 0 && length <= context->limits.max_head &&
	    (length <= context->limits.max_target ||
		http1->scanned > context->limits.max_target + REQUEST_LINE) &&
	    memchr(data + http1->scanned, '\n', length - http1->scanned) ==
		NULL) {
		http1->scanned = length;
		return 0;
	}
	head.fields = context->field_space;
	head.method = head.target = STR("");
	switch (http_request_parse(data, length, &context->limits, &head,
	    &problem)) {
	case HTTP_PARSE_MORE:
		if (http1->state == HTTP1_IDLE)
			http1_set_state(http1, HTTP1_HEAD);
		http1->scanned = length;
		return 0;
	case HTTP_PARSE_DONE:
		http1->scanned = 0;
		start_exchange(http1, data, length, &head);
		return head.size;
	case HTTP_PARSE_ERROR:
		break;
	}
	http1_refuse(http1, &problem, head.method, head.target);
	return length;
}
