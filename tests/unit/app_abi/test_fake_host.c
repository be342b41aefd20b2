/* SPDX-License-Identifier: MIT */
/* The fake host says what an application does wrong. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tricorn/fake_host.h"

static struct fake_host *host;
static int (*act)(tricorn_request *req);
static uint32_t flags;
static tricorn_request *kept;

static int
handle(tricorn_request *req, void *state, void *thread)
{
	kept = req;
	return act(req);
}

static tricorn_app app = { TRICORN_APP_HEAD(0, "app under test", "1.0"),
	.handle = handle };

static const tricorn_app *
entry(const tricorn_host *table)
{
	tricorn_host_set(table);
	app.flags = flags;
	return &app;
}

static void
setup(void)
{
	host = fake_host_create();
	flags = TRICORN_APP_BLOCKING;
}

static void
teardown(void)
{
	fake_host_destroy(&host);
}

static const struct fake_response *
run(int (*with)(tricorn_request *req))
{
	act = with;
	ck_assert_int_eq(fake_host_start(host, entry), 0);
	return fake_host_get(host, "/x");
}

/* --- misuse, one function each -------------------------------------------- */

static int
respond_twice(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 0), TRICORN_OK);
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 0), TRICORN_EINVAL);
	return TRICORN_OK;
}

static int
status_out_of_range(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_respond(req, 600, NULL, 0, 0), TRICORN_EINVAL);
	return tricorn_reply(req, 200, "text/plain", "", 0);
}

static int
respond_with_field(tricorn_request *req, const char *name, const char *value,
    size_t length)
{
	tricorn_field field;

	field.name = tricorn_str(name);
	field.value.data = value;
	field.value.length = length;
	ck_assert_int_eq(tricorn_respond(req, 200, &field, 1, 5),
	    TRICORN_EINVAL);
	return tricorn_reply(req, 200, "text/plain", "", 0);
}

static int
line_break_in_field(tricorn_request *req)
{
	return respond_with_field(req, "X-A", "a\nb", 3);
}

static int
nul_in_field(tricorn_request *req)
{
	return respond_with_field(req, "X-A", "a\0b", 3);
}

static int
bad_field_name(tricorn_request *req)
{
	return respond_with_field(req, "X A", "a", 1);
}

static int
hop_field(tricorn_request *req)
{
	return respond_with_field(req, "connection", "close", 5);
}

static int
other_content_length(tricorn_request *req)
{
	return respond_with_field(req, "Content-Length", "6", 1);
}

static int
length_in_field(tricorn_request *req)
{
	tricorn_field field = { TRICORN_LITERAL("Content-Length"),
		TRICORN_LITERAL("2") };

	ck_assert_int_eq(tricorn_respond(req, 200, &field, 1, -1), TRICORN_OK);
	ck_assert_int_eq(tricorn_write(req, "abc", 3, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_write(req, "ab", 2, 0), 2);
	return TRICORN_OK;
}

static int
write_first(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_write(req, "x", 1, 0), TRICORN_EINVAL);
	return tricorn_reply(req, 200, "text/plain", "", 0);
}

static int
write_too_much(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 3), TRICORN_OK);
	ck_assert_int_eq(tricorn_write(req, "ab", 2, 0), 2);
	ck_assert_int_eq(tricorn_write(req, "cd", 2, 0), TRICORN_EINVAL);
	ck_assert_int_eq(tricorn_write(req, "c", 1, 0), 1);
	return TRICORN_OK;
}

static int
write_after_end(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_reply(req, 200, "text/plain", "ab", 2),
	    TRICORN_OK);
	ck_assert_int_eq(tricorn_write(req, "c", 1, 0), TRICORN_EINVAL);
	return TRICORN_OK;
}

static int
finish_twice(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_reply(req, 200, "text/plain", "ab", 2),
	    TRICORN_OK);
	ck_assert_int_eq(tricorn_finish(req, NULL, 0), TRICORN_EINVAL);
	return TRICORN_OK;
}

static int
body_too_short(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 3), TRICORN_OK);
	ck_assert_int_eq(tricorn_write(req, "ab", 2, 0), 2);
	return TRICORN_OK;
}

static int
path_after_end(tricorn_request *req)
{
	tricorn_reply(req, 200, "text/plain", "", 0);
	ck_assert_ptr_null(tricorn_path(req).data);
	return TRICORN_OK;
}

static int
inform_late(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, 0), TRICORN_OK);
	ck_assert_int_eq(tricorn_inform(req, 103, NULL, 0), TRICORN_EINVAL);
	return TRICORN_OK;
}

static int
release_too_often(tricorn_request *req)
{
	tricorn_retain(req);
	tricorn_release(req);
	tricorn_release(req);
	return tricorn_reply(req, 200, "text/plain", "", 0);
}

static void
nothing(void *arg)
{
}

static int
timer_from_a_thread(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_timer(tricorn_worker_of(req), 1, nothing, NULL,
			     NULL),
	    TRICORN_EINVAL);
	return tricorn_reply(req, 200, "text/plain", "", 0);
}

static int
send_directory(tricorn_request *req)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, -1), TRICORN_OK);
	ck_assert_int_eq(tricorn_send_file(req, fd, 0, 1), TRICORN_EINVAL);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1); /* closed in any case */
	return TRICORN_OK;
}

static int
credit_first(tricorn_request *req)
{
	tricorn_credit(req, 1);
	return tricorn_reply(req, 200, "text/plain", "", 0);
}

static int
no_response(tricorn_request *req)
{
	return TRICORN_OK;
}

static int
odd_result(tricorn_request *req)
{
	return 7;
}

static const struct {
	int (*act)(tricorn_request *req);
	const char *sentence;
} misuses[] = {
	{ respond_twice, "GET /x: respond() called twice" },
	{ status_out_of_range, "GET /x: respond() with status 600" },
	{ line_break_in_field,
	    "GET /x: respond() with CR, LF or NUL in field X-A" },
	{ nul_in_field, "GET /x: respond() with CR, LF or NUL in field X-A" },
	{ bad_field_name,
	    "GET /x: respond() with the invalid field name \"X A\"" },
	{ hop_field,
	    "GET /x: respond() with field Connection, which is the host's" },
	{ other_content_length,
	    "GET /x: respond() with Content-Length 6 and length 5" },
	{ length_in_field,
	    "GET /x: write() of 3 bytes where 2 are left of the announced "
	    "length" },
	{ write_first, "GET /x: write() before respond()" },
	{ write_too_much,
	    "GET /x: write() of 2 bytes where 1 are left of the announced "
	    "length" },
	{ write_after_end, "GET /x: write() after the request was finished" },
	{ finish_twice, "GET /x: finish() after the request was finished" },
	{ body_too_short, "GET /x: finished with 2 bytes of the 3 announced" },
	{ path_after_end, "GET /x: path() after the request was finished" },
	{ inform_late, "GET /x: inform() after respond()" },
	{ release_too_often, "GET /x: release() without retain()" },
	{ timer_from_a_thread, "timer() outside of the loop's thread" },
	{ send_directory,
	    "GET /x: send_file() of something that is no regular file" },
	{ credit_first, "GET /x: credit() before read_async()" },
	{ no_response, "GET /x: handle() returned OK without a response" },
	{ odd_result, "GET /x: handle() returned 7, which means nothing" },
};

START_TEST(misuse_is_named)
{
	fake_host_keep_misuse(host);
	run(misuses[_i].act);
	ck_assert_pstr_eq(fake_host_misuse(host), misuses[_i].sentence);
	ck_assert_ptr_null(fake_host_misuse(host));
}
END_TEST

START_TEST(misuse_ends_the_process)
{
	run(respond_twice);
}
END_TEST

static int
pending(tricorn_request *req)
{
	return TRICORN_PENDING;
}

START_TEST(a_forgotten_request_is_a_misuse)
{
	run(pending);
	fake_host_destroy(&host);
}
END_TEST

static int
keep_request(tricorn_request *req)
{
	tricorn_retain(req);
	return tricorn_reply(req, 200, "text/plain", "", 0);
}

START_TEST(a_forgotten_release_is_a_misuse)
{
	run(keep_request);
	fake_host_destroy(&host);
}
END_TEST

START_TEST(a_retained_request_can_be_read)
{
	run(keep_request);
	ck_assert_str_eq(tricorn_path(kept).data, "/x");
	tricorn_release(kept);
}
END_TEST

/* --- what it does --------------------------------------------------------- */

static int
fails(tricorn_request *req)
{
	return TRICORN_EIO;
}

static int
declines(tricorn_request *req)
{
	return TRICORN_DECLINED;
}

static int
fails_after_head(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_respond(req, 200, NULL, 0, -1), TRICORN_OK);
	return TRICORN_EIO;
}

START_TEST(results_become_responses)
{
	const struct fake_response *response = run(fails);

	ck_assert_int_eq(response->status, 500);
	ck_assert(response->finished && !response->cut);
	act = declines;
	ck_assert_int_eq(fake_host_get(host, "/")->status, 404);
	act = fails_after_head;
	response = fake_host_get(host, "/");
	ck_assert_int_eq(response->status, 200);
	ck_assert(response->finished && response->cut);
}
END_TEST

static int
reads_request(tricorn_request *req)
{
	size_t count;

	ck_assert_int_eq((int)tricorn_method(req).length, 3);
	ck_assert_str_eq(tricorn_method(req).data, "PUT");
	ck_assert_str_eq(tricorn_target(req).data, "/a%20b%zz?c=%20&d");
	ck_assert_str_eq(tricorn_path(req).data, "/a b%zz");
	ck_assert_str_eq(tricorn_query(req).data, "c=%20&d");
	ck_assert_str_eq(tricorn_header(req, "x-TWO", 0).data, "1");
	ck_assert_str_eq(tricorn_header(req, "X-Two", 1).data, "2");
	ck_assert_ptr_null(tricorn_header(req, "X-Two", 2).data);
	ck_assert_str_eq(tricorn_fields(req, &count)[0].name.data, "Host");
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(tricorn_info(req, TRICORN_INFO_MOUNT).data, "/m");
	ck_assert_str_eq(tricorn_info(req, TRICORN_INFO_VERSION).data, "1.1");
	ck_assert_ptr_null(tricorn_info(req, 99).data);
	ck_assert_int_eq(tricorn_content_length(req), 4);
	return TRICORN_DECLINED;
}

START_TEST(a_request_has_all_it_was_given)
{
	tricorn_request *req;

	run(declines);
	act = reads_request;
	req = fake_request_create(host, "PUT", "/a%20b%zz?c=%20&d");
	fake_request_field(req, "X-Two", "1");
	fake_request_field(req, "X-Two", "2");
	fake_request_info(req, TRICORN_INFO_MOUNT, "/m");
	fake_request_body(req, "body", 4);
	ck_assert_int_eq(fake_request_run(req), TRICORN_DECLINED);
}
END_TEST

static char order[16];

static void
note(void *arg)
{
	strcat(order, arg);
}

static int
schedules(tricorn_request *req)
{
	tricorn_worker *worker = tricorn_worker_of(req);
	static char a[] = "a", b[] = "b", c[] = "c", d[] = "d", e[] = "e";
	static char f[] = "f", x[] = "x";
	uint64_t id;

	ck_assert_int_eq(tricorn_timer(worker, 30, note, f, NULL), 0);
	ck_assert_int_eq(tricorn_timer(worker, 10, note, d, NULL), 0);
	ck_assert_int_eq(tricorn_timer(worker, 10, note, e, NULL), 0);
	ck_assert_int_eq(tricorn_timer(worker, 20, note, x, &id), 0);
	tricorn_cancel_timer(worker, id);
	tricorn_cancel_timer(worker, id);
	ck_assert_int_eq(tricorn_post(worker, note, a), 0);
	ck_assert_int_eq(tricorn_offload(worker, note, note, b), 0);
	ck_assert_int_eq(tricorn_post(worker, note, c), 0);
	return tricorn_reply(req, 200, "text/plain", "", 0);
}

START_TEST(the_loop_keeps_order)
{
	flags = TRICORN_APP_EVENTED;
	order[0] = '\0';
	run(schedules);
	ck_assert_str_eq(order, "abbc");
	fake_host_advance(host, 9);
	ck_assert_str_eq(order, "abbc");
	fake_host_advance(host, 1);
	ck_assert_str_eq(order, "abbcde");
	fake_host_advance(host, 100);
	ck_assert_str_eq(order, "abbcdef");
	ck_assert_uint_eq(fake_host_timers(host), 0);
}
END_TEST

static void
note_cancel(void *arg)
{
	ck_assert_int_eq(tricorn_cancelled(arg), TRICORN_CANCEL_TIMEOUT);
	ck_assert_int_eq(tricorn_respond(arg, 200, NULL, 0, 0),
	    TRICORN_ECLOSED);
	strcat(order, "cancel");
	tricorn_abort(arg);
}

static int
waits(tricorn_request *req)
{
	ck_assert_int_eq(tricorn_cancelled(req), 0);
	ck_assert_int_eq(tricorn_on_cancel(req, note_cancel, req), TRICORN_OK);
	return TRICORN_PENDING;
}

START_TEST(cancel_is_told_once)
{
	flags = TRICORN_APP_EVENTED;
	order[0] = '\0';
	run(waits);
	fake_request_cancel(kept, TRICORN_CANCEL_TIMEOUT);
	fake_request_cancel(kept, TRICORN_CANCEL_CLIENT_GONE);
	ck_assert_str_eq(order, "cancel");
	ck_assert(fake_request_response(kept)->cut);
}
END_TEST

START_TEST(stop_cancels_what_is_left)
{
	flags = TRICORN_APP_EVENTED;
	run(pending);
	ck_assert_int_eq(tricorn_on_cancel(kept, (tricorn_fn)tricorn_abort,
			     kept),
	    TRICORN_OK);
	fake_host_stop(host);
	ck_assert(fake_request_response(kept)->finished);
}
END_TEST

/* --- applications that cannot be loaded ----------------------------------- */

START_TEST(what_cannot_be_loaded_is_explained)
{
	static const struct {
		const char *name, *option, *why;
	} cases[] = {
		{ "missing", NULL, "missing.so: cannot open" },
		{ "no_symbol", NULL, "has no symbol tricorn_app_v1" },
		{ "wrong_abi", NULL, "made for version 99 of the interface" },
		{ "refuses_host", NULL, "the application refuses this host" },
		{ "no_handle", NULL, "it has no handle()" },
		{ "broken", "load", "load() failed: the cellar is flooded" },
		{ "broken", "worker_start",
		    "worker_start() failed: the stairs are missing" },
		{ "broken", "thread_start",
		    "thread_start() failed with -6 and gave no reason" },
		{ "broken", "health",
		    "health() failed with -7 and gave no reason" },
	};
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/apps/%s.so", getenv("BUILD"),
	    cases[_i].name);
	if (cases[_i].option)
		fake_host_option(host, "fail", cases[_i].option);
	ck_assert_int_eq(fake_host_load(host, path), -1);
	ck_assert_msg(strstr(fake_host_error(host), cases[_i].why) != NULL,
	    "%s", fake_host_error(host));
}
END_TEST

static Suite *
fake_host_suite(void)
{
	Suite *suite = suite_create("fake_host");
	TCase *cases = tcase_create("fake_host");

	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_add_loop_test(cases, misuse_is_named, 0,
	    sizeof(misuses) / sizeof(misuses[0]));
	tcase_add_test_raise_signal(cases, misuse_ends_the_process, SIGABRT);
	tcase_add_test_raise_signal(cases, a_forgotten_request_is_a_misuse,
	    SIGABRT);
	tcase_add_test_raise_signal(cases, a_forgotten_release_is_a_misuse,
	    SIGABRT);
	tcase_add_test(cases, a_retained_request_can_be_read);
	tcase_add_test(cases, results_become_responses);
	tcase_add_test(cases, a_request_has_all_it_was_given);
	tcase_add_test(cases, the_loop_keeps_order);
	tcase_add_test(cases, cancel_is_told_once);
	tcase_add_test(cases, stop_cancels_what_is_left);
	tcase_add_loop_test(cases, what_cannot_be_loaded_is_explained, 0, 9);
	suite_add_tcase(suite, cases);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(fake_host_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
