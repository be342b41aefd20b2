/* SPDX-License-Identifier: MIT */
/* Request bodies in memory and on disk. */
#include "handler/app_body.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT 1000

static struct app_body body;

static void
set_up(void)
{
	app_body_init(&body);
}

static void
tear_down(void)
{
	app_body_finish(&body);
	ck_assert_int_eq(body.fd, -1);
}

static char
byte_at(size_t offset)
{
	return (char)('a' + (offset + offset / 100) % 26);
}

/* Appends size bytes that stand at offset. */
static void
append(size_t offset, size_t size)
{
	char data[5000];
	struct error error;

	ck_assert_uint_le(size, sizeof(data));
	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(offset + i);
	ck_assert_int_eq(app_body_append(&body, data, size, LIMIT, "/tmp",
			     &error),
	    0);
}

static void
expect(size_t offset, size_t size, size_t count)
{
	char data[5000];

	ck_assert_int_eq(app_body_read(&body, data, size), (ssize_t)count);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(data[i], byte_at(offset + i));
}

START_TEST(a_new_body_is_empty)
{
	ck_assert(app_body_empty(&body));
	expect(0, 10, 0);
}
END_TEST

START_TEST(small_bodies_stay_in_memory)
{
	append(0, 600);
	append(600, 400);
	ck_assert_int_eq(body.fd, -1);
	ck_assert(!app_body_empty(&body));
	expect(0, 300, 300);
	expect(300, 5000, 700);
	ck_assert(app_body_empty(&body));
	ck_assert_ptr_null(body.memory.data);
}
END_TEST

START_TEST(larger_ones_go_to_disk_and_keep_their_order)
{
	append(0, 900);
	append(900, 101);
	ck_assert_int_ge(body.fd, 0);
	/* Also what would fit now. */
	append(1001, 1);
	append(1002, 3000);
	expect(0, 5000, 900);
	expect(900, 50, 50);
	/* Read and written in turns. */
	append(4002, 10);
	expect(950, 2000, 2000);
	expect(2950, 5000, 1062);
	ck_assert(app_body_empty(&body));
	expect(0, 10, 0);
	append(4012, 5);
	ck_assert(!app_body_empty(&body));
	expect(4012, 10, 5);
}
END_TEST

START_TEST(without_a_limit_nothing_goes_to_disk)
{
	char data[5000] = "x";
	struct error error;

	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(app_body_append(&body, data, sizeof(data),
				     UINT64_MAX, "/nowhere", &error),
		    0);
	ck_assert_int_eq(body.fd, -1);
}
END_TEST

START_TEST(a_directory_that_takes_no_file_is_reported)
{
	char data[2000] = "x";
	struct error error;

	ck_assert_int_eq(app_body_append(&body, data, sizeof(data), LIMIT,
			     "/nowhere/at/all", &error),
	    -1);
	ck_assert_ptr_nonnull(strstr(error.text, "/nowhere/at/all"));
	ck_assert_ptr_nonnull(strstr(error.text, "temp_dir"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("app_body");
	TCase *tests = tcase_create("app_body");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_new_body_is_empty);
	tcase_add_test(tests, small_bodies_stay_in_memory);
	tcase_add_test(tests, larger_ones_go_to_disk_and_keep_their_order);
	tcase_add_test(tests, without_a_limit_nothing_goes_to_disk);
	tcase_add_test(tests, a_directory_that_takes_no_file_is_reported);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
