/* SPDX-License-Identifier: MIT */
/* Edit distance and suggestions. */
#include "config/suggest.h"

#include <limits.h>

#include "loading.h"

START_TEST(distances_count_edits)
{
	ck_assert_uint_eq(suggest_distance("", ""), 0);
	ck_assert_uint_eq(suggest_distance("", "abc"), 3);
	ck_assert_uint_eq(suggest_distance("abc", ""), 3);
	ck_assert_uint_eq(suggest_distance("worker", "workers"), 1);
	ck_assert_uint_eq(suggest_distance("wrokers", "workers"), 1);
	ck_assert_uint_eq(suggest_distance("kitten", "sitting"), 3);
	ck_assert_uint_eq(suggest_distance("Keep-Alive", "keep_alive"), 0);
}
END_TEST

START_TEST(long_names_are_far_from_all)
{
	char name[100];

	memset(name, 'a', sizeof(name) - 1);
	name[63] = '\0';
	ck_assert_uint_eq(suggest_distance(name, name), 0);
	name[63] = 'a';
	name[99] = '\0';
	ck_assert_uint_eq(suggest_distance(name, "a"), UINT_MAX);
	ck_assert_uint_eq(suggest_distance("a", name), UINT_MAX);
}
END_TEST

static const char *
nearest(const char *wrong)
{
	struct suggest suggest;

	suggest_init(&suggest, wrong);
	suggest_offer(&suggest, "timeout");
	suggest_offer(&suggest, "threads");
	suggest_offer(&suggest, "user");
	suggest_offer(&suggest, "app");
	return suggest.best;
}

START_TEST(only_near_names_are_offered)
{
	ck_assert_str_eq(nearest("time_out"), "timeout");
	ck_assert_str_eq(nearest("thread"), "threads");
	ck_assert_str_eq(nearest("usr"), "user");
	ck_assert_str_eq(nearest("apps"), "app");
	ck_assert_ptr_null(nearest("zebra"));
	ck_assert_ptr_null(nearest("x"));
	ck_assert_ptr_null(nearest(""));
	ck_assert_ptr_null(nearest("reader"));
}
END_TEST

RUN_SUITE("config/suggest", distances_count_edits, long_names_are_far_from_all,
    only_near_names_are_offered)
