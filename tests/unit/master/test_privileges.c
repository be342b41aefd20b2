/* SPDX-License-Identifier: MIT */
/*
 * What a worker gives up. Each case runs in a process of its own, as there is
 * no way back; those that need root are checked for what others are told.
 */
#include <check.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/privileges.h"

#define NOBODY "nobody"

static struct config_server server;
static struct config_pool pool;
static struct error error;

static void
set_up(void)
{
	server =
	    (struct config_server){ .umask = 0027, .limit_core = UINT64_MAX };
	pool = (struct config_pool){ .name = (char *)"web" };
	error.text[0] = '\0';
}

START_TEST(the_user_is_changed_for_good_and_groups_are_dropped)
{
	const struct passwd *entry = getpwnam(NOBODY);
	uid_t uid = entry->pw_uid;
	gid_t gid = entry->pw_gid, groups[64];
	int count;

	server.user = (char *)NOBODY;
	if (geteuid() != 0) {
		ck_assert_int_eq(privileges_drop(&server, &pool, &error), -1);
		ck_assert_ptr_nonnull(strstr(error.text, "start as root"));
		return;
	}
	ck_assert_int_eq(setgroups(2, (gid_t[]){ 0, 4711 }), 0);
	ck_assert_msg(privileges_drop(&server, &pool, &error) == 0, "%s",
	    error.text);
	ck_assert_uint_eq(getuid(), uid);
	ck_assert_uint_eq(geteuid(), uid);
	ck_assert_uint_eq(getgid(), gid);
	ck_assert_int_eq(setuid(0), -1);
	ck_assert_int_eq(setgid(0), -1);
	count = getgroups(64, groups);
	for (int i = 0; i < count; i++)
		ck_assert_uint_eq(groups[i], gid);
}
END_TEST

START_TEST(the_pool_s_user_goes_before_the_server_s)
{
	server.user = (char *)"no-such-user";
	pool.user = (char *)NOBODY;
	if (geteuid() != 0) {
		ck_assert_int_eq(privileges_drop(&server, &pool, &error), -1);
		ck_assert_ptr_nonnull(strstr(error.text, NOBODY));
		return;
	}
	ck_assert_msg(privileges_drop(&server, &pool, &error) == 0, "%s",
	    error.text);
	ck_assert_uint_eq(geteuid(), getpwnam(NOBODY)->pw_uid);
}
END_TEST

START_TEST(numbers_need_no_name)
{
	gid_t groups[4];

	pool.user = (char *)"54321";
	pool.group = (char *)"54322";
	if (geteuid() != 0) {
		ck_assert_int_eq(privileges_drop(&server, &pool, &error), -1);
		return;
	}
	ck_assert_msg(privileges_drop(&server, &pool, &error) == 0, "%s",
	    error.text);
	ck_assert_uint_eq(geteuid(), 54321);
	ck_assert_uint_eq(getegid(), 54322);
	ck_assert_int_eq(getgroups(4, groups), 0);
}
END_TEST

START_TEST(an_unknown_user_or_group_is_named)
{
	server.user = (char *)"no-such-user";
	ck_assert_int_eq(privileges_drop(&server, &pool, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "'no-such-user'"));
	server.user = NULL;
	server.group = (char *)"no-such-group";
	ck_assert_int_eq(privileges_drop(&server, &pool, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "'no-such-group'"));
}
END_TEST

START_TEST(without_a_user_only_new_privileges_are_forbidden)
{
	uid_t uid = geteuid();

	ck_assert_msg(privileges_drop(&server, &pool, &error) == 0, "%s",
	    error.text);
	ck_assert_uint_eq(geteuid(), uid);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}
END_TEST

START_TEST(one_s_own_user_needs_no_root)
{
	char number[32];

	if (geteuid() == 0)
		ck_assert_int_eq(setuid(54321), 0);
	snprintf(number, sizeof(number), "%u", (unsigned)geteuid());
	pool.user = number;
	snprintf(error.text, sizeof(error.text), "%u", (unsigned)getegid());
	pool.group = strdup(error.text);
	ck_assert_msg(privileges_drop(&server, &pool, &error) == 0, "%s",
	    error.text);
	free(pool.group);
}
END_TEST

START_TEST(limits_and_umask_are_set)
{
	struct rlimit limit;

	server.limit_nofile = 100;
	server.limit_core = 0;
	server.umask = 0031;
	ck_assert_msg(privileges_limit(&server, &error) == 0, "%s", error.text);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 100);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 0);
	ck_assert_uint_eq(umask(0), 0031);
}
END_TEST

START_TEST(without_a_number_the_soft_limit_is_raised)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 64;
	limit.rlim_max = 128;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_msg(privileges_limit(&server, &error) == 0, "%s", error.text);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 128);
}
END_TEST

START_TEST(the_directory_is_entered_and_a_daemon_s_is_the_root)
{
	char here[64];

	server.chdir = (char *)"/tmp";
	ck_assert_int_eq(privileges_enter(&server, &error), 0);
	ck_assert_str_eq(getcwd(here, sizeof(here)), "/tmp");
	server.chdir = NULL;
	ck_assert_int_eq(privileges_enter(&server, &error), 0);
	ck_assert_str_eq(getcwd(here, sizeof(here)), "/tmp");
	server.daemon = true;
	ck_assert_int_eq(privileges_enter(&server, &error), 0);
	ck_assert_str_eq(getcwd(here, sizeof(here)), "/");
	server.chdir = (char *)"/no/such/directory";
	ck_assert_int_eq(privileges_enter(&server, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "/no/such/directory"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("privileges");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(all, set_up, NULL);
	tcase_add_test(all,
	    the_user_is_changed_for_good_and_groups_are_dropped);
	tcase_add_test(all, the_pool_s_user_goes_before_the_server_s);
	tcase_add_test(all, numbers_need_no_name);
	tcase_add_test(all, an_unknown_user_or_group_is_named);
	tcase_add_test(all, without_a_user_only_new_privileges_are_forbidden);
	tcase_add_test(all, one_s_own_user_needs_no_root);
	tcase_add_test(all, limits_and_umask_are_set);
	tcase_add_test(all, without_a_number_the_soft_limit_is_raised);
	tcase_add_test(all,
	    the_directory_is_entered_and_a_daemon_s_is_the_root);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	/* What a case gives up must not be given up for the next one. */
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
