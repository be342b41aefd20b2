/* SPDX-License-Identifier: MIT */
/* Nothing outside the root can be opened, with openat2() and without. */
#include <errno.h>

#include "folder.h"
#include "handler/file_root.h"

static struct folder folder;
static struct file_root root;

static void
open_root(const char *name)
{
	struct error error;

	if (file_root_init(&root, folder_path(&folder, name), &error) < 0)
		ck_abort_msg("%s", error.text);
}

static void
setup(void)
{
	folder_create(&folder);
	folder_write_text(&folder, "secret", "secret");
	folder_make(&folder, "www");
	folder_make(&folder, "www/sub");
	folder_write_text(&folder, "www/a", "aaa");
	folder_write_text(&folder, "www/ b\t", "spaces");
	folder_write_text(&folder, "www/sub/b", "bb");
	folder_link(&folder, "a", "www/to_a");
	folder_link(&folder, "sub", "www/to_sub");
	folder_link(&folder, "../a", "www/sub/up");
	folder_link(&folder, "../secret", "www/escape");
	folder_link(&folder, "../../secret", "www/sub/escape");
	folder_link(&folder, "..", "www/parent");
	folder_link(&folder, "/etc/passwd", "www/absolute");
	folder_link(&folder, "loop", "www/loop");
	folder_link(&folder, "/proc/self/root/etc", "www/magic");
	open_root("www");
}

static void
teardown(void)
{
	file_root_finish(&root);
	folder_remove(&folder);
}

/* Opens, reads and closes. Returns the byte count or the negative errno. */
static int
read_size(const char *relative)
{
	int fd = file_root_open(&root, relative, O_RDONLY | O_NONBLOCK);
	char text[64];
	ssize_t got;

	if (fd < 0)
		return fd;
	got = read(fd, text, sizeof(text));
	close(fd);
	return (int)got;
}

START_TEST(what_is_beneath_opens)
{
	root.walk = _i == 1;
	ck_assert_int_eq(read_size("a"), 3);
	ck_assert_int_eq(read_size(" b\t"), 6);
	ck_assert_int_eq(read_size("sub/b"), 2);
	ck_assert_int_eq(read_size("sub//b"), 2);
	ck_assert_int_eq(read_size("./sub/./b"), 2);
	ck_assert_int_eq(read_size("nothing"), -ENOENT);
	ck_assert_int_eq(read_size("a/b"), -ENOTDIR);
	ck_assert_int_eq(read_size("sub/nothing/x"), -ENOENT);
}
END_TEST

START_TEST(the_root_itself_opens)
{
	struct stat status;
	int fd;

	root.walk = _i == 1;
	fd = file_root_open(&root, "", O_PATH);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &status), 0);
	ck_assert(S_ISDIR(status.st_mode) && status.st_ino == root.inode);
	close(fd);
}
END_TEST

START_TEST(nothing_outside_opens)
{
	static const char *const paths[] = { "../secret", "sub/../../secret",
		"..", "/etc/passwd", "escape", "sub/escape", "parent/secret",
		"absolute", "loop", "magic/passwd", "sub/../../www/a" };

	root.walk = _i == 1;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int result = read_size(paths[i]);

		ck_assert_msg(result == -EXDEV || result == -ELOOP ||
			result == -ENOTDIR,
		    "%s: %d", paths[i], result);
	}
}
END_TEST

START_TEST(links_that_stay_beneath)
{
	ck_assert(!root.walk); /* the kernel of the tests has openat2() */
	ck_assert_int_eq(read_size("to_a"), 3);
	ck_assert_int_eq(read_size("to_sub/b"), 2);
	ck_assert_int_eq(read_size("sub/up"), 3);
	/* The fallback can't tell them from the others and refuses all. */
	root.walk = true;
	ck_assert_int_eq(read_size("to_a"), -ELOOP);
	ck_assert_int_lt(read_size("to_sub/b"), 0);
	ck_assert_int_eq(read_size("sub/up"), -ELOOP);
}
END_TEST

START_TEST(long_names_are_errors)
{
	char name[6000];

	root.walk = _i == 1;
	memset(name, 'x', sizeof(name));
	name[300] = '\0';
	ck_assert_int_eq(read_size(name), -ENAMETOOLONG);
}
END_TEST

START_TEST(walking_leaks_no_descriptor)
{
	int next = dup(0), again;

	close(next);
	root.walk = true;
	for (int i = 0; i < 3; i++) {
		(void)read_size("sub/b");
		(void)read_size("sub/../a");
		(void)read_size("sub/nothing/x");
		(void)read_size("to_sub/b");
		(void)read_size("a/b/c");
	}
	again = dup(0);
	close(again);
	ck_assert_int_eq(again, next);
}
END_TEST

START_TEST(one_file)
{
	file_root_finish(&root);
	open_root("www/to_a");
	ck_assert_str_eq(root.file, "to_a");
	ck_assert_int_eq(read_size(root.file), 3);
	file_root_finish(&root);
	/* What the operator names may be a link to anywhere. */
	open_root("www/escape");
	ck_assert_int_eq(read_size(root.file), 6);
}
END_TEST

START_TEST(what_can_not_be_a_root)
{
	struct error error;
	struct file_root other;

	ck_assert_int_lt(file_root_init(&other, folder_path(&folder, "none"),
			     &error),
	    0);
	ck_assert_ptr_nonnull(strstr(error.text, "No such file"));
	ck_assert_int_eq(mkfifo(folder_path(&folder, "fifo"), 0600), 0);
	ck_assert_int_lt(file_root_init(&other, folder_path(&folder, "fifo"),
			     &error),
	    0);
	ck_assert_ptr_nonnull(strstr(error.text, "neither"));
}
END_TEST

START_TEST(a_new_directory_in_its_place_is_taken)
{
	char current[PATH_MAX], fresh[PATH_MAX];
	unsigned generation;

	folder_make(&folder, "next");
	folder_write_text(&folder, "next/a", "newer");
	folder_link(&folder, "www", "current");
	file_root_finish(&root);
	open_root("current");
	generation = root.generation;
	file_root_refresh(&root, 1000);
	ck_assert_uint_eq(root.generation, generation);
	ck_assert_int_eq(read_size("a"), 3);
	/* As deployments do. */
	folder_link(&folder, "next", "fresh");
	strcpy(fresh, folder_path(&folder, "fresh"));
	strcpy(current, folder_path(&folder, "current"));
	ck_assert_int_eq(rename(fresh, current), 0);
	file_root_refresh(&root, 2000);
	ck_assert_uint_eq(root.generation, generation + 1);
	ck_assert_int_eq(read_size("a"), 5);
	/* While there is none, the old one goes on. */
	ck_assert_int_eq(unlink(current), 0);
	file_root_refresh(&root, 3000);
	ck_assert_int_eq(read_size("a"), 5);
}
END_TEST

static Suite *
file_root_suite(void)
{
	Suite *suite = suite_create("file_root");
	TCase *tcase = tcase_create("file_root");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, what_is_beneath_opens, 0, 2);
	tcase_add_loop_test(tcase, the_root_itself_opens, 0, 2);
	tcase_add_loop_test(tcase, nothing_outside_opens, 0, 2);
	tcase_add_test(tcase, links_that_stay_beneath);
	tcase_add_loop_test(tcase, long_names_are_errors, 0, 2);
	tcase_add_test(tcase, walking_leaks_no_descriptor);
	tcase_add_test(tcase, one_file);
	tcase_add_test(tcase, what_can_not_be_a_root);
	tcase_add_test(tcase, a_new_directory_in_its_place_is_taken);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(file_root_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
