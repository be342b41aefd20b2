/* SPDX-License-Identifier: MIT */
/*
 * How the HTTP/1 session answers: output, time-outs, limits and draining, as
 * its client sees it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "http1_fixture.h"

/* --- output --------------------------------------------------------------- */

START_TEST(a_writer_waits_for_a_slow_reader)
{
	struct http1 *http1;

	serving.pool.output_buffer = 30000;
	begin();
	http1 = serving_session(&serving);
	to_write = 2000000;
	client_send(&client, "GET /much HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	ck_assert_uint_lt(written, to_write);
	ck_assert_uint_lt(http1->stream.pending, 35000);
	client_skip_past(&client, "\r\n\r\n");
	for (size_t i = 0; i < to_write; i += 26) {
		size_t left = to_write - i < 26 ? to_write - i : 26;
		char text[27] = "abcdefghijklmnopqrstuvwxyz";

		text[left] = '\0';
		client_expect(&client, text);
		ck_assert_uint_lt(http1->stream.pending, 35000);
	}
	ck_assert_uint_gt(writables, 0);
	client_expect_nothing(&client);
}
END_TEST

START_TEST(files_go_out_in_their_place)
{
	char name[] = "/tmp/tricorn-test-XXXXXX";
	int fd = mkstemp(name);
	struct exchange *exchange;

	ck_assert_int_ge(fd, 0);
	unlink(name);
	ck_assert_int_eq(write(fd, "0123456789", 10), 10);
	begin();
	client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	exchange = open_exchange;
	begin_response(exchange, _i ? -1 : 9);
	exchange_write(exchange, "abc", 3);
	exchange_send_file(exchange, fd, 4, 3);
	exchange_write(exchange, "def", 3);
	finish_open();
	client_skip_past(&client, "\r\n\r\n");
	client_expect(&client,
	    _i ? "3\r\nabc\r\n3\r\n456\r\n3\r\ndef\r\n0\r\n\r\n" : "abc456def");
	client_expect_nothing(&client);
}
END_TEST

START_TEST(an_abort_before_the_answer_is_a_500)
{
	struct exchange *exchange;

	begin();
	client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	exchange = open_exchange;
	open_exchange = NULL;
	exchange_abort(exchange);
	client_expect(&client, "HTTP/1.1 500 Internal Server Error\r\n");
}
END_TEST

START_TEST(an_abort_in_the_body_is_seen_by_the_client)
{
	struct exchange *exchange;

	begin();
	client_send(&client,
	    _i == 2 ? "GET /later HTTP/1.0\r\n\r\n"
		    : "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	exchange = open_exchange;
	open_exchange = NULL;
	begin_response(exchange, _i == 0 ? 10 : -1);
	exchange_write(exchange, "abc", 3);
	exchange_abort(exchange);
	if (_i < 2)
		client_skip_past(&client, "\r\n\r\n");
	if (_i == 0)
		client_expect_end(&client, "abc");
	else if (_i == 1)
		client_expect_end(&client, "3\r\nabc\r\n");
	/* On TCP the client of the third would see a reset. */
	serving_settle(&serving);
	ck_assert_uint_eq(serving.closed, 1);
}
END_TEST

START_TEST(a_body_shorter_than_announced_ends_the_connection)
{
	begin();
	client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	begin_response(open_exchange, 10);
	exchange_write(open_exchange, "abc", 3);
	finish_open();
	client_skip_past(&client, "\r\n\r\n");
	client_expect_end(&client, "abc");
}
END_TEST

START_TEST(no_answer_at_all_is_a_500)
{
	begin();
	client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	finish_open();
	client_expect(&client, "HTTP/1.1 500 ");
}
END_TEST

START_TEST(interim_answers_come_first_and_not_for_http_1_0)
{
	struct http_field link = { STR("Link"), STR("</a>"), HTTP_FIELD_OTHER };

	begin();
	client_send(&client,
	    _i ? "GET /later HTTP/1.0\r\n\r\n"
	       : "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	exchange_inform(open_exchange, 103, &link, 1);
	if (_i == 0)
		client_expect(&client,
		    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
	say_hello(open_exchange);
	client_expect(&client, _i ? HELLO_CLOSE : HELLO);
}
END_TEST

/* --- time-outs ------------------------------------------------------------ */

START_TEST(a_client_that_says_nothing_is_dropped_silently)
{
	serving.pool.head_timeout = 50;
	begin();
	client_expect_end(&client, "");
}
END_TEST

START_TEST(a_slow_head_gets_408)
{
	serving.pool.head_timeout = 50;
	begin();
	client_send(&client, "GET /hello HTTP/1.1\r\n");
	client_expect(&client, "HTTP/1.1 408 Request Timeout\r\n");
	client_skip_past(&client, "Connection: close\r\n");
	ck_assert_uint_eq(starts, 0);
}
END_TEST

START_TEST(a_slow_body_gets_408)
{
	serving.pool.body_timeout = 50;
	begin();
	client_send(&client,
	    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
	client_expect(&client, "HTTP/1.1 408 Request Timeout\r\n");
	ck_assert_int_eq(body_error, EXCHANGE_BODY_TIMEOUT);
	ck_assert_uint_eq(cancels, 1);
}
END_TEST

START_TEST(a_slow_handler_stops_the_clock_of_the_body)
{
	struct http1 *http1;

	begin();
	client_send(&client,
	    "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
	await_start(1);
	http1 = serving_session(&serving);
	ck_assert(list_empty(&http1->timeout.link));
	exchange_want_body(open_exchange, 10);
	serving_settle(&serving);
	/* All was taken and there is credit: the client is awaited. */
	ck_assert(!list_empty(&http1->timeout.link));
	open_exchange->credit = 0;
	client_send(&client, "def");
	serving_settle(&serving);
	ck_assert(list_empty(&http1->timeout.link));
	exchange_want_body(open_exchange, 2);
	serving_settle(&serving);
	ck_assert(list_empty(&http1->timeout.link));
	exchange_want_body(open_exchange, 1);
	serving_settle(&serving);
	ck_assert_int_eq(body_error, EXCHANGE_BODY_OK);
	ck_assert(list_empty(&http1->timeout.link));
	say_hello(open_exchange);
	client_expect(&client, HELLO);
	ck_assert(!list_empty(&http1->timeout.link)); /* keep-alive */
}
END_TEST

START_TEST(an_idle_connection_ends_after_keep_alive)
{
	serving.pool.keep_alive = 50;
	begin();
	client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect_end(&client, HELLO);
}
END_TEST

START_TEST(a_client_that_does_not_read_is_cut_off)
{
	serving.pool.send_timeout = 50;
	begin();
	to_write = 10000000;
	client_send(&client, "GET /much HTTP/1.1\r\nHost: x\r\n\r\n");
	await_cancel(EXCHANGE_CANCEL_TIMEOUT);
	ck_assert_uint_eq(serving.closed, 1);
}
END_TEST

/* --- limits, draining ----------------------------------------------------- */

START_TEST(the_last_request_of_a_connection_closes_it)
{
	serving.pool.keep_alive_requests = 2;
	begin();
	client_send(&client,
	    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect(&client, HELLO HELLO_CLOSE);
	client_shutdown(&client);
	client_expect_end(&client, "");
	ck_assert_uint_eq(starts, 2);
}
END_TEST

START_TEST(max_requests_are_told_once)
{
	begin();
	serving.context.requests_left = 2;
	for (int i = 0; i < 4; i++) {
		client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
		client_expect(&client, HELLO);
	}
	ck_assert_uint_eq(serving.used_up, 1);
}
END_TEST

START_TEST(without_keep_alive_each_answer_closes)
{
	serving.pool.keep_alive = 0;
	begin();
	client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect_end(&client, HELLO_CLOSE);
}
END_TEST

START_TEST(draining_answers_what_is_there_and_closes)
{
	begin();
	client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	server_context_drain(&serving.context);
	server_context_close_idle(&serving.context);
	client_expect_nothing(&client);
	say_hello(open_exchange);
	client_expect_end(&client, HELLO_CLOSE);
}
END_TEST

START_TEST(draining_closes_idle_connections_but_not_one_with_a_request)
{
	begin();
	client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect(&client, HELLO);
	server_context_drain(&serving.context);
	if (_i)
		client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	server_context_close_idle(&serving.context);
	client_expect_end(&client, _i ? HELLO_CLOSE : "");
}
END_TEST

static struct client other;
static struct exchange *other_exchange;

static void
end_the_other(struct exchange *exchange, enum exchange_cancel why)
{
	struct exchange *ended =
	    exchange == open_exchange ? other_exchange : open_exchange;

	cancels++;
	if (exchange == open_exchange)
		open_exchange = NULL;
	else
		other_exchange = NULL;
	if (ended != NULL)
		exchange_abort(ended);
	open_exchange = other_exchange = NULL;
}

START_TEST(killing_survives_that_one_end_brings_about_another)
{
	struct handler_ops chained = handler;

	chained.cancel = end_the_other;
	serving_begin(&serving, &chained, NULL);
	client_connect(&client, &serving);
	client_connect(&other, &serving);
	client_send(&client, "GET /later HTTP/1.0\r\n\r\n");
	await_start(1);
	other_exchange = open_exchange;
	client_send(&other, "GET /later HTTP/1.0\r\n\r\n");
	await_start(2);
	server_context_kill(&serving.context);
	ck_assert_uint_eq(cancels, 1);
	ck_assert_uint_eq(serving.context.connection_count, 0);
	client_close(&other);
	serving_end(&serving);
	serving.loop.base = NULL;
}
END_TEST

START_TEST(killing_cancels)
{
	begin();
	client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	server_context_kill(&serving.context);
	ck_assert_int_eq(cancelled, EXCHANGE_CANCEL_DRAIN);
	client_expect_end(&client, "");
}
END_TEST

static void
add_answers(TCase *tests)
{
	tcase_add_test(tests, a_writer_waits_for_a_slow_reader);
	tcase_add_loop_test(tests, files_go_out_in_their_place, 0, 2);
	tcase_add_test(tests, an_abort_before_the_answer_is_a_500);
	tcase_add_loop_test(tests, an_abort_in_the_body_is_seen_by_the_client,
	    0, 3);
	tcase_add_test(tests,
	    a_body_shorter_than_announced_ends_the_connection);
	tcase_add_test(tests, no_answer_at_all_is_a_500);
	tcase_add_loop_test(tests,
	    interim_answers_come_first_and_not_for_http_1_0, 0, 2);
	tcase_add_test(tests, a_client_that_says_nothing_is_dropped_silently);
	tcase_add_test(tests, a_slow_head_gets_408);
	tcase_add_test(tests, a_slow_body_gets_408);
	tcase_add_test(tests, a_slow_handler_stops_the_clock_of_the_body);
	tcase_add_test(tests, an_idle_connection_ends_after_keep_alive);
	tcase_add_test(tests, a_client_that_does_not_read_is_cut_off);
	tcase_add_test(tests, the_last_request_of_a_connection_closes_it);
	tcase_add_test(tests, max_requests_are_told_once);
	tcase_add_test(tests, without_keep_alive_each_answer_closes);
	tcase_add_test(tests, draining_answers_what_is_there_and_closes);
	tcase_add_loop_test(tests,
	    draining_closes_idle_connections_but_not_one_with_a_request, 0, 2);
	tcase_add_test(tests,
	    killing_survives_that_one_end_brings_about_another);
	tcase_add_test(tests, killing_cancels);
}

int
main(void)
{
	return run_http1("http1_answers", add_answers);
}
