/* SPDX-License-Identifier: MIT */
/* Views of bytes. */
#include <check.h>
#include <stdlib.h>

#include "base/str.h"

static void
expect(struct str got, const char *text)
{
	ck_assert_uint_eq(got.length, strlen(text));
	ck_assert(str_equal(got, str_of(text)));
}

START_TEST(views_know_their_length)
{
	ck_assert_uint_eq(STR("abc").length, 3);
	ck_assert_uint_eq(STR("").length, 0);
	ck_assert_uint_eq(str_of("hello").length, 5);
	ck_assert_uint_eq(str_of(NULL).length, 0);
	ck_assert_ptr_null(str_of(NULL).data);
}
END_TEST

START_TEST(equal_is_equal_in_every_byte)
{
	ck_assert(str_equal(STR("abc"), STR("abc")));
	ck_assert(!str_equal(STR("abc"), STR("abd")));
	ck_assert(!str_equal(STR("abc"), STR("ab")));
	ck_assert(!str_equal(str_make("a\0b", 3), str_make("a\0c", 3)));
	ck_assert(str_equal(STR_NULL, STR("")));
	ck_assert(!str_equal(STR("abc"), STR("ABC")));
}
END_TEST

START_TEST(nocase_folds_ascii_letters_only)
{
	ck_assert(str_equal_nocase(STR("Host"), STR("hOST")));
	ck_assert(str_equal_nocase(STR("[@`{"), STR("[@`{")));
	ck_assert(!str_equal_nocase(STR("@"), STR("`")));
	ck_assert(!str_equal_nocase(STR("["), STR("{")));
	ck_assert(!str_equal_nocase(STR("a"), STR("ab")));
	ck_assert(!str_equal_nocase(STR("\xc9"), STR("\xe9")));
	ck_assert(str_equal_nocase(STR_NULL, STR("")));
}
END_TEST

START_TEST(beginnings_and_ends)
{
	ck_assert(str_starts(STR("/static/x"), STR("/static/")));
	ck_assert(str_starts(STR("abc"), STR("abc")));
	ck_assert(!str_starts(STR("ab"), STR("abc")));
	ck_assert(!str_starts(STR("xbc"), STR("ab")));
	ck_assert(str_starts(STR_NULL, STR("")));
	ck_assert(str_starts(STR("a"), STR_NULL));
	ck_assert(str_ends(STR("file.gz"), STR(".gz")));
	ck_assert(str_ends(STR("abc"), STR("abc")));
	ck_assert(!str_ends(STR("bc"), STR("abc")));
	ck_assert(!str_ends(STR("abc"), STR("ab")));
	ck_assert(str_ends(STR_NULL, STR_NULL));
	ck_assert(str_ends(STR("a"), STR_NULL));
	ck_assert(!str_ends(STR_NULL, STR("a")));
}
END_TEST

START_TEST(trim_takes_spaces_and_tabs)
{
	expect(str_trim(STR(" \t a b\t ")), "a b");
	expect(str_trim(STR("a")), "a");
	expect(str_trim(STR(" \t ")), "");
	expect(str_trim(STR("")), "");
	expect(str_trim(STR_NULL), "");
	expect(str_trim(STR("\na\r")), "\na\r");
}
END_TEST

START_TEST(find_gives_the_first_index)
{
	ck_assert_int_eq(str_find(STR("a:b:c"), ':'), 1);
	ck_assert_int_eq(str_find(STR("abc"), ':'), -1);
	ck_assert_int_eq(str_find(STR(""), ':'), -1);
	ck_assert_int_eq(str_find(STR_NULL, ':'), -1);
	ck_assert_int_eq(str_find(str_make("a\0b", 3), '\0'), 1);
	ck_assert_int_eq(str_find(str_make("abc:", 3), ':'), -1);
	ck_assert_int_eq(str_find(STR("a\xffz"), '\xff'), 1);
}
END_TEST

START_TEST(next_gives_every_part_trimmed)
{
	struct str rest = STR(" a ,b,, c d "), part;

	ck_assert(str_next(&rest, ',', &part));
	expect(part, "a");
	ck_assert(str_next(&rest, ',', &part));
	expect(part, "b");
	ck_assert(str_next(&rest, ',', &part));
	expect(part, "");
	ck_assert(str_next(&rest, ',', &part));
	expect(part, "c d");
	ck_assert_ptr_null(rest.data);
	ck_assert(!str_next(&rest, ',', &part));
	ck_assert(!str_next(&rest, ',', &part));
}
END_TEST

START_TEST(next_gives_an_empty_part_at_each_end)
{
	struct str rest = STR(",a,"), part;
	int count = 0;

	while (str_next(&rest, ',', &part))
		count++;
	ck_assert_int_eq(count, 3);
	rest = STR("");
	ck_assert(str_next(&rest, ',', &part));
	expect(part, "");
	ck_assert(!str_next(&rest, ',', &part));
}
END_TEST

START_TEST(numbers_up_to_the_largest)
{
	uint64_t value = 7;

	ck_assert(str_to_u64(STR("0"), &value));
	ck_assert_uint_eq(value, 0);
	ck_assert(str_to_u64(STR("00012"), &value));
	ck_assert_uint_eq(value, 12);
	ck_assert(str_to_u64(STR("18446744073709551615"), &value));
	ck_assert_uint_eq(value, UINT64_MAX);
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
	static const char *const wrong[] = { "", " 1", "1 ", "+1", "-1", "0x1",
		"1.0", "1e3", "18446744073709551616", "18446744073709551620",
		"99999999999999999999", "184467440737095516150", "/", ":",
		"\xb2" };
	uint64_t value = 7;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!str_to_u64(str_of(wrong[i]), &value),
		    "'%s' was taken as %lu", wrong[i], (unsigned long)value);
	ck_assert(!str_to_u64(STR_NULL, &value));
	ck_assert(!str_to_u64(str_make("1\0", 2), &value));
	ck_assert_uint_eq(value, 7);
}
END_TEST

START_TEST(lower_case_of_every_byte)
{
	for (int byte = 0; byte < 256; byte++) {
		int wanted = byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;

		ck_assert_int_eq(ascii_lower((unsigned char)byte), wanted);
	}
}
END_TEST

static Suite *
str_suite(void)
{
	Suite *suite = suite_create("str");
	TCase *all = tcase_create("all");

	tcase_add_test(all, views_know_their_length);
	tcase_add_test(all, equal_is_equal_in_every_byte);
	tcase_add_test(all, nocase_folds_ascii_letters_only);
	tcase_add_test(all, beginnings_and_ends);
	tcase_add_test(all, trim_takes_spaces_and_tabs);
	tcase_add_test(all, find_gives_the_first_index);
	tcase_add_test(all, next_gives_every_part_trimmed);
	tcase_add_test(all, next_gives_an_empty_part_at_each_end);
	tcase_add_test(all, numbers_up_to_the_largest);
	tcase_add_test(all, what_is_no_number_is_refused);
	tcase_add_test(all, lower_case_of_every_byte);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(str_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
