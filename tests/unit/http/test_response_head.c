/* SPDX-License-Identifier: MIT */
/* Heads of responses from upstreams: what is read and what is refused. */
#include <check.h>
#include <stdlib.h>

#include "base/memory.h"
#include "http/response_head.h"

#define MAX_FIELDS 4
#define NONE HTTP_RESPONSE_BODY_NONE
#define LENGTH HTTP_RESPONSE_BODY_LENGTH
#define CHUNKED HTTP_RESPONSE_BODY_CHUNKED
#define UNTIL_CLOSE HTTP_RESPONSE_BODY_UNTIL_CLOSE
#define GET HTTP_METHOD_GET
#define HEAD HTTP_METHOD_HEAD
#define CONNECT HTTP_METHOD_CONNECT
#define OK "HTTP/1.1 200 OK\r\n"

static const struct http_limits limits = {
	.max_head = 200,
	.max_fields = MAX_FIELDS,
};

static const struct {
	struct str text;
	enum http_method method;
	int status;
	enum http_response_body body;
	int64_t length;
	bool keep_alive, upgrade;
} good[] = {
	{ STR(OK "Content-Length: 5\r\n\r\nhello"), GET, 200, LENGTH, 5, true,
	    false },
	{ STR(OK "Content-Length: 0\r\n\r\n"), GET, 200, LENGTH, 0, true,
	    false },
	{ STR(OK "Transfer-Encoding: chunked\r\n\r\n"), GET, 200, CHUNKED, -1,
	    true, false },
	{ STR(OK "\r\n"), GET, 200, UNTIL_CLOSE, -1, false, false },
	{ STR(OK "Connection: close\r\nContent-Length: 5\r\n\r\n"), GET, 200,
	    LENGTH, 5, false, false },
	{ STR("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n"), GET, 200, LENGTH,
	    5, false, false },
	{ STR("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
	      "Content-Length: 5\r\n\r\n"),
	    GET, 200, LENGTH, 5, true, false },
	{ STR("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n"), GET, 200,
	    UNTIL_CLOSE, -1, false, false },
	{ STR(OK "Content-Length: 5\r\n\r\n"), HEAD, 200, NONE, 5, true,
	    false },
	{ STR(OK "Transfer-Encoding: chunked\r\n\r\n"), HEAD, 200, NONE, -1,
	    true, false },
	{ STR(OK "\r\n"), HEAD, 200, NONE, -1, true, false },
	{ STR("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), GET,
	    304, NONE, 5, true, false },
	{ STR("HTTP/1.1 204 No Content\r\n\r\n"), GET, 204, NONE, -1, true,
	    false },
	{ STR("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"), GET, 204,
	    NONE, 0, true, false },
	{ STR("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"), GET,
	    204, NONE, 5, false, false },
	{ STR("HTTP/1.1 204 A\r\nTransfer-Encoding: chunked\r\n\r\n"), GET, 204,
	    NONE, -1, false, false },
	{ STR("HTTP/1.1 100 Continue\r\n\r\n"), GET, 100, NONE, -1, true,
	    false },
	{ STR("HTTP/1.1 101 A\r\nConnection: upgrade\r\nUpgrade: b\r\n\r\n"),
	    GET, 101, NONE, -1, true, true },
	{ STR(OK "Connection: upgrade\r\nUpgrade: b\r\nContent-Length: 1\r\n"
		 "\r\n"),
	    GET, 200, LENGTH, 1, true, false },
	{ STR("HTTP/1.1 200 \r\n\r\n"), CONNECT, 200, NONE, -1, true, false },
	{ STR("HTTP/1.1 407\r\nContent-Length: 1\r\n\r\n"), CONNECT, 407,
	    LENGTH, 1, true, false },
	{ STR("HTTP/1.1 599 \xc3\xa9\r\nContent-Length: 1\r\n\r\n"), GET, 599,
	    LENGTH, 1, true, false },
};

static enum http_parse
parse_copy(struct str text, enum http_method method,
    struct http_response_head *head, struct http_problem *problem)
{
	char *copy = xmalloc(text.length > 0 ? text.length : 1);
	enum http_parse result;

	memcpy(copy, text.data, text.length);
	result = http_response_head_parse(copy, text.length, method, &limits,
	    head, problem);
	free(copy);
	return result;
}

START_TEST(good_heads)
{
	struct http_field fields[MAX_FIELDS];
	struct http_response_head head = { .fields = fields };
	struct http_problem problem;
	struct str text = good[_i].text;
	size_t length = 0;

	while (parse_copy(str_make(text.data, length), good[_i].method, &head,
		   &problem) == HTTP_PARSE_MORE)
		ck_assert_uint_lt(length++, text.length);
	ck_assert_int_eq(parse_copy(text, good[_i].method, &head, &problem),
	    HTTP_PARSE_DONE);
	ck_assert_uint_eq(head.size, length);
	ck_assert_mem_eq(text.data + length - 4, "\r\n\r\n", 4);
	ck_assert_int_eq(head.status, good[_i].status);
	ck_assert_int_eq(head.body, good[_i].body);
	ck_assert_int_eq(head.content_length, good[_i].length);
	ck_assert_int_eq(head.keep_alive, good[_i].keep_alive);
	ck_assert_int_eq(head.upgrade, good[_i].upgrade);
}
END_TEST

static const struct str bad[] = {
	STR("\r\n" OK "\r\n"),
	STR("HTTP/1.2 200 OK\r\n\r\n"),
	STR("HTTP/2 200 OK\r\n\r\n"),
	STR("HTTP/2.0 200 OK\r\n\r\n"),
	STR("http/1.1 200 OK\r\n\r\n"),
	STR("ICY 200 OK\r\n\r\n"),
	STR("HTTP/1.1  200 OK\r\n\r\n"),
	STR("HTTP/1.1 20 OK\r\n\r\n"),
	STR("HTTP/1.1 2000 OK\r\n\r\n"),
	STR("HTTP/1.1 099 OK\r\n\r\n"),
	STR("HTTP/1.1 600 OK\r\n\r\n"),
	STR("HTTP/1.1 20x OK\r\n\r\n"),
	STR("HTTP/1.1 200 OK\n\r\n"),
	STR("HTTP/1.1 200 O\0K\r\n\r\n"),
	STR("HTTP/1.1 200 O\rK\r\n\r\n"),
	STR(OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"),
	STR(OK "Content-Length: 5, 5\r\n\r\n"),
	STR(OK "Content-Length: -1\r\n\r\n"),
	STR(OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
	STR(OK "Transfer-Encoding: gzip, chunked\r\n\r\n"),
	STR(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
	       "\r\n"),
	STR("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
	STR(OK "A : b\r\n\r\n"),
	STR(OK " A: b\r\n\r\n"),
	STR(OK "A: b\r\n c\r\n\r\n"),
	STR(OK "A: b\n\r\n"),
	STR(OK "A: \0\r\n\r\n"),
	STR(OK "A\r\n\r\n"),
	STR(OK "A:1\r\nA:2\r\nA:3\r\nA:4\r\nA:5\r\n\r\n"),
	STR(OK "A: 01234567890123456789012345678901234567890123456789012345678"
	       "90123456789012345678901234567890123456789012345678901234567890"
	       "12345678901234567890123456789012345678901234567890123456789012"
	       "34567890\r\n\r\n"),
};

START_TEST(bad_heads)
{
	struct http_field fields[MAX_FIELDS];
	struct http_response_head head = { .fields = fields };
	struct http_problem problem = { 0, NULL };
	enum http_parse result = HTTP_PARSE_MORE;

	for (size_t length = 0; length <= bad[_i].length; length++) {
		enum http_parse before = result;

		result = parse_copy(str_make(bad[_i].data, length), GET, &head,
		    &problem);
		if (before == HTTP_PARSE_ERROR)
			ck_assert_int_eq(result, before);
		ck_assert_int_ne(result, HTTP_PARSE_DONE);
	}
	ck_assert_msg(result == HTTP_PARSE_ERROR, "not refused: %s",
	    bad[_i].data);
	ck_assert_int_eq(problem.status, 502);
	ck_assert_ptr_nonnull(problem.reason);
}
END_TEST

START_TEST(parts_are_views)
{
	struct http_field fields[MAX_FIELDS];
	struct http_response_head head = { .fields = fields };
	struct http_problem problem;
	struct str text = STR("HTTP/1.1 404 Not here\r\nServer: x\r\n"
			      "Location: /a\r\n\r\n");
	const struct http_field *field;

	ck_assert_int_eq(http_response_head_parse(text.data, text.length, GET,
			     &limits, &head, &problem),
	    HTTP_PARSE_DONE);
	ck_assert(str_equal(head.reason, STR("Not here")));
	ck_assert_uint_eq(head.version_minor, 1);
	ck_assert_uint_eq(head.field_count, 2);
	field = http_response_head_field(&head, HTTP_FIELD_LOCATION);
	ck_assert_ptr_eq(field, &fields[1]);
	ck_assert(str_equal(field->value, STR("/a")));
	ck_assert_ptr_null(http_response_head_field(&head, HTTP_FIELD_UPGRADE));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("response head");
	TCase *tests = tcase_create("response head");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, good_heads, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tests, bad_heads, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tests, parts_are_views);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
