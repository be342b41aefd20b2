/* SPDX-License-Identifier: MIT */
/*
 * Blocking applications on handler threads of all kinds. Tests wait through
 * conditions; meant to be run under ThreadSanitizer too.
 */
#include "app_serving.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "handler/app_call.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static struct flag begun = FLAG_DOWN, told = FLAG_DOWN, go_on = FLAG_DOWN;
static int64_t last_result;
static unsigned on_cancels;

static bool
path_is(const tricorn_request *req, const char *path)
{
	tricorn_string view = tricorn_path(req);

	return view.length == strlen(path) &&
	    memcmp(view.data, path, view.length) == 0;
}

static int
hello(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_reply(req, 200, "text/plain", "hello\n", 6),
	    TRICORN_OK);
	return TRICORN_OK;
}

/* --- writing -------------------------------------------------------------- */

#define PIECES 60

/* Small ones, ones over the queue's limit and ones over all limits. */
static size_t
piece_size(unsigned i)
{
	static const size_t sizes[] = { 300000, 10000, 1, 70000, 100, 49999,
		50001, 13, 600000, 5000 };

	return sizes[i % (sizeof(sizes) / sizeof(sizes[0]))];
}

static int
write_pieces(tricorn_request *req)
{
	static const tricorn_field none;
	uint64_t at = 0;
	char *data = malloc(600000);

	ck_assert_int_eq(tricorn_respond(req, 200, &none, 0, -1), TRICORN_OK);
	for (unsigned i = 0; i < PIECES; i++) {
		size_t size = piece_size(i);

		pattern_fill(data, size, at);
		ck_assert_int_eq(tricorn_write(req, data, size,
				     i % 7 == 0 ? TRICORN_WRITE_FLUSH : 0),
		    (int64_t)size);
		at += size;
	}
	free(data);
	return TRICORN_OK;
}

static void
hear_pieces(int fd)
{
	struct buffer body = BUFFER_EMPTY;
	size_t size = 0;

	client_say(fd, GET("/pieces"));
	ck_assert_int_eq(client_hear(fd, &body), 200);
	for (unsigned i = 0; i < PIECES; i++)
		size += piece_size(i);
	ck_assert_uint_eq(buffer_length(&body), size);
	ck_assert(pattern_is(buffer_bytes(&body), size, 0));
	buffer_finish(&body);
}

/* A file behind bytes that wait, and bytes behind the file. */
static int
write_file(tricorn_request *req)
{
	static const tricorn_field none;
	char name[] = "/tmp/tricorn-test-XXXXXX";
	const size_t size = 300000;
	char *data = malloc(size);
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	unlink(name);
	pattern_fill(data, size, 300000);
	ck_assert_int_eq(write(fd, data, size), size);
	ck_assert_int_eq(tricorn_respond(req, 200, &none, 0, -1), TRICORN_OK);
	pattern_fill(data, size, 0);
	ck_assert_int_eq(tricorn_write(req, data, size, 0), size);
	ck_assert_int_eq(tricorn_send_file(req, dup(fd), 0, 100000),
	    TRICORN_OK);
	ck_assert_int_eq(tricorn_send_file(req, fd, 100000, 200000),
	    TRICORN_OK);
	pattern_fill(data, size, 600000);
	ck_assert_int_eq(tricorn_write(req, data, 1000, 0), 1000);
	ck_assert_int_eq(tricorn_write(req, data + 1000, 299000,
			     TRICORN_WRITE_END),
	    299000);
	free(data);
	return TRICORN_OK;
}

static void
hear_file(int fd)
{
	struct buffer body = BUFFER_EMPTY;

	client_say(fd, GET("/file"));
	ck_assert_int_eq(client_hear(fd, &body), 200);
	ck_assert_uint_eq(buffer_length(&body), 900000);
	ck_assert(pattern_is(buffer_bytes(&body), 900000, 0));
	buffer_finish(&body);
}

/* Writes until it may not any more. */
static int
write_for_ever(tricorn_request *req)
{
	static const tricorn_field none;
	static char data[20000];
	int64_t result;

	ck_assert_int_eq(tricorn_respond(req, 200, &none, 0, -1), TRICORN_OK);
	do {
		result = tricorn_write(req, data, sizeof(data), 0);
		flag_raise(&begun);
	} while (result > 0);
	last_result = result;
	ck_assert_int_eq(tricorn_cancelled(req), TRICORN_CANCEL_CLIENT_GONE);
	flag_raise(&told);
	return TRICORN_OK;
}

/* --- reading -------------------------------------------------------------- */

static int
read_all(tricorn_request *req)
{
	char data[7000], text[100];
	uint64_t at = 0;
	int64_t count;

	while ((count = tricorn_read(req, data, sizeof(data))) > 0) {
		ck_assert(pattern_is(data, (size_t)count, at));
		at += (uint64_t)count;
		flag_raise(&begun);
	}
	__atomic_store_n(&last_result, count, __ATOMIC_SEQ_CST);
	flag_raise(&told);
	if (count < 0)
		return -1;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)at);
	tricorn_reply(req, 200, "text/plain", text, strlen(text));
	return TRICORN_OK;
}

/* Back what comes, while it comes. */
static int
echo(tricorn_request *req)
{
	static const tricorn_field none;
	char data[5000];
	int64_t count;

	ck_assert_int_eq(tricorn_respond(req, 200, &none, 0, -1), TRICORN_OK);
	while ((count = tricorn_read(req, data, sizeof(data))) > 0)
		ck_assert_int_eq(tricorn_write(req, data, (size_t)count, 0),
		    count);
	return count < 0 ? -1 : TRICORN_OK;
}

/* --- PENDING -------------------------------------------------------------- */

/* Another thread answers with the pieces. */
static void *
answer_main(void *arg)
{
	tricorn_request *req = arg;

	write_pieces(req);
	ck_assert_int_eq(tricorn_finish(req, NULL, 0), TRICORN_OK);
	return NULL;
}

static pthread_t answerer;

static int
answer_from_another_thread(tricorn_request *req)
{
	pthread_create(&answerer, NULL, answer_main, req);
	return TRICORN_PENDING;
}

/* Retained for longer than it lives. */
static void *
release_late_main(void *arg)
{
	tricorn_request *req = arg;
	tricorn_string path;

	flag_await(&go_on, 1);
	path = tricorn_path(req);
	ck_assert_int_eq(strncmp(path.data, "/retain", path.length), 0);
	ck_assert_int_eq(tricorn_write(req, "x", 1, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_finish(req, NULL, 0), TRICORN_EINVAL);
	tricorn_release(req);
	return NULL;
}

static int
retain(tricorn_request *req)
{
	tricorn_retain(req);
	pthread_create(&answerer, NULL, release_late_main, req);
	return hello(req);
}

/* A callback of the loop writes more than there is room for. */
static void
write_on_loop(void *arg)
{
	ck_assert(app_serving_on_loop());
	write_pieces(arg);
	ck_assert_int_eq(tricorn_finish(arg, NULL, 0), TRICORN_OK);
}

static int
post_writer(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_post(tricorn_worker_of(req), write_on_loop,
			     req),
	    TRICORN_OK);
	return TRICORN_PENDING;
}

/* It can't wait for the body either. */
static void
read_on_loop(void *arg)
{
	char data[100];
	int64_t count = tricorn_read(arg, data, sizeof(data));

	if (count == TRICORN_EAGAIN) {
		flag_raise(&told);
		tricorn_post(app_serving_worker(), read_on_loop, arg);
		return;
	}
	ck_assert_int_eq(count, 3);
	ck_assert_int_eq(tricorn_reply(arg, 200, "text/plain", data, 3),
	    TRICORN_OK);
}

static int
post_reader(tricorn_request *req)
{
	tricorn_post(tricorn_worker_of(req), read_on_loop, req);
	return TRICORN_PENDING;
}

static void
offloaded_work(void *arg)
{
	flag_raise(&begun);
}

static void
offloaded_done(void *arg)
{
	ck_assert(app_serving_on_loop());
	hello(arg);
}

static int
offload(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_host_table->offload(tricorn_worker_of(req),
			     offloaded_work, offloaded_done, req),
	    TRICORN_OK);
	return TRICORN_PENDING;
}

/* --- cancellation --------------------------------------------------------- */

static void
cancelled(void *arg)
{
	ck_assert(app_serving_on_loop());
	__atomic_add_fetch(&on_cancels, 1, __ATOMIC_SEQ_CST);
	tricorn_abort(arg);
	flag_raise(&told);
}

static int
wait_for_cancel(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_on_cancel(req, cancelled, req), TRICORN_OK);
	/* What the client leaves unread makes its close a reset. */
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 10), TRICORN_OK);
	ck_assert_int_eq(tricorn_write(req, "abc", 3, TRICORN_WRITE_FLUSH), 3);
	flag_raise(&begun);
	return TRICORN_PENDING;
}

static void
never(void *arg)
{
	ck_abort_msg("a callback after the end");
}

/* All is written and ended, but the client does not read. */
static int
end_before_cancel(tricorn_request *req)
{
	static const tricorn_field none;
	char *data = xcalloc(1, 45000);

	ck_assert_int_eq(tricorn_on_cancel(req, never, data), TRICORN_OK);
	ck_assert_int_eq(tricorn_respond(req, 200, &none, 0, -1), TRICORN_OK);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(tricorn_write(req, data, 45000, 0), 45000);
	ck_assert_int_eq(tricorn_finish(req, NULL, 0), TRICORN_OK);
	free(data);
	flag_raise(&begun);
	return TRICORN_OK;
}

/* --- mistakes ------------------------------------------------------------- */

static int
make_mistakes(tricorn_request *req)
{
	tricorn_field bad = { TRICORN_LITERAL("X"), TRICORN_LITERAL("a\rb") };
	tricorn_field length = { TRICORN_LITERAL("Content-Length"),
		TRICORN_LITERAL("4") };

	ck_assert_int_eq(tricorn_write(req, "x", 1, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_respond(req, 99, NULL, 0, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_respond(req, 200, &bad, 1, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_respond(req, 200, &length, 1, 3),
	    TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_respond(req, 200, &length, 1, -1), TRICORN_OK);
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 3), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_inform(req, 103, NULL, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_write(req, "abcde", 5, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_write(req, "abc", 3, 0), 3);
	ck_assert_int_eq(tricorn_write(req, "de", 2, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_write(req, "d", 1, TRICORN_WRITE_END), 1);
	ck_assert_int_eq(tricorn_write(req, "e", 1, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_finish(req, NULL, 0), TRICORN_EINVAL);
	return TRICORN_OK;
}

static int
abort_half_way(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 10), TRICORN_OK);
	ck_assert_int_eq(tricorn_write(req, "abc", 3, 0), 3);
	tricorn_abort(req);
	return TRICORN_OK;
}

static int
inform(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_inform(req, 103, NULL, 0), TRICORN_OK);
	ck_assert_int_eq(tricorn_inform(req, 103, NULL, 0), TRICORN_OK);
	return hello(req);
}

static int
nap(tricorn_request *req)
{
	usleep(2000);
	return hello(req);
}

static int
hold_thread(tricorn_request *req)
{
	flag_raise(&begun);
	flag_await(&go_on, 1);
	return hello(req);
}

static int
tell(tricorn_request *req)
{
	flag_raise(&told);
	return hello(req);
}

/* --- the app -------------------------------------------------------------- */

static int
return_ok(tricorn_request *req)
{
	return TRICORN_OK;
}

static int
return_declined(tricorn_request *req)
{
	return TRICORN_DECLINED;
}

static int
return_failed(tricorn_request *req)
{
	return -1;
}

static const struct {
	const char *path;
	int (*handle)(tricorn_request *);
} handlers[] = {
	{ "/hello", hello },
	{ "/pieces", write_pieces },
	{ "/file", write_file },
	{ "/endless", write_for_ever },
	{ "/read", read_all },
	{ "/echo", echo },
	{ "/another", answer_from_another_thread },
	{ "/retain", retain },
	{ "/post_writer", post_writer },
	{ "/post_reader", post_reader },
	{ "/offload", offload },
	{ "/cancel", wait_for_cancel },
	{ "/ended", end_before_cancel },
	{ "/mistakes", make_mistakes },
	{ "/abort", abort_half_way },
	{ "/inform", inform },
	{ "/nap", nap },
	{ "/hold", hold_thread },
	{ "/tell", tell },
	{ "/ok", return_ok },
	{ "/declined", return_declined },
	{ "/failed", return_failed },
};

static int
handle(tricorn_request *req, void *state, void *thread)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (path_is(req, handlers[i].path))
			return handlers[i].handle(req);
	ck_abort_msg("no such path");
	return -1;
}

static const tricorn_app whole = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "whole", "1"),
	.handle = handle,
};
static const tricorn_app streaming = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING | TRICORN_APP_STREAM_BODY,
	    "streaming", "1"),
	.handle = handle,
};

/* --- the clients ---------------------------------------------------------- */

static void
say_post(int fd, const char *path, uint64_t size, bool chunked)
{
	char head[200];

	if (chunked)
		snprintf(head, sizeof(head),
		    "POST %s HTTP/1.1\r\nHost: x\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n",
		    path);
	else
		snprintf(head, sizeof(head),
		    "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %llu\r\n"
		    "\r\n",
		    path, (unsigned long long)size);
	client_say(fd, head);
}

static void
say_body(int fd, uint64_t size, bool chunked)
{
	char data[9000], head[20];

	for (uint64_t at = 0; at < size;) {
		size_t part = size - at < sizeof(data) ? (size_t)(size - at)
						       : sizeof(data);

		pattern_fill(data, part, at);
		if (chunked) {
			snprintf(head, sizeof(head), "%zx\r\n", part);
			client_say(fd, head);
		}
		client_say_bytes(fd, data, part);
		if (chunked)
			client_say(fd, "\r\n");
		at += part;
	}
	if (chunked)
		client_say(fd, "0\r\n\r\n");
}

static void
upload(int fd, uint64_t size, bool chunked)
{
	struct buffer body = BUFFER_EMPTY;
	char text[100];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)size);
	say_post(fd, "/read", size, chunked);
	say_body(fd, size, chunked);
	ck_assert_int_eq(client_hear(fd, &body), 200);
	ck_assert(str_equal(buffer_str(&body), str_of(text)));
	buffer_finish(&body);
}

static void
ask_simple_things(int fd)
{
	for (int i = 0; i < 3; i++) {
		client_ask(fd, "/hello", 200, "hello\n");
		client_ask(fd, "/declined", 404, NULL);
		client_ask(fd, "/ok", 500, NULL);
		client_ask(fd, "/failed", 500, NULL);
		client_ask(fd, "/mistakes", 200, "abcd");
		client_ask(fd, "/inform", 200, "hello\n");
		ck_assert_uint_eq(client_interims, 2 * ((unsigned)i + 1));
	}
	client_say(fd, GET("/abort"));
	ck_assert_int_eq(client_hear(fd, NULL), 0);
}

START_TEST(simple_answers_and_mistakes)
{
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(ask_simple_things, 1);
}
END_TEST

START_TEST(bytes_keep_their_order_while_a_writer_waits)
{
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(hear_pieces, 2);
}
END_TEST

START_TEST(files_keep_their_place_among_bytes)
{
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(hear_file, 2);
}
END_TEST

static void
leave_endless(int fd)
{
	client_say(fd, GET("/endless"));
	flag_await(&begun, 2);
}

START_TEST(a_waiting_writer_hears_that_the_client_left)
{
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(leave_endless, 1);
	ck_assert_uint_eq(flag_count(&told), 1);
	ck_assert_int_eq(last_result, TRICORN_ECLOSED);
}
END_TEST

static void
upload_some(int fd)
{
	upload(fd, 10, false);
	upload(fd, 0, true);
	upload(fd, 1000000, false); /* beyond body_buffer */
	upload(fd, 1000000, true);
	client_ask(fd, "/hello", 200, "hello\n");
}

START_TEST(bodies_arrive_whole)
{
	app_serving_configure((enum app_serving_mode)(_i % 3),
	    _i < 3 ? &whole : &streaming);
	app_serving_run(upload_some, 2);
}
END_TEST

static void
leave_upload(int fd)
{
	say_post(fd, "/read", 100, false);
	say_body(fd, 10, false);
	flag_await(&begun, 1);
	shutdown(fd, SHUT_WR);
	flag_await(&told, 1);
}

START_TEST(a_waiting_reader_hears_that_the_client_left)
{
	app_serving_configure((enum app_serving_mode)_i, &streaming);
	app_serving_run(leave_upload, 1);
	ck_assert_int_eq(last_result, TRICORN_ECLOSED);
}
END_TEST

static void
stall_upload(int fd)
{
	say_post(fd, "/read", 100, false);
	say_body(fd, 10, false);
	flag_await(&told, 1);
	client_hear(fd, NULL);
}

START_TEST(a_waiting_reader_hears_that_the_client_is_slow)
{
	struct config_pool *pool =
	    app_serving_configure((enum app_serving_mode)_i, &streaming);

	pool->body_timeout = 50;
	app_serving_run(stall_upload, 1);
	ck_assert_int_eq(last_result, TRICORN_ETIMEOUT);
}
END_TEST

#define ECHO_SIZE 1000000

static void *
say_echo_main(void *arg)
{
	int fd = *(int *)arg;

	say_post(fd, "/echo", ECHO_SIZE, true);
	say_body(fd, ECHO_SIZE, true);
	return NULL;
}

static void
hear_echo(int fd)
{
	struct buffer body = BUFFER_EMPTY;
	pthread_t sayer;

	pthread_create(&sayer, NULL, say_echo_main, &fd);
	ck_assert_int_eq(client_hear(fd, &body), 200);
	pthread_join(sayer, NULL);
	ck_assert_uint_eq(buffer_length(&body), ECHO_SIZE);
	ck_assert(pattern_is(buffer_bytes(&body), ECHO_SIZE, 0));
	buffer_finish(&body);
}

START_TEST(a_handler_reads_and_writes_at_the_same_time)
{
	app_serving_configure((enum app_serving_mode)_i, &streaming);
	app_serving_run(hear_echo, 2);
}
END_TEST

static const char *pieces_path;

static void
hear_pieces_of_path(int fd)
{
	struct buffer body = BUFFER_EMPTY;
	char request[100];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
	    pieces_path);
	client_say(fd, request);
	ck_assert_int_eq(client_hear(fd, &body), 200);
	ck_assert(pattern_is(buffer_bytes(&body), buffer_length(&body), 0));
	buffer_finish(&body);
	client_ask(fd, "/hello", 200, "hello\n");
}

START_TEST(another_thread_answers)
{
	pieces_path = "/another";
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(hear_pieces_of_path, 1);
	pthread_join(answerer, NULL);
}
END_TEST

START_TEST(a_callback_of_the_loop_writes_without_waiting)
{
	pieces_path = "/post_writer";
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(hear_pieces_of_path, 1);
}
END_TEST

static void
ask_loop_reader(int fd)
{
	struct buffer body = BUFFER_EMPTY;

	say_post(fd, "/post_reader", 3, false);
	flag_await(&told, 3);
	client_say(fd, "abc");
	ck_assert_int_eq(client_hear(fd, &body), 200);
	ck_assert(str_equal(buffer_str(&body), STR("abc")));
	buffer_finish(&body);
}

START_TEST(a_callback_of_the_loop_reads_without_waiting)
{
	app_serving_configure((enum app_serving_mode)_i, &streaming);
	app_serving_run(ask_loop_reader, 1);
}
END_TEST

static void
ask_retain(int fd)
{
	client_ask(fd, "/retain", 200, "hello\n");
	client_ask(fd, "/hello", 200, "hello\n");
	flag_raise(&go_on);
	pthread_join(answerer, NULL);
}

START_TEST(a_retained_request_outlives_its_exchange)
{
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(ask_retain, 1);
}
END_TEST

static void
ask_offload(int fd)
{
	for (unsigned i = 1; i <= 20; i++) {
		client_ask(fd, "/offload", 200, "hello\n");
		ck_assert_uint_ge(flag_count(&begun), i);
	}
}

START_TEST(offloaded_work_runs_and_its_end_on_the_loop)
{
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(ask_offload, 3);
}
END_TEST

static void
leave_pending(int fd)
{
	char byte;

	client_say(fd, GET("/cancel"));
	flag_await(&begun, 1);
	ck_assert_int_eq(recv(fd, &byte, 1, 0), 1);
}

START_TEST(a_pending_request_is_told_once)
{
	app_serving_configure((enum app_serving_mode)_i, &streaming);
	app_serving_run(leave_pending, 1);
	ck_assert_uint_eq(on_cancels, 1);
}
END_TEST

static void
leave_ended(int fd)
{
	client_say(fd, GET("/ended"));
	flag_await(&begun, 1);
}

START_TEST(no_callback_comes_after_the_end)
{
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(leave_ended, 1);
}
END_TEST

static void
fill_threads(int fd)
{
	int status;

	client_say(fd, GET("/hold"));
	status = client_hear(fd, NULL);
	ck_assert(status == 200 || status == 503);
	if (status == 503)
		flag_raise(&go_on);
}

START_TEST(a_full_queue_answers_503)
{
	struct config_pool *pool =
	    app_serving_configure((enum app_serving_mode)_i, &whole);

	pool->thread_queue = 2;
	/* Three run, two wait, and one at least is refused. */
	app_serving_run(fill_threads, 8);
	ck_assert_uint_ge(flag_count(&go_on), 1);
}
END_TEST

static struct flag gone = FLAG_DOWN;

/* Something unread makes it one; the descriptor stays for app_serving. */
static void
leave_with_a_reset(int fd)
{
	int other[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
	ck_assert_int_eq(dup2(other[0], fd), fd);
	close(other[0]);
	close(other[1]);
}

/* The server answers itself, so that its loop has turned afterwards. */
static void
turn_the_loop(int fd)
{
	for (int i = 0; i < 3; i++) {
		client_say(fd, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
		ck_assert_int_eq(client_hear(fd, NULL), 204);
	}
}

/* Three keep the threads busy while the fourth waits for one and leaves; the
 * fifth sees to it that the loop has noticed. */
static void
busy_or_leaving(int fd)
{
	static unsigned next;
	unsigned number = __atomic_fetch_add(&next, 1, __ATOMIC_SEQ_CST);
	char byte;

	if (number < 3) {
		client_ask(fd, "/hold", 200, "hello\n");
	} else if (number == 3) {
		flag_await(&begun, 3);
		client_say(fd,
		    "POST /tell HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
		    "Expect: 100-continue\r\n\r\n");
		ck_assert_int_eq(recv(fd, &byte, 1, 0), 1);
		client_say(fd, "abc");
		flag_raise(&gone);
		flag_await(&gone, 2);
		leave_with_a_reset(fd);
		flag_raise(&gone);
	} else {
		flag_await(&gone, 1);
		turn_the_loop(fd);
		flag_raise(&gone);
		flag_await(&gone, 3);
		turn_the_loop(fd);
		flag_raise(&go_on);
	}
}

START_TEST(a_request_whose_client_left_the_queue_is_not_handled)
{
	app_serving_configure((enum app_serving_mode)_i, &whole);
	app_serving_run(busy_or_leaving, 5);
	ck_assert_uint_eq(flag_count(&told), 0);
}
END_TEST

static void
ask_mixed(int fd)
{
	unsigned seed = (unsigned)fd;

	for (int i = 0; i < 60; i++) {
		seed = seed * 1103515245u + 12345u;
		switch (seed >> 16 & 7) {
		case 0:
			client_ask(fd, "/nap", 200, "hello\n");
			break;
		case 1:
			upload(fd, 3000, i % 2);
			break;
		case 2:
			client_ask(fd, "/offload", 200, "hello\n");
			break;
		case 3:
			client_ask(fd, "/inform", 200, "hello\n");
			break;
		default:
			client_ask(fd, "/hello", 200, "hello\n");
		}
	}
}

START_TEST(many_clients_at_the_same_time)
{
	app_serving_configure((enum app_serving_mode)(_i % 3),
	    _i < 3 ? &whole : &streaming);
	app_serving_run(ask_mixed, 12);
}
END_TEST

static void
add_tests(TCase *tests)
{
	tcase_set_timeout(tests, 50);
	tcase_add_loop_test(tests, simple_answers_and_mistakes, 0, 3);
	tcase_add_loop_test(tests, bytes_keep_their_order_while_a_writer_waits,
	    0, 3);
	tcase_add_loop_test(tests, files_keep_their_place_among_bytes, 0, 3);
	tcase_add_loop_test(tests, a_waiting_writer_hears_that_the_client_left,
	    0, 3);
	tcase_add_loop_test(tests, bodies_arrive_whole, 0, 6);
	tcase_add_loop_test(tests, a_waiting_reader_hears_that_the_client_left,
	    0, 3);
	tcase_add_loop_test(tests,
	    a_waiting_reader_hears_that_the_client_is_slow, 0, 3);
	tcase_add_loop_test(tests, a_handler_reads_and_writes_at_the_same_time,
	    0, 3);
	tcase_add_loop_test(tests, another_thread_answers, 0, 3);
	tcase_add_loop_test(tests,
	    a_callback_of_the_loop_writes_without_waiting, 0, 3);
	tcase_add_loop_test(tests, a_callback_of_the_loop_reads_without_waiting,
	    0, 3);
	tcase_add_loop_test(tests, a_retained_request_outlives_its_exchange, 0,
	    3);
	tcase_add_loop_test(tests, offloaded_work_runs_and_its_end_on_the_loop,
	    0, 3);
	tcase_add_loop_test(tests, a_pending_request_is_told_once, 0, 3);
	tcase_add_loop_test(tests, no_callback_comes_after_the_end, 0, 3);
	/* Inline, the only thread would be held for good. */
	tcase_add_loop_test(tests, a_full_queue_answers_503, 1, 3);
	tcase_add_loop_test(tests,
	    a_request_whose_client_left_the_queue_is_not_handled, 1, 3);
	tcase_add_loop_test(tests, many_clients_at_the_same_time, 0, 6);
}

int
main(void)
{
	Suite *suite = suite_create("app");
	TCase *tests = tcase_create("app");
	SRunner *runner = srunner_create(suite);
	int failed;

	/* Warnings of mistakes made on purpose. */
	if (log_open("off", LOG_LEVEL_CRITICAL, NULL) < 0)
		return EXIT_FAILURE;
	tricorn_host_set(app_call_host_table());
	add_tests(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
