/* SPDX-License-Identifier: MIT */
/* The access log: batches, rotation, and targets that take nothing. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "serve/access_log.h"
#include "serve/context.h"
#include "serve/route.h"

static char folder[64], path[96], error_path[96], content[4 << 20];
static char format[] = "%(U)s", off[] = "off", to_stdout[] = "stdout",
	    wrong[] = "%(x)s";
static struct config_server server;
static struct config_route route_config;
static struct route route;
static struct exchange exchange;
static struct access_log *access_log;
static struct error error;
static int saved_stdout;

static void
setup(void)
{
	saved_stdout = dup(STDOUT_FILENO);
	snprintf(folder, sizeof(folder), "/tmp/tricorn-access-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/access.log", folder);
	snprintf(error_path, sizeof(error_path), "%s/error.log", folder);
	ck_assert_int_eq(log_open(error_path, LOG_LEVEL_INFO, NULL), 0);
	server = (struct config_server){ .access_log = path,
		.access_log_format = format };
	route_config.access_log = true;
	route.config = &route_config;
	memset(&exchange, 0, sizeof(exchange));
	exchange.route = &route;
	exchange.request.path = STR("/x");
	access_log = NULL;
}

static void
teardown(void)
{
	char command[128];

	access_log_destroy(&access_log);
	ck_assert_ptr_null(access_log);
	dup2(saved_stdout, STDOUT_FILENO);
	close(saved_stdout);
	ck_assert_int_eq(log_open("stderr", LOG_LEVEL_INFO, NULL), 0);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static void
create(void)
{
	access_log = access_log_create(&server, &error);
	ck_assert_msg(access_log != NULL, "%s", error.text);
}

static void
note(const char *text)
{
	exchange.request.path = str_of(text);
	access_log_write(access_log, &exchange);
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

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

START_TEST(lines_wait_for_the_flush)
{
	create();
	note("/a");
	note("/b");
	ck_assert_str_eq(read_file(path), "");
	access_log_flush(access_log);
	ck_assert_str_eq(read_file(path), "/a\n/b\n");
	access_log_flush(access_log);
	note("/c");
	access_log_destroy(&access_log);
	ck_assert_str_eq(read_file(path), "/a\n/b\n/c\n");
}
END_TEST

START_TEST(a_full_batch_is_written_at_once)
{
	size_t count = 0;

	create();
	while (count < 100000 && read_file(path)[0] == '\0') {
		for (int i = 0; i < 100; i++)
			note("/0123456789");
		count += 100;
	}
	ck_assert_uint_ge(count * 12, 65536);
	ck_assert_uint_le(count * 12, 65536 + 2400);
	ck_assert_int_eq(content[strlen(content) - 1], '\n');
}
END_TEST

START_TEST(off_does_nothing)
{
	server.access_log = off;
	server.access_log_format = wrong;
	create();
	note("/a");
	access_log_flush(access_log);
	access_log_reopen(access_log);
	access_log_destroy(&access_log);
	ck_assert_int_eq(access(path, F_OK), -1);
	access_log_write(NULL, &exchange);
	access_log_flush(NULL);
}
END_TEST

START_TEST(a_route_can_ask_for_silence)
{
	create();
	note("/a");
	route_config.access_log = false;
	note("/b");
	exchange.route = NULL;
	note("/c");
	access_log_flush(access_log);
	ck_assert_str_eq(read_file(path), "/a\n/c\n");
}
END_TEST

START_TEST(the_time_is_when_the_exchange_began)
{
	static char date[] = "%(t)s";
	time_t began = time(NULL) - 3600;
	char wanted[64];
	struct tm part;

	setenv("TZ", "UTC0", 1);
	tzset();
	server.access_log_format = date;
	create();
	exchange.started_ns = clock_monotonic_ns() - UINT64_C(3600000000000);
	note("/a");
	access_log_flush(access_log);
	read_file(path);
	for (time_t last = time(NULL) - 3600; began <= last; began++) {
		gmtime_r(&began, &part);
		strftime(wanted, sizeof(wanted), "[%d/%b/%Y:%T +0000]\n",
		    &part);
		if (strcmp(content, wanted) == 0)
			return;
	}
	ck_abort_msg("%s instead of about %s", content, wanted);
}
END_TEST

START_TEST(mistakes_are_explained)
{
	static char nowhere[] = "/nonexistent/access.log";

	server.access_log_format = wrong;
	ck_assert_ptr_null(access_log_create(&server, &error));
	ck_assert_ptr_nonnull(strstr(error.text, "%(x)s"));
	server.access_log_format = format;
	server.access_log = nowhere;
	ck_assert_ptr_null(access_log_create(&server, &error));
	ck_assert_ptr_nonnull(strstr(error.text, nowhere));
}
END_TEST

START_TEST(reopen_loses_nothing)
{
	char old[128];

	create();
	note("/before");
	snprintf(old, sizeof(old), "%s.1", path);
	ck_assert_int_eq(rename(path, old), 0);
	note("/between");
	access_log_reopen(access_log);
	note("/after");
	access_log_flush(access_log);
	ck_assert_str_eq(read_file(old), "/before\n/between\n");
	ck_assert_str_eq(read_file(path), "/after\n");
	/* A folder in its place: the old file goes on. */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	access_log_reopen(access_log);
	ck_assert_ptr_nonnull(strstr(read_file(error_path), path));
}
END_TEST

/* Reads what there is from the pipe, and appends it to content. */
static size_t
drain(int reader, size_t size)
{
	ssize_t got;

	while ((got = read(reader, content + size,
		    sizeof(content) - 1 - size)) > 0)
		size += (size_t)got;
	content[size] = '\0';
	return size;
}

START_TEST(a_stuck_reader_costs_lines_not_the_server)
{
	size_t size = 0, before, lines;
	unsigned long lost = 0;
	const char *report;
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, 0), 0);
	ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	server.access_log = to_stdout;
	create();
	/* Three times the backlog. */
	for (int i = 0; i < 300000; i++)
		note("/0123456789");
	access_log_flush(access_log);
	ck_assert_ptr_nonnull(strstr(read_file(error_path),
	    "lines are being lost"));
	do {
		before = size;
		size = drain(ends[0], size);
		access_log_flush(access_log);
	} while (size > before);
	note("/last");
	access_log_destroy(&access_log);
	size = drain(ends[0], size);
	lines = count_lines(content);
	ck_assert_uint_gt(lines, (1 << 20) / 12);
	ck_assert_uint_eq((lines - 1) * 12 + 6, size);
	ck_assert_str_eq(content + size - 6, "/last\n");
	for (size_t i = 0; i < size - 6; i += 12)
		ck_assert(memcmp(content + i, "/0123456789\n", 12) == 0);
	report = strstr(read_file(error_path), "access log stdout: ");
	ck_assert_ptr_nonnull(report);
	ck_assert_int_eq(sscanf(report,
			     "access log stdout: %lu lines were lost", &lost),
	    1);
	ck_assert_uint_eq(lost + lines, 300001);
	close(ends[0]);
}
END_TEST

START_TEST(lines_left_at_the_end_are_counted)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	server.access_log = to_stdout;
	create();
	for (int i = 0; i < 200000; i++)
		note("/0123456789");
	access_log_destroy(&access_log);
	ck_assert_ptr_nonnull(strstr(read_file(error_path), "lines were lost"));
	close(ends[0]);
}
END_TEST

START_TEST(a_full_disk_is_told_once_and_costs_no_waiting_lines)
{
	static char full[] = "/dev/full";

	server.access_log = full;
	create();
	note("/a");
	access_log_flush(access_log);
	access_log_flush(access_log);
	note("/b");
	access_log_flush(access_log);
	read_file(error_path);
	ck_assert_ptr_nonnull(strstr(content, "No space left on device"));
	ck_assert_uint_eq(count_lines(content), 1);
	access_log_destroy(&access_log);
	ck_assert_ptr_nonnull(strstr(read_file(error_path),
	    "/dev/full: 2 lines were lost"));
}
END_TEST

static Suite *
access_log_suite(void)
{
	Suite *suite = suite_create("access_log");
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_set_timeout(all, 60);
	tcase_add_test(all, lines_wait_for_the_flush);
	tcase_add_test(all, a_full_batch_is_written_at_once);
	tcase_add_test(all, off_does_nothing);
	tcase_add_test(all, a_route_can_ask_for_silence);
	tcase_add_test(all, the_time_is_when_the_exchange_began);
	tcase_add_test(all, mistakes_are_explained);
	tcase_add_test(all, reopen_loses_nothing);
	tcase_add_test(all, a_stuck_reader_costs_lines_not_the_server);
	tcase_add_test(all, lines_left_at_the_end_are_counted);
	tcase_add_test(all,
	    a_full_disk_is_told_once_and_costs_no_waiting_lines);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(access_log_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
