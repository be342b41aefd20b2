/* SPDX-License-Identifier: MIT */
/*
 * The request parser's interface: limits other than the defaults, views,
 * moving, field look-up, reasons. What is right and wrong is in the corpus.
 */
#include <check.h>
#include <stdlib.h>

#include "http/request.h"

#define MAX_FIELDS 8

static struct http_field fields[MAX_FIELDS];
static struct http_request_head head;
static struct http_problem problem;

static enum http_parse
parse(struct str text, struct http_limits limits)
{
	head = (struct http_request_head){ .fields = fields };
	problem = (struct http_problem){ 0, NULL };
	return http_request_parse(text.data, text.length, &limits, &head,
	    &problem);
}

static const struct http_limits usual = { 4096, 1024, MAX_FIELDS };

START_TEST(limits_are_exact)
{
	struct str text = STR("GET /12345 HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n");
	struct http_limits limits = { text.length, 6, 2 };

	ck_assert_int_eq(parse(text, limits), HTTP_PARSE_DONE);
	limits.max_head--;
	ck_assert_int_eq(parse(text, limits), HTTP_PARSE_ERROR);
	ck_assert_int_eq(problem.status, 431);
	limits.max_head++;
	limits.max_target--;
	ck_assert_int_eq(parse(text, limits), HTTP_PARSE_ERROR);
	ck_assert_int_eq(problem.status, 414);
	limits.max_target++;
	limits.max_fields--;
	ck_assert_int_eq(parse(text, limits), HTTP_PARSE_ERROR);
	ck_assert_int_eq(problem.status, 431);
}
END_TEST

START_TEST(a_head_at_its_limit_may_be_followed)
{
	struct str text = STR("GET / HTTP/1.0\r\n\r\nbody and more");

	ck_assert_int_eq(parse(text, (struct http_limits){ 18, 8, 2 }),
	    HTTP_PARSE_DONE);
	ck_assert_uint_eq(head.size, 18);
	/* Not complete within the limit, though more bytes are there. */
	ck_assert_int_eq(parse(text, (struct http_limits){ 17, 8, 2 }),
	    HTTP_PARSE_ERROR);
	ck_assert_int_eq(problem.status, 431);
	/* At the limit but not beyond it: the end may still come. */
	ck_assert_int_eq(parse(str_make(text.data, 17),
			     (struct http_limits){ 17, 8, 2 }),
	    HTTP_PARSE_MORE);
}
END_TEST

START_TEST(every_refusal_gives_a_reason)
{
	static const char *const wrong[] = { "\n", "G(T", "GET  ",
		"GET / HTTP/2.0\r\n", "GET / HTTP/1.1\r\n A",
		"GET / HTTP/1.1\r\nA :", "GET / HTTP/1.1\r\n\r\n" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(parse(str_of(wrong[i]), usual),
		    HTTP_PARSE_ERROR);
		ck_assert_int_ge(problem.status, 400);
		ck_assert_uint_gt(strlen(problem.reason), 10);
	}
}
END_TEST

START_TEST(a_refused_head_keeps_what_was_read_for_the_log)
{
	ck_assert_int_eq(parse(STR("GET /a HTTP/1.1\r\nHost: a b\r\n\r\n"),
			     usual),
	    HTTP_PARSE_ERROR);
	ck_assert(str_equal(head.method, STR("GET")));
	ck_assert(str_equal(head.target, STR("/a")));
	ck_assert_int_eq(parse(STR("GET /\x01"), usual), HTTP_PARSE_ERROR);
	ck_assert(str_equal(head.method, STR("GET")));
	ck_assert_uint_eq(head.target.length, 0);
	ck_assert_int_eq(parse(STR("\x16\x03\x01"), usual), HTTP_PARSE_ERROR);
	ck_assert_uint_eq(head.method.length, 0);
}
END_TEST

START_TEST(a_moved_head_says_the_same)
{
	static const char text[] = "GET http://b/c?d HTTP/1.1\r\n"
				   "Host: a\r\nEmpty:\r\n\r\n";
	char copy[sizeof(text)];
	char gone[sizeof(text)];

	memcpy(gone, text, sizeof(text));
	memcpy(copy, text, sizeof(text));
	ck_assert_int_eq(parse(str_make(gone, sizeof(text) - 1), usual),
	    HTTP_PARSE_DONE);
	http_request_move(&head, gone, copy);
	memset(gone, '#', sizeof(gone));
	ck_assert(str_equal(head.method, STR("GET")));
	ck_assert(str_equal(head.target, STR("http://b/c?d")));
	ck_assert(str_equal(head.path, STR("/c")));
	ck_assert(str_equal(head.query, STR("d")));
	ck_assert(str_equal(head.host, STR("b")));
	ck_assert(str_equal(fields[0].name, STR("Host")));
	ck_assert(str_equal(fields[0].value, STR("a")));
	ck_assert(str_equal(fields[1].name, STR("Empty")));
	ck_assert_uint_eq(fields[1].value.length, 0);
	ck_assert(fields[1].value.data >= copy &&
	    fields[1].value.data < copy + sizeof(copy));
}
END_TEST

START_TEST(static_and_absent_views_do_not_move)
{
	struct str text = STR("GET http://b HTTP/1.0\r\n\r\n");
	char elsewhere[64];

	ck_assert_int_eq(parse(text, usual), HTTP_PARSE_DONE);
	memcpy(elsewhere, text.data, text.length);
	http_request_move(&head, text.data, elsewhere);
	ck_assert(str_equal(head.path, STR("/")));
	ck_assert_ptr_null(head.query.data);
	ck_assert(str_equal(head.host, STR("b")));
	ck_assert_int_eq(parse(STR("GET / HTTP/1.0\r\n\r\n"), usual),
	    HTTP_PARSE_DONE);
	ck_assert_ptr_null(head.host.data);
}
END_TEST

START_TEST(fields_are_found)
{
	const struct http_field *field;

	ck_assert_int_eq(parse(STR("GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n"
				   "Cookie: c\r\nx-one: 2\r\n\r\n"),
			     usual),
	    HTTP_PARSE_DONE);
	field = http_request_field(&head, STR("X-ONE"), 0);
	ck_assert_ptr_eq(field, &fields[1]);
	field = http_request_field(&head, STR("x-one"), 1);
	ck_assert_ptr_eq(field, &fields[3]);
	ck_assert_ptr_null(http_request_field(&head, STR("x-one"), 2));
	ck_assert_ptr_null(http_request_field(&head, STR("x-on"), 0));
	ck_assert_ptr_eq(http_request_field_id(&head, HTTP_FIELD_COOKIE),
	    &fields[2]);
	ck_assert_ptr_null(http_request_field_id(&head, HTTP_FIELD_RANGE));
}
END_TEST

START_TEST(method_ids)
{
	static const struct {
		const char *text;
		enum http_method method;
	} methods[] = {
		{ "GET / HTTP/1.0\r\n\r\n", HTTP_METHOD_GET },
		{ "HEAD / HTTP/1.0\r\n\r\n", HTTP_METHOD_HEAD },
		{ "POST / HTTP/1.0\r\n\r\n", HTTP_METHOD_POST },
		{ "PUT / HTTP/1.0\r\n\r\n", HTTP_METHOD_PUT },
		{ "DELETE / HTTP/1.0\r\n\r\n", HTTP_METHOD_DELETE },
		{ "CONNECT a:1 HTTP/1.0\r\n\r\n", HTTP_METHOD_CONNECT },
		{ "OPTIONS / HTTP/1.0\r\n\r\n", HTTP_METHOD_OPTIONS },
		{ "TRACE / HTTP/1.0\r\n\r\n", HTTP_METHOD_TRACE },
		{ "PATCH / HTTP/1.0\r\n\r\n", HTTP_METHOD_PATCH },
		{ "Get / HTTP/1.0\r\n\r\n", HTTP_METHOD_OTHER },
		{ "GETS / HTTP/1.0\r\n\r\n", HTTP_METHOD_OTHER },
		{ "G / HTTP/1.0\r\n\r\n", HTTP_METHOD_OTHER },
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		ck_assert_int_eq(parse(str_of(methods[i].text), usual),
		    HTTP_PARSE_DONE);
		ck_assert_int_eq(head.method_id, methods[i].method);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("request");
	TCase *tests = tcase_create("request");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, limits_are_exact);
	tcase_add_test(tests, a_head_at_its_limit_may_be_followed);
	tcase_add_test(tests, every_refusal_gives_a_reason);
	tcase_add_test(tests, a_refused_head_keeps_what_was_read_for_the_log);
	tcase_add_test(tests, a_moved_head_says_the_same);
	tcase_add_test(tests, static_and_absent_views_do_not_move);
	tcase_add_test(tests, fields_are_found);
	tcase_add_test(tests, method_ids);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
