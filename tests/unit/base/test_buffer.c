/* SPDX-License-Identifier: MIT */
/* A growing run of bytes. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>

#include "base/buffer.h"

static struct buffer buffer;

static void
setup(void)
{
	buffer = BUFFER_EMPTY;
}

static void
teardown(void)
{
	buffer_finish(&buffer);
	ck_assert_ptr_null(buffer.data);
	ck_assert_uint_eq(buffer_length(&buffer), 0);
}

static void
expect(const char *text)
{
	struct str got = buffer_str(&buffer);

	ck_assert_uint_eq(got.length, strlen(text));
	ck_assert_mem_eq(got.data, text, got.length);
}

START_TEST(an_empty_buffer_owns_nothing)
{
	expect("");
	buffer_append(&buffer, NULL, 0);
	buffer_append_str(&buffer, STR_NULL);
	buffer_consume(&buffer, 0);
	ck_assert_ptr_null(buffer.data);
	ck_assert_ptr_nonnull(buffer_str(&buffer).data);
}
END_TEST

START_TEST(bytes_leave_in_the_order_they_came)
{
	buffer_append(&buffer, "hello ", 6);
	buffer_append_str(&buffer, STR("world"));
	expect("hello world");
	buffer_consume(&buffer, 6);
	expect("world");
	buffer_append(&buffer, "!", 1);
	expect("world!");
	buffer_consume(&buffer, 6);
	expect("");
	ck_assert_uint_eq(buffer.start, 0);
}
END_TEST

START_TEST(reserved_room_can_be_filled_in_part)
{
	char *at = buffer_reserve(&buffer, 1000);

	memset(at, 'x', 1000);
	memcpy(at, "abc", 3);
	expect("");
	buffer_commit(&buffer, 3);
	expect("abc");
	at = buffer_reserve(&buffer, 5000);
	memset(at, 'y', 5000);
	expect("abc");
	ck_assert_ptr_nonnull(buffer_reserve(&buffer, 0));
}
END_TEST

START_TEST(printf_appends_without_the_nul)
{
	buffer_append(&buffer, "<", 1);
	buffer_printf(&buffer, "%s %d", "a", 5);
	buffer_printf(&buffer, "%s", "");
	buffer_append(&buffer, ">", 1);
	expect("<a 5>");
	buffer_consume(&buffer, 5);
	buffer_printf(&buffer, "%*d", 4000, 1);
	ck_assert_uint_eq(buffer_length(&buffer), 4000);
}
END_TEST

/* Against a plain model, with sizes that cross every growth. */
START_TEST(any_mix_of_calls_keeps_all_bytes)
{
	static unsigned char next_in, next_out;
	unsigned random = 12345;
	size_t wrong = 0;

	for (int round = 0; round < 5000; round++) {
		random = random * 1103515245u + 12345u;
		size_t size = (random >> 16) % 400;

		if (random >> 31) {
			char *at = buffer_reserve(&buffer, size);

			for (size_t i = 0; i < size; i++)
				at[i] = (char)next_in++;
			buffer_commit(&buffer, size);
		} else {
			if (size > buffer_length(&buffer))
				size = buffer_length(&buffer);
			for (size_t i = 0; i < size; i++)
				wrong += buffer_bytes(&buffer)[i] !=
				    (char)next_out++;
			ck_assert_uint_eq(wrong, 0);
			buffer_consume(&buffer, size);
		}
		ck_assert_uint_le(buffer.end, buffer.capacity);
	}
}
END_TEST

/* Consuming and appending a byte at a time must not move all of it each
 * time: the data stays where it is for most rounds. */
START_TEST(a_full_buffer_is_moved_seldom)
{
	static const char block[65536];
	const char *before;
	size_t start, moves = 0;

	buffer_append(&buffer, block, sizeof(block));
	for (int round = 0; round < 100000; round++) {
		buffer_consume(&buffer, 1);
		before = buffer.data;
		start = buffer.start;
		buffer_append(&buffer, "x", 1);
		moves += buffer.data != before || buffer.start != start;
	}
	ck_assert_uint_eq(buffer_length(&buffer), sizeof(block));
	ck_assert_uint_le(moves, 10);
	ck_assert_uint_le(buffer.capacity, 4 * sizeof(block));
}
END_TEST

START_TEST(consuming_too_much_is_a_bug)
{
	buffer_append(&buffer, "ab", 2);
	buffer_consume(&buffer, 3);
}
END_TEST

START_TEST(an_impossible_size_ends_the_process)
{
	buffer_append(&buffer, "ab", 2);
	buffer_reserve(&buffer, SIZE_MAX - 1);
}
END_TEST

/* AddressSanitizer shall hand out NULL for such sizes, as malloc does. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static Suite *
buffer_suite(void)
{
	Suite *suite = suite_create("buffer");
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, an_empty_buffer_owns_nothing);
	tcase_add_test(all, bytes_leave_in_the_order_they_came);
	tcase_add_test(all, reserved_room_can_be_filled_in_part);
	tcase_add_test(all, printf_appends_without_the_nul);
	tcase_add_test(all, any_mix_of_calls_keeps_all_bytes);
	tcase_add_test(all, a_full_buffer_is_moved_seldom);
	tcase_add_test_raise_signal(all, consuming_too_much_is_a_bug, SIGABRT);
	tcase_add_test_raise_signal(all, an_impossible_size_ends_the_process,
	    SIGABRT);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(buffer_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
