/* SPDX-License-Identifier: MIT */
/* Memory that ends together. */
#include <check.h>
#include <stdalign.h>
#include <signal.h>
#include <stdlib.h>

#include "base/arena.h"

static struct arena arena;
static char space[512];

static void
setup(void)
{
	arena_init(&arena, space, sizeof(space));
}

static void
teardown(void)
{
	arena_reset(&arena);
}

static bool
in_space(const void *pointer)
{
	const char *at = pointer;

	return at >= space && at < space + sizeof(space);
}

START_TEST(small_pieces_come_from_the_owners_space)
{
	char *first = arena_alloc(&arena, 10), *second = arena_alloc(&arena, 1);

	ck_assert(in_space(first));
	ck_assert(in_space(second));
	ck_assert_ptr_null(arena.blocks);
	ck_assert(second >= first + 10);
}
END_TEST

START_TEST(pieces_are_aligned_and_do_not_overlap)
{
	unsigned char *pieces[300];

	for (size_t i = 0; i < 300; i++) {
		pieces[i] = arena_alloc(&arena, i);
		ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(max_align_t),
		    0);
		memset(pieces[i], (int)(i & 0xff), i);
	}
	for (size_t i = 0; i < 300; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_uint_eq(pieces[i][j], i & 0xff);
}
END_TEST

START_TEST(the_whole_space_is_used_and_not_more)
{
	static alignas(max_align_t) char exact[64];
	struct arena small;
	char *got;

	arena_init(&small, exact, sizeof(exact));
	got = arena_alloc(&small, sizeof(exact));
	ck_assert_ptr_eq(got, exact);
	memset(got, 'x', sizeof(exact));
	got = arena_alloc(&small, 1);
	ck_assert(got < exact || got >= exact + sizeof(exact));
	arena_reset(&small);
}
END_TEST

START_TEST(an_odd_space_is_aligned_within)
{
	struct arena odd;
	char *got;

	arena_init(&odd, space + 1, 40);
	got = arena_alloc(&odd, 8);
	ck_assert_uint_eq((uintptr_t)got % alignof(max_align_t), 0);
	memset(got, 'x', 8);
	got = arena_alloc(&odd, 40);
	ck_assert(!in_space(got));
	arena_reset(&odd);
}
END_TEST

START_TEST(large_pieces_leave_the_current_block_in_use)
{
	char *small = arena_alloc(&arena, 16), *next;
	char *large = arena_alloc(&arena, 100000);

	memset(large, 'x', 100000);
	next = arena_alloc(&arena, 16);
	ck_assert_ptr_eq(next, small + 16);
}
END_TEST

START_TEST(an_arena_without_space_works)
{
	struct arena bare;
	char *got;

	arena_init(&bare, NULL, 0);
	got = arena_alloc(&bare, 0);
	ck_assert_ptr_nonnull(got);
	got = arena_alloc(&bare, 5000);
	memset(got, 'x', 5000);
	arena_reset(&bare);
	got = arena_alloc(&bare, 3);
	memset(got, 'x', 3);
	arena_reset(&bare);
	ck_assert_ptr_null(bare.blocks);
}
END_TEST

START_TEST(a_reset_begins_with_the_first_block_again)
{
	char *first = arena_alloc(&arena, 100);

	arena_alloc(&arena, 3000);
	arena_alloc(&arena, 300);
	arena_alloc(&arena, 300);
	arena_reset(&arena);
	ck_assert_ptr_null(arena.blocks);
	ck_assert_ptr_eq(arena_alloc(&arena, 100), first);
}
END_TEST

START_TEST(calloc_clears_used_memory)
{
	static const char zeros[600];

	memset(space, 'x', sizeof(space));
	ck_assert_mem_eq(arena_calloc(&arena, 100), zeros, 100);
	ck_assert_mem_eq(arena_calloc(&arena, 600), zeros, 600);
}
END_TEST

START_TEST(copies_end_with_nul)
{
	char *copy = arena_strndup(&arena, "hello world", 5);
	struct str view = arena_str(&arena, STR_NULL);

	ck_assert_str_eq(copy, "hello");
	ck_assert_uint_eq(view.length, 0);
	ck_assert_str_eq(view.data, "");
	view = arena_str(&arena, str_make("a\0b", 3));
	ck_assert_mem_eq(view.data, "a\0b", 4);
	ck_assert_uint_eq(view.length, 3);
}
END_TEST

START_TEST(printf_takes_any_length)
{
	struct str text = arena_printf(&arena, "%s-%05d", "x", 42);

	ck_assert_str_eq(text.data, "x-00042");
	ck_assert_uint_eq(text.length, 7);
	text = arena_printf(&arena, "%*d", 9000, 7);
	ck_assert_uint_eq(text.length, 9000);
	ck_assert_int_eq(text.data[8999], '7');
	ck_assert_int_eq(text.data[9000], '\0');
	text = arena_printf(&arena, "%s", "");
	ck_assert_uint_eq(text.length, 0);
}
END_TEST

START_TEST(an_impossible_size_ends_the_process)
{
	arena_alloc(&arena, SIZE_MAX - 8);
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
arena_suite(void)
{
	Suite *suite = suite_create("arena");
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, small_pieces_come_from_the_owners_space);
	tcase_add_test(all, pieces_are_aligned_and_do_not_overlap);
	tcase_add_test(all, the_whole_space_is_used_and_not_more);
	tcase_add_test(all, an_odd_space_is_aligned_within);
	tcase_add_test(all, large_pieces_leave_the_current_block_in_use);
	tcase_add_test(all, an_arena_without_space_works);
	tcase_add_test(all, a_reset_begins_with_the_first_block_again);
	tcase_add_test(all, calloc_clears_used_memory);
	tcase_add_test(all, copies_end_with_nul);
	tcase_add_test(all, printf_takes_any_length);
	tcase_add_test_raise_signal(all, an_impossible_size_ends_the_process,
	    SIGABRT);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(arena_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
