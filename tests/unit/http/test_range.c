/* SPDX-License-Identifier: MIT */
/* Byte ranges: read, cut, merged, bounded. */
#include <check.h>
#include <stdlib.h>

#include <stdio.h>

#include "http/range.h"

static const struct {
	const char *value;
	uint64_t length;
	const char *expected; /* "ignore", "unsatisfiable" or the ranges */
} cases[] = {
	{ "bytes=0-499", 1000, "0-499" },
	{ "bytes=500-", 1000, "500-999" },
	{ "bytes=-500", 1000, "500-999" },
	{ "bytes=-5000", 1000, "0-999" },
	{ "bytes=0-0", 1, "0-0" },
	{ "bytes=0-5000", 1000, "0-999" },
	{ "Bytes=0-1", 10, "0-1" },
	{ "bytes=0-99999999999999999999999", 10, "0-9" },
	{ "bytes=-99999999999999999999999", 10, "0-9" },
	{ "bytes=99999999999999999999999-", 10, "unsatisfiable" },
	{ "bytes=10-", 10, "unsatisfiable" },
	{ "bytes=-0", 10, "unsatisfiable" },
	{ "bytes=0-", 0, "unsatisfiable" },
	{ "bytes=-5", 0, "ignore" },
	{ "bytes=20-30,40-50", 10, "unsatisfiable" },
	{ "bytes=20-30, 0-1", 10, "0-1" },
	{ "bytes=0-1,4-5", 10, "0-1 4-5" },
	{ "bytes=6-7 , 2-3", 10, "6-7 2-3" },
	{ "bytes=0-1,,4-5,", 10, "0-1 4-5" },
	{ "bytes=0-4,3-6", 10, "0-6" },
	{ "bytes=0-4,5-6", 10, "0-6" },
	{ "bytes=5-6,0-4", 10, "0-6" },
	{ "bytes=0-1,8-9,1-8", 10, "0-9" },
	{ "bytes=0-,0-,0-,0-", 10, "0-9" },
	{ "bytes=0-1,3-4,6-7,2-2", 10, "6-7 0-4" },
	{ "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,"
	  "22-22,24-24,26-26,28-28,30-30",
	    100,
	    "0-0 2-2 4-4 6-6 8-8 10-10 12-12 14-14 16-16 18-18 20-20 22-22 "
	    "24-24 26-26 28-28 30-30" },
	{ "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,"
	  "22-22,24-24,26-26,28-28,30-30,32-32",
	    100, "ignore" },
	{ "bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-", 10,
	    "ignore" },
	{ "", 10, "ignore" },
	{ "bytes", 10, "ignore" },
	{ "bytes=", 10, "ignore" },
	{ "bytes=,", 10, "ignore" },
	{ "bytes=-", 10, "ignore" },
	{ "bytes=5", 10, "ignore" },
	{ "bytes=5-3", 10, "ignore" },
	{ "bytes=a-b", 10, "ignore" },
	{ "bytes=0-1x", 10, "ignore" },
	{ "bytes=0 - 1", 10, "ignore" },
	{ "bytes=+0-1", 10, "ignore" },
	{ "bytes=--1", 10, "ignore" },
	{ "bytes=0-1-2", 10, "ignore" },
	{ "bytes=0-1,x", 10, "ignore" },
	{ "bytes =0-1", 10, "ignore" },
	{ "items=0-1", 10, "ignore" },
};

START_TEST(ranges_of_values)
{
	char text[512] = "";
	struct http_ranges ranges;
	size_t used = 0;

	switch (http_range_parse(str_of(cases[_i].value), cases[_i].length,
	    &ranges)) {
	case HTTP_RANGE_IGNORE:
		strcpy(text, "ignore");
		break;
	case HTTP_RANGE_UNSATISFIABLE:
		strcpy(text, "unsatisfiable");
		break;
	case HTTP_RANGE_PARTIAL:
		for (size_t i = 0; i < ranges.count; i++)
			used +=
			    (size_t)snprintf(text + used, sizeof(text) - used,
				"%s%llu-%llu", i > 0 ? " " : "",
				(unsigned long long)ranges.at[i].first,
				(unsigned long long)ranges.at[i].last);
	}
	ck_assert_str_eq(text, cases[_i].expected);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("range");
	TCase *tests = tcase_create("range");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, ranges_of_values, 0,
	    sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
