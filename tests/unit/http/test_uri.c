/* SPDX-License-Identifier: MIT */
/* Paths: decoding once, dot segments, encoding and escaping. */
#include <check.h>
#include <stdlib.h>

#include "http/uri.h"

static const struct {
	struct str raw, path;
} good[] = {
	{ STR("/"), STR("/") },
	{ STR("/a/b.html"), STR("/a/b.html") },
	{ STR("/a//b"), STR("/a//b") },
	{ STR("//"), STR("//") },
	{ STR("/.a/..b/c."), STR("/.a/..b/c.") },
	{ STR("/..."), STR("/...") },
	{ STR("/%41%42"), STR("/AB") },
	{ STR("/a%20b%2Fc"), STR("/a b/c") },
	{ STR("/%25%34%31"), STR("/%41") },
	{ STR("/%c3%A9%ff"), STR("/\xc3\xa9\xff") },
	{ STR("/."), STR("/") },
	{ STR("/./"), STR("/") },
	{ STR("/a/."), STR("/a/") },
	{ STR("/a/./b"), STR("/a/b") },
	{ STR("/a/.."), STR("/") },
	{ STR("/a/../"), STR("/") },
	{ STR("/a/b/.."), STR("/a/") },
	{ STR("/a/b/../c"), STR("/a/c") },
	{ STR("/a/b/../../c"), STR("/c") },
	{ STR("/a//../b"), STR("/a/b") },
	{ STR("/a/%2e%2E/b"), STR("/b") },
	{ STR("/a%2f..%2fb"), STR("/b") },
	{ STR("/a/.%2e/b"), STR("/b") },
	{ STR("/%2e/b"), STR("/b") },
	{ STR("/a/%252e%252e/b"), STR("/a/%2e%2e/b") },
	{ STR("/a\\..\\b"), STR("/a\\..\\b") },
};

START_TEST(good_paths)
{
	struct arena arena;
	struct http_problem problem;
	struct str path;

	arena_init(&arena, NULL, 0);
	ck_assert(http_path_normalise(&arena, good[_i].raw, &path, &problem));
	ck_assert_msg(str_equal(path, good[_i].path), "%s became %.*s",
	    good[_i].raw.data, STR_ARG(path));
	arena_reset(&arena);
}
END_TEST

static const struct str bad[] = {
	STR(""),
	STR("a"),
	STR("*"),
	STR("/%"),
	STR("/%4"),
	STR("/%4g"),
	STR("/%g4"),
	STR("/%%41"),
	STR("/%u0041"),
	STR("/%00"),
	STR("/a%00b"),
	STR("/.."),
	STR("/../a"),
	STR("/a/../.."),
	STR("/a/../../b"),
	STR("/./.."),
	STR("/%2e%2e/a"),
	STR("/..%2fa"),
	STR("/%2e%2e%2fetc"),
};

START_TEST(bad_paths)
{
	struct arena arena;
	struct http_problem problem = { 0 };
	struct str path;

	arena_init(&arena, NULL, 0);
	ck_assert_msg(!http_path_normalise(&arena, bad[_i], &path, &problem),
	    "accepted %s as %.*s", bad[_i].data, STR_ARG(path));
	ck_assert_int_eq(problem.status, 400);
	ck_assert_ptr_nonnull(problem.reason);
	arena_reset(&arena);
}
END_TEST

START_TEST(clean_paths_are_not_copied)
{
	struct arena arena;
	struct http_problem problem;
	struct str raw = STR("/static/.well-known/app.js"), path;

	arena_init(&arena, NULL, 0);
	ck_assert(http_path_normalise(&arena, raw, &path, &problem));
	ck_assert_ptr_eq(path.data, raw.data);
	ck_assert_ptr_null(arena.blocks);
	arena_reset(&arena);
}
END_TEST

START_TEST(encoded_paths_decode_to_themselves)
{
	struct buffer buffer = BUFFER_EMPTY;
	struct arena arena;
	struct http_problem problem;
	struct str path;
	char every[256];

	every[0] = '/';
	for (int byte = 1; byte < 256; byte++)
		every[byte] = (char)byte;
	arena_init(&arena, NULL, 0);
	http_path_encode(&buffer, str_make(every, sizeof(every)));
	for (size_t i = 0; i < buffer_length(&buffer); i++)
		ck_assert_ptr_nonnull(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcde"
					     "fghijklmnopqrstuvwxyz0123456789"
					     "-._~!$()*+,;=@/%",
		    buffer_bytes(&buffer)[i]));
	ck_assert(http_path_normalise(&arena, buffer_str(&buffer), &path,
	    &problem));
	ck_assert(str_equal(path, str_make(every, sizeof(every))));
	buffer_finish(&buffer);
	arena_reset(&arena);
}
END_TEST

START_TEST(encoding_hides_what_means_something)
{
	struct buffer buffer = BUFFER_EMPTY;

	http_path_encode(&buffer, STR("a:b?c#d e\r\n\"<\xc3\xa9"));
	ck_assert(str_equal(buffer_str(&buffer),
	    STR("a%3Ab%3Fc%23d%20e%0D%0A%22%3C%C3%A9")));
	buffer_finish(&buffer);
}
END_TEST

START_TEST(html_is_escaped)
{
	struct buffer buffer = BUFFER_EMPTY;

	http_html_escape(&buffer, STR("<a href=\"x\">'&amp;</a>"));
	ck_assert(str_equal(buffer_str(&buffer),
	    STR("&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;&lt;/a&gt;")));
	buffer_finish(&buffer);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("uri");
	TCase *tests = tcase_create("uri");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, good_paths, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tests, bad_paths, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tests, clean_paths_are_not_copied);
	tcase_add_test(tests, encoded_paths_decode_to_themselves);
	tcase_add_test(tests, encoding_hides_what_means_something);
	tcase_add_test(tests, html_is_escaped);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
