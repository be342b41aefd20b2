/* SPDX-License-Identifier: MIT */
/* Going to the background: the exit code of the started process. */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/daemon.h"

/* What the background process tells over a pipe. */
struct report {
	pid_t pid, session, parent_group;
	char output[32]; /* where its stdout leads */
};

/* In the background process; does not return. */
static void __attribute__((noreturn))
be_server(int waiting, int reports, bool serves)
{
	struct report report = { getpid(), getsid(0), getpgrp(), "" };

	if (serves) {
		daemon_serving(&waiting);
		if (waiting != -1)
			_exit(3);
	}
	if (readlink("/proc/self/fd/1", report.output,
		sizeof(report.output) - 1) < 0)
		_exit(3);
	if (write(reports, &report, sizeof(report)) != sizeof(report))
		_exit(3);
	_exit(0);
}

static int
start(bool serves, struct report *report)
{
	struct error error;
	int ends[2], status;
	pid_t started;

	/* The background process is to be waited for here. */
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	ck_assert_int_eq(pipe(ends), 0);
	started = fork();
	if (started == 0) {
		int waiting;

		/* Its stdout is surely not /dev/null to begin with. */
		dup2(ends[1], STDOUT_FILENO);
		waiting = daemon_start(&error);
		if (waiting < 0)
			_exit(4);
		be_server(waiting, ends[1], serves);
	}
	close(ends[1]);
	ck_assert_int_eq(waitpid(started, &status, 0), started);
	ck_assert_int_eq(read(ends[0], report, sizeof(*report)),
	    sizeof(*report));
	close(ends[0]);
	ck_assert_int_ne(report->pid, started);
	ck_assert(WIFEXITED(status));
	started = status;
	ck_assert_int_eq(waitpid(report->pid, &status, 0), report->pid);
	ck_assert_int_eq(status, 0);
	return WEXITSTATUS(started);
}

START_TEST(a_server_that_serves_ends_the_start_with_0)
{
	struct report report;

	ck_assert_int_eq(start(true, &report), 0);
	ck_assert_int_ne(report.session, getsid(0));
	/* It leads no session, so that it cannot be given a terminal. */
	ck_assert_int_ne(report.session, report.pid);
	ck_assert_str_eq(report.output, "/dev/null");
}
END_TEST

START_TEST(a_server_that_ends_before_ends_the_start_with_1)
{
	struct report report;

	ck_assert_int_eq(start(false, &report), 1);
	/* Until it serves it can still speak to who started it. */
	ck_assert_str_ne(report.output, "/dev/null");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_test(all, a_server_that_serves_ends_the_start_with_0);
	tcase_add_test(all, a_server_that_ends_before_ends_the_start_with_1);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
