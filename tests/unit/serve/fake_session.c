/* SPDX-License-Identifier: MIT */
/* Records what an exchange gives its session. */
#include "fake_session.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/response.h"
#include "http/uri.h"
#include "serve/filter.h"

/* As the sessions of the server do when the response is complete. */
static void
release(struct fake_session *fake)
{
	struct exchange *exchange = fake->exchange;

	fake->exchange = NULL;
	fake->note = exchange->note;
	filter_destroy(exchange);
	exchange->session = NULL;
	exchange_unref(exchange);
}

static void
fake_respond(struct exchange *exchange)
{
	struct fake_session *fake = exchange->session;

	ck_assert_int_eq(fake->status, 0);
	fake->status = exchange->status;
	fake->length = exchange->response_length;
	fake->has_body = exchange->response_has_body;
	for (size_t i = 0; i < exchange->response_count; i++) {
		const struct http_field *field = &exchange->response_fields[i];

		ck_assert_ptr_null(http_response_field_problem(field->name,
		    field->value));
		buffer_printf(&fake->head, "%.*s: %.*s\n", STR_ARG(field->name),
		    STR_ARG(field->value));
	}
}

static void
use_room(struct fake_session *fake, size_t size)
{
	fake->room -= size < fake->room ? size : fake->room;
}

static void
fake_write(struct exchange *exchange, const char *data, size_t size)
{
	struct fake_session *fake = exchange->session;

	ck_assert_int_ne(fake->status, 0);
	ck_assert(fake->has_body);
	ck_assert_uint_gt(size, 0);
	buffer_append(&fake->body, data, size);
	exchange->bytes_sent += size;
	use_room(fake, size);
	fake->writes++;
}

static void
fake_send_file(struct exchange *exchange, int fd, int64_t offset,
    int64_t length)
{
	struct fake_session *fake = exchange->session;
	char *at = buffer_reserve(&fake->body, (size_t)length + 1);
	ssize_t got = pread(fd, at, (size_t)length, (off_t)offset);

	ck_assert_int_eq(got, length);
	buffer_commit(&fake->body, (size_t)length);
	exchange->bytes_sent += (uint64_t)length;
	use_room(fake, (size_t)length);
	fake->files++;
	close(fd);
}

static void
fake_flush(struct exchange *exchange)
{
	struct fake_session *fake = exchange->session;

	fake->flushes++;
}

static void
fake_finish(struct exchange *exchange, const struct http_field *trailers,
    size_t count)
{
	struct fake_session *fake = exchange->session;

	if (fake->has_body && fake->length >= 0)
		ck_assert_int_eq((int64_t)exchange->bytes_sent, fake->length);
	fake->finished = true;
	release(fake);
}

static void
fake_abort(struct exchange *exchange)
{
	struct fake_session *fake = exchange->session;

	fake->aborted = true;
	release(fake);
}

static size_t
fake_room(struct exchange *exchange)
{
	struct fake_session *fake = exchange->session;

	return fake->room;
}

static void
fake_find_peer(struct exchange *exchange)
{
	struct fake_session *fake = exchange->session;

	exchange->peer = &fake->peer;
}

static const struct session_ops fake_ops = {
	.respond = fake_respond,
	.write = fake_write,
	.send_file = fake_send_file,
	.flush = fake_flush,
	.finish = fake_finish,
	.abort = fake_abort,
	.room = fake_room,
	.find_peer = fake_find_peer,
};

/* --- for tests ------------------------------------------------------------ */

void
fake_session_init(struct fake_session *fake, const struct handler_ops *handler)
{
	struct error error;

	memset(fake, 0, sizeof(*fake));
	ck_assert_int_eq(loop_init(&fake->loop, &error), 0);
	loop_own(&fake->loop);
	fake->context.loop = &fake->loop;
	fake->context.pool = &fake->pool;
	fake->context.score = &fake->score;
	/* As if many were kept: each exchange is freed, so that a sanitizer
	   sees who uses it afterwards. */
	fake->context.free_exchange_count = 1u << 30;
	fake->route.config = &fake->config;
	fake->route.handler = handler;
	fake->mount = STR("");
	fake->peer.scheme = STR("http");
	fake->peer.local_address = STR("127.0.0.1");
	fake->peer.local_port = STR("8080");
	fake->room = SIZE_MAX;
}

static void
forget_answer(struct fake_session *fake)
{
	buffer_finish(&fake->head);
	buffer_finish(&fake->body);
	fake->status = 0;
	fake->length = -1;
	fake->writes = fake->files = fake->flushes = 0;
	fake->finished = fake->aborted = false;
}

void
fake_session_finish(struct fake_session *fake)
{
	if (fake->exchange != NULL)
		fake_session_cancel(fake);
	fake_session_turn(fake);
	forget_answer(fake);
	buffer_finish(&fake->request);
	loop_finish(&fake->loop);
}

void
fake_session_ask(struct fake_session *fake, const char *text)
{
	const struct http_limits limits = { 1 << 16, 1 << 15, 64 };
	struct http_problem problem = { 0, NULL };
	struct http_request_head head = { .fields = fake->request_fields };
	struct exchange *exchange;

	ck_assert_ptr_null(fake->exchange);
	forget_answer(fake);
	buffer_finish(&fake->request);
	buffer_printf(&fake->request, "%s\r\n", text);
	if (http_request_parse(buffer_bytes(&fake->request),
		buffer_length(&fake->request), &limits, &head,
		&problem) != HTTP_PARSE_DONE)
		ck_abort_msg("no request: %s", problem.reason);
	exchange = exchange_create(&fake->context);
	exchange->session = fake;
	exchange->session_ops = &fake_ops;
	exchange->request = head;
	if (!http_path_normalise(&exchange->arena, head.path, &exchange->path,
		&problem))
		ck_abort_msg("no path: %s", problem.reason);
	exchange->route = &fake->route;
	exchange->handler = fake->route.handler;
	exchange->mount = fake->mount;
	fake->exchange = exchange;
	exchange->handler->start(exchange);
}

void
fake_session_get(struct fake_session *fake, const char *target,
    const char *fields)
{
	struct buffer text = BUFFER_EMPTY;

	buffer_printf(&text, "GET %s HTTP/1.1\r\nHost: example.com\r\n%s",
	    target, fields);
	buffer_append(&text, "", 1);
	fake_session_ask(fake, buffer_bytes(&text));
	buffer_finish(&text);
}

void
fake_session_give_room(struct fake_session *fake, size_t room)
{
	fake->room = room;
	if (fake->exchange != NULL)
		exchange_writable(fake->exchange);
}

void
fake_session_turn(struct fake_session *fake)
{
	loop_run_tasks(&fake->loop);
}

void
fake_session_cancel(struct fake_session *fake)
{
	exchange_cancel(fake->exchange, EXCHANGE_CANCEL_CLIENT_GONE);
	release(fake);
}

const char *
fake_session_field(struct fake_session *fake, const char *name)
{
	static char values[8][4096];
	static unsigned turn;
	char *value = values[turn++ % 8];
	struct str rest = buffer_str(&fake->head), line;
	bool found = false;

	value[0] = '\0';
	while (str_next(&rest, '\n', &line)) {
		ptrdiff_t colon = str_find(line, ':');

		if (colon < 0 ||
		    !str_equal_nocase(str_make(line.data, (size_t)colon),
			str_of(name)))
			continue;
		ck_assert_msg(!found, "%s is repeated", name);
		found = true;
		line = str_trim(str_make(line.data + colon + 1,
		    line.length - (size_t)colon - 1));
		ck_assert_uint_lt(line.length, sizeof(values[0]));
		memcpy(value, line.data, line.length);
		value[line.length] = '\0';
	}
	return value;
}

const char *
fake_session_body(struct fake_session *fake)
{
	*buffer_reserve(&fake->body, 1) = '\0';
	return buffer_bytes(&fake->body);
}
