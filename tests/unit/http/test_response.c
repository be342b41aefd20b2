/* SPDX-License-Identifier: MIT */
/* Status lines, and which response fields may be sent. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/response.h"

START_TEST(known_lines)
{
	ck_assert(str_equal(http_status_line(200), STR("HTTP/1.1 200 OK\r\n")));
	ck_assert(str_equal(http_status_line(404),
	    STR("HTTP/1.1 404 Not Found\r\n")));
	ck_assert(str_equal(http_status_reason(431),
	    STR("Request Header Fields Too Large")));
}
END_TEST

START_TEST(unknown_codes_have_no_line)
{
	static const int codes[] = { 0, 99, 199, 418, 499, 599, 600, -1,
		100000 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		ck_assert_ptr_null(http_status_line(codes[i]).data);
		ck_assert_uint_eq(http_status_reason(codes[i]).length, 0);
	}
}
END_TEST

START_TEST(every_line_is_well_formed)
{
	int count = 0;

	for (int status = 100; status <= 999; status++) {
		char expected[HTTP_STATUS_LINE_MAX], line[HTTP_STATUS_LINE_MAX];
		struct str reason = http_status_reason(status);
		size_t length = http_write_status_line(line, status);

		ck_assert_int_eq(snprintf(expected, sizeof(expected),
				     "HTTP/1.1 %d %.*s\r\n", status,
				     STR_ARG(reason)),
		    (int)length);
		ck_assert_mem_eq(line, expected, length);
		ck_assert(http_is_field_value(reason));
		if (http_status_line(status).data == NULL)
			continue;
		count++;
		ck_assert(str_equal(http_status_line(status),
		    str_make(line, length)));
	}
	ck_assert_int_ge(count, 60);
}
END_TEST

START_TEST(responses_without_body)
{
	ck_assert(!http_status_has_body(100));
	ck_assert(!http_status_has_body(101));
	ck_assert(!http_status_has_body(204));
	ck_assert(!http_status_has_body(304));
	ck_assert(http_status_has_body(200));
	ck_assert(http_status_has_body(205));
	ck_assert(http_status_has_body(404));
}
END_TEST

START_TEST(good_fields_have_no_problem)
{
	ck_assert_ptr_null(http_response_field_problem(STR("X-A"), STR("")));
	ck_assert_ptr_null(http_response_field_problem(STR("Content-Length"),
	    STR("5")));
	ck_assert_ptr_null(http_response_field_problem(STR("x"),
	    STR("tab\tand \xc3\xa9")));
}
END_TEST

START_TEST(bad_fields_are_named)
{
	ck_assert_ptr_nonnull(http_response_field_problem(STR(""), STR("a")));
	ck_assert_ptr_nonnull(http_response_field_problem(STR("A B"),
	    STR("a")));
	ck_assert_ptr_nonnull(http_response_field_problem(STR("A:"), STR("a")));
	ck_assert_ptr_nonnull(http_response_field_problem(STR("A"),
	    STR("a\r\nB: c")));
	ck_assert_ptr_nonnull(http_response_field_problem(STR("A"),
	    STR("a\nb")));
	ck_assert_ptr_nonnull(http_response_field_problem(STR("A"),
	    STR("a\0b")));
	ck_assert_ptr_nonnull(http_response_field_problem(STR("A"),
	    STR("\x7f")));
}
END_TEST

static const char *const hop_by_hop[] = { "Connection", "keep-alive",
	"Proxy-Connection", "TE", "Trailer", "TRANSFER-ENCODING", "upgrade" };

START_TEST(fields_of_the_hop_are_the_servers)
{
	ck_assert_ptr_nonnull(
	    http_response_field_problem(str_of(hop_by_hop[_i]), STR("close")));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("response");
	TCase *tests = tcase_create("response");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, known_lines);
	tcase_add_test(tests, unknown_codes_have_no_line);
	tcase_add_test(tests, every_line_is_well_formed);
	tcase_add_test(tests, responses_without_body);
	tcase_add_test(tests, good_fields_have_no_problem);
	tcase_add_test(tests, bad_fields_are_named);
	tcase_add_loop_test(tests, fields_of_the_hop_are_the_servers, 0,
	    sizeof(hop_by_hop) / sizeof(hop_by_hop[0]));
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
