/* SPDX-License-Identifier: MIT */
/* Each example application in the fake host. APPS names their directory. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tricorn/fake_host.h"

static struct fake_host *host;

static void
setup(void)
{
	host = fake_host_create();
}

static void
teardown(void)
{
	fake_host_destroy(&host);
}

static void
load(const char *name)
{
	const char *apps = getenv("APPS");
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.so", apps ? apps : "examples",
	    name);
	ck_assert_msg(fake_host_load(host, path) == 0, "%s",
	    fake_host_error(host));
}

static void
assert_text(const struct fake_response *response, const char *body)
{
	ck_assert_int_eq(response->status, 200);
	ck_assert_str_eq(response->body, body);
	ck_assert_int_eq(response->length, (int64_t)strlen(body));
	ck_assert(response->finished);
	ck_assert(!response->cut);
	ck_assert_str_eq(fake_response_field(response, "content-type"),
	    "text/plain; charset=utf-8");
}

START_TEST(hello_answers)
{
	load("hello");
	assert_text(fake_host_get(host, "/"), "Hello from tricorn.\n");
	assert_text(fake_host_get(host, "/any?thing"), "Hello from tricorn.\n");
}
END_TEST

START_TEST(hello_blocking_answers)
{
	load("hello_blocking");
	assert_text(fake_host_get(host, "/"),
	    "Hello from a thread of tricorn.\n");
}
END_TEST

/* --- echo ----------------------------------------------------------------- */

#define LARGE (5u << 20)

static char *
large_body(void)
{
	char *body = malloc(LARGE);
	uint32_t value = 1;
	size_t at;

	ck_assert_ptr_nonnull(body);
	for (at = 0; at < LARGE; at++) {
		value = value * 1664525u + 1013904223u;
		body[at] = (char)(value >> 24);
	}
	return body;
}

static void
echo_returns(const char *app, size_t size, bool defer)
{
	char *body = large_body();
	const struct fake_response *response;

	load(app);
	fake_host_defer_body(host, defer);
	response = fake_host_send(host, "POST", "/", body, size);
	ck_assert_int_eq(response->status, 200);
	ck_assert_int_eq(response->length, (int64_t)size);
	ck_assert(response->finished && !response->cut);
	ck_assert_uint_eq(response->body_length, size);
	ck_assert_mem_eq(response->body, body, size);
	free(body);
}

START_TEST(echo_returns_all)
{
	static const size_t sizes[] = { 0, 1, 65536, LARGE };

	echo_returns(_i < 4 ? "echo" : "echo_blocking", sizes[_i % 4], false);
}
END_TEST

START_TEST(echo_returns_all_that_comes_later)
{
	echo_returns("echo", LARGE, true);
}
END_TEST

START_TEST(echo_keeps_type_and_unknown_length)
{
	tricorn_request *req;
	const struct fake_response *response;

	load(_i ? "echo" : "echo_blocking");
	req = fake_request_create(host, "POST", "/");
	fake_request_field(req, "Content-Type", "text/markdown");
	fake_request_chunked(req);
	fake_request_body(req, "# a", 3);
	fake_request_body(req, "# b", 3);
	fake_request_run(req);
	response = fake_request_response(req);
	ck_assert_int_eq(response->length, -1);
	ck_assert_str_eq(response->body, "# a# b");
	ck_assert(response->finished);
	if (_i)
		ck_assert_str_eq(fake_response_field(response, "Content-Type"),
		    "text/markdown");
}
END_TEST

/* A client that does not read: no more is asked for than the window. */
START_TEST(echo_waits_for_a_slow_client)
{
	char *body = large_body();
	tricorn_request *req;
	const struct fake_response *response;
	unsigned turns = 0;

	load("echo");
	fake_host_defer_body(host, _i);
	req = fake_request_create(host, "POST", "/");
	fake_request_body(req, body, LARGE);
	fake_request_room(req, 0);
	fake_request_run(req);
	response = fake_request_response(req);
	ck_assert_uint_eq(fake_request_taken(req), 65536);
	ck_assert_uint_eq(fake_request_credit(req), 0);
	ck_assert_uint_eq(response->body_length, 0);
	while (!response->finished) {
		fake_request_take(req, 40000);
		ck_assert_uint_le(fake_request_taken(req) -
			response->body_length,
		    65536);
		ck_assert_uint_le(++turns, LARGE / 40000 + 1);
	}
	ck_assert(!response->cut);
	ck_assert_uint_eq(response->body_length, LARGE);
	ck_assert_mem_eq(response->body, body, LARGE);
	free(body);
}
END_TEST

START_TEST(echo_answers_while_the_body_comes)
{
	tricorn_request *req;
	const struct fake_response *response;

	load("echo");
	req = fake_request_create(host, "POST", "/");
	fake_request_hold(req);
	ck_assert_int_eq(fake_request_run(req), TRICORN_PENDING);
	response = fake_request_response(req);
	ck_assert_int_eq(response->status, 200);
	fake_request_body(req, "one ", 4);
	ck_assert_str_eq(response->body, "one ");
	fake_request_body(req, "two", 3);
	ck_assert_str_eq(response->body, "one two");
	ck_assert(!response->finished);
	fake_request_body_end(req, 0);
	ck_assert(response->finished && !response->cut);
}
END_TEST

START_TEST(echo_lets_go_when_the_body_breaks_off)
{
	tricorn_request *req;

	load("echo");
	req = fake_request_create(host, "POST", "/");
	fake_request_hold(req);
	fake_request_run(req);
	fake_request_body(req, "one ", 4);
	if (_i)
		fake_request_body_end(req, TRICORN_EINVAL);
	else
		fake_request_cancel(req, TRICORN_CANCEL_CLIENT_GONE);
	ck_assert(fake_request_response(req)->finished);
	ck_assert(fake_request_response(req)->cut);
}
END_TEST

START_TEST(echo_blocking_gives_up_on_errors)
{
	tricorn_request *req;

	load("echo_blocking");
	req = fake_request_create(host, "POST", "/");
	fake_request_body(req, "one", 3);
	if (_i == 0) { /* the client stops to read */
		fake_request_room(req, 1);
		ck_assert_int_eq(fake_request_run(req), TRICORN_ETIMEOUT);
	} else { /* the body is malformed */
		fake_request_chunked(req);
		fake_request_body_end(req, TRICORN_EINVAL);
		ck_assert_int_eq(fake_request_run(req), TRICORN_EINVAL);
		ck_assert_str_eq(fake_request_response(req)->body, "one");
	}
	ck_assert(fake_request_response(req)->cut);
}
END_TEST

/* --- time ----------------------------------------------------------------- */

START_TEST(sleepy_wakes_in_time)
{
	static const struct {
		const char *target, *answer;
		uint32_t ms;
	} cases[] = {
		{ "/", "Slept 5000 ms on a timer; no thread was held.\n",
		    5000 },
		{ "/?ms=250", "Slept 250 ms on a timer; no thread was held.\n",
		    250 },
		{ "/?ms=x", "Slept 5000 ms on a timer; no thread was held.\n",
		    5000 },
		{ "/?ms=99999999",
		    "Slept 5000 ms on a timer; no thread was held.\n", 5000 },
		{ "/?ms=60001",
		    "Slept 60000 ms on a timer; no thread was held.\n", 60000 },
	};
	const struct fake_response *response;

	load("sleepy");
	response = fake_host_get(host, cases[_i].target);
	fake_host_advance(host, cases[_i].ms - 1);
	ck_assert_int_eq(response->status, 0);
	fake_host_advance(host, 1);
	assert_text(response, cases[_i].answer);
}
END_TEST

START_TEST(sleepy_takes_its_timer_back)
{
	tricorn_request *req;

	load("sleepy");
	req = fake_request_create(host, "GET", "/");
	fake_request_run(req);
	ck_assert_uint_eq(fake_host_timers(host), 1);
	fake_request_cancel(req, TRICORN_CANCEL_CLIENT_GONE);
	ck_assert_uint_eq(fake_host_timers(host), 0);
	ck_assert(fake_request_response(req)->finished);
}
END_TEST

START_TEST(sleepy_blocking_answers)
{
	load("sleepy_blocking");
	assert_text(fake_host_get(host, "/?ms=1"),
	    "Slept 1 ms in a thread of its own.\n");
}
END_TEST

START_TEST(events_tick)
{
	const struct fake_response *response;

	load("events");
	response = fake_host_get(host, "/?ms=100&count=3");
	ck_assert_str_eq(fake_response_field(response, "Content-Type"),
	    "text/event-stream");
	ck_assert_str_eq(response->body, "id: 1\ndata: tick 1\n\n");
	ck_assert_uint_eq(response->flushes, 1);
	fake_host_advance(host, 100);
	ck_assert_str_eq(response->body,
	    "id: 1\ndata: tick 1\n\nid: 2\ndata: tick 2\n\n");
	ck_assert(!response->finished);
	fake_host_advance(host, 100);
	ck_assert(response->finished && !response->cut);
	ck_assert_uint_eq(fake_host_timers(host), 0);
}
END_TEST

START_TEST(events_end_with_the_client_and_the_worker)
{
	tricorn_request *req[3];
	const struct fake_response *response;
	int at;

	load("events");
	for (at = 0; at < 3; at++) {
		req[at] = fake_request_create(host, "GET", "/?ms=100");
		fake_request_run(req[at]);
	}
	fake_host_advance(host, 1000);
	ck_assert_uint_eq(fake_host_timers(host), 3);
	fake_request_cancel(req[1], TRICORN_CANCEL_CLIENT_GONE);
	ck_assert_uint_eq(fake_host_timers(host), 2);
	ck_assert_str_eq(fake_host_log(host), "INFO events: a listener left\n");
	fake_host_drain(host, 1000);
	ck_assert_uint_eq(fake_host_timers(host), 0);
	response = fake_request_response(req[0]);
	ck_assert(response->finished && !response->cut);
	ck_assert_ptr_nonnull(strstr(response->body, "event: bye"));
	ck_assert(fake_request_response(req[2])->finished);
}
END_TEST

START_TEST(events_skip_a_client_that_is_behind)
{
	tricorn_request *req;
	const struct fake_response *response;

	load("events");
	req = fake_request_create(host, "GET", "/?ms=10");
	fake_request_room(req, 20); /* one event has 20 bytes */
	fake_request_run(req);
	response = fake_request_response(req);
	ck_assert_uint_eq(response->body_length, 20);
	fake_host_advance(host, 500);
	ck_assert_uint_eq(response->body_length, 20);
	fake_request_take(req, 20);
	fake_host_advance(host, 10);
	ck_assert_str_eq(response->body,
	    "id: 1\ndata: tick 1\n\nid: 2\ndata: tick 2\n\n");
	/* Half an event is of no use. */
	fake_request_take(req, 7);
	fake_host_advance(host, 10);
	ck_assert(response->cut);
	ck_assert_uint_eq(fake_host_timers(host), 0);
}
END_TEST

/* --- the rest ------------------------------------------------------------- */

START_TEST(upload_counts_and_sums)
{
	tricorn_request *req;

	load("upload");
	/* Published sums of FNV-1a, 64 bits. */
	assert_text(fake_host_send(host, "PUT", "/", "", 0),
	    "0 bytes, fnv1a cbf29ce484222325\n");
	assert_text(fake_host_send(host, "PUT", "/", "a", 1),
	    "1 bytes, fnv1a af63dc4c8601ec8c\n");
	req = fake_request_create(host, "PUT", "/");
	fake_request_body(req, "foo", 3);
	fake_request_body(req, "bar", 3);
	fake_request_run(req);
	assert_text(fake_request_response(req),
	    "6 bytes, fnv1a 85944171f73967e8\n");
}
END_TEST

START_TEST(upload_keeps_the_file)
{
	char directory[] = "/tmp/tricorn-test-XXXXXX", *path, content[8] = "";
	const struct fake_response *response;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	fake_host_option(host, "directory", directory);
	load("upload");
	response = fake_host_send(host, "PUT", "/", "foobar", 6);
	path = strdup(strstr(response->body, directory));
	path[strcspn(path, "\n")] = '\0';
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(content, 1, sizeof(content), file), 6);
	ck_assert_str_eq(content, "foobar");
	fclose(file);
	unlink(path);
	free(path);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

START_TEST(upload_leaves_nothing_of_a_broken_body)
{
	char directory[] = "/tmp/tricorn-test-XXXXXX";
	tricorn_request *req;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	fake_host_option(host, "directory", directory);
	load("upload");
	req = fake_request_create(host, "PUT", "/");
	fake_request_body(req, "foo", 3);
	fake_request_body_end(req, TRICORN_ECLOSED);
	ck_assert_int_eq(fake_request_run(req), TRICORN_ECLOSED);
	ck_assert_int_eq(fake_request_response(req)->status, 500);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

START_TEST(upload_needs_its_directory)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/upload.so", getenv("APPS"));
	fake_host_option(host, "directory", "/nonexistent");
	ck_assert_int_eq(fake_host_load(host, path), -1);
	ck_assert_str_eq(fake_host_error(host),
	    "load() failed: option.directory is not a directory that can be "
	    "written");
}
END_TEST

START_TEST(counter_counts)
{
	char expected[160];

	load("counter");
	fake_host_get(host, "/");
	snprintf(expected, sizeof(expected),
	    "worker %ld\nrequests 2\nthread 1\nof this thread 2\ndraining 0\n",
	    (long)getpid());
	assert_text(fake_host_get(host, "/"), expected);
	fake_host_drain(host, 30000);
	ck_assert_ptr_nonnull(strstr(fake_host_get(host, "/")->body,
	    "draining 1"));
	fake_host_stop(host);
	ck_assert_str_eq(fake_host_log(host),
	    "INFO counter: the worker is about to end\n"
	    "INFO counter: served 3 requests\n");
}
END_TEST

START_TEST(offload_computes)
{
	load("offload");
	assert_text(fake_host_get(host, "/?n=100"), "25 primes below 100\n");
	assert_text(fake_host_get(host, "/?n=2"), "0 primes below 2\n");
	assert_text(fake_host_get(host, "/"), "9592 primes below 100000\n");
	fake_host_fill_pool(host, true);
	ck_assert_int_eq(fake_host_get(host, "/?n=100")->status, 503);
}
END_TEST

START_TEST(trailers_and_hints_come)
{
	tricorn_request *req;
	const struct fake_response *response;

	load("trailers_and_hints");
	req = fake_request_create(host, "POST", "/");
	fake_request_body(req, "  three sho", 11);
	fake_request_body(req, "rt\nwords ", 9);
	fake_request_trailer(req, "X-Sum", "17");
	fake_request_run(req);
	response = fake_request_response(req);
	ck_assert_uint_eq(response->inform_count, 1);
	ck_assert_int_eq(response->informs[0].status, 103);
	ck_assert_str_eq(response->informs[0].fields[0].name.data, "Link");
	ck_assert_int_eq(response->length, -1);
	ck_assert_str_eq(fake_response_trailer(response, "Word-Count"), "3");
	ck_assert_str_eq(fake_response_trailer(response, "X-Sum"), "17");
	ck_assert_uint_eq(response->trailer_count, 2);
}
END_TEST

START_TEST(send_file_sends)
{
	char path[] = "/tmp/tricorn-test-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "in between\n", 11), 11);
	close(fd);
	fake_host_option(host, "file", path);
	load("send_file");
	assert_text(fake_host_get(host, "/"),
	    "--- begin ---\nin between\n--- end ---\n");
	unlink(path);
	ck_assert_int_eq(fake_host_get(host, "/")->status, 404);
}
END_TEST

START_TEST(send_file_needs_its_option)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/send_file.so", getenv("APPS"));
	ck_assert_int_eq(fake_host_load(host, path), -1);
	ck_assert_str_eq(fake_host_error(host),
	    "load() failed: option.file must name the file to send");
}
END_TEST

START_TEST(late_answers_from_its_thread)
{
	tricorn_request *req[3];
	int at;

	load("late");
	for (at = 0; at < 3; at++) {
		req[at] = fake_request_create(host, "GET", "/");
		ck_assert_int_eq(fake_request_run(req[at]), TRICORN_PENDING);
	}
	/* Its client leaves: the thread must still let it go. */
	fake_request_cancel(req[2], TRICORN_CANCEL_CLIENT_GONE);
	for (at = 0; at < 3; at++)
		ck_assert(fake_request_wait(req[at]));
	assert_text(fake_request_response(req[0]),
	    "Served by a thread of the application.\n");
	ck_assert_int_eq(fake_request_response(req[1])->status, 200);
	ck_assert(fake_request_response(req[2])->cut);
}
END_TEST

static Suite *
examples_suite(void)
{
	Suite *suite = suite_create("examples");
	TCase *cases = tcase_create("examples");

	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, hello_answers);
	tcase_add_test(cases, hello_blocking_answers);
	tcase_add_loop_test(cases, echo_returns_all, 0, 8);
	tcase_add_test(cases, echo_returns_all_that_comes_later);
	tcase_add_loop_test(cases, echo_keeps_type_and_unknown_length, 0, 2);
	tcase_add_loop_test(cases, echo_waits_for_a_slow_client, 0, 2);
	tcase_add_test(cases, echo_answers_while_the_body_comes);
	tcase_add_loop_test(cases, echo_lets_go_when_the_body_breaks_off, 0, 2);
	tcase_add_loop_test(cases, echo_blocking_gives_up_on_errors, 0, 2);
	tcase_add_loop_test(cases, sleepy_wakes_in_time, 0, 5);
	tcase_add_test(cases, sleepy_takes_its_timer_back);
	tcase_add_test(cases, sleepy_blocking_answers);
	tcase_add_test(cases, events_tick);
	tcase_add_test(cases, events_end_with_the_client_and_the_worker);
	tcase_add_test(cases, events_skip_a_client_that_is_behind);
	tcase_add_test(cases, upload_counts_and_sums);
	tcase_add_test(cases, upload_keeps_the_file);
	tcase_add_test(cases, upload_leaves_nothing_of_a_broken_body);
	tcase_add_test(cases, upload_needs_its_directory);
	tcase_add_test(cases, counter_counts);
	tcase_add_test(cases, offload_computes);
	tcase_add_test(cases, trailers_and_hints_come);
	tcase_add_test(cases, send_file_sends);
	tcase_add_test(cases, send_file_needs_its_option);
	tcase_add_test(cases, late_answers_from_its_thread);
	suite_add_tcase(suite, cases);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(examples_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
