/* SPDX-License-Identifier: MIT */
/* The doubly linked list. */
#include <check.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/str.h"

struct letter {
	char name;
	struct list link;
};

static struct list head = LIST_HEAD_INIT(head);
static struct letter a = { .name = 'a' }, b = { .name = 'b' },
		     c = { .name = 'c' };

static void
setup(void)
{
	list_init(&head);
	list_init(&a.link);
	list_init(&b.link);
	list_init(&c.link);
}

/* The names from front to back, and the links back as well. */
static void
expect(struct list *list, const char *names)
{
	size_t i = 0, length = strlen(names);

	LIST_FOREACH (link, list) {
		ck_assert_uint_lt(i, length);
		ck_assert_int_eq(container_of(link, struct letter, link)->name,
		    names[i++]);
		ck_assert_ptr_eq(link->next->prev, link);
		ck_assert_ptr_eq(link->prev->next, link);
	}
	ck_assert_uint_eq(i, length);
	ck_assert_int_eq(list_empty(list), length == 0);
}

START_TEST(a_static_head_is_empty)
{
	struct list fresh = LIST_HEAD_INIT(fresh);

	ck_assert(list_empty(&fresh));
	expect(&fresh, "");
}
END_TEST

START_TEST(append_and_prepend_keep_the_order)
{
	list_append(&head, &b.link);
	list_append(&head, &c.link);
	list_prepend(&head, &a.link);
	expect(&head, "abc");
}
END_TEST

START_TEST(a_removed_link_is_alone)
{
	list_append(&head, &a.link);
	list_append(&head, &b.link);
	list_append(&head, &c.link);
	list_remove(&b.link);
	expect(&head, "ac");
	ck_assert(list_empty(&b.link));
	list_remove(&b.link);
	expect(&head, "ac");
	list_remove(&a.link);
	list_remove(&c.link);
	expect(&head, "");
	list_append(&head, &b.link);
	expect(&head, "b");
}
END_TEST

START_TEST(links_may_be_removed_on_the_way)
{
	list_append(&head, &a.link);
	list_append(&head, &b.link);
	list_append(&head, &c.link);
	LIST_FOREACH_SAFE (link, after, &head)
		if (link != &b.link)
			list_remove(link);
	expect(&head, "b");
	LIST_FOREACH_SAFE (link, after, &head)
		list_remove(link);
	expect(&head, "");
	LIST_FOREACH_SAFE (link, after, &head)
		ck_abort_msg("an empty list has no links");
}
END_TEST

START_TEST(splice_moves_all_to_the_end)
{
	struct list other = LIST_HEAD_INIT(other);

	list_splice(&head, &other);
	expect(&head, "");
	list_append(&other, &b.link);
	list_append(&other, &c.link);
	list_append(&head, &a.link);
	list_splice(&head, &other);
	expect(&head, "abc");
	expect(&other, "");
	list_splice(&other, &head);
	expect(&other, "abc");
	expect(&head, "");
	list_splice(&other, &head);
	expect(&other, "abc");
}
END_TEST

static Suite *
list_suite(void)
{
	Suite *suite = suite_create("list");
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, NULL);
	tcase_add_test(all, a_static_head_is_empty);
	tcase_add_test(all, append_and_prepend_keep_the_order);
	tcase_add_test(all, a_removed_link_is_alone);
	tcase_add_test(all, links_may_be_removed_on_the_way);
	tcase_add_test(all, splice_moves_all_to_the_end);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(list_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
