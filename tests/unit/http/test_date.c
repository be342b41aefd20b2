/* SPDX-License-Identifier: MIT */
/* Dates: format against the C library, the three forms, what is refused. */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "http/date.h"

#define NOW INT64_C(1790000000) /* September 2026 */

static void
assert_format(int64_t seconds)
{
	char expected[64], text[HTTP_DATE_LENGTH];
	time_t time = (time_t)seconds;
	struct tm tm;

	gmtime_r(&time, &tm);
	strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	ck_assert_uint_eq(strlen(expected), HTTP_DATE_LENGTH);
	http_date_format(text, seconds);
	ck_assert_mem_eq(text, expected, HTTP_DATE_LENGTH);
}

START_TEST(format_agrees_with_the_c_library)
{
	/* A prime step walks through all hours and days of 2,000 years. */
	for (int64_t at = -2000000000; at < INT64_C(64000000000);
	     at += 7919 * 1013)
		assert_format(at);
	assert_format(0);
	assert_format(-1);
	assert_format(951782400);  /* 29 February 2000 */
	assert_format(4107542399); /* before 1 March 2100 */
}
END_TEST

START_TEST(format_clamps_years_of_five_digits)
{
	char text[HTTP_DATE_LENGTH];

	http_date_format(text, INT64_MAX);
	ck_assert_mem_eq(text, "Fri, 31 Dec 9999 23:59:59 GMT", sizeof(text));
	http_date_format(text, INT64_MIN);
	ck_assert_mem_eq(text, "Sat, 01 Jan 0000 00:00:00 GMT", sizeof(text));
}
END_TEST

START_TEST(cache_follows_the_second)
{
	struct http_date_cache cache = { 0 };
	struct str text = http_date_cached(&cache, 0);

	ck_assert(str_equal(text, STR("Thu, 01 Jan 1970 00:00:00 GMT")));
	text = http_date_cached(&cache, 784111777);
	ck_assert(str_equal(text, STR("Sun, 06 Nov 1994 08:49:37 GMT")));
	text = http_date_cached(&cache, 784111777);
	ck_assert(str_equal(text, STR("Sun, 06 Nov 1994 08:49:37 GMT")));
}
END_TEST

static int64_t
parse(const char *text)
{
	int64_t seconds = -77;

	if (!http_date_parse(str_of(text), NOW, &seconds))
		ck_abort_msg("refused: %s", text);
	return seconds;
}

START_TEST(three_forms_are_read)
{
	ck_assert_int_eq(parse("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
	ck_assert_int_eq(parse("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
	ck_assert_int_eq(parse("Sun Nov  6 08:49:37 1994"), 784111777);
	ck_assert_int_eq(parse("Wed Nov 16 08:49:37 1994"), 784975777);
	ck_assert_int_eq(parse("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
	ck_assert_int_eq(parse("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400);
	/* A leap second is the first second of the next minute. */
	ck_assert_int_eq(parse("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228800);
}
END_TEST

START_TEST(two_digit_years_are_at_most_fifty_ahead)
{
	/* 2026: "76" is ahead by 50, "77" by 51 and therefore past. */
	ck_assert_int_eq(parse("Wednesday, 01-Jan-76 00:00:00 GMT"),
	    INT64_C(3345062400));
	ck_assert_int_eq(parse("Saturday, 01-Jan-77 00:00:00 GMT"), 220924800);
	ck_assert_int_eq(parse("Thursday, 01-Jan-26 00:00:00 GMT"), 1767225600);
}
END_TEST

START_TEST(what_is_formatted_is_read_back)
{
	char text[HTTP_DATE_LENGTH];
	int64_t back;

	for (int64_t at = -50000000000; at < INT64_C(200000000000);
	     at += INT64_C(7919) * 100003) {
		http_date_format(text, at);
		ck_assert(http_date_parse(str_make(text, sizeof(text)), NOW,
		    &back));
		ck_assert_int_eq(back, at);
	}
}
END_TEST

static const char *const wrong[] = {
	"",
	"0",
	"Sun, 06 Nov 1994 08:49:37",
	"Sun, 06 Nov 1994 08:49:37 UTC",
	"Sun, 06 Nov 1994 08:49:37 GMT ",
	" Sun, 06 Nov 1994 08:49:37 GMT",
	"sun, 06 Nov 1994 08:49:37 GMT",
	"Sun, 06 nov 1994 08:49:37 GMT",
	"Sun, 6 Nov 1994 08:49:37 GMT",
	"Sun, 06 Nov 94 08:49:37 GMT",
	"Sun, 31 Feb 1994 08:49:37 GMT",
	"Sun, 29 Feb 1900 08:49:37 GMT",
	"Sun, 00 Nov 1994 08:49:37 GMT",
	"Sun, 06 Nov 1994 24:00:00 GMT",
	"Sun, 06 Nov 1994 08:60:37 GMT",
	"Sun, 06 Nov 1994 08:49:61 GMT",
	"Sun, 06 Nov 1994 8:49:37 GMT",
	"Sun, -6 Nov 1994 08:49:37 GMT",
	"Sunday, 06-Nov-1994 08:49:37 GMT",
	"Sunday, 06 Nov 94 08:49:37 GMT",
	"Sun Nov 6 08:49:37 1994",
	"Sun Nov  6 08:49:37 1994 GMT",
	"Sun Nov  6 08:49:37 94",
	"1994-11-06T08:49:37Z",
};

START_TEST(other_texts_are_refused)
{
	int64_t seconds;

	ck_assert_msg(!http_date_parse(str_of(wrong[_i]), NOW, &seconds),
	    "accepted: %s", wrong[_i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("date");
	TCase *tests = tcase_create("date");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, format_agrees_with_the_c_library);
	tcase_add_test(tests, format_clamps_years_of_five_digits);
	tcase_add_test(tests, cache_follows_the_second);
	tcase_add_test(tests, three_forms_are_read);
	tcase_add_test(tests, two_digit_years_are_at_most_fifty_ahead);
	tcase_add_test(tests, what_is_formatted_is_read_back);
	tcase_add_loop_test(tests, other_texts_are_refused, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
