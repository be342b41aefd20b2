/* SPDX-License-Identifier: MIT */
/*
 * How the HTTP/1 session takes requests and their bodies, as its client sees
 * it. What it answers is in test_http1_answers.c.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "http1_fixture.h"

/* --- plain requests ------------------------------------------------------- */

START_TEST(answers_and_keeps_the_connection)
{
	begin();
	for (int i = 0; i < 3; i++) {
		client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
		client_expect(&client, HELLO);
	}
	client_expect_nothing(&client);
	client_shutdown(&client);
	client_expect_end(&client, "");
	ck_assert_uint_eq(serving.closed, 1);
}
END_TEST

START_TEST(a_head_may_come_byte_by_byte)
{
	const char *head = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

	begin();
	for (size_t i = 0; head[i] != '\0'; i++) {
		client_expect_nothing(&client);
		client_send_bytes(&client, &head[i], 1);
	}
	client_expect(&client, HELLO);
}
END_TEST

START_TEST(closes_when_asked_to)
{
	begin();
	client_send(&client,
	    "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	client_expect_end(&client, HELLO_CLOSE);
}
END_TEST

START_TEST(http_1_0_closes_unless_it_asks_to_keep_alive)
{
	begin();
	client_send(&client,
	    "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	client_expect(&client,
	    "HTTP/1.1 200 OK\r\n" DATE
	    "Content-Length: 6\r\nConnection: keep-alive\r\n\r\nhello\n");
	client_send(&client, "GET /hello HTTP/1.0\r\n\r\n");
	client_expect_end(&client, HELLO_CLOSE);
}
END_TEST

START_TEST(head_gets_the_fields_alone)
{
	begin();
	client_send(&client,
	    "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect(&client,
	    "HTTP/1.1 200 OK\r\n" DATE "Content-Length: 6\r\n\r\n" HELLO);
}
END_TEST

/* Writes "abc" without a length to what waits, with or without an end. */
static void
write_unknown_length(const char *request)
{
	client_send(&client, request);
	await_start(1);
	begin_response(open_exchange, -1);
	exchange_write(open_exchange, "abc", 3);
}

START_TEST(unknown_length_is_chunked)
{
	begin();
	write_unknown_length("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect(&client,
	    "HTTP/1.1 200 OK\r\n" DATE
	    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	client_expect_nothing(&client);
	finish_open();
	client_expect(&client, "0\r\n\r\n");
	client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect(&client, HELLO);
}
END_TEST

START_TEST(trailers_follow_the_last_chunk)
{
	struct http_field trailer = { STR("X-Sum"), STR("1"),
		HTTP_FIELD_OTHER };
	struct exchange *exchange;

	begin();
	write_unknown_length("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	exchange = open_exchange;
	open_exchange = NULL;
	exchange_finish(exchange, &trailer, 1);
	client_skip_past(&client, "\r\n\r\n");
	client_expect(&client, "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
}
END_TEST

START_TEST(unknown_length_ends_with_the_connection_in_http_1_0)
{
	begin();
	write_unknown_length(
	    "GET /later HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	finish_open();
	client_expect_end(&client,
	    "HTTP/1.1 200 OK\r\n" DATE "Connection: close\r\n\r\nabc");
	ck_assert(!client.reset);
}
END_TEST

START_TEST(head_of_unknown_length_has_no_chunks)
{
	begin();
	write_unknown_length("HEAD /later HTTP/1.1\r\nHost: x\r\n\r\n");
	finish_open();
	client_expect(&client,
	    "HTTP/1.1 200 OK\r\n" DATE "Transfer-Encoding: chunked\r\n\r\n");
	client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect(&client, HELLO);
}
END_TEST

/* --- what is refused ------------------------------------------------------ */

static const struct {
	const char *request;
	const char *status_line;
} refused[] = {
	{ "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n" },
	{ "GET / HTTP/1.1\nHost: x\n\n", "HTTP/1.1 400 Bad Request\r\n" },
	{ "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n",
	    "HTTP/1.1 400 Bad Request\r\n" },
	{ "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
	    "HTTP/1.1 400 Bad Request\r\n" },
	{ "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
	    "HTTP/1.1 505 HTTP Version Not Supported\r\n" },
	{ "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
	  "\r\nxyz\r\n",
	    "HTTP/1.1 400 Bad Request\r\n" },
	{ "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n",
	    "HTTP/1.1 413 Content Too Large\r\n" },
	{ "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
	  "\r\n3\r\nabc\r\n3e8\r\n",
	    NULL },
	{ "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n",
	    "HTTP/1.1 501 Not Implemented\r\n" },
};

START_TEST(bad_requests_are_refused_and_the_connection_ends)
{
	char *filling = xcalloc(1, 1001);

	serving.pool.max_body = 1000;
	begin();
	client_send(&client, refused[_i].request);
	if (refused[_i].status_line == NULL) {
		memset(filling, 'x', 1000);
		client_send(&client, filling);
		client_expect(&client, "HTTP/1.1 413 Content Too Large\r\n");
	} else {
		client_expect(&client, refused[_i].status_line);
	}
	free(filling);
	client_shutdown(&client);
	client_expect_end(&client, NULL);
	ck_assert_uint_eq(serving.closed, 1);
}
END_TEST

START_TEST(nothing_behind_a_bad_request_is_answered)
{
	begin();
	client_send(&client,
	    "GET /hello HTTP/1.1\r\nHost : x\r\n\r\n"
	    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_skip_past(&client, "400 Bad Request\n");
	client_shutdown(&client);
	client_expect_end(&client, "");
	ck_assert_uint_eq(starts, 0);
}
END_TEST

START_TEST(heads_over_the_limits_are_refused)
{
	char line[600];

	serving.pool.max_head = 512;
	serving.pool.max_target = 128;
	begin();
	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	client_send(&client, "GET /");
	if (_i == 0) {
		client_send(&client, line);
		client_expect(&client, "HTTP/1.1 414 ");
		return;
	}
	client_send(&client, " HTTP/1.1\r\nHost: x\r\nX: ");
	client_send(&client, line);
	client_expect(&client, "HTTP/1.1 431 ");
}
END_TEST

/* --- pipelining ----------------------------------------------------------- */

START_TEST(pipelined_requests_wait_for_a_slow_one)
{
	begin();
	client_send(&client,
	    "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
	    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
	    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	client_expect_nothing(&client);
	say_hello(open_exchange);
	client_expect(&client,
	    HELLO "HTTP/1.1 200 OK\r\n" DATE
		  "Content-Length: 3\r\n\r\nabc" HELLO);
	ck_assert_uint_eq(starts, 3);
}
END_TEST

START_TEST(a_client_that_reads_nothing_gets_no_more_work_done)
{
	begin();
	serving_session(&serving)->stream.limit = 2000;
	/* So many answers do not fit into the sockets. */
	for (int i = 0; i < 1000; i++) {
		const char *request = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

		ck_assert_int_eq(send(client.fd, request, strlen(request),
				     MSG_NOSIGNAL),
		    (ssize_t)strlen(request));
		loop_turn(&serving.loop, false);
	}
	serving_settle(&serving);
	ck_assert_uint_lt(starts, 1000);
	for (int i = 0; i < 1000; i++)
		client_expect(&client, HELLO);
	ck_assert_uint_eq(starts, 1000);
}
END_TEST

/* --- 100 Continue --------------------------------------------------------- */

#define EXPECT "Expect: 100-continue\r\n"

START_TEST(continue_is_sent_when_the_body_is_wanted)
{
	begin();
	client_send(&client,
	    "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n" EXPECT
	    "\r\n");
	await_start(1);
	client_expect_nothing(&client);
	exchange_want_body(open_exchange, 100);
	client_expect(&client, "HTTP/1.1 100 Continue\r\n\r\n");
	exchange_want_body(open_exchange, 100);
	client_expect_nothing(&client);
	client_send(&client, "abc");
	while (body_error < 0)
		loop_turn(&serving.loop, true);
	ck_assert_int_eq(body_error, EXCHANGE_BODY_OK);
	say_hello(open_exchange);
	client_expect(&client, HELLO);
}
END_TEST

START_TEST(continue_is_left_out_when_the_body_is_there)
{
	begin();
	client_send(&client,
	    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n" EXPECT
	    "\r\nabc");
	client_expect(&client, "HTTP/1.1 200 OK\r\n");
}
END_TEST

START_TEST(without_continue_the_final_answer_ends_the_connection)
{
	begin();
	client_send(&client,
	    "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n" EXPECT
	    "\r\n");
	client_expect(&client, HELLO_CLOSE);
	client_shutdown(&client);
	client_expect_end(&client, "");
}
END_TEST

/* --- request bodies ------------------------------------------------------- */

START_TEST(bodies_come_whole_in_pieces_of_any_size)
{
	const char *request = _i ? "POST /echo HTTP/1.1\r\nHost: x\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n"
				   "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"
				 : "POST /echo HTTP/1.1\r\nHost: x\r\n"
				   "Content-Length: 7\r\n\r\nabcdefg";

	begin();
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; request[i] != '\0'; i++) {
			client_send_bytes(&client, &request[i], 1);
			serving_settle(&serving);
		}
		client_expect(&client,
		    "HTTP/1.1 200 OK\r\n" DATE
		    "Content-Length: 7\r\n\r\nabcdefg");
	}
}
END_TEST

START_TEST(no_more_body_is_handed_over_than_there_is_credit)
{
	bool chunked = _i;

	begin();
	client_send(&client,
	    chunked ? "POST /later HTTP/1.1\r\nHost: x\r\n"
		      "Transfer-Encoding: chunked\r\n\r\n"
		      "6\r\nabcdef\r\n0\r\n\r\n"
		    : "POST /later HTTP/1.1\r\nHost: x\r\n"
		      "Content-Length: 6\r\n\r\nabcdef");
	await_start(1);
	ck_assert_uint_eq(buffer_length(&body), 0);
	for (size_t i = 0; i < 30 && body_error < 0; i++) {
		size_t before = buffer_length(&body);

		exchange_want_body(open_exchange, 2);
		serving_settle(&serving);
		ck_assert_uint_le(buffer_length(&body), before + 2);
	}
	ck_assert_int_eq(body_error, EXCHANGE_BODY_OK);
	ck_assert(str_equal(buffer_str(&body), STR("abcdef")));
	say_hello(open_exchange);
	client_expect(&client, HELLO);
}
END_TEST

START_TEST(a_body_that_nobody_wants_stops_being_read)
{
	static char block[65536];
	size_t sent = 0;
	ssize_t count;
	int idle = 0;

	begin();
	client_send(&client,
	    "POST /later HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 100000000\r\n\r\n");
	while (idle < 50) {
		count = send(client.fd, block, sizeof(block), MSG_NOSIGNAL);
		idle = count < 0 ? idle + 1 : 0;
		if (count > 0)
			sent += (size_t)count;
		loop_turn(&serving.loop, false);
	}
	ck_assert_uint_lt(sent, 2000000);
	ck_assert_uint_lt(buffer_length(&serving_session(&serving)->in),
	    200000);
	say_hello(open_exchange);
	client_expect(&client, HELLO_CLOSE);
}
END_TEST

START_TEST(what_is_left_of_a_short_body_is_skipped)
{
	begin();
	client_send(&client,
	    "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
	client_expect(&client, HELLO);
	client_send(&client, "defGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect(&client, HELLO);
	ck_assert_uint_eq(starts, 2);
}
END_TEST

/* The client may send all of it and still read the answer. */
START_TEST(an_early_answer_to_a_long_body_survives_the_rest_of_it)
{
	static char block[100000];

	begin();
	client_send(&client,
	    "POST /hello HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 3000000\r\n\r\n");
	for (int i = 0; i < 30; i++)
		client_send_bytes(&client, block, sizeof(block));
	client_expect(&client, HELLO_CLOSE);
	client_shutdown(&client);
	client_expect_end(&client, "");
	ck_assert(!client.reset);
	ck_assert_uint_eq(serving.closed, 1);
}
END_TEST

START_TEST(an_answer_before_the_end_of_a_chunked_body_ends_the_connection)
{
	begin();
	client_send(&client,
	    "POST /hello HTTP/1.1\r\nHost: x\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	client_expect(&client, HELLO_CLOSE);
	client_send(&client, "0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_shutdown(&client);
	client_expect_end(&client, "");
	ck_assert_uint_eq(starts, 1);
}
END_TEST

/* --- clients that go ------------------------------------------------------ */

START_TEST(a_half_closed_client_gets_its_answer)
{
	begin();
	client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	client_shutdown(&client);
	await_start(1);
	serving_settle(&serving);
	ck_assert_uint_eq(cancels, 0);
	say_hello(open_exchange);
	client_expect_end(&client, HELLO_CLOSE);
}
END_TEST

START_TEST(half_closing_cancels_where_the_handler_says_so)
{
	begin();
	client_send(&client, "GET /evented HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	client_shutdown(&client);
	await_cancel(EXCHANGE_CANCEL_CLIENT_GONE);
}
END_TEST

START_TEST(half_closed_clients_get_all_pipelined_answers)
{
	begin();
	client_send(&client,
	    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	client_shutdown(&client);
	await_start(2);
	say_hello(open_exchange);
	client_expect_end(&client, HELLO HELLO HELLO);
}
END_TEST

START_TEST(a_body_cut_short_is_told_and_the_exchange_cancelled)
{
	begin();
	client_send(&client,
	    _i ? "POST /echo HTTP/1.1\r\nHost: x\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n6\r\nabc"
	       : "POST /echo HTTP/1.1\r\nHost: x\r\n"
		 "Content-Length: 6\r\n\r\nabc");
	client_shutdown(&client);
	await_cancel(EXCHANGE_CANCEL_CLIENT_GONE);
	ck_assert_int_eq(body_error, EXCHANGE_BODY_CLOSED);
	ck_assert(str_equal(buffer_str(&body), STR("abc")));
	client_expect_end(&client, "");
}
END_TEST

START_TEST(a_client_that_vanishes_cancels)
{
	begin();
	to_write = 10000000;
	client_send(&client, "GET /much HTTP/1.1\r\nHost: x\r\n\r\n");
	await_start(1);
	close(client.fd);
	await_cancel(EXCHANGE_CANCEL_CLIENT_GONE);
	client.fd = -1;
	ck_assert_uint_eq(serving.closed, 1);
}
END_TEST

/* Answers far over what one turn handles. */
START_TEST(thousands_of_pipelined_requests_are_all_answered)
{
	begin();
	for (int i = 0; i < 3000; i++)
		client_send(&client,
		    i % 3 ? "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
			  : "POST /hello HTTP/1.1\r\nHost: x\r\n"
			    "Content-Length: 5\r\n\r\n12345");
	for (int i = 0; i < 3000; i++)
		client_expect(&client, HELLO);
	client_expect_nothing(&client);
}
END_TEST

static void
add_requests(TCase *tests)
{
	tcase_add_test(tests, answers_and_keeps_the_connection);
	tcase_add_test(tests, a_head_may_come_byte_by_byte);
	tcase_add_test(tests, closes_when_asked_to);
	tcase_add_test(tests, http_1_0_closes_unless_it_asks_to_keep_alive);
	tcase_add_test(tests, head_gets_the_fields_alone);
	tcase_add_test(tests, unknown_length_is_chunked);
	tcase_add_test(tests, trailers_follow_the_last_chunk);
	tcase_add_test(tests,
	    unknown_length_ends_with_the_connection_in_http_1_0);
	tcase_add_test(tests, head_of_unknown_length_has_no_chunks);
	tcase_add_loop_test(tests,
	    bad_requests_are_refused_and_the_connection_ends, 0,
	    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tests, nothing_behind_a_bad_request_is_answered);
	tcase_add_loop_test(tests, heads_over_the_limits_are_refused, 0, 2);
	tcase_add_test(tests, pipelined_requests_wait_for_a_slow_one);
	tcase_add_test(tests,
	    a_client_that_reads_nothing_gets_no_more_work_done);
	tcase_add_test(tests, thousands_of_pipelined_requests_are_all_answered);
	tcase_add_test(tests, continue_is_sent_when_the_body_is_wanted);
	tcase_add_test(tests, continue_is_left_out_when_the_body_is_there);
	tcase_add_test(tests,
	    without_continue_the_final_answer_ends_the_connection);
}

static void
add_bodies(TCase *tests)
{
	tcase_add_loop_test(tests, bodies_come_whole_in_pieces_of_any_size, 0,
	    2);
	tcase_add_loop_test(tests,
	    no_more_body_is_handed_over_than_there_is_credit, 0, 2);
	tcase_add_test(tests, a_body_that_nobody_wants_stops_being_read);
	tcase_add_test(tests, what_is_left_of_a_short_body_is_skipped);
	tcase_add_test(tests,
	    an_early_answer_to_a_long_body_survives_the_rest_of_it);
	tcase_add_test(tests,
	    an_answer_before_the_end_of_a_chunked_body_ends_the_connection);
	tcase_add_test(tests, a_half_closed_client_gets_its_answer);
	tcase_add_test(tests, half_closing_cancels_where_the_handler_says_so);
	tcase_add_test(tests, half_closed_clients_get_all_pipelined_answers);
	tcase_add_loop_test(tests,
	    a_body_cut_short_is_told_and_the_exchange_cancelled, 0, 2);
	tcase_add_test(tests, a_client_that_vanishes_cancels);
}

static void
add_all(TCase *tests)
{
	add_requests(tests);
	add_bodies(tests);
}

int
main(void)
{
	return run_http1("http1", add_all);
}
