/* SPDX-License-Identifier: MIT */
/* What exchanges check and answer themselves, between session and handler. */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serving.h"

#define DATE "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"

static struct serving serving;
static struct client client;
static struct exchange *kept;
static void (*act)(struct exchange *);
static unsigned starts, cancels;

static const struct http_field date_field = { STR("Date"),
	STR("Thu, 01 Jan 1970 00:00:00 GMT"), HTTP_FIELD_DATE };

static void
start(struct exchange *exchange)
{
	starts++;
	act(exchange);
}

static void
cancel(struct exchange *exchange, enum exchange_cancel why)
{
	cancels++;
	kept = NULL;
}

static const struct handler_ops handler = { .name = "test",
	.start = start,
	.cancel = cancel };

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
	serving_end(&serving);
	client_close(&client);
}

static void
reply_ok(struct exchange *exchange)
{
	exchange_reply(exchange, 200, &date_field, 1, STR("ok"));
}

#define OK "HTTP/1.1 200 OK\r\n" DATE "Content-Length: 2\r\n\r\nok"

/* --- before the handler --------------------------------------------------- */

START_TEST(no_route_is_404)
{
	serving.match[0] = (char *)"/only/";
	begin();
	client_send(&client, GET("/other"));
	client_expect(&client, "HTTP/1.1 404 Not Found\r\n");
	client_skip_past(&client, "\r\n\r\n404 Not Found\n");
	ck_assert_uint_eq(starts, 0);
}
END_TEST

START_TEST(a_missing_slash_is_redirected_within_this_server)
{
	serving.match[0] = (char *)"/only/";
	begin();
	client_send(&client, GET("/only?a=b"));
	client_expect(&client, "HTTP/1.1 301 Moved Permanently\r\n");
	client_skip_past(&client, "\r\nLocation: /only/?a=b\r\n");
	client_skip_past(&client, "\r\n\r\n");
}
END_TEST

static char seen_text[100];

static void
note_path(struct exchange *exchange)
{
	snprintf(seen_text, sizeof(seen_text), "%.*s|%.*s",
	    STR_ARG(exchange->path), STR_ARG(exchange_mount(exchange)));
	reply_ok(exchange);
}

START_TEST(the_handler_sees_the_decoded_path_and_its_mount)
{
	serving.match[0] = (char *)"/only/";
	act = note_path;
	begin();
	client_send(&client, GET("/x/../only/%41/./b?c"));
	client_expect(&client, OK);
	ck_assert_str_eq(seen_text, "/only/A/b|/only");
}
END_TEST

START_TEST(a_path_that_cannot_be_is_refused)
{
	begin();
	client_send(&client, GET("/%00"));
	client_expect(&client, "HTTP/1.1 400 ");
	ck_assert_uint_eq(starts, 0);
}
END_TEST

START_TEST(options_of_the_server_are_answered)
{
	begin();
	client_send(&client, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
	client_expect(&client, "HTTP/1.1 204 No Content\r\n");
	client_skip_past(&client, "Allow: GET, HEAD");
	client_skip_past(&client, "\r\n\r\n");
	client_expect_nothing(&client);
}
END_TEST

START_TEST(the_route_limits_bodies_before_the_pool)
{
	serving.route.max_body = 5;
	act = reply_ok;
	begin();
	client_send(&client,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n123456");
	client_expect(&client, "HTTP/1.1 413 ");
	ck_assert_uint_eq(starts, 0);
	client_skip_past(&client, "413 Content Too Large\n");
	client_send(&client,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345");
	client_expect(&client, OK);
}
END_TEST

/* --- what handlers may answer --------------------------------------------- */

static void
respond_badly(struct exchange *exchange)
{
	static const struct http_field bad[] = {
		{ STR("A b"), STR("c"), HTTP_FIELD_OTHER },
		{ STR("A"), STR("b\r\nC: d"), HTTP_FIELD_OTHER },
		{ STR("Connection"), STR("close"), HTTP_FIELD_OTHER },
		{ STR("Transfer-Encoding"), STR("chunked"), HTTP_FIELD_OTHER },
	};
	const char *problem = NULL;

	ck_assert_int_eq(exchange_respond(exchange, 100, NULL, 0, 0, &problem),
	    -1);
	ck_assert_ptr_nonnull(problem);
	ck_assert_int_eq(exchange_respond(exchange, 600, NULL, 0, 0, &problem),
	    -1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct http_field fields[] = { date_field, bad[i] };

		problem = NULL;
		ck_assert_int_eq(exchange_respond(exchange, 200, fields, 2, 0,
				     &problem),
		    -1);
		ck_assert_ptr_nonnull(problem);
		ck_assert_int_eq(exchange->status, 0);
	}
	/* No Date of its own: the server's is not left out. */
	exchange_reply(exchange, 200, NULL, 0, STR("ok"));
}

START_TEST(fields_that_may_not_be_sent_are_refused_and_nothing_was_sent)
{
	act = respond_badly;
	begin();
	client_send(&client, GET("/"));
	client_expect(&client, "HTTP/1.1 200 OK\r\nDate: ");
	client_skip_past(&client, "\r\nContent-Length: 2\r\n\r\nok");
}
END_TEST

static void
respond_twice(struct exchange *exchange)
{
	const struct http_field fields[] = { date_field,
		{ STR("Content-Length"), STR("77"), HTTP_FIELD_OTHER } };
	const char *problem;

	ck_assert_int_eq(exchange_respond(exchange, 200, fields, 2, 2,
			     &problem),
	    0);
	ck_assert_int_eq(exchange_respond(exchange, 200, fields, 1, 2,
			     &problem),
	    -1);
	exchange_inform(exchange, 103, NULL, 0); /* too late: nothing */
	exchange_write(exchange, "ok", 2);
	exchange_write(exchange, NULL, 0);
	exchange_finish(exchange, NULL, 0);
}

START_TEST(a_second_response_is_refused_and_the_length_is_the_servers)
{
	act = respond_twice;
	begin();
	client_send(&client, GET("/"));
	client_expect(&client, OK);
	client_expect_nothing(&client);
}
END_TEST

START_TEST(the_routes_fields_are_added)
{
	struct config_pair pair = { (char *)"X-Frame-Options", (char *)"DENY" };

	serving.route.headers.items = &pair;
	serving.route.headers.count = 1;
	act = reply_ok;
	begin();
	client_send(&client, GET("/"));
	client_expect(&client,
	    "HTTP/1.1 200 OK\r\n" DATE "X-Frame-Options: DENY\r\n"
	    "Content-Length: 2\r\n\r\nok");
}
END_TEST

static void
fail_late(struct exchange *exchange)
{
	const char *problem;

	ck_assert_int_eq(exchange_respond(exchange, 200, &date_field, 1, 10,
			     &problem),
	    0);
	exchange_write(exchange, "abc", 3);
	exchange_fail(exchange, 500, "too late");
}

START_TEST(a_failure_in_the_body_cuts_the_connection)
{
	act = fail_late;
	begin();
	client_send(&client, GET("/") GET("/"));
	client_skip_past(&client, "\r\n\r\n");
	client_shutdown(&client);
	client_expect_end(&client, "abc");
	ck_assert_uint_eq(starts, 1);
}
END_TEST

static void
answer_without_body(struct exchange *exchange)
{
	exchange_reply(exchange, 304, &date_field, 1, STR("ignored"));
}

START_TEST(status_304_has_no_body)
{
	act = answer_without_body;
	begin();
	client_send(&client, GET("/"));
	client_expect(&client, "HTTP/1.1 304 Not Modified\r\n" DATE "\r\n");
	client_expect_nothing(&client);
}
END_TEST

/* --- references ----------------------------------------------------------- */

static void
keep(struct exchange *exchange)
{
	exchange_ref(exchange);
	kept = exchange;
	reply_ok(exchange);
}

/* All calls are harmless behind the end. */
static void
use_kept(void)
{
	const char *problem;
	int fds[2];

	ck_assert_int_eq(exchange_respond(kept, 200, NULL, 0, 0, &problem), 0);
	ck_assert_uint_eq(exchange_room(kept), SIZE_MAX);
	exchange_write(kept, "x", 1);
	ck_assert_int_eq(pipe(fds), 0);
	exchange_send_file(kept, fds[0], 0, 1);
	ck_assert_int_lt(fcntl(fds[0], F_GETFD), 0);
	close(fds[1]);
	exchange_flush(kept);
	exchange_want_body(kept, 10);
	exchange_inform(kept, 103, NULL, 0);
	exchange_finish(kept, NULL, 0);
	exchange_abort(kept);
	ck_assert_ptr_null(exchange_peer(kept));
	ck_assert(str_equal(kept->path, STR("/kept")));
}

START_TEST(a_kept_exchange_outlives_its_connection)
{
	act = keep;
	begin();
	client_send(&client, GET("/kept"));
	client_expect(&client, OK);
	use_kept();
	client_shutdown(&client);
	client_expect_end(&client, "");
	serving_settle(&serving);
	use_kept();
	exchange_unref(kept);
	ck_assert_ptr_eq(serving.context.free_exchanges, kept);
}
END_TEST

static void *
unref_main(void *arg)
{
	exchange_unref(arg);
	return NULL;
}

START_TEST(the_last_reference_may_end_on_any_thread)
{
	pthread_t id;

	act = keep;
	begin();
	client_send(&client, GET("/kept"));
	client_expect(&client, OK);
	ck_assert_ptr_null(serving.context.free_exchanges);
	pthread_create(&id, NULL, unref_main, kept);
	pthread_join(id, NULL);
	serving_settle(&serving);
	ck_assert_ptr_eq(serving.context.free_exchanges, kept);
	/* And it is used again. */
	act = reply_ok;
	client_send(&client, GET("/"));
	client_expect(&client, OK);
	ck_assert_uint_eq(serving.context.free_exchange_count, 1);
}
END_TEST

static void
note_peer(struct exchange *exchange)
{
	const struct exchange_peer *peer = exchange_peer(exchange);

	ck_assert_ptr_eq(peer, exchange_peer(exchange));
	ck_assert(str_equal(peer->scheme, STR("http")));
	ck_assert(str_equal(peer->peer_address, STR("")));
	exchange_ref(exchange);
	kept = exchange;
	reply_ok(exchange);
}

START_TEST(addresses_are_known_as_long_as_the_exchange)
{
	const struct exchange_peer *peer;

	act = note_peer;
	begin();
	client_send(&client, GET("/"));
	client_expect(&client, OK);
	peer = exchange_peer(kept);
	client_shutdown(&client);
	client_expect_end(&client, "");
	serving_settle(&serving);
	ck_assert(str_equal(peer->scheme, STR("http")));
	exchange_unref(kept);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exchange");
	TCase *tests = tcase_create("exchange");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 50);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, no_route_is_404);
	tcase_add_test(tests, a_missing_slash_is_redirected_within_this_server);
	tcase_add_test(tests, the_handler_sees_the_decoded_path_and_its_mount);
	tcase_add_test(tests, a_path_that_cannot_be_is_refused);
	tcase_add_test(tests, options_of_the_server_are_answered);
	tcase_add_test(tests, the_route_limits_bodies_before_the_pool);
	tcase_add_test(tests,
	    fields_that_may_not_be_sent_are_refused_and_nothing_was_sent);
	tcase_add_test(tests,
	    a_second_response_is_refused_and_the_length_is_the_servers);
	tcase_add_test(tests, the_routes_fields_are_added);
	tcase_add_test(tests, a_failure_in_the_body_cuts_the_connection);
	tcase_add_test(tests, status_304_has_no_body);
	tcase_add_test(tests, a_kept_exchange_outlives_its_connection);
	tcase_add_test(tests, the_last_reference_may_end_on_any_thread);
	tcase_add_test(tests, addresses_are_known_as_long_as_the_exchange);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
