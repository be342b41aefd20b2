/* SPDX-License-Identifier: MIT */
/* Differences that a reload can't bring into effect. */
#include "loading.h"

static void
check_difference(const char *before, const char *after, const char *expected)
{
	struct config *old = load_good(before), *new = load_good(after);
	struct error difference = { "" };
	bool found = config_needs_restart(old, new, &difference);

	ck_assert_int_eq(found, expected != NULL);
	if (expected != NULL)
		ck_assert_str_eq(difference.text, expected);
	config_destroy(&old);
	config_destroy(&new);
}

START_TEST(fixed_keys_are_told)
{
	check_difference("[server]\npid_file = /a\n" ROUTE,
	    "[server]\n\npid_file = /b\n" ROUTE,
	    "pid_file in [server] at t.conf:3 has changed; that takes effect "
	    "only when tricorn is restarted");
	check_difference("[server]\nchdir = /tmp\n" ROUTE, ROUTE,
	    "chdir in [server] at default has changed; that takes effect only "
	    "when tricorn is restarted");
	check_difference(ROUTE, "[server]\ndaemon = on\n" ROUTE,
	    "daemon in [server] at t.conf:2 has changed; that takes effect "
	    "only when tricorn is restarted");
	check_difference(ROUTE, "[server]\numask = 0\n" ROUTE,
	    "umask in [server] at t.conf:2 has changed; that takes effect "
	    "only when tricorn is restarted");
	check_difference(ROUTE, "[server]\nlimit_nofile = 9\n" ROUTE,
	    "limit_nofile in [server] at t.conf:2 has changed; that takes "
	    "effect only when tricorn is restarted");
}
END_TEST

START_TEST(other_keys_are_not)
{
	check_difference(ROUTE, ROUTE, NULL);
	check_difference("[server]\npid_file = /a\nlog_level = info\n" ROUTE,
	    "[server]\nlog_level = debug\npid_file = /a\nerror_log = off\n"
	    "[pool p]\nworkers = 9\n" ROUTE,
	    NULL);
}
END_TEST

RUN_SUITE("config/restart", fixed_keys_are_told, other_keys_are_not)
