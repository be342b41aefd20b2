/* SPDX-License-Identifier: MIT */
/* Redirects: variables, and that no client can smuggle anything in. */
#include <check.h>
#include <stdlib.h>

#include "../serve/fake_session.h"
#include "handler/redirect.h"

static struct fake_session fake;

static void
setup(void)
{
	fake_session_init(&fake, &redirect_handler);
}

static void
teardown(void)
{
	redirect_state_destroy(&fake.route.handler_state);
	fake_session_finish(&fake);
}

static void
redirect_to(const char *url, unsigned status)
{
	struct error error;

	redirect_state_destroy(&fake.route.handler_state);
	fake.config.redirect = (char *)(uintptr_t)url;
	fake.config.redirect_status = status;
	if (redirect_state_create(&fake.config, &fake.route.handler_state,
		&error) < 0)
		ck_abort_msg("%s", error.text);
}

static void
check_location(const char *url, const char *target, const char *location)
{
	redirect_to(url, 302);
	fake_session_get(&fake, target, "");
	ck_assert(fake.finished);
	ck_assert_int_eq(fake.status, 302);
	ck_assert_str_eq(fake_session_field(&fake, "Location"), location);
}

START_TEST(variables)
{
	check_location("https://new.example/", "/old?x=1",
	    "https://new.example/");
	check_location("https://$host$uri", "/a%20b/c?x=1&y=%0d",
	    "https://example.com/a%20b/c?x=1&y=%0d");
	check_location("$scheme://$host$path", "/a/./b/../c%41?x",
	    "http://example.com/a/cA");
	check_location("/new$path?$query", "/p?a=b", "/new/p?a=b");
	check_location("/new$path?$query", "/p", "/new/p?");
	check_location("/price$$", "/p", "/price$");
	check_location("$uri", "/", "/");
	check_location("https://h$uri", "/?", "https://h/?");
}
END_TEST

START_TEST(hosts)
{
	redirect_to("https://$host/", 308);
	fake_session_ask(&fake,
	    "GET / HTTP/1.1\r\nHost: shop.example:8080\r\n");
	ck_assert_int_eq(fake.status, 308);
	ck_assert_str_eq(fake_session_field(&fake, "Location"),
	    "https://shop.example/");
	fake_session_ask(&fake, "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n");
	ck_assert_str_eq(fake_session_field(&fake, "Location"),
	    "https://[::1]/");
	fake_session_ask(&fake, "GET / HTTP/1.0\r\n");
	ck_assert_str_eq(fake_session_field(&fake, "Location"),
	    "https://127.0.0.1/");
	fake.peer.local_address = STR("fd00::1");
	fake_session_ask(&fake, "GET / HTTP/1.0\r\n");
	ck_assert_str_eq(fake_session_field(&fake, "Location"),
	    "https://[fd00::1]/");
	fake.peer.local_address = STR("/run/t.sock");
	fake.peer.local_port = STR("");
	fake_session_ask(&fake, "GET / HTTP/1.0\r\n");
	ck_assert_str_eq(fake_session_field(&fake, "Location"),
	    "https://localhost/");
}
END_TEST

START_TEST(nothing_is_smuggled_in)
{
	/* Line ends, decoded or not. */
	check_location("/x$path", "/a%0d%0aSet-Cookie:%20b=c",
	    "/x/a%0D%0ASet-Cookie%3A%20b=c");
	check_location("/x$uri", "/a%0d%0aSet-Cookie:%20b=c",
	    "/x/a%0d%0aSet-Cookie:%20b=c");
	/* Another host. */
	check_location("$uri", "//evil.example/x", "/evil.example/x");
	check_location("$path", "//evil.example/x", "/evil.example/x");
	check_location("/$path", "/evil.example", "/evil.example");
	check_location("$path", "/%2f/evil.example", "/evil.example");
	check_location("$path", "/%5cevil.example", "/%5Cevil.example");
	check_location("//cdn.example$uri", "/x", "//cdn.example/x");
	check_location("https://cdn.example$uri", "/@evil.example",
	    "https://cdn.example/@evil.example");
	/* Markup in the page. */
	redirect_to("/x$uri", 302);
	fake_session_get(&fake, "/?'onclick=a&b", "");
	ck_assert_ptr_nonnull(strstr(fake_session_body(&fake), "&#39;"));
	ck_assert_ptr_nonnull(strstr(fake_session_body(&fake), "&amp;b"));
	ck_assert_ptr_null(strchr(fake_session_body(&fake), '\''));
}
END_TEST

START_TEST(methods)
{
	struct buffer head = BUFFER_EMPTY;

	redirect_to("/there", 307);
	fake_session_get(&fake, "/", "");
	ck_assert_ptr_nonnull(strstr(fake_session_body(&fake),
	    "<a href=\"/there\">"));
	ck_assert_str_eq(fake_session_field(&fake, "Content-Type"),
	    "text/html; charset=utf-8");
	buffer_append_str(&head, buffer_str(&fake.head));
	fake_session_ask(&fake, "HEAD / HTTP/1.1\r\nHost: x\r\n");
	ck_assert(str_equal(buffer_str(&head), buffer_str(&fake.head)));
	ck_assert(fake.finished && fake.writes == 0);
	ck_assert_int_gt(fake.length, 0);
	fake_session_ask(&fake,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n");
	ck_assert_int_eq(fake.status, 307);
	fake_session_ask(&fake, "DELETE /x HTTP/1.1\r\nHost: x\r\n");
	ck_assert_str_eq(fake_session_field(&fake, "Location"), "/there");
	buffer_finish(&head);
}
END_TEST

START_TEST(what_is_refused_at_boot)
{
	static const char *const urls[] = { "/$nothing", "$", "/a$", "$hosts",
		"", "/a\nb", "/$ host" };
	struct error error;
	void *state = NULL;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		fake.config.redirect = (char *)(uintptr_t)urls[i];
		ck_assert_msg(redirect_state_create(&fake.config, &state,
				  &error) < 0,
		    "%s", urls[i]);
		ck_assert_ptr_null(state);
		ck_assert_ptr_nonnull(strstr(error.text, "redirect"));
	}
}
END_TEST

static Suite *
redirect_suite(void)
{
	Suite *suite = suite_create("redirect");
	TCase *tcase = tcase_create("redirect");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, variables);
	tcase_add_test(tcase, hosts);
	tcase_add_test(tcase, nothing_is_smuggled_in);
	tcase_add_test(tcase, methods);
	tcase_add_test(tcase, what_is_refused_at_boot);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(redirect_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
