/* SPDX-License-Identifier: MIT */
/* Bytes from outside as harmless text. */
#include <check.h>
#include <stdlib.h>

#include "serve/log_escape.h"

typedef void escape_fn(struct buffer *out, struct str text, size_t cap);

static void
expect(escape_fn *escape, struct str text, size_t cap, const char *wanted)
{
	struct buffer out = BUFFER_EMPTY;

	buffer_append(&out, "<", 1);
	escape(&out, text, cap);
	buffer_append(&out, "\0", 1);
	ck_assert_str_eq(buffer_bytes(&out) + 1, wanted);
	buffer_finish(&out);
}

START_TEST(plain_text_stays)
{
	struct str text = STR("GET /a?b=c#[]{}'`~ HTTP/1.1");

	expect(log_escape_plain, text, 1000, text.data);
	expect(log_escape_json, text, 1000, text.data);
	expect(log_escape_word, STR("no-space"), 1000, "no-space");
	expect(log_escape_plain, STR(""), 1000, "");
	expect(log_escape_plain, STR_NULL, 1000, "");
	expect(log_escape_json, STR_NULL, 0, "");
}
END_TEST

START_TEST(nothing_ends_a_line_or_a_quoted_value)
{
	expect(log_escape_plain, STR("a\"b\\c\r\nd\te\x7f\x1b[0m"), 1000,
	    "a\\x22b\\x5Cc\\x0D\\x0Ad\\x09e\\x7F\\x1B[0m");
	expect(log_escape_plain, str_make("\0\x80\xff", 3), 1000,
	    "\\x00\\x80\\xFF");
	expect(log_escape_word, STR("a b"), 1000, "a\\x20b");
	expect(log_escape_plain, STR("a b"), 1000, "a b");
}
END_TEST

START_TEST(every_byte_is_printable_ascii_afterwards)
{
	static escape_fn *const all[] = { log_escape_plain, log_escape_word,
		log_escape_json };
	char bytes[256];

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	for (size_t way = 0; way < 3; way++) {
		struct buffer out = BUFFER_EMPTY;

		all[way](&out, str_make(bytes, sizeof(bytes)), 100000);
		for (size_t i = 0; i < buffer_length(&out); i++)
			ck_assert(buffer_bytes(&out)[i] >= 0x20 &&
			    buffer_bytes(&out)[i] < 0x7f);
		buffer_finish(&out);
	}
}
END_TEST

START_TEST(json_escapes_by_character)
{
	expect(log_escape_json, STR("a\"b\\c\r\n\t\x01\x7f"), 1000,
	    "a\\\"b\\\\c\\u000D\\u000A\\u0009\\u0001\\u007F");
	expect(log_escape_json, STR("\xc3\xa9\xe2\x82\xac"), 1000,
	    "\\u00E9\\u20AC");
	expect(log_escape_json, STR("\xf0\x9f\x98\x80."), 1000,
	    "\\uD83D\\uDE00.");
	expect(log_escape_json, STR("\xf4\x8f\xbf\xbf"), 1000,
	    "\\uDBFF\\uDFFF");
	expect(log_escape_json, STR("\xe2\x80\xa8\xc2\x85"), 1000,
	    "\\u2028\\u0085");
	expect(log_escape_json, str_make("\0", 1), 1000, "\\u0000");
}
END_TEST

START_TEST(json_shows_bytes_that_are_no_utf8)
{
	/* lone, cut, overlong, surrogate, too large */
	expect(log_escape_json, STR("\x80z"), 1000, "\\\\x80z");
	expect(log_escape_json, STR("\xc3"), 1000, "\\\\xC3");
	expect(log_escape_json, STR("\xc3("), 1000, "\\\\xC3(");
	expect(log_escape_json, STR("\xe2\x82"), 1000, "\\\\xE2\\\\x82");
	expect(log_escape_json, STR("\xc0\xaf"), 1000, "\\\\xC0\\\\xAF");
	expect(log_escape_json, STR("\xe0\x80\xaf"), 1000,
	    "\\\\xE0\\\\x80\\\\xAF");
	expect(log_escape_json, STR("\xed\xa0\x80"), 1000,
	    "\\\\xED\\\\xA0\\\\x80");
	expect(log_escape_json, STR("\xf4\x90\x80\x80"), 1000,
	    "\\\\xF4\\\\x90\\\\x80\\\\x80");
	expect(log_escape_json, STR("\xff\xfe"), 1000, "\\\\xFF\\\\xFE");
}
END_TEST

START_TEST(a_cap_cuts_between_escapes)
{
	expect(log_escape_plain, STR("abcdef"), 6, "abcdef");
	expect(log_escape_plain, STR("abcdefg"), 6, "abcdef...");
	expect(log_escape_plain, STR("abc\n"), 6, "abc...");
	expect(log_escape_plain, STR("ab\n"), 6, "ab\\x0A");
	expect(log_escape_json, STR("ab\n"), 7, "ab...");
	expect(log_escape_json, STR("a\xf0\x9f\x98\x80"), 12, "a...");
	expect(log_escape_json, STR("\xf0\x9f\x98\x80"), 12, "\\uD83D\\uDE00");
	expect(log_escape_json, STR("a\"b"), 2, "a...");
	expect(log_escape_plain, STR("a"), 0, "...");
}
END_TEST

static Suite *
log_escape_suite(void)
{
	Suite *suite = suite_create("log_escape");
	TCase *all = tcase_create("all");

	tcase_add_test(all, plain_text_stays);
	tcase_add_test(all, nothing_ends_a_line_or_a_quoted_value);
	tcase_add_test(all, every_byte_is_printable_ascii_afterwards);
	tcase_add_test(all, json_escapes_by_character);
	tcase_add_test(all, json_shows_bytes_that_are_no_utf8);
	tcase_add_test(all, a_cap_cuts_between_escapes);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(log_escape_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
