/* SPDX-License-Identifier: MIT */
/* What is kept of files, for how long, and how much of it. */
#include <errno.h>

#include "folder.h"
#include "handler/file_cache.h"

static struct folder folder;
static struct file_root root;
static struct file_cache *cache;
static uint64_t now = 1000000; /* milliseconds; the tests' own clock */

static void
setup(void)
{
	struct error error;

	folder_create(&folder);
	if (file_root_init(&root, folder.path, &error) < 0)
		ck_abort_msg("%s", error.text);
	cache = file_cache_create();
}

static void
teardown(void)
{
	file_cache_destroy(&cache);
	ck_assert_ptr_null(cache);
	file_root_finish(&root);
	folder_remove(&folder);
}

/* Finds by name, in a window of time of its own. */
static const struct file_entry *
find(const char *name)
{
	now += 1000;
	return file_cache_find(cache, &root, str_of(name), FILE_PLAIN, now);
}

static const struct file_entry *
find_at(const char *name, uint64_t when)
{
	return file_cache_find(cache, &root, str_of(name), FILE_PLAIN, when);
}

static void
assert_content(const struct file_entry *entry, const char *text)
{
	ck_assert_int_eq(entry->kind, FILE_SMALL);
	ck_assert_int_eq(entry->status.st_size, (off_t)strlen(text));
	ck_assert_int_eq(memcmp(entry->content, text, strlen(text)), 0);
}

/* Waits until the clock of the file system has moved, so that what was just
 * written counts as settled. */
static void
settle(void)
{
	struct timespec pause = { .tv_nsec = 30000000 };

	nanosleep(&pause, NULL);
}

START_TEST(facts)
{
	const struct file_entry *entry;
	char etag[64];

	folder_write_text(&folder, "a.css", "hello");
	entry = find("a.css");
	assert_content(entry, "hello");
	ck_assert_int_eq(entry->fd, -1);
	ck_assert(str_equal(entry->last_modified,
	    STR("Sun, 06 Nov 1994 08:49:37 GMT")));
	ck_assert(str_equal(entry->content_type,
	    STR("text/css; charset=utf-8")));
	snprintf(etag, sizeof(etag), "\"%llx-5\"", 784111777000000000ull);
	ck_assert(str_equal(entry->etag, str_of(etag)));
}
END_TEST

START_TEST(kinds)
{
	char *large = calloc(1, FILE_CACHE_SMALL + 1);

	folder_make(&folder, "dir");
	folder_write(&folder, "empty", "", 0);
	folder_write(&folder, "small", large, FILE_CACHE_SMALL);
	folder_write(&folder, "large", large, FILE_CACHE_SMALL + 1);
	free(large);
	ck_assert_int_eq(find("dir")->kind, FILE_DIRECTORY);
	ck_assert_int_eq(find("")->kind, FILE_DIRECTORY);
	assert_content(find("empty"), "");
	ck_assert_int_eq(find("small")->kind, FILE_SMALL);
	ck_assert_int_eq(find("large")->kind, FILE_LARGE);
	ck_assert_int_ge(find("large")->fd, 0);
	ck_assert_int_eq(find("none")->kind, FILE_ABSENT);
	ck_assert_int_eq(find("none")->error, ENOENT);
	ck_assert_int_eq(find("small/x")->error, ENOTDIR);
	ck_assert_int_eq(find("../x")->error, EXDEV);
}
END_TEST

START_TEST(special_files_are_absent)
{
	int fd;

	ck_assert_int_eq(mkfifo(folder_path(&folder, "fifo"), 0600), 0);
	ck_assert_int_eq(find("fifo")->kind, FILE_ABSENT);
	ck_assert_int_eq(find("fifo")->error, ENXIO);
	/* Nobody has had it open for reading. */
	fd = open(folder_path(&folder, "fifo"), O_WRONLY | O_NONBLOCK);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(errno, ENXIO);
}
END_TEST

START_TEST(the_same_entry_serves_again)
{
	const struct file_entry *entry;

	folder_write_text(&folder, "a", "hello");
	settle();
	entry = find("a");
	ck_assert_ptr_eq(find("a"), entry);
	ck_assert_ptr_eq(find("a"), entry);
	ck_assert_ptr_ne(file_cache_find(cache, &root, STR("a"), FILE_GZIP,
			     now),
	    entry);
	ck_assert_ptr_eq(find("a"), entry);
	entry = find("none");
	ck_assert_ptr_eq(find("none"), entry);
}
END_TEST

START_TEST(changes_show_at_once)
{
	char from[PATH_MAX];

	folder_write_text(&folder, "a", "hello");
	assert_content(find("a"), "hello");
	/* In place, same size, same time of change. */
	folder_write_text(&folder, "a", "world");
	assert_content(find("a"), "world");
	folder_write_text(&folder, "a", "longer");
	assert_content(find("a"), "longer");
	/* Another file under the name. */
	folder_write_text(&folder, "b", "better");
	strcpy(from, folder_path(&folder, "b"));
	ck_assert_int_eq(rename(from, folder_path(&folder, "a")), 0);
	assert_content(find("a"), "better");
	ck_assert_int_eq(unlink(folder_path(&folder, "a")), 0);
	ck_assert_int_eq(find("a")->kind, FILE_ABSENT);
	folder_make(&folder, "a");
	ck_assert_int_eq(find("a")->kind, FILE_DIRECTORY);
}
END_TEST

START_TEST(a_flood_is_answered_from_memory)
{
	folder_write_text(&folder, "a", "hello");
	settle();
	find("a");
	/* The finding itself was the first check of this window. */
	for (int i = 1; i < FRESHNESS_CHECKS; i++)
		(void)file_cache_find(cache, &root, STR("a"), FILE_PLAIN, now);
	ck_assert_int_eq(unlink(folder_path(&folder, "a")), 0);
	assert_content(file_cache_find(cache, &root, STR("a"), FILE_PLAIN,
			   now + FRESHNESS_WINDOW_MS - 1),
	    "hello");
	ck_assert_int_eq(file_cache_find(cache, &root, STR("a"), FILE_PLAIN,
			     now + FRESHNESS_WINDOW_MS)
			     ->kind,
	    FILE_ABSENT);
}
END_TEST

START_TEST(a_flood_of_changes_is_bounded_too)
{
	/* A file that never settles is read anew only so often. */
	folder_write_text(&folder, "a", "0");
	find("a");
	for (int i = 1; i < 2 * FRESHNESS_CHECKS; i++) {
		folder_write_text(&folder, "a", i % 2 ? "1" : "0");
		(void)file_cache_find(cache, &root, STR("a"), FILE_PLAIN, now);
	}
	folder_write_text(&folder, "a", "final");
	ck_assert_int_eq(file_cache_find(cache, &root, STR("a"), FILE_PLAIN,
			     now)
			     ->status.st_size,
	    1);
	assert_content(find("a"), "final");
}
END_TEST

START_TEST(the_sibling_is_another_file)
{
	const struct file_entry *entry;

	folder_write_text(&folder, "a.css", "hello");
	folder_write_text(&folder, "a.css.gz", "zipped");
	now += 1000;
	entry = file_cache_find(cache, &root, STR("a.css"), FILE_GZIP, now);
	assert_content(entry, "zipped");
	ck_assert(str_equal(entry->content_type,
	    STR("text/css; charset=utf-8")));
	ck_assert(str_ends(entry->etag, STR("-6-gzip\"")));
	assert_content(find("a.css"), "hello");
	ck_assert(str_equal(find("a.css.gz")->content_type,
	    STR("application/gzip")));
}
END_TEST

START_TEST(another_root_directory_counts)
{
	ck_assert_uint_eq(root.generation, 1);
	folder_write_text(&folder, "a", "hello");
	settle();
	find("a");
	root.generation++;
	folder_write_text(&folder, "a", "other");
	/* Even in the midst of a flood. */
	for (int i = 0; i < 2 * FRESHNESS_CHECKS; i++)
		assert_content(file_cache_find(cache, &root, STR("a"),
				   FILE_PLAIN, now),
		    "other");
}
END_TEST

/* --- bounds --------------------------------------------------------------- */

static int
open_descriptors(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

START_TEST(names_that_are_absent_are_bounded)
{
	const struct file_entry *first = find("n0");
	char name[32];

	ck_assert_int_eq(first->kind, FILE_ABSENT);
	folder_write_text(&folder, "kept", "kept");
	settle();
	first = find("kept");
	for (int i = 0; i < 3 * FILE_CACHE_MAX_ABSENT; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		ck_assert_int_eq(find(name)->kind, FILE_ABSENT);
	}
	/* They push out each other, not what exists. */
	ck_assert_ptr_eq(find("kept"), first);
}
END_TEST

START_TEST(large_files_are_bounded)
{
	int before = open_descriptors();
	const struct file_entry *entry;
	char name[32];

	for (int i = 0; i < FILE_CACHE_MAX_LARGE + 20; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		folder_write_text(&folder, name, "");
		ck_assert_int_eq(truncate(folder_path(&folder, name), 100000),
		    0);
		entry = find(name);
		ck_assert_int_eq(entry->kind, FILE_LARGE);
		ck_assert_int_eq(entry->status.st_size, 100000);
	}
	ck_assert_int_eq(open_descriptors(), before + FILE_CACHE_MAX_LARGE);
	file_cache_forget(cache, &root);
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(memory_is_bounded)
{
	enum { FILES = FILE_CACHE_MEMORY / FILE_CACHE_SMALL };
	const struct file_entry *second;
	uint64_t moment;
	char name[32];

	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		folder_write_text(&folder, name, "");
		ck_assert_int_eq(truncate(folder_path(&folder, name),
				     FILE_CACHE_SMALL),
		    0);
	}
	settle();
	/* Found so often that this moment's answer is not checked again. */
	find("f0");
	moment = now;
	for (int i = 0; i < FRESHNESS_CHECKS; i++)
		ck_assert_int_eq(find_at("f0", moment)->status.st_size,
		    FILE_CACHE_SMALL);
	second = find("f1");
	for (int i = 2; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		find(name);
	}
	ck_assert_ptr_eq(find("f1"), second);
	folder_write_text(&folder, "f0", "changed");
	/* All fits: the first is remembered, */
	ck_assert_int_eq(find_at("f0", moment)->status.st_size,
	    FILE_CACHE_SMALL);
	/* but used longer ago than the second now. */
	ck_assert_ptr_eq(find("f1"), second);
	for (int i = 2; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		find(name);
	}
	folder_write_text(&folder, "last", "x");
	find("last");
	ck_assert_ptr_eq(find("f1"), second);
	assert_content(find_at("f0", moment), "changed");
}
END_TEST

static Suite *
file_cache_suite(void)
{
	Suite *suite = suite_create("file_cache");
	TCase *finding = tcase_create("finding"),
	      *bounds = tcase_create("bounds");

	tcase_add_checked_fixture(finding, setup, teardown);
	tcase_add_checked_fixture(bounds, setup, teardown);
	tcase_set_timeout(bounds, 60);
	tcase_add_test(finding, facts);
	tcase_add_test(finding, kinds);
	tcase_add_test(finding, special_files_are_absent);
	tcase_add_test(finding, the_same_entry_serves_again);
	tcase_add_test(finding, changes_show_at_once);
	tcase_add_test(finding, a_flood_is_answered_from_memory);
	tcase_add_test(finding, a_flood_of_changes_is_bounded_too);
	tcase_add_test(finding, the_sibling_is_another_file);
	tcase_add_test(finding, another_root_directory_counts);
	tcase_add_test(bounds, names_that_are_absent_are_bounded);
	tcase_add_test(bounds, large_files_are_bounded);
	tcase_add_test(bounds, memory_is_bounded);
	suite_add_tcase(suite, finding);
	suite_add_tcase(suite, bounds);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(file_cache_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
