/* SPDX-License-Identifier: MIT */
/*
 * The handler of the HTTP/1 tests, what it remembers, and what their programs
 * have in common.
 */
#include "http1_fixture.h"

#include <stdlib.h>

struct serving serving;
struct client client;

/* What the handler saw last. */
struct exchange *open_exchange; /* of those that wait */
struct buffer body;
int body_error; /* -1: no end yet */
enum exchange_cancel cancelled;
unsigned starts, cancels, writables;
size_t to_write, written; /* by the path "/much" */

static const struct http_field date_field = { STR("Date"),
	STR("Thu, 01 Jan 1970 00:00:00 GMT"), HTTP_FIELD_DATE };

void
begin_response(struct exchange *exchange, int64_t length)
{
	const char *problem;

	ck_assert_int_eq(exchange_respond(exchange, 200, &date_field, 1, length,
			     &problem),
	    0);
}

void
say_hello(struct exchange *exchange)
{
	open_exchange = NULL;
	exchange_reply(exchange, 200, &date_field, 1, STR("hello\n"));
}

static void
write_much(struct exchange *exchange)
{
	static char block[4000];
	size_t room;

	while (written < to_write && (room = exchange_room(exchange)) > 0) {
		size_t size = to_write - written;

		if (size > sizeof(block))
			size = sizeof(block);
		for (size_t i = 0; i < size; i++)
			block[i] = (char)('a' + (written + i) % 26);
		exchange_write(exchange, block, size);
		written += size;
	}
	if (written == to_write) {
		open_exchange = NULL;
		exchange_finish(exchange, NULL, 0);
	}
}

static bool
path_is(const struct exchange *exchange, const char *path)
{
	return str_equal(exchange->path, str_of(path));
}

static void
start(struct exchange *exchange)
{
	starts++;
	buffer_finish(&body);
	body_error = -1;
	cancelled = EXCHANGE_CANCEL_NONE;
	if (path_is(exchange, "/hello")) {
		say_hello(exchange);
		return;
	}
	open_exchange = exchange;
	if (path_is(exchange, "/evented"))
		exchange->eof_cancels = true;
	else if (path_is(exchange, "/echo"))
		exchange_want_body(exchange, UINT64_MAX);
	else if (path_is(exchange, "/much"))
		begin_response(exchange, (int64_t)to_write),
		    write_much(exchange);
}

static void
receive_body(struct exchange *exchange, const char *data, size_t size)
{
	buffer_append(&body, data, size);
}

static void
receive_end(struct exchange *exchange, enum exchange_body_error error)
{
	ck_assert_int_eq(body_error, -1);
	body_error = (int)error;
	if (error == EXCHANGE_BODY_OK && path_is(exchange, "/echo")) {
		open_exchange = NULL;
		exchange_reply(exchange, 200, &date_field, 1,
		    buffer_str(&body));
	}
}

static void
become_writable(struct exchange *exchange)
{
	writables++;
	if (path_is(exchange, "/much"))
		write_much(exchange);
}

static void
cancel(struct exchange *exchange, enum exchange_cancel why)
{
	ck_assert_ptr_eq(exchange, open_exchange);
	open_exchange = NULL;
	cancelled = why;
	cancels++;
}

const struct handler_ops handler = {
	.name = "test",
	.start = start,
	.body = receive_body,
	.body_end = receive_end,
	.writable = become_writable,
	.cancel = cancel,
};

static void
set_up(void)
{
	serving_configure(&serving);
}

void
begin(void)
{
	serving_begin(&serving, &handler, NULL);
	client_connect(&client, &serving);
}

static void
tear_down(void)
{
	if (serving.loop.base != NULL)
		serving_end(&serving);
	ck_assert_ptr_null(open_exchange);
	client_close(&client);
	buffer_finish(&body);
}

/* Turns the loop until the handler was cancelled. */
void
await_cancel(enum exchange_cancel why)
{
	while (cancels == 0)
		loop_turn(&serving.loop, true);
	ck_assert_uint_eq(cancels, 1);
	ck_assert_int_eq(cancelled, why);
}

void
await_start(unsigned count)
{
	while (starts < count)
		loop_turn(&serving.loop, true);
	serving_settle(&serving);
	ck_assert_uint_eq(starts, count);
}

void
finish_open(void)
{
	struct exchange *exchange = open_exchange;

	open_exchange = NULL;
	exchange_finish(exchange, NULL, 0);
}

int
run_http1(const char *name, void (*add)(TCase *tests))
{
	Suite *suite = suite_create(name);
	TCase *tests = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	add(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
