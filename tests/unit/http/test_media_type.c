/* SPDX-License-Identifier: MIT */
/* Media types by extension, and the order of the table. */
#include <check.h>
#include <stdlib.h>

#include "http/media_type.h"

static const struct {
	const char *name, *type;
} cases[] = {
	{ "index.html", "text/html; charset=utf-8" },
	{ "/srv/www/a.b/INDEX.HTM", "text/html; charset=utf-8" },
	{ "a.css", "text/css; charset=utf-8" },
	{ "a.js", "text/javascript; charset=utf-8" },
	{ "a.min.mjs", "text/javascript; charset=utf-8" },
	{ "a.json", "application/json" },
	{ "a.svg", "image/svg+xml" },
	{ "a.woff2", "font/woff2" },
	{ "a.webmanifest", "application/manifest+json" },
	{ ".html", "text/html; charset=utf-8" },
	{ "a.tar.gz", "application/gzip" },
	{ "", "application/octet-stream" },
	{ "html", "application/octet-stream" },
	{ "a.", "application/octet-stream" },
	{ "a.unknown", "application/octet-stream" },
	{ "a.html/b", "application/octet-stream" },
	{ "a.html.averyveryverylongextension", "application/octet-stream" },
	{ "a.htm\xc4", "application/octet-stream" },
};

START_TEST(types_of_names)
{
	ck_assert_msg(str_equal(http_media_type_of(str_of(cases[_i].name)),
			  str_of(cases[_i].type)),
	    "%s is %s", cases[_i].name,
	    http_media_type_of(str_of(cases[_i].name)).data);
}
END_TEST

START_TEST(the_table_is_sorted_and_found)
{
	size_t count;
	const struct http_media_type *types = http_media_types(&count);

	ck_assert_uint_ge(count, 120);
	for (size_t i = 0; i < count; i++) {
		char name[64] = "x.";

		strcat(name, types[i].extension);
		ck_assert(str_equal(http_media_type_of(str_of(name)),
		    str_of(types[i].type)));
		if (i > 0)
			ck_assert_int_lt(strcmp(types[i - 1].extension,
					     types[i].extension),
			    0);
		/* Text that isn't labelled would be guessed at. */
		if (strncmp(types[i].type, "text/", 5) == 0)
			ck_assert_ptr_nonnull(strstr(types[i].type,
			    "; charset=utf-8"));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("media_type");
	TCase *tests = tcase_create("media_type");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, types_of_names, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, the_table_is_sorted_and_found);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
