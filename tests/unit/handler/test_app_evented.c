/* SPDX-License-Identifier: MIT */
/* Evented applications: what they write, read, post and time on the loop. */
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
#define MUCH 3000000

static struct flag begun = FLAG_DOWN, told = FLAG_DOWN;
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
	ck_assert(app_serving_on_loop());
	ck_assert_int_eq(tricorn_reply(req, 200, "text/plain", "hello\n", 6),
	    TRICORN_OK);
	return TRICORN_OK;
}

static void
say_hello(void *arg)
{
	hello(arg);
}

static void
never(void *arg)
{
	ck_abort_msg("a callback that may not be");
}

/* --- writing -------------------------------------------------------------- */

struct writer {
	tricorn_request *req;
	uint64_t at;
	unsigned waits;
};

static void
write_on(void *arg)
{
	struct writer *writer = arg;
	static char data[40000];

	while (writer->at < MUCH) {
		size_t size = MUCH - writer->at < sizeof(data)
		    ? (size_t)(MUCH - writer->at)
		    : sizeof(data);
		int64_t taken;

		pattern_fill(data, size, writer->at);
		taken = tricorn_write(writer->req, data, size,
		    writer->at + size == MUCH ? TRICORN_WRITE_END : 0);
		if (taken == TRICORN_EAGAIN) {
			writer->waits++;
			ck_assert_int_eq(tricorn_on_writable(writer->req,
					     write_on, writer),
			    TRICORN_OK);
			return;
		}
		ck_assert_int_gt(taken, 0);
		writer->at += (uint64_t)taken;
	}
	ck_assert_uint_gt(writer->waits, 0);
	flag_raise(&told);
	free(writer);
}

static int
write_much(tricorn_request *req)
{
	struct writer *writer = xcalloc(1, sizeof(*writer));

	writer->req = req;
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, MUCH), TRICORN_OK);
	write_on(writer);
	return TRICORN_PENDING;
}

/* Room is there already: the callback comes with the next turn. */
static int
await_room_that_is_there(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_on_writable(req, say_hello, req), TRICORN_OK);
	return TRICORN_PENDING;
}

static int
await_room_and_end(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_on_writable(req, never, NULL), TRICORN_OK);
	return hello(req);
}

/* --- reading -------------------------------------------------------------- */

struct reader {
	tricorn_request *req;
	uint64_t at, credit;
};

static void
received(tricorn_request *req, const void *data, size_t length, void *arg)
{
	struct reader *reader = arg;

	ck_assert_ptr_eq(req, reader->req);
	ck_assert(pattern_is(data, length, reader->at));
	ck_assert_uint_le(length, reader->credit);
	reader->credit -= length;
	reader->at += length;
	if (reader->credit == 0) {
		reader->credit = 7000;
		tricorn_credit(req, 7000);
	}
}

static void
received_end(tricorn_request *req, int error, void *arg)
{
	struct reader *reader = arg;
	char text[50];

	flag_raise(&told);
	ck_assert_int_eq(tricorn_cancelled(req), 0);
	if (error == 0) {
		snprintf(text, sizeof(text), "%llu",
		    (unsigned long long)reader->at);
		tricorn_reply(req, 200, "text/plain", text, strlen(text));
	} else {
		ck_assert_int_eq(error, TRICORN_ECLOSED);
		tricorn_abort(req);
	}
	free(reader);
}

static const tricorn_body_callbacks callbacks = { sizeof(callbacks), received,
	received_end };

static int
read_async(tricorn_request *req)
{
	struct reader *reader = xcalloc(1, sizeof(*reader));

	reader->req = req;
	reader->credit = 10000;
	ck_assert_int_eq(tricorn_read_async(req, &callbacks, reader, 10000),
	    TRICORN_OK);
	return TRICORN_PENDING;
}

/* --- cancellation --------------------------------------------------------- */

static void
cancelled(void *arg)
{
	on_cancels++;
	ck_assert_int_eq(tricorn_cancelled(arg), TRICORN_CANCEL_CLIENT_GONE);
	ck_assert_int_eq(tricorn_respond(arg, 200, NULL, 0, 0),
	    TRICORN_ECLOSED);
	ck_assert_int_eq(tricorn_finish(arg, NULL, 0), TRICORN_OK);
	flag_raise(&told);
}

static int
await_cancel(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_on_cancel(req, cancelled, req), TRICORN_OK);
	flag_raise(&begun);
	return TRICORN_PENDING;
}

static int
end_then_nothing(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_on_cancel(req, never, NULL), TRICORN_OK);
	return hello(req);
}

/* --- other threads -------------------------------------------------------- */

static pthread_t helper;

/* Credit and the end of a request may come from any thread. */
static void *
abort_main(void *arg)
{
	tricorn_credit(arg, 10);
	tricorn_abort(arg);
	return NULL;
}

static int
abort_elsewhere(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 100), TRICORN_OK);
	ck_assert_int_eq(tricorn_write(req, "abc", 3, 0), 3);
	pthread_create(&helper, NULL, abort_main, req);
	return TRICORN_PENDING;
}

static void *
post_main(void *arg)
{
	tricorn_post(app_serving_worker(), say_hello, arg);
	return NULL;
}

static int
post_elsewhere(tricorn_request *req)
{
	pthread_create(&helper, NULL, post_main, req);
	return TRICORN_PENDING;
}

/* A credit that arrives when the request is over must do no harm. */
static void *
credit_late_main(void *arg)
{
	flag_await(&told, 1);
	tricorn_credit(arg, 10);
	tricorn_release(arg);
	return NULL;
}

static int
credit_late(tricorn_request *req)
{
	tricorn_retain(req);
	pthread_create(&helper, NULL, credit_late_main, req);
	hello(req);
	flag_raise(&told);
	return TRICORN_OK;
}

static void
count_work(void *arg)
{
	ck_assert(!app_serving_on_loop());
}

static int
offload(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_host_table->offload(tricorn_worker_of(req),
			     count_work, say_hello, req),
	    TRICORN_OK);
	return TRICORN_PENDING;
}

/* --- timers --------------------------------------------------------------- */

static int
set_timers(tricorn_request *req)
{
	tricorn_worker *worker = tricorn_worker_of(req);
	uint64_t ids[200];

	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(tricorn_host_table->timer(worker, 1, never,
				     NULL, &ids[i]),
		    TRICORN_OK);
	for (int i = 0; i < 200; i++) {
		tricorn_cancel_timer(worker, ids[i]);
		tricorn_cancel_timer(worker, ids[i]);
	}
	ck_assert_int_eq(tricorn_host_table->timer(worker, 20, say_hello, req,
			     NULL),
	    TRICORN_OK);
	/* Ids of timers that are gone hit nobody else. */
	for (int i = 0; i < 200; i++)
		tricorn_cancel_timer(worker, ids[i]);
	/* One that is left when the worker ends. */
	ck_assert_int_eq(tricorn_host_table->timer(worker, 100000, never, NULL,
			     NULL),
	    TRICORN_OK);
	return TRICORN_PENDING;
}

/* --- after the end -------------------------------------------------------- */

static int
ask_after_the_end(tricorn_request *req)
{
	tricorn_retain(req);
	hello(req);
	ck_assert_int_eq(tricorn_info(req, TRICORN_INFO_ROUTE).length, 5);
	/* Nobody asked for the addresses while they were known. */
	(void)tricorn_info(req, TRICORN_INFO_PEER_ADDRESS);
	ck_assert_int_eq(tricorn_write(req, "x", 1, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_on_writable(req, never, NULL), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_finish(req, NULL, 0), TRICORN_EINVAL);
	tricorn_release(req);
	return TRICORN_OK;
}

/* --- the app -------------------------------------------------------------- */

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
	{ "/much", write_much },
	{ "/room", await_room_that_is_there },
	{ "/room_end", await_room_and_end },
	{ "/read", read_async },
	{ "/cancel", await_cancel },
	{ "/end", end_then_nothing },
	{ "/abort", abort_elsewhere },
	{ "/post", post_elsewhere },
	{ "/credit_late", credit_late },
	{ "/offload", offload },
	{ "/timers", set_timers },
	{ "/after", ask_after_the_end },
	{ "/fail", return_failed },
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

static const tricorn_app evented = {
	TRICORN_APP_HEAD(TRICORN_APP_EVENTED | TRICORN_APP_STREAM_BODY,
	    "evented", "1"),
	.handle = handle,
};

static void
serve(client_fn client, unsigned count)
{
	app_serving_configure(APP_SERVING_DEDICATED, &evented);
	app_serving_run(client, count);
}

/* --- the clients ---------------------------------------------------------- */

static void
ask_simple_things(int fd)
{
	for (int i = 0; i < 3; i++) {
		client_ask(fd, "/hello", 200, "hello\n");
		client_ask(fd, "/room", 200, "hello\n");
		client_ask(fd, "/room_end", 200, "hello\n");
		client_ask(fd, "/end", 200, "hello\n");
		client_ask(fd, "/offload", 200, "hello\n");
		client_ask(fd, "/timers", 200, "hello\n");
		client_ask(fd, "/after", 200, "hello\n");
		client_ask(fd, "/fail", 500, NULL);
	}
}

START_TEST(callbacks_come_once_and_not_after_the_end)
{
	serve(ask_simple_things, 4);
}
END_TEST

static void
hear_much(int fd)
{
	struct buffer body = BUFFER_EMPTY;

	client_say(fd, GET("/much"));
	ck_assert_int_eq(client_hear(fd, &body), 200);
	ck_assert_uint_eq(buffer_length(&body), MUCH);
	ck_assert(pattern_is(buffer_bytes(&body), MUCH, 0));
	buffer_finish(&body);
	client_ask(fd, "/hello", 200, "hello\n");
}

START_TEST(a_writer_hears_when_there_is_room_again)
{
	serve(hear_much, 2);
	ck_assert_uint_eq(flag_count(&told), 2);
}
END_TEST

static void
upload(int fd, bool chunked)
{
	char *data = xmalloc(200000), text[20];
	struct buffer body = BUFFER_EMPTY;

	pattern_fill(data, 200000, 0);
	if (chunked) {
		client_say(fd,
		    "POST /read HTTP/1.1\r\nHost: x\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n");
		for (size_t at = 0; at < 200000; at += 1000) {
			client_say(fd, "3e8\r\n");
			client_say_bytes(fd, data + at, 1000);
			client_say(fd, "\r\n");
		}
		client_say(fd, "0\r\n\r\n");
	} else {
		client_say(fd,
		    "POST /read HTTP/1.1\r\nHost: x\r\n"
		    "Content-Length: 200000\r\n\r\n");
		client_say_bytes(fd, data, 200000);
	}
	ck_assert_int_eq(client_hear(fd, &body), 200);
	snprintf(text, sizeof(text), "%u", 200000u);
	ck_assert(str_equal(buffer_str(&body), str_of(text)));
	buffer_finish(&body);
	free(data);
}

static void
upload_both_ways(int fd)
{
	upload(fd, false);
	upload(fd, true);
	client_ask(fd, "/read", 200, "0");
}

START_TEST(bodies_come_within_the_credit)
{
	serve(upload_both_ways, 3);
}
END_TEST

static void
leave_upload(int fd)
{
	client_say(fd,
	    "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n!");
	shutdown(fd, SHUT_WR);
	flag_await(&told, 1);
}

START_TEST(a_body_cut_short_ends_before_the_cancellation)
{
	serve(leave_upload, 1);
	ck_assert_uint_eq(flag_count(&told), 1);
}
END_TEST

static void
leave_pending(int fd)
{
	client_say(fd, GET("/cancel"));
	flag_await(&begun, 1);
	shutdown(fd, SHUT_WR);
	flag_await(&told, 1);
}

START_TEST(a_client_that_leaves_cancels_once)
{
	serve(leave_pending, 1);
	ck_assert_uint_eq(on_cancels, 1);
}
END_TEST

static void
hear_abort(int fd)
{
	client_say(fd, GET("/abort"));
	ck_assert_int_eq(client_hear(fd, NULL), 0);
	pthread_join(helper, NULL);
}

START_TEST(another_thread_ends_a_request)
{
	serve(hear_abort, 1);
}
END_TEST

static void
ask_helpers(int fd)
{
	client_ask(fd, "/post", 200, "hello\n");
	pthread_join(helper, NULL);
	client_ask(fd, "/credit_late", 200, "hello\n");
	pthread_join(helper, NULL);
	client_ask(fd, "/hello", 200, "hello\n");
}

START_TEST(other_threads_post_and_are_late)
{
	serve(ask_helpers, 1);
}
END_TEST

static void
refuse_mode(int fd)
{
}

START_TEST(an_evented_app_does_not_fit_a_sync_pool)
{
	struct error error;

	app_serving_configure(APP_SERVING_TAKEOVER, &evented);
	ck_assert_int_eq(apps_choose_mode(app_serving_worker(),
			     CONFIG_MODE_SYNC, &error),
	    -1);
	ck_assert_int_eq(apps_choose_mode(app_serving_worker(),
			     CONFIG_MODE_AUTO, &error),
	    0);
	ck_assert(app_serving_worker()->async);
	serve(refuse_mode, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("app_evented");
	TCase *tests = tcase_create("app_evented");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (log_open("off", LOG_LEVEL_CRITICAL, NULL) < 0)
		return EXIT_FAILURE;
	tricorn_host_set(app_call_host_table());
	tcase_set_timeout(tests, 50);
	tcase_add_test(tests, callbacks_come_once_and_not_after_the_end);
	tcase_add_test(tests, a_writer_hears_when_there_is_room_again);
	tcase_add_test(tests, bodies_come_within_the_credit);
	tcase_add_test(tests, a_body_cut_short_ends_before_the_cancellation);
	tcase_add_test(tests, a_client_that_leaves_cancels_once);
	tcase_add_test(tests, another_thread_ends_a_request);
	tcase_add_test(tests, other_threads_post_and_are_late);
	tcase_add_test(tests, an_evented_app_does_not_fit_a_sync_pool);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
