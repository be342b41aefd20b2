/* SPDX-License-Identifier: MIT */
/* The scoreboard: places, and memory that processes share. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/scoreboard.h"

START_TEST(there_are_as_many_places_as_asked_for)
{
	struct scoreboard *scoreboard = scoreboard_create(3);
	struct scoreboard_worker *taken[3];

	ck_assert_ptr_nonnull(scoreboard);
	for (int i = 0; i < 3; i++) {
		taken[i] = scoreboard_take(scoreboard);
		ck_assert_ptr_nonnull(taken[i]);
		for (int k = 0; k < i; k++)
			ck_assert_ptr_ne(taken[i], taken[k]);
	}
	ck_assert_ptr_null(scoreboard_take(scoreboard));
	scoreboard_release(scoreboard, taken[1]);
	ck_assert_ptr_eq(scoreboard_take(scoreboard), taken[1]);
	scoreboard_destroy(&scoreboard);
	ck_assert_ptr_null(scoreboard);
}
END_TEST

START_TEST(a_place_is_zeroed_when_it_is_taken_again)
{
	struct scoreboard *scoreboard = scoreboard_create(1);
	struct scoreboard_worker *worker = scoreboard_take(scoreboard);

	scoreboard_add(&worker->requests, 5);
	strcpy(worker->now, "GET /");
	scoreboard_release(scoreboard, worker);
	worker = scoreboard_take(scoreboard);
	ck_assert_uint_eq(atomic_load(&worker->requests), 0);
	ck_assert_str_eq(worker->now, "");
	scoreboard_destroy(&scoreboard);
}
END_TEST

START_TEST(what_a_child_counts_its_parent_sees)
{
	struct scoreboard *scoreboard = scoreboard_create(2);
	struct scoreboard_worker *worker = scoreboard_take(scoreboard);
	pid_t child = fork();
	int status;

	if (child == 0) {
		scoreboard_add(&worker->requests, 2);
		scoreboard_add(&worker->requests, 3);
		strcpy(worker->now, "GET /from-the-child");
		_exit(0);
	}
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_uint_eq(atomic_load(&worker->requests), 5);
	ck_assert_str_eq(worker->now, "GET /from-the-child");
	scoreboard_destroy(&scoreboard);
}
END_TEST

START_TEST(a_text_without_its_end_is_read_terminated)
{
	struct scoreboard *scoreboard = scoreboard_create(1);
	struct scoreboard_worker *worker = scoreboard_take(scoreboard);
	char now[SCOREBOARD_NOW];

	memset(worker->now, 'x', sizeof(worker->now));
	scoreboard_read_now(worker, now);
	ck_assert_uint_eq(strlen(now), SCOREBOARD_NOW - 1);
	strcpy(worker->now, "GET /short");
	scoreboard_read_now(worker, now);
	ck_assert_str_eq(now, "GET /short");
	scoreboard_destroy(&scoreboard);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("scoreboard");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_test(all, there_are_as_many_places_as_asked_for);
	tcase_add_test(all, a_place_is_zeroed_when_it_is_taken_again);
	tcase_add_test(all, what_a_child_counts_its_parent_sees);
	tcase_add_test(all, a_text_without_its_end_is_read_terminated);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
