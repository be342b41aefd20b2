/* SPDX-License-Identifier: MIT */
/* Loads configurations from texts in tests of this room. */
#ifndef TRICORN_TESTS_CONFIG_LOADING_H
#define TRICORN_TESTS_CONFIG_LOADING_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

/* A route that is always right, for tests of other sections. */
#define ROUTE "[route r]\nmatch = /\nrespond = 200 ok\n"

/* Loads text as the file t.conf; the test fails when it can't. */
static inline struct config *
load_good(const char *text)
{
	struct config *config;
	struct error error;

	if (config_load_string(text, strlen(text), "t.conf", &config, &error) <
	    0)
		ck_abort_msg("refused: %s", error.text);
	return config;
}

static inline void
check_refused_bytes(const char *text, size_t length, const char *reason)
{
	struct config *config;
	struct error error;

	ck_assert_int_eq(config_load_string(text, length, "t.conf", &config,
			     &error),
	    -1);
	ck_assert_ptr_null(config);
	ck_assert_str_eq(error.text, reason);
}

/* The text must be refused with exactly this sentence. */
static inline void
check_refused(const char *text, const char *reason)
{
	check_refused_bytes(text, strlen(text), reason);
}

static inline struct config_options *
parse_good(int argc, char **argv)
{
	struct config_options *options;
	struct error error;

	if (config_options_parse(argc, argv, &options, &error) < 0)
		ck_abort_msg("refused: %s", error.text);
	return options;
}

/* Runs the tests and returns what main() returns. */
static inline int
run_suite(const char *name, const TTest **tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *all = tcase_create(name);
	SRunner *runner;
	int failed;

	for (size_t i = 0; i < count; i++)
		tcase_add_test(all, tests[i]);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define RUN_SUITE(name, ...) \
	int main(void) \
	{ \
		const TTest *tests[] = { __VA_ARGS__ }; \
\
		return run_suite(name, tests, \
		    sizeof(tests) / sizeof(tests[0])); \
	}

#endif
