/* SPDX-License-Identifier: MIT */
/* The pid file: refuses a live server, takes over whatever is stale. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/pidfile.h"

static char directory[] = "/tmp/tricorn-pidfile-XXXXXX";
static char path[64];

static void
set_up(void)
{
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/pid", directory);
}

static void
tear_down(void)
{
	unlink(path);
	rmdir(directory);
}

static void
write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static long
number_in_file(void)
{
	FILE *file = fopen(path, "r");
	long number = -1;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%ld", &number), 1);
	fclose(file);
	return number;
}

static struct pidfile *
create(void)
{
	struct error error = { "" };
	struct pidfile *pidfile = pidfile_create(path, &error);

	ck_assert_msg(pidfile != NULL, "%s", error.text);
	return pidfile;
}

START_TEST(it_holds_the_number_as_long_as_it_lives)
{
	struct pidfile *pidfile;
	struct stat status;

	umask(0077);
	pidfile = create();
	ck_assert_int_eq(number_in_file(), getpid());
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0644);
	pidfile_destroy(&pidfile);
	ck_assert_ptr_null(pidfile);
	ck_assert_int_ne(access(path, F_OK), 0);
	pidfile_destroy(&pidfile);
}
END_TEST

static int
try_in_another_process(char *reason, size_t size)
{
	int ends[2], status;
	ssize_t got;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct error error = { "" };
		struct pidfile *pidfile = pidfile_create(path, &error);

		if (write(ends[1], error.text, strlen(error.text)) < 0)
			_exit(2);
		_exit(pidfile == NULL);
	}
	close(ends[1]);
	got = read(ends[0], reason, size - 1);
	reason[got > 0 ? got : 0] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_live_server_is_not_started_over)
{
	struct pidfile *pidfile = create();
	char reason[1024], number[32];

	ck_assert_int_eq(try_in_another_process(reason, sizeof(reason)), 1);
	snprintf(number, sizeof(number), "process %d", (int)getpid());
	ck_assert_msg(strstr(reason, number) != NULL, "%s", reason);
	ck_assert_msg(strstr(reason, path) != NULL, "%s", reason);
	ck_assert_int_eq(number_in_file(), getpid());
	pidfile_destroy(&pidfile);
}
END_TEST

START_TEST(a_server_that_died_leaves_a_stale_file)
{
	char reason[1024];
	struct pidfile *pidfile;

	/* It ends without pidfile_destroy(). */
	ck_assert_int_eq(try_in_another_process(reason, sizeof(reason)), 0);
	ck_assert_int_eq(access(path, F_OK), 0);
	pidfile = create();
	ck_assert_int_eq(number_in_file(), getpid());
	pidfile_destroy(&pidfile);
}
END_TEST

static const char *const stale[] = { "999999999\n", "1\n", "", "text\n", "-1\n",
	"0\n", "123456789012345678901234567890123456789012345678\n" };

START_TEST(whatever_stands_in_it_is_stale_without_a_lock)
{
	struct pidfile *pidfile;

	write_file(stale[_i]);
	pidfile = create();
	ck_assert_int_eq(number_in_file(), getpid());
	pidfile_destroy(&pidfile);
}
END_TEST

START_TEST(a_file_of_somebody_else_is_not_removed)
{
	struct pidfile *pidfile = create();
	char kept[80];

	/* Kept under another name, so that its inode is not used again. */
	snprintf(kept, sizeof(kept), "%s.kept", path);
	ck_assert_int_eq(rename(path, kept), 0);
	write_file("4711\n");
	pidfile_destroy(&pidfile);
	ck_assert_int_eq(number_in_file(), 4711);
	unlink(kept);
}
END_TEST

START_TEST(a_child_that_forgets_it_leaves_file_and_lock)
{
	struct pidfile *pidfile = create();
	char reason[1024];
	int status;
	pid_t child = fork();

	if (child == 0) {
		pidfile_forget(&pidfile);
		_exit(pidfile != NULL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(number_in_file(), getpid());
	ck_assert_int_eq(try_in_another_process(reason, sizeof(reason)), 1);
	pidfile_destroy(&pidfile);
}
END_TEST

START_TEST(it_is_found_again_after_a_change_of_directory)
{
	struct error error;
	struct pidfile *pidfile;

	ck_assert_int_eq(chdir(directory), 0);
	pidfile = pidfile_create("pid", &error);
	ck_assert_ptr_nonnull(pidfile);
	ck_assert_int_eq(chdir("/"), 0);
	pidfile_destroy(&pidfile);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_symbolic_link_is_refused)
{
	struct error error = { "" };

	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	ck_assert_ptr_null(pidfile_create(path, &error));
	ck_assert_ptr_nonnull(strstr(error.text, path));
}
END_TEST

START_TEST(a_missing_directory_is_named)
{
	struct error error = { "" };

	ck_assert_ptr_null(pidfile_create("/no/such/directory/pid", &error));
	ck_assert_ptr_nonnull(strstr(error.text, "/no/such/directory/pid"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pidfile");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, it_holds_the_number_as_long_as_it_lives);
	tcase_add_test(all, a_live_server_is_not_started_over);
	tcase_add_test(all, a_server_that_died_leaves_a_stale_file);
	tcase_add_loop_test(all, whatever_stands_in_it_is_stale_without_a_lock,
	    0, sizeof(stale) / sizeof(stale[0]));
	tcase_add_test(all, a_file_of_somebody_else_is_not_removed);
	tcase_add_test(all, a_child_that_forgets_it_leaves_file_and_lock);
	tcase_add_test(all, it_is_found_again_after_a_change_of_directory);
	tcase_add_test(all, a_symbolic_link_is_refused);
	tcase_add_test(all, a_missing_directory_is_named);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
