/* SPDX-License-Identifier: MIT */
/* Allocation that never returns NULL, and the clocks. */
#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

START_TEST(no_size_gives_null)
{
	void *memory = xmalloc(0);

	ck_assert_ptr_nonnull(memory);
	memory = xrealloc(memory, 0);
	ck_assert_ptr_nonnull(memory);
	memory = xreallocarray(memory, 0, 8);
	ck_assert_ptr_nonnull(memory);
	free(memory);
	memory = xcalloc(0, 0);
	ck_assert_ptr_nonnull(memory);
	free(memory);
}
END_TEST

START_TEST(content_survives_growth)
{
	char *text = xmalloc(4);

	memcpy(text, "abc", 4);
	text = xreallocarray(text, 1000, 10);
	ck_assert_str_eq(text, "abc");
	free(text);
}
END_TEST

START_TEST(calloc_clears)
{
	static const char zeros[800];
	char *memory = xcalloc(100, 8);

	ck_assert_mem_eq(memory, zeros, 800);
	free(memory);
}
END_TEST

START_TEST(copies_of_text)
{
	char *copy = xstrdup("hello");

	ck_assert_str_eq(copy, "hello");
	free(copy);
	copy = xstrndup("hello", 2);
	ck_assert_str_eq(copy, "he");
	free(copy);
	copy = xstrndup(NULL, 0);
	ck_assert_str_eq(copy, "");
	free(copy);
	copy = xasprintf("%d-%s", 5, "x");
	ck_assert_str_eq(copy, "5-x");
	free(copy);
}
END_TEST

START_TEST(a_product_that_overflows_ends_the_process)
{
	free(xreallocarray(NULL, SIZE_MAX / 4, 8));
}
END_TEST

START_TEST(more_than_there_is_ends_the_process)
{
	volatile size_t size = SIZE_MAX / 2;

	free(xmalloc(size));
}
END_TEST

START_TEST(clocks_go_forward)
{
	uint64_t first = clock_monotonic_ns(), second = clock_monotonic_ns();

	ck_assert_uint_ge(second, first);
	/* The coarse clock lags behind the fine one, never the reverse. */
	ck_assert_uint_le(clock_coarse_ms(), clock_monotonic_ms());
	/* Later than 2020, in microseconds. */
	ck_assert_uint_gt(clock_wall_us(), UINT64_C(1577836800000000));
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
memory_suite(void)
{
	Suite *suite = suite_create("memory");
	TCase *all = tcase_create("all");

	tcase_add_test(all, no_size_gives_null);
	tcase_add_test(all, content_survives_growth);
	tcase_add_test(all, calloc_clears);
	tcase_add_test(all, copies_of_text);
	tcase_add_test(all, clocks_go_forward);
	tcase_add_test_raise_signal(all,
	    a_product_that_overflows_ends_the_process, SIGABRT);
	tcase_add_test_raise_signal(all, more_than_there_is_ends_the_process,
	    SIGABRT);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(memory_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
