/* SPDX-License-Identifier: MIT */
/* Preconditions: every rule of RFC 9110 13 that decides an answer. */
#include <check.h>
#include <stdlib.h>

#include <stdio.h>

#include "http/conditional.h"

/* The representation: changed on 6 November 1994, asked for a day later. */
#define MODIFIED 784111777
#define NOW (MODIFIED + 86400)
#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

#define SEND HTTP_CONDITION_SEND
#define NOT_MODIFIED HTTP_CONDITION_NOT_MODIFIED
#define FAILED HTTP_CONDITION_PRECONDITION_FAILED

static const struct {
	const char *method;
	const char *fields; /* each with its CRLF */
	const char *etag;
	enum http_condition expected;
	bool use_range;
} cases[] = {
	{ "GET", "", "\"a\"", SEND, true },
	{ "HEAD", "", "\"a\"", SEND, false },
	{ "POST", "", "\"a\"", SEND, false },
	/* If-Match: strong comparison. */
	{ "GET", "If-Match: \"a\"\r\n", "\"a\"", SEND, true },
	{ "GET", "If-Match: \"b\"\r\n", "\"a\"", FAILED, false },
	{ "PUT", "If-Match: \"b\", \"a\"\r\n", "\"a\"", SEND, false },
	{ "PUT", "If-Match: \"b\"\r\nIf-Match: \"a\"\r\n", "\"a\"", SEND,
	    false },
	{ "PUT", "If-Match: *\r\n", "\"a\"", SEND, false },
	{ "PUT", "If-Match: *\r\n", "", SEND, false },
	{ "PUT", "If-Match: W/\"a\"\r\n", "W/\"a\"", FAILED, false },
	{ "PUT", "If-Match: \"a\"\r\n", "W/\"a\"", FAILED, false },
	{ "PUT", "If-Match: \"a\"\r\n", "", FAILED, false },
	{ "PUT", "If-Match: a\r\n", "\"a\"", FAILED, false },
	{ "PUT", "If-Match:\r\n", "\"a\"", FAILED, false },
	/* If-Unmodified-Since, unless If-Match is there. */
	{ "GET", "If-Unmodified-Since: " THEN "\r\n", "", SEND, true },
	{ "GET", "If-Unmodified-Since: " AFTER "\r\n", "", SEND, true },
	{ "GET", "If-Unmodified-Since: " BEFORE "\r\n", "", FAILED, false },
	{ "GET", "If-Unmodified-Since: yesterday\r\n", "", SEND, true },
	{ "GET", "If-Match: \"a\"\r\nIf-Unmodified-Since: " BEFORE "\r\n",
	    "\"a\"", SEND, true },
	/* If-None-Match: weak comparison. */
	{ "GET", "If-None-Match: \"a\"\r\n", "\"a\"", NOT_MODIFIED, false },
	{ "HEAD", "If-None-Match: \"a\"\r\n", "\"a\"", NOT_MODIFIED, false },
	{ "GET", "If-None-Match: W/\"a\"\r\n", "\"a\"", NOT_MODIFIED, false },
	{ "GET", "If-None-Match: \"a\"\r\n", "W/\"a\"", NOT_MODIFIED, false },
	{ "GET", "If-None-Match: \"b\", W/\"c\",\"a\"\r\n", "\"a\"",
	    NOT_MODIFIED, false },
	{ "GET", "If-None-Match: *\r\n", "\"a\"", NOT_MODIFIED, false },
	{ "PUT", "If-None-Match: *\r\n", "\"a\"", FAILED, false },
	{ "PUT", "If-None-Match: \"a\"\r\n", "\"a\"", FAILED, false },
	{ "GET", "If-None-Match: \"b\"\r\n", "\"a\"", SEND, true },
	{ "GET", "If-None-Match: \"A\"\r\n", "\"a\"", SEND, true },
	{ "GET", "If-None-Match: a\r\n", "\"a\"", SEND, true },
	{ "GET", "If-None-Match: w/\"a\"\r\n", "\"a\"", SEND, true },
	{ "GET", "If-None-Match: \"a\r\n", "\"a\"", SEND, true },
	{ "GET", "If-None-Match: \"b, \"a\"\r\n", "\"a\"", SEND, true },
	/* If-Modified-Since, unless If-None-Match is there. */
	{ "GET", "If-Modified-Since: " THEN "\r\n", "", NOT_MODIFIED, false },
	{ "HEAD", "If-Modified-Since: " AFTER "\r\n", "", NOT_MODIFIED, false },
	{ "GET", "If-Modified-Since: " BEFORE "\r\n", "", SEND, true },
	{ "POST", "If-Modified-Since: " THEN "\r\n", "", SEND, false },
	{ "GET", "If-Modified-Since: yesterday\r\n", "", SEND, true },
	{ "GET",
	    "If-Modified-Since: " THEN "\r\nIf-Modified-Since: " THEN "\r\n",
	    "", SEND, true },
	{ "GET", "If-None-Match: \"b\"\r\nIf-Modified-Since: " THEN "\r\n",
	    "\"a\"", SEND, true },
	{ "GET", "If-None-Match: \"a\"\r\nIf-Modified-Since: " BEFORE "\r\n",
	    "\"a\"", NOT_MODIFIED, false },
	/* If-Match is settled before If-None-Match. */
	{ "GET", "If-None-Match: \"a\"\r\nIf-Match: \"b\"\r\n", "\"a\"", FAILED,
	    false },
	{ "GET", "If-None-Match: \"a\"\r\nIf-Match: \"a\"\r\n", "\"a\"",
	    NOT_MODIFIED, false },
	/* If-Range: strong comparison, or the very date. */
	{ "GET", "If-Range: \"a\"\r\n", "\"a\"", SEND, true },
	{ "GET", "If-Range: \"b\"\r\n", "\"a\"", SEND, false },
	{ "GET", "If-Range: W/\"a\"\r\n", "W/\"a\"", SEND, false },
	{ "GET", "If-Range: \"a\", \"b\"\r\n", "\"a\"", SEND, false },
	{ "GET", "If-Range: *\r\n", "\"a\"", SEND, false },
	{ "GET", "If-Range: \"a\"\r\n", "", SEND, false },
	{ "GET", "If-Range: " THEN "\r\n", "\"a\"", SEND, true },
	{ "GET", "If-Range: " AFTER "\r\n", "\"a\"", SEND, false },
	{ "GET", "If-Range: " BEFORE "\r\n", "\"a\"", SEND, false },
	{ "GET", "If-Range: nonsense\r\n", "\"a\"", SEND, false },
};

static enum http_condition
evaluate(const char *method, const char *fields,
    const struct http_validators *current, int64_t now, bool *use_range)
{
	static const struct http_limits limits = { 4096, 1024, 8 };
	struct http_field array[8];
	struct http_request_head head = { .fields = array };
	struct http_problem problem;
	char text[1024];
	int length = snprintf(text, sizeof(text),
	    "%s / HTTP/1.1\r\nHost: a\r\n%s\r\n", method, fields);

	ck_assert_int_eq(http_request_parse(text, (size_t)length, &limits,
			     &head, &problem),
	    HTTP_PARSE_DONE);
	return http_conditional_evaluate(&head, current, now, use_range);
}

START_TEST(conditions)
{
	struct http_validators current = { str_of(cases[_i].etag), MODIFIED };
	bool use_range;

	ck_assert_msg(evaluate(cases[_i].method, cases[_i].fields, &current,
			  NOW, &use_range) == cases[_i].expected,
	    "%s with %s", cases[_i].method, cases[_i].fields);
	ck_assert_msg(use_range == cases[_i].use_range, "range: %s with %s",
	    cases[_i].method, cases[_i].fields);
}
END_TEST

START_TEST(unknown_dates_decide_nothing)
{
	struct http_validators current = { STR(""), -1 };

	ck_assert_int_eq(evaluate("GET", "If-Modified-Since: " THEN "\r\n",
			     &current, NOW, NULL),
	    SEND);
	ck_assert_int_eq(evaluate("GET", "If-Unmodified-Since: " THEN "\r\n",
			     &current, NOW, NULL),
	    SEND);
}
END_TEST

START_TEST(a_date_of_this_second_is_no_strong_validator)
{
	struct http_validators current = { STR(""), MODIFIED };
	bool use_range;

	evaluate("GET", "If-Range: " THEN "\r\n", &current, MODIFIED,
	    &use_range);
	ck_assert(!use_range);
}
END_TEST

START_TEST(etag_lists)
{
	struct str rest =
	    STR(" , \"a,b\" ,, W/\"\"\t, \"\x80!\",\"c\"x, \"d\"");
	struct http_etag etag;

	ck_assert_int_eq(http_etag_next(&rest, &etag), HTTP_ETAG_FOUND);
	ck_assert(str_equal(etag.opaque, STR("\"a,b\"")));
	ck_assert(!etag.weak);
	ck_assert_int_eq(http_etag_next(&rest, &etag), HTTP_ETAG_FOUND);
	ck_assert(str_equal(etag.opaque, STR("\"\"")));
	ck_assert(etag.weak);
	ck_assert_int_eq(http_etag_next(&rest, &etag), HTTP_ETAG_FOUND);
	ck_assert(str_equal(etag.opaque, STR("\"\x80!\"")));
	ck_assert_int_eq(http_etag_next(&rest, &etag), HTTP_ETAG_MALFORMED);
	ck_assert_int_eq(http_etag_next(&rest, &etag), HTTP_ETAG_END);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conditional");
	TCase *tests = tcase_create("conditional");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, conditions, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, unknown_dates_decide_nothing);
	tcase_add_test(tests, a_date_of_this_second_is_no_strong_validator);
	tcase_add_test(tests, etag_lists);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
