/* SPDX-License-Identifier: MIT */
/* Field names and the bytes of names and values, both scanning ways. */
#include <check.h>
#include <stdlib.h>

#include <ctype.h>
#include <stdio.h>

#include "http/field.h"
#include "http/field_line.h"
#include "http/scan.h"

START_TEST(every_name_is_found_in_any_case)
{
	for (int id = 1; id < HTTP_FIELD_COUNT; id++) {
		struct str name = http_field_name(id);
		char upper[64];

		ck_assert_uint_gt(name.length, 1);
		ck_assert_int_eq(http_field_lookup(name), id);
		for (size_t i = 0; i < name.length; i++) {
			ck_assert(!isupper((unsigned char)name.data[i]));
			upper[i] = (char)toupper((unsigned char)name.data[i]);
		}
		ck_assert_int_eq(http_field_lookup(str_make(upper,
				     name.length)),
		    id);
	}
	ck_assert_uint_eq(http_field_name(HTTP_FIELD_OTHER).length, 0);
	ck_assert_int_eq(http_field_lookup(STR("Content-Length")),
	    HTTP_FIELD_CONTENT_LENGTH);
	ck_assert_int_eq(http_field_lookup(STR("Transfer-Encoding")),
	    HTTP_FIELD_TRANSFER_ENCODING);
}
END_TEST

/* Any byte changed, added or taken away makes it another name. */
START_TEST(names_that_are_nearly_known_are_other)
{
	for (int id = 1; id < HTTP_FIELD_COUNT; id++) {
		struct str name = http_field_name(id);
		char text[64];

		for (size_t at = 0; at < name.length; at++) {
			for (int byte = 0; byte < 256; byte++) {
				memcpy(text, name.data, name.length);
				text[at] = (char)byte;
				if (tolower(byte) == name.data[at])
					continue;
				ck_assert_int_ne(http_field_lookup(str_make(
						     text, name.length)),
				    id);
			}
		}
		memcpy(text, name.data, name.length);
		text[name.length] = 's';
		ck_assert_int_ne(http_field_lookup(str_make(text,
				     name.length + 1)),
		    id);
		ck_assert_int_ne(http_field_lookup(str_make(text,
				     name.length - 1)),
		    id);
	}
	ck_assert_int_eq(http_field_lookup(STR("")), HTTP_FIELD_OTHER);
}
END_TEST

START_TEST(token_bytes_are_those_of_the_rfc)
{
	for (int byte = 0; byte < 256; byte++) {
		char text[1] = { (char)byte };
		bool token = byte != 0 && byte < 128 &&
		    (isalnum(byte) || strchr("!#$%&'*+-.^_`|~", byte));

		ck_assert_int_eq(http_is_token(str_make(text, 1)), token);
	}
	ck_assert(!http_is_token(STR("")));
	ck_assert(http_is_token(STR("Sec-WebSocket-Accept_2")));
	ck_assert(!http_is_token(STR("Sec-WebSocket-Accept 2")));
}
END_TEST

START_TEST(value_bytes_are_those_of_the_rfc)
{
	for (int byte = 0; byte < 256; byte++) {
		char text[40];

		for (size_t at = 0; at < sizeof(text); at++) {
			bool good = byte == '\t' || (byte >= 32 && byte != 127);

			memset(text, 'x', sizeof(text));
			text[at] = (char)byte;
			ck_assert_int_eq(http_is_field_value(str_make(text,
					     sizeof(text))),
			    good);
		}
	}
	ck_assert(http_is_field_value(STR("")));
	ck_assert(http_is_field_value(STR_NULL));
}
END_TEST

/* The quick way stops where the plain one does, whatever the length. */
START_TEST(scanning_ways_agree)
{
	char text[70];

	for (int byte = 0; byte < 256; byte++) {
		for (size_t at = 0; at < sizeof(text); at++) {
			const char *end = text + sizeof(text);

			memset(text, 'a' + (char)(at % 26), sizeof(text));
			text[at] = (char)byte;
			ck_assert_ptr_eq(http_scan_name(text, end),
			    http_scan_portable(text, end,
				HTTP_CHARACTER_TOKEN));
			ck_assert_ptr_eq(http_scan_target(text, end),
			    http_scan_portable(text, end,
				HTTP_CHARACTER_TARGET));
			ck_assert_ptr_eq(http_scan_value(text, end),
			    http_scan_portable(text, end,
				HTTP_CHARACTER_VALUE));
		}
	}
}
END_TEST

START_TEST(hop_by_hop_fields)
{
	int count = 0;

	for (int id = 0; id < HTTP_FIELD_COUNT; id++)
		count += http_field_is_hop_by_hop(id);
	ck_assert_int_eq(count, 7);
	ck_assert(http_field_is_hop_by_hop(HTTP_FIELD_CONNECTION));
	ck_assert(http_field_is_hop_by_hop(HTTP_FIELD_TE));
	ck_assert(!http_field_is_hop_by_hop(HTTP_FIELD_CONTENT_LENGTH));
	ck_assert(!http_field_is_hop_by_hop(HTTP_FIELD_OTHER));
}
END_TEST

START_TEST(trailer_fields)
{
	ck_assert(!http_field_forbidden_in_trailer(HTTP_FIELD_OTHER));
	ck_assert(!http_field_forbidden_in_trailer(HTTP_FIELD_ETAG));
	ck_assert(http_field_forbidden_in_trailer(HTTP_FIELD_CONTENT_LENGTH));
	ck_assert(
	    http_field_forbidden_in_trailer(HTTP_FIELD_TRANSFER_ENCODING));
	ck_assert(http_field_forbidden_in_trailer(HTTP_FIELD_HOST));
	ck_assert(http_field_forbidden_in_trailer(HTTP_FIELD_SET_COOKIE));
	ck_assert(http_field_forbidden_in_trailer(HTTP_FIELD_TRAILER));
	ck_assert(http_field_forbidden_in_trailer(HTTP_FIELD_IF_RANGE));
}
END_TEST

START_TEST(lists)
{
	ck_assert(http_list_has(STR("close"), STR("close")));
	ck_assert(http_list_has(STR("a, Close\t,b"), STR("close")));
	ck_assert(!http_list_has(STR("a, closed"), STR("close")));
	ck_assert(!http_list_has(STR("a close"), STR("close")));
	ck_assert(!http_list_has(STR(""), STR("close")));
}
END_TEST

START_TEST(field_lines)
{
	const char *text = "X-Name: \t some value \t\r\nnext", *at = text;
	struct http_problem problem;
	struct http_field field;

	ck_assert_int_eq(http_field_line_parse(&at, text + strlen(text), &field,
			     &problem),
	    HTTP_PARSE_DONE);
	ck_assert(str_equal(field.name, STR("X-Name")));
	ck_assert(str_equal(field.value, STR("some value")));
	ck_assert_int_eq(field.id, HTTP_FIELD_OTHER);
	ck_assert_str_eq(at, "next");
	at = text = "ETag:   \r\n";
	ck_assert_int_eq(http_field_line_parse(&at, text + strlen(text), &field,
			     &problem),
	    HTTP_PARSE_DONE);
	ck_assert_uint_eq(field.value.length, 0);
	ck_assert_int_eq(field.id, HTTP_FIELD_ETAG);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("field");
	TCase *tests = tcase_create("field");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, every_name_is_found_in_any_case);
	tcase_add_test(tests, names_that_are_nearly_known_are_other);
	tcase_add_test(tests, token_bytes_are_those_of_the_rfc);
	tcase_add_test(tests, value_bytes_are_those_of_the_rfc);
	tcase_add_test(tests, scanning_ways_agree);
	tcase_add_test(tests, hop_by_hop_fields);
	tcase_add_test(tests, trailer_fields);
	tcase_add_test(tests, lists);
	tcase_add_test(tests, field_lines);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
