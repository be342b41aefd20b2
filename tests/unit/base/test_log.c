/* SPDX-License-Identifier: MIT */
/* The error log: targets, levels, and what a line looks like. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static char folder[64], path[96], content[65536];

static void
setup(void)
{
	snprintf(folder, sizeof(folder), "/tmp/tricorn-log-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/error.log", folder);
	ck_assert_int_eq(log_open(path, LOG_LEVEL_INFO, NULL), 0);
}

static void
teardown(void)
{
	char command[128];

	log_set_process("");
	ck_assert_int_eq(log_open("stderr", LOG_LEVEL_INFO, NULL), 0);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *
read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	size_t size;

	ck_assert_ptr_nonnull(file);
	size = fread(content, 1, sizeof(content) - 1, file);
	content[size] = '\0';
	fclose(file);
	return content;
}

static void
expect_pattern(const char *text, const char *pattern)
{
	regex_t compiled;

	ck_assert_int_eq(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB),
	    0);
	ck_assert_msg(regexec(&compiled, text, 0, NULL, 0) == 0,
	    "'%s' does not match %s", text, pattern);
	regfree(&compiled);
}

START_TEST(a_line_has_time_process_and_level)
{
	char pattern[200];

	log_info("hello %s", "world");
	snprintf(pattern, sizeof(pattern),
	    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
	    "\\.[0-9]{3}Z \\[%d\\] info: hello world\n$",
	    (int)getpid());
	expect_pattern(read_file(path), pattern);
}
END_TEST

START_TEST(the_process_has_a_name)
{
	log_set_process("worker web.1");
	log_critical("gone");
	expect_pattern(read_file(path), "\\] worker web.1 critical: gone\n$");
}
END_TEST

START_TEST(lower_levels_are_left_out)
{
	log_debug("no");
	log_info("no");
	ck_assert_int_eq(log_open(path, LOG_LEVEL_ERROR, NULL), 0);
	ck_assert(!log_enabled(LOG_LEVEL_WARNING));
	ck_assert(log_enabled(LOG_LEVEL_ERROR));
	log_warning("dropped");
	log_error("kept");
	read_file(path);
	ck_assert_ptr_null(strstr(content, "dropped"));
	ck_assert_ptr_nonnull(strstr(content, "error: kept\n"));
	ck_assert_ptr_nonnull(strstr(content, "info: no\n"));
	ck_assert_ptr_null(strstr(content, "debug"));
}
END_TEST

START_TEST(names_of_levels)
{
	enum log_level level = LOG_LEVEL_CRITICAL;

	ck_assert(log_level_parse("debug", &level));
	ck_assert_int_eq(level, LOG_LEVEL_DEBUG);
	ck_assert(log_level_parse("Warning", &level));
	ck_assert_int_eq(level, LOG_LEVEL_WARNING);
	ck_assert(!log_level_parse("warn", &level));
	ck_assert(!log_level_parse("", &level));
	ck_assert_int_eq(level, LOG_LEVEL_WARNING);
}
END_TEST

START_TEST(off_writes_nothing)
{
	ck_assert_int_eq(log_open("off", LOG_LEVEL_DEBUG, NULL), 0);
	ck_assert_int_eq(log_fd(), -1);
	ck_assert(!log_enabled(LOG_LEVEL_CRITICAL));
	log_critical("x");
	ck_assert_str_eq(read_file(path), "");
}
END_TEST

START_TEST(a_file_that_cannot_be_opened_keeps_the_old_target)
{
	struct error error;
	int fd = log_fd();

	ck_assert_int_eq(log_open("/nonexistent/error.log", LOG_LEVEL_DEBUG,
			     &error),
	    -1);
	ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent/error.log"));
	ck_assert_int_eq(log_fd(), fd);
	log_debug("hidden");
	log_info("still here");
	read_file(path);
	ck_assert_ptr_nonnull(strstr(content, "still here"));
	ck_assert_ptr_null(strstr(content, "hidden"));
}
END_TEST

START_TEST(files_are_private_and_not_inherited)
{
	struct stat status;

	umask(0);
	ck_assert_int_eq(unlink(path), 0);
	log_reopen();
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0640);
	ck_assert_int_ne(fcntl(log_fd(), F_GETFD) & FD_CLOEXEC, 0);
}
END_TEST

START_TEST(reopen_writes_to_the_new_file)
{
	char old[128];
	int fd = log_fd();

	log_info("first");
	snprintf(old, sizeof(old), "%s.1", path);
	ck_assert_int_eq(rename(path, old), 0);
	log_info("second");
	log_reopen();
	log_info("third");
	ck_assert_int_eq(log_fd(), fd);
	expect_pattern(read_file(old), "first\n.*second\n$");
	expect_pattern(read_file(path), "^[^\n]*third\n$");
}
END_TEST

START_TEST(a_failed_reopen_keeps_the_old_file)
{
	char old[128];

	snprintf(old, sizeof(old), "%s.1", path);
	ck_assert_int_eq(rename(path, old), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	log_reopen();
	log_info("after");
	expect_pattern(read_file(old), "cannot reopen[^\n]*\n.*after\n$");
}
END_TEST

START_TEST(messages_cannot_forge_lines)
{
	log_info("a\x1b[31m\x7f\r%s",
	    "x\n2026-01-01T00:00:00.000Z [1] info: y\n");
	read_file(path);
	expect_pattern(content,
	    "info: a\\?\\[31m\\?\\?x\n\t2026-01-01T00:00:00.000Z [^\n]*y\n$");
}
END_TEST

START_TEST(long_messages_are_cut_to_one_write)
{
	static char text[9000];
	const char *end;

	memset(text, 'x', sizeof(text) - 1);
	log_info("%s", text);
	log_info("next");
	end = strchr(read_file(path), '\n');
	ck_assert_int_le(end - content, 4096);
	ck_assert_int_ge(end - content, 4000);
	expect_pattern(end + 1, "^[^\n]*info: next\n$");
	/* Line ends grow by a tab each. */
	memset(text, '\n', sizeof(text) - 2);
	log_info("%s", text);
	log_info("last");
	expect_pattern(read_file(path), "\n[^\n]*info: last\n$");
}
END_TEST

START_TEST(logging_keeps_errno)
{
	errno = ENOENT;
	log_info("x");
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(log_open("syslog", LOG_LEVEL_INFO, NULL), 0);
	errno = EEXIST;
	log_info("unit test of the error log");
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_int_eq(log_fd(), -1);
}
END_TEST

/* Standard error is a pipe that nobody reads: the server goes on. */
START_TEST(a_stuck_reader_costs_lines_not_the_server)
{
	char block[8192] = "";
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t got;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(fcntl(ends[1], F_SETPIPE_SZ, 8192), 8192);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	ck_assert_int_eq(log_open("stderr", LOG_LEVEL_INFO, NULL), 0);
	ck_assert_int_eq(write(ends[1], block, sizeof(block)), 8192);
	for (int i = 0; i < 50; i++)
		log_info("lost");
	ck_assert_int_eq(read(ends[0], block, sizeof(block)), 8192);
	log_info("found");
	log_info("again");
	got = read(ends[0], block, sizeof(block) - 1);
	ck_assert_int_gt(got, 0);
	block[got] = '\0';
	dup2(saved, STDERR_FILENO);
	expect_pattern(block,
	    "info: \\(50 lines before this one were lost"
	    "[^\n]*\\) found\n[^\n]*info: again\n$");
	close(saved);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(a_named_pipe_without_reader_is_an_error)
{
	struct error error;
	char fifo[128];

	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_int_eq(log_open(fifo, LOG_LEVEL_INFO, &error), -1);
}
END_TEST

static Suite *
log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, a_line_has_time_process_and_level);
	tcase_add_test(all, the_process_has_a_name);
	tcase_add_test(all, lower_levels_are_left_out);
	tcase_add_test(all, names_of_levels);
	tcase_add_test(all, off_writes_nothing);
	tcase_add_test(all, a_file_that_cannot_be_opened_keeps_the_old_target);
	tcase_add_test(all, files_are_private_and_not_inherited);
	tcase_add_test(all, reopen_writes_to_the_new_file);
	tcase_add_test(all, a_failed_reopen_keeps_the_old_file);
	tcase_add_test(all, messages_cannot_forge_lines);
	tcase_add_test(all, long_messages_are_cut_to_one_write);
	tcase_add_test(all, logging_keeps_errno);
	tcase_add_test(all, a_stuck_reader_costs_lines_not_the_server);
	tcase_add_test(all, a_named_pipe_without_reader_is_an_error);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(log_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
