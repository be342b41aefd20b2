/* SPDX-License-Identifier: MIT */
/* Where log lines go without making the writer wait. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "serve/log_sink.h"

static char folder[64], path[96], bytes[1 << 17];
static struct log_sink *sink;
static struct error error;
static int saved_stdout;

static void
setup(void)
{
	sink = NULL;
	saved_stdout = dup(STDOUT_FILENO);
	snprintf(folder, sizeof(folder), "/tmp/tricorn-sink-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/target", folder);
}

static void
teardown(void)
{
	char command[128];

	log_sink_close(&sink);
	ck_assert_ptr_null(sink);
	dup2(saved_stdout, STDOUT_FILENO);
	close(saved_stdout);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static void
open_sink(const char *target)
{
	sink = log_sink_open(target, path, &error);
	ck_assert_msg(sink != NULL, "%s: %s", target, error.text);
}

static void
expect_file(const char *name, const char *text)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, bytes, sizeof(bytes) - 1);

	ck_assert_int_ge(got, 0);
	bytes[got] = '\0';
	ck_assert_str_eq(bytes, text);
	close(fd);
}

/* A pipe as standard output; the end to read from. */
static int
pipe_as_stdout(void)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	return ends[0];
}

/* Whole lines, together size bytes, all of the letter. */
static struct str
lines(size_t size, char letter)
{
	memset(bytes, letter, size);
	for (size_t i = 99; i < size; i += 100)
		bytes[i] = '\n';
	bytes[size - 1] = '\n';
	return str_make(bytes, size);
}

START_TEST(a_file_takes_all_at_once)
{
	struct str text = lines(100000, 'x');
	struct stat status;

	umask(0);
	open_sink(path);
	ck_assert_uint_gt(log_sink_line_limit(sink), PIPE_BUF);
	ck_assert_int_eq(log_sink_write(sink, text), 100000);
	ck_assert_int_eq(log_sink_write(sink, STR("more\n")), 5);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(status.st_size, 100005);
	ck_assert_uint_eq(status.st_mode & 0777, 0640);
}
END_TEST

START_TEST(a_file_is_appended_to)
{
	open_sink(path);
	ck_assert_int_eq(log_sink_write(sink, STR("one\n")), 4);
	log_sink_close(&sink);
	open_sink(path);
	ck_assert_int_eq(log_sink_write(sink, STR("two\n")), 4);
	expect_file(path, "one\ntwo\n");
}
END_TEST

START_TEST(a_renamed_file_is_opened_anew)
{
	char old[128];

	open_sink(path);
	snprintf(old, sizeof(old), "%s.1", path);
	ck_assert_int_eq(rename(path, old), 0);
	ck_assert_int_eq(log_sink_write(sink, STR("one\n")), 4);
	ck_assert_int_eq(log_sink_reopen(sink, &error), 0);
	ck_assert_int_eq(log_sink_write(sink, STR("two\n")), 4);
	expect_file(old, "one\n");
	expect_file(path, "two\n");
	/* When it can't be opened the old one stays. */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(log_sink_reopen(sink, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, path));
	ck_assert_int_eq(log_sink_write(sink, STR("three\n")), 6);
}
END_TEST

START_TEST(what_cannot_be_opened_is_explained)
{
	sink = log_sink_open("/nonexistent/x", path, &error);
	ck_assert_ptr_null(sink);
	ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent/x"));
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	sink = log_sink_open(path, "", &error);
	ck_assert_ptr_null(sink);
	ck_assert_ptr_nonnull(strstr(error.text, "nobody reads"));
}
END_TEST

START_TEST(a_full_pipe_does_not_block)
{
	int reader = pipe_as_stdout();
	size_t total = 0;
	ssize_t got;

	open_sink("stdout");
	ck_assert_uint_eq(log_sink_line_limit(sink), PIPE_BUF);
	ck_assert_int_eq(fcntl(reader, F_SETPIPE_SZ, 8192), 8192);
	got = log_sink_write(sink, lines(50000, 'x'));
	ck_assert_int_gt(got, 0);
	ck_assert_int_le(got, 8192);
	ck_assert_int_eq(bytes[got - 1], '\n');
	ck_assert_int_eq(log_sink_write(sink, lines(50000, 'y')), -1);
	ck_assert_int_eq(errno, EAGAIN);
	/* Those who share the descriptor did not become non-blocking. */
	ck_assert_int_eq(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
	while (total < (size_t)got)
		total += (size_t)read(reader, bytes, (size_t)got - total);
	log_sink_wait(sink, 1000);
	ck_assert_int_eq(log_sink_write(sink, STR("more\n")), 5);
	ck_assert_int_eq(read(reader, bytes, sizeof(bytes)), 5);
	close(reader);
}
END_TEST

START_TEST(a_pipe_gets_more_room)
{
	int reader = pipe_as_stdout(), before, after;

	before = fcntl(reader, F_GETPIPE_SZ);
	open_sink("stdout");
	after = fcntl(reader, F_GETPIPE_SZ);
	ck_assert_int_ge(after, before);
	/* Without privileges the kernel may refuse. */
	if (geteuid() == 0)
		ck_assert_int_eq(after, 1 << 20);
	close(reader);
}
END_TEST

START_TEST(a_pipe_without_reader_is_an_error)
{
	close(pipe_as_stdout());
	signal(SIGPIPE, SIG_IGN);
	open_sink("stdout");
	ck_assert_int_eq(log_sink_write(sink, STR("x\n")), -1);
	ck_assert_int_ne(errno, EAGAIN);
}
END_TEST

START_TEST(closing_leaves_stdout_open)
{
	int reader = pipe_as_stdout();

	open_sink("stdout");
	log_sink_close(&sink);
	ck_assert_int_eq(write(STDOUT_FILENO, "x", 1), 1);
	ck_assert_int_eq(read(reader, bytes, sizeof(bytes)), 1);
	close(reader);
}
END_TEST

START_TEST(a_socket_as_stdout_does_not_block)
{
	int ends[2];
	ssize_t got, total = 0;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	open_sink("stdout");
	lines(100000, 'x');
	while ((got = log_sink_write(sink, str_make(bytes, 100000))) > 0) {
		total += got;
		ck_assert_int_eq(bytes[got - 1], '\n');
	}
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_gt(total, 4096);
	ck_assert_int_eq(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
	close(ends[0]);
	ck_assert_int_eq(log_sink_write(sink, STR("x\n")), -1);
	ck_assert_int_eq(errno, EPIPE);
}
END_TEST

START_TEST(stderr_can_be_a_file)
{
	int saved = dup(STDERR_FILENO);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	close(fd);
	open_sink("stderr");
	ck_assert_int_eq(log_sink_write(sink, STR("line\n")), 5);
	dup2(saved, STDERR_FILENO);
	close(saved);
	expect_file(path, "line\n");
}
END_TEST

START_TEST(a_closed_stdout_is_explained)
{
	close(STDOUT_FILENO);
	sink = log_sink_open("stdout", path, &error);
	dup2(saved_stdout, STDOUT_FILENO);
	ck_assert_ptr_null(sink);
	ck_assert_ptr_nonnull(strstr(error.text, "stdout: it is not open"));
}
END_TEST

/* A system log of our own; its socket. */
static int
listen_syslog(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)),
	    0);
	return fd;
}

static void
expect_datagram(int fd, const char *text)
{
	char wanted[128];
	ssize_t got = recv(fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	ck_assert_int_ge(got, 0);
	bytes[got] = '\0';
	snprintf(wanted, sizeof(wanted), "<30>tricorn[%d]: %s", (int)getpid(),
	    text);
	ck_assert_str_eq(bytes, wanted);
}

START_TEST(the_system_log_gets_a_datagram_a_line)
{
	int fd = listen_syslog();

	open_sink("syslog");
	ck_assert_uint_eq(log_sink_line_limit(sink), PIPE_BUF);
	ck_assert_int_eq(log_sink_write(sink, STR("one\ntwo\nthree\n")), 14);
	expect_datagram(fd, "one");
	expect_datagram(fd, "two");
	expect_datagram(fd, "three");
	close(fd);
}
END_TEST

START_TEST(a_system_log_may_come_and_go)
{
	int fd;

	open_sink("syslog");
	ck_assert_int_eq(log_sink_write(sink, STR("one\n")), -1);
	ck_assert_int_eq(errno, ENOENT);
	fd = listen_syslog();
	ck_assert_int_eq(log_sink_write(sink, STR("one\n")), 4);
	expect_datagram(fd, "one");
	close(fd);
	ck_assert_int_eq(log_sink_write(sink, STR("two\n")), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
	ck_assert_int_eq(unlink(path), 0);
	fd = listen_syslog();
	ck_assert_int_eq(log_sink_write(sink, STR("two\n")), 4);
	expect_datagram(fd, "two");
	close(fd);
}
END_TEST

START_TEST(a_stuck_system_log_does_not_block)
{
	int fd = listen_syslog(), sent = 0;

	open_sink("syslog");
	while (sent < 100000 && log_sink_write(sink, STR("x\n")) == 2)
		sent++;
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_gt(sent, 0);
	expect_datagram(fd, "x");
	ck_assert_int_eq(log_sink_write(sink, STR("y\n")), 2);
	close(fd);
}
END_TEST

static Suite *
log_sink_suite(void)
{
	Suite *suite = suite_create("log_sink");
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, a_file_takes_all_at_once);
	tcase_add_test(all, a_file_is_appended_to);
	tcase_add_test(all, a_renamed_file_is_opened_anew);
	tcase_add_test(all, what_cannot_be_opened_is_explained);
	tcase_add_test(all, a_full_pipe_does_not_block);
	tcase_add_test(all, a_pipe_gets_more_room);
	tcase_add_test(all, a_pipe_without_reader_is_an_error);
	tcase_add_test(all, closing_leaves_stdout_open);
	tcase_add_test(all, a_socket_as_stdout_does_not_block);
	tcase_add_test(all, stderr_can_be_a_file);
	tcase_add_test(all, a_closed_stdout_is_explained);
	tcase_add_test(all, the_system_log_gets_a_datagram_a_line);
	tcase_add_test(all, a_system_log_may_come_and_go);
	tcase_add_test(all, a_stuck_system_log_does_not_block);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(log_sink_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
