/* SPDX-License-Identifier: MIT */
/* Durations, sizes, switches, modes and words, at their edges. */
#include "config/value.h"

#include "loading.h"

static void
check_duration(const char *text, bool good, uint64_t expected)
{
	uint64_t value = 77;

	ck_assert_msg(value_parse_duration(text, &value) == good, "%s", text);
	ck_assert_uint_eq(value, good ? expected : 77);
}

START_TEST(durations_have_units_and_bare_numbers_are_seconds)
{
	check_duration("30s", true, 30000);
	check_duration("30", true, 30000);
	check_duration("0", true, 0);
	check_duration("500ms", true, 500);
	check_duration("2m", true, 120000);
	check_duration("1h", true, 3600000);
	check_duration("1d", true, 86400000);
	check_duration("5S", true, 5000);
}
END_TEST

START_TEST(durations_refuse_what_is_ambiguous)
{
	static const char *const bad[] = { "", "s", "ms", "1.5s", "-1", "+1",
		" 1", "1 s", "1s ", "1h30m", "1w", "1sec", "0x10", "1e3",
		"18446744073709551615", "18446744073709552s",
		"99999999999999999999", "٣" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_duration(bad[i], false, 0);
	check_duration("18446744073709551s", true, 18446744073709551000u);
	check_duration("18446744073709551615ms", true, UINT64_MAX);
}
END_TEST

static void
check_size(const char *text, bool good, uint64_t expected)
{
	uint64_t value = 77;

	ck_assert_msg(value_parse_size(text, &value) == good, "%s", text);
	ck_assert_uint_eq(value, good ? expected : 77);
}

START_TEST(sizes_are_powers_of_1024)
{
	check_size("0", true, 0);
	check_size("512", true, 512);
	check_size("16k", true, 16384);
	check_size("16K", true, 16384);
	check_size("1m", true, 1048576);
	check_size("1g", true, 1073741824);
	check_size("17179869183g", true, 18446744072635809792u);
	check_size("18446744073709551615", true, UINT64_MAX);
}
END_TEST

START_TEST(sizes_refuse_overflow_and_other_units)
{
	static const char *const bad[] = { "", "k", "1kb", "1.5m", "-1", "1t",
		"17179869184g", "18446744073709551616", "1 k", "0x10" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_size(bad[i], false, 0);
}
END_TEST

START_TEST(booleans_have_three_spellings)
{
	static const char *const yes[] = { "on", "yes", "true", "ON", "True" };
	static const char *const no[] = { "off", "no", "false", "Off" };
	static const char *const bad[] = { "", "1", "0", "onn", "o", "y" };
	bool value;

	for (size_t i = 0; i < 5; i++) {
		value = false;
		ck_assert(value_parse_bool(yes[i], &value) && value);
	}
	for (size_t i = 0; i < 4; i++) {
		value = true;
		ck_assert(value_parse_bool(no[i], &value) && !value);
	}
	for (size_t i = 0; i < 6; i++)
		ck_assert(!value_parse_bool(bad[i], &value));
}
END_TEST

START_TEST(modes_are_octal)
{
	uint64_t value = 0;

	ck_assert(value_parse_octal("0027", &value) && value == 027);
	ck_assert(value_parse_octal("7", &value) && value == 7);
	ck_assert(value_parse_octal("7777", &value) && value == 07777);
	ck_assert(!value_parse_octal("", &value));
	ck_assert(!value_parse_octal("08", &value));
	ck_assert(!value_parse_octal("00027", &value));
	ck_assert(!value_parse_octal("0o27", &value));
	ck_assert(!value_parse_octal("-7", &value));
}
END_TEST

START_TEST(words_are_exact)
{
	static const char *const words[] = { "drop", "refuse", NULL };
	unsigned index = 9;

	ck_assert(value_parse_word("refuse", words, &index) && index == 1);
	ck_assert(value_parse_word("drop", words, &index) && index == 0);
	ck_assert(!value_parse_word("Drop", words, &index));
	ck_assert(!value_parse_word("", words, &index));
}
END_TEST

START_TEST(written_values_read_back)
{
	static const uint64_t values[] = { 0, 1, 500, 999, 1000, 1001, 30000,
		60000, 75000, 120000, 180000, 3600000, 86400000, 90061001, 1024,
		16384, 1048576, 1u << 30, 3u << 20, UINT64_MAX };
	char text[VALUE_TEXT_SIZE];
	uint64_t back;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		value_print_duration(text, values[i]);
		ck_assert(value_parse_duration(text, &back));
		ck_assert_uint_eq(back, values[i]);
		value_print_size(text, values[i]);
		ck_assert(value_parse_size(text, &back));
		ck_assert_uint_eq(back, values[i]);
	}
	value_print_duration(text, 75000);
	ck_assert_str_eq(text, "75s");
	value_print_duration(text, 86400000);
	ck_assert_str_eq(text, "1d");
	value_print_size(text, 100 * 1048576);
	ck_assert_str_eq(text, "100m");
}
END_TEST

RUN_SUITE("config/value", durations_have_units_and_bare_numbers_are_seconds,
    durations_refuse_what_is_ambiguous, sizes_are_powers_of_1024,
    sizes_refuse_overflow_and_other_units, booleans_have_three_spellings,
    modes_are_octal, words_are_exact, written_values_read_back)
