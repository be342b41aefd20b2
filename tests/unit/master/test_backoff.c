/* SPDX-License-Identifier: MIT */
/* The waits between the attempts of a crash loop. */
#include <check.h>
#include <stdlib.h>

#include "master/backoff.h"

START_TEST(the_first_failure_waits_for_nothing)
{
	struct backoff backoff = { 0, 0 };

	ck_assert_uint_eq(backoff_failed(&backoff, 12345), 0);
}
END_TEST

START_TEST(waits_double_from_half_a_second_to_half_a_minute)
{
	static const uint64_t waits[] = { 0, 500, 1000, 2000, 4000, 8000, 16000,
		30000, 30000, 30000 };
	struct backoff backoff = { 0, 0 };
	uint64_t now = 1000;

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		ck_assert_uint_eq(backoff_failed(&backoff, now), waits[i]);
		now += waits[i] + 10;
	}
}
END_TEST

START_TEST(the_longest_wait_stays_for_ever)
{
	struct backoff backoff = { 0, 0 };
	uint64_t wait = 0;

	for (int i = 0; i < 100000; i++)
		wait = backoff_failed(&backoff, (uint64_t)i);
	ck_assert_uint_eq(wait, BACKOFF_MOST);
}
END_TEST

START_TEST(a_quiet_time_starts_anew)
{
	struct backoff backoff = { 0, 0 };

	backoff_failed(&backoff, 0);
	backoff_failed(&backoff, 0);
	ck_assert_uint_eq(backoff_failed(&backoff, BACKOFF_QUIET - 1), 1000);
	ck_assert_uint_eq(backoff_failed(&backoff, 2 * BACKOFF_QUIET - 1), 0);
	ck_assert_uint_eq(backoff_failed(&backoff, 2 * BACKOFF_QUIET), 500);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("backoff");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_test(all, the_first_failure_waits_for_nothing);
	tcase_add_test(all, waits_double_from_half_a_second_to_half_a_minute);
	tcase_add_test(all, the_longest_wait_stays_for_ever);
	tcase_add_test(all, a_quiet_time_starts_anew);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
