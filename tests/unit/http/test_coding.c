/* SPDX-License-Identifier: MIT */
/* Accept-Encoding: weights and the coding chosen. */
#include <check.h>
#include <stdlib.h>

#include "http/coding.h"

#define ALL (HTTP_CODING_GZIP | HTTP_CODING_DEFLATE)

static const struct {
	const char *value; /* NULL: no field */
	unsigned offered;
	const char *expected;
} cases[] = {
	{ NULL, ALL, "identity" },
	{ "", ALL, "identity" },
	{ "gzip", ALL, "gzip" },
	{ "GZIP", ALL, "gzip" },
	{ "x-gzip", ALL, "gzip" },
	{ "gzip, deflate, br, zstd", ALL, "gzip" },
	{ "deflate, gzip", ALL, "gzip" },
	{ "deflate, gzip", HTTP_CODING_DEFLATE, "deflate" },
	{ "deflate, gzip", 0, "identity" },
	{ "deflate;q=0.9, gzip;q=0.8", ALL, "deflate" },
	{ "gzip;q=0.001", ALL, "gzip" },
	{ "gzip;q=0", ALL, "identity" },
	{ "gzip;q=0.000, deflate", ALL, "deflate" },
	{ "gzip;Q=0", ALL, "identity" },
	{ "*", ALL, "gzip" },
	{ "*;q=0", ALL, "identity" },
	{ "gzip;q=0, *", ALL, "deflate" },
	{ "br, *;q=0.1", ALL, "gzip" },
	{ "identity", ALL, "identity" },
	{ "identity, gzip;q=0.5", ALL, "identity" },
	{ "identity, gzip", ALL, "gzip" },
	{ "identity;q=0.5, gzip;q=0.8", ALL, "gzip" },
	{ "identity;q=0, gzip;q=0", ALL, "identity" },
	{ "identity;q=0, gzip;q=0.1", ALL, "gzip" },
	{ " , gzip ; q=1.000 ,", ALL, "gzip" },
	{ "gzip;q=2", ALL, "identity" },
	{ "gzip;q=1.001", ALL, "identity" },
	{ "gzip;q=0.1234", ALL, "identity" },
	{ "gzip;q=.5", ALL, "identity" },
	{ "gzip;q=-1", ALL, "identity" },
	{ "gzip;q=", ALL, "identity" },
	{ "gz ip", ALL, "identity" },
	{ ";q=1", ALL, "identity" },
	{ "gzip;level=9", ALL, "gzip" },
	{ "gzip;q=x, deflate", ALL, "deflate" },
};

START_TEST(coding_of_values)
{
	struct http_field field = {
		.name = STR("Accept-Encoding"),
		.value = str_of(cases[_i].value),
		.id = HTTP_FIELD_ACCEPT_ENCODING,
	};
	struct http_request_head head = {
		.fields = &field,
		.field_count = cases[_i].value != NULL,
	};
	enum http_coding coding = http_coding_choose(&head, cases[_i].offered);

	ck_assert_msg(str_equal(http_coding_name(coding),
			  str_of(cases[_i].expected)),
	    "%s for %s", http_coding_name(coding).data, cases[_i].value);
}
END_TEST

START_TEST(fields_on_two_lines_are_one_list)
{
	struct http_field fields[] = {
		{ STR("a"), STR("br"), HTTP_FIELD_ACCEPT_ENCODING },
		{ STR("b"), STR("deflate"), HTTP_FIELD_OTHER },
		{ STR("a"), STR("gzip;q=0.1"), HTTP_FIELD_ACCEPT_ENCODING },
	};
	struct http_request_head head = { .fields = fields, .field_count = 3 };

	ck_assert_int_eq(http_coding_choose(&head, ALL), HTTP_CODING_GZIP);
}
END_TEST

START_TEST(weighted_lists)
{
	struct str rest = STR("a, b;q=0.25;x=y ,, c;q=9, d e, f;q=0.");
	struct http_weighted item;

	ck_assert_int_eq(http_weighted_next(&rest, &item), HTTP_WEIGHTED_FOUND);
	ck_assert(str_equal(item.name, STR("a")));
	ck_assert_uint_eq(item.weight, 1000);
	ck_assert_int_eq(http_weighted_next(&rest, &item), HTTP_WEIGHTED_FOUND);
	ck_assert(str_equal(item.name, STR("b")));
	ck_assert_uint_eq(item.weight, 250);
	ck_assert_int_eq(http_weighted_next(&rest, &item),
	    HTTP_WEIGHTED_MALFORMED);
	ck_assert_int_eq(http_weighted_next(&rest, &item),
	    HTTP_WEIGHTED_MALFORMED);
	ck_assert_int_eq(http_weighted_next(&rest, &item), HTTP_WEIGHTED_FOUND);
	ck_assert(str_equal(item.name, STR("f")));
	ck_assert_uint_eq(item.weight, 0);
	ck_assert_int_eq(http_weighted_next(&rest, &item), HTTP_WEIGHTED_END);
	ck_assert_int_eq(http_weighted_next(&rest, &item), HTTP_WEIGHTED_END);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("coding");
	TCase *tests = tcase_create("coding");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, coding_of_values, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, fields_on_two_lines_are_one_list);
	tcase_add_test(tests, weighted_lists);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
