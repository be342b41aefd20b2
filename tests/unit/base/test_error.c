/* SPDX-License-Identifier: MIT */
/* Reasons for failures. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static struct error error;
static char overlong[3000];

static void
setup(void)
{
	memset(&error, 0, sizeof(error));
	memset(overlong, 'x', sizeof(overlong) - 1);
}

START_TEST(set_formats_and_returns_minus_one)
{
	ck_assert_int_eq(error_set(&error, "cannot open %s: %d", "x", 5), -1);
	ck_assert_str_eq(error.text, "cannot open x: 5");
	ck_assert_int_eq(error_set(&error, "other"), -1);
	ck_assert_str_eq(error.text, "other");
}
END_TEST

START_TEST(prefix_comes_before_what_it_says)
{
	error_set(&error, "no such file");
	ck_assert_int_eq(error_prefix(&error, "loading %s: ", "x.so"), -1);
	ck_assert_str_eq(error.text, "loading x.so: no such file");
}
END_TEST

START_TEST(nobody_has_to_ask_for_the_reason)
{
	ck_assert_int_eq(error_set(NULL, "x"), -1);
	ck_assert_int_eq(error_prefix(NULL, "x"), -1);
}
END_TEST

START_TEST(long_reasons_are_cut)
{
	error_set(&error, "%s", overlong);
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
	error_prefix(&error, "before: ");
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
	ck_assert_int_eq(strncmp(error.text, "before: xxx", 11), 0);
	error_prefix(&error, "%s", overlong);
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
}
END_TEST

START_TEST(percent_signs_of_the_reason_are_text)
{
	error_set(&error, "%s", "100%s %n");
	error_prefix(&error, "a: ");
	ck_assert_str_eq(error.text, "a: 100%s %n");
}
END_TEST

static Suite *
error_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, NULL);
	tcase_add_test(all, set_formats_and_returns_minus_one);
	tcase_add_test(all, prefix_comes_before_what_it_says);
	tcase_add_test(all, nobody_has_to_ask_for_the_reason);
	tcase_add_test(all, long_reasons_are_cut);
	tcase_add_test(all, percent_signs_of_the_reason_are_text);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(error_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
