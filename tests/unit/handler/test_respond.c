/* SPDX-License-Identifier: MIT */
/* Fixed answers. */
#include <check.h>
#include <stdlib.h>

#include "../serve/fake_session.h"
#include "handler/respond.h"

static struct fake_session fake;

static void
setup(void)
{
	fake_session_init(&fake, &respond_handler);
	fake.config.content_type = (char *)(uintptr_t) "text/plain";
}

static void
teardown(void)
{
	respond_state_destroy(&fake.route.handler_state);
	fake_session_finish(&fake);
}

static void
respond_with(const char *value)
{
	struct error error;

	respond_state_destroy(&fake.route.handler_state);
	fake.config.respond = (char *)(uintptr_t)value;
	if (respond_state_create(&fake.config, &fake.route.handler_state,
		&error) < 0)
		ck_abort_msg("%s", error.text);
}

START_TEST(answers)
{
	static const struct {
		const char *value;
		int status;
		const char *text;
	} cases[] = { { "200 hello world", 200, "hello world" },
		{ "200", 200, "" }, { "  404 \t none  ", 404, "none" },
		{ "204", 204, "" }, { "304", 304, "" }, { "599 x", 599, "x" },
		{ "200 {\"a\": 1}", 200, "{\"a\": 1}" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		respond_with(cases[i].value);
		fake_session_get(&fake, "/any/path?q", "");
		ck_assert(fake.finished);
		ck_assert_int_eq(fake.status, cases[i].status);
		ck_assert_str_eq(fake_session_body(&fake), cases[i].text);
		ck_assert_int_eq(fake.length, (int64_t)strlen(cases[i].text));
		ck_assert_str_eq(fake_session_field(&fake, "Content-Type"),
		    cases[i].text[0] ? "text/plain" : "");
	}
}
END_TEST

START_TEST(any_method)
{
	respond_with("200 ok");
	fake_session_ask(&fake,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n");
	ck_assert_str_eq(fake_session_body(&fake), "ok");
	fake_session_ask(&fake, "BREW / HTTP/1.1\r\nHost: x\r\n");
	ck_assert_str_eq(fake_session_body(&fake), "ok");
	fake_session_ask(&fake, "HEAD / HTTP/1.1\r\nHost: x\r\n");
	ck_assert(fake.finished && fake.writes == 0);
	ck_assert_int_eq(fake.length, 2);
	ck_assert_str_eq(fake_session_field(&fake, "Content-Type"),
	    "text/plain");
}
END_TEST

START_TEST(what_is_refused_at_boot)
{
	static const char *const values[] = { "", "ok", "199", "600", "100 x",
		"20", "2000", "200ok", "-200", "204 text", "304 text" };
	struct error error;
	void *state = NULL;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		fake.config.respond = (char *)(uintptr_t)values[i];
		ck_assert_msg(respond_state_create(&fake.config, &state,
				  &error) < 0,
		    "%s", values[i]);
		ck_assert_ptr_null(state);
		ck_assert_ptr_nonnull(strstr(error.text, "respond = "));
	}
}
END_TEST

static Suite *
respond_suite(void)
{
	Suite *suite = suite_create("respond");
	TCase *tcase = tcase_create("respond");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, answers);
	tcase_add_test(tcase, any_method);
	tcase_add_test(tcase, what_is_refused_at_boot);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(respond_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
