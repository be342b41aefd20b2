/* SPDX-License-Identifier: MIT */
/* The HTTP/1 session as its client sees it, with a handler made for it. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "serving.h"

/* A head with nothing in it that changes from day to day. */
#define DATE "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
#define HELLO "HTTP/1.1 200 OK\r\n" DATE "Content-Length: 6\r\n\r\nhello\n"
#define HELLO_CLOSE \
	"HTTP/1.1 200 OK\r\n" DATE \
	"Content-Length: 6\r\nConnection: close\r\n\r\nhello\n"

static struct serving serving;
static struct client client;

/* What the handler saw last. */
static struct exchange *open_exchange; /* of those that wait */
static struct buffer body;
static int body_error; /* -1: no end yet */
static enum exchange_cancel cancelled;
static unsigned starts, cancels, writables;
static size_t to_write, written; /* by the path "/much" */

static const struct http_field date_field = { STR("Date"),
	STR("Thu, 01 Jan 1970 00:00:00 GMT"), HTTP_FIELD_DATE };

static void
begin_response(struct exchange *exchange, int64_t length)
{
	const char *problem;

	ck_assert_int_eq(exchange_respond(exchange, 200, &date_field, 1, length,
			     &problem),
	    0);
}

static void
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

static const struct handler_ops handler = {
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

static void
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
static void
await_cancel(enum exchange_cancel why)
{
	while (cancels == 0)
		loop_turn(&serving.loop, true);
	ck_assert_uint_eq(cancels, 1);
	ck_assert_int_eq(cancelled, why);
}

static void
await_start(unsigned count)
{
	while (starts < count)
		loop_turn(&serving.loop, true);
	serving_settle(&serving);
	ck_assert_uint_eq(starts, count);
}

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

static void
finish_open(void)
{
	struct exchange *exchange = open_exchange;

	open_exchange = NULL;
	exchange_finish(exchange, NULL, 0);
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
	Suite *suite = suite_create("http1");
	TCase *tests = tcase_create("http1");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	add_requests(tests);
	add_bodies(tests);
	add_answers(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
