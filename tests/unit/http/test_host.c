/* SPDX-License-Identifier: MIT */
/* Authorities: what is one, its port, its normal form. */
#include <check.h>
#include <stdlib.h>

#include "http/host.h"

static const struct {
	struct str text, name, normal;
	int port;
} good[] = {
	{ STR("a"), STR("a"), STR("a"), -1 },
	{ STR("example.com"), STR("example.com"), STR("example.com"), -1 },
	{ STR("Example.COM:80"), STR("Example.COM"), STR("example.com"), 80 },
	{ STR("example.com."), STR("example.com."), STR("example.com"), -1 },
	{ STR("example.com.:1"), STR("example.com."), STR("example.com"), 1 },
	{ STR("example.com:"), STR("example.com"), STR("example.com"), -1 },
	{ STR("127.0.0.1:65535"), STR("127.0.0.1"), STR("127.0.0.1"), 65535 },
	{ STR("a_b-c~d"), STR("a_b-c~d"), STR("a_b-c~d"), -1 },
	{ STR("x%41y"), STR("x%41y"), STR("x%41y"), -1 },
	{ STR("[::1]"), STR("[::1]"), STR("[::1]"), -1 },
	{ STR("[2001:DB8::1]:8080"), STR("[2001:DB8::1]"), STR("[2001:db8::1]"),
	    8080 },
	{ STR("[::ffff:1.2.3.4]"), STR("[::ffff:1.2.3.4]"),
	    STR("[::ffff:1.2.3.4]"), -1 },
};

START_TEST(good_hosts)
{
	struct arena arena;
	struct http_host host;

	arena_init(&arena, NULL, 0);
	ck_assert(http_host_parse(good[_i].text, &host));
	ck_assert(str_equal(host.name, good[_i].name));
	ck_assert_int_eq(host.port, good[_i].port);
	ck_assert(str_equal(http_host_normalise(&arena, good[_i].text),
	    good[_i].normal));
	arena_reset(&arena);
}
END_TEST

static const struct str bad[] = {
	STR(""),
	STR(":80"),
	STR("a b"),
	STR("a@b"),
	STR("user:pass@b"),
	STR("a/b"),
	STR("a?b"),
	STR("a#b"),
	STR("a\\b"),
	STR("a:80:80"),
	STR("a:http"),
	STR("a:-1"),
	STR("a:+1"),
	STR("a: 1"),
	STR("a:65536"),
	STR("a:99999999999999999999"),
	STR("a\tb"),
	STR("a\0b"),
	STR("\xc3\xa9"),
	STR("a<b"),
	STR("a\"b"),
	STR("a%4"),
	STR("a%zz"),
	STR("%"),
	STR("["),
	STR("[]"),
	STR("[::1"),
	STR("::1"),
	STR("[::1]a"),
	STR("[::1]:a"),
	STR("[::g]"),
	STR("[1.2.3.4]"),
	STR("[fe80::1%25eth0]"),
	STR("[fe80::1%eth0]"),
	STR("[v1.a]"),
	STR("[::1\0]"),
	STR("[0:0:0:0:0:0:0:0:0]"),
	STR("[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]"),
};

START_TEST(bad_hosts)
{
	struct http_host host;

	ck_assert_msg(!http_host_parse(bad[_i], &host), "accepted %s",
	    bad[_i].data);
}
END_TEST

START_TEST(normal_hosts_are_not_copied)
{
	struct arena arena;
	struct str text = STR("www.example.com.:8080");

	arena_init(&arena, NULL, 0);
	ck_assert_ptr_eq(http_host_normalise(&arena, text).data, text.data);
	ck_assert_uint_eq(http_host_normalise(&arena, STR_NULL).length, 0);
	ck_assert_ptr_null(arena.blocks);
	arena_reset(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("host");
	TCase *tests = tcase_create("host");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, good_hosts, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tests, bad_hosts, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tests, normal_hosts_are_not_copied);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
