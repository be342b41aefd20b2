/* SPDX-License-Identifier: MIT */
/* Turns, tasks, posts and time-outs of the loop. */
#include "net/loop.h"

#include <check.h>
#include <stdlib.h>

#include "base/memory.h"

static struct loop loop;
static char order[100];
static size_t order_length;

struct step {
	struct loop_task task;
	char letter;
	struct step *then; /* deferred by this one */
};

static void
note(char letter)
{
	order[order_length++] = letter;
	order[order_length] = '\0';
}

static void
step_run(struct loop_task *task)
{
	struct step *step = container_of(task, struct step, task);

	note(step->letter);
	if (step->then != NULL)
		loop_defer(&loop, &step->then->task);
}

static struct step
step_make(char letter, struct step *then)
{
	return (struct step){ { NULL, step_run }, letter, then };
}

static void
set_up(void)
{
	struct error error;

	ck_assert_int_eq(loop_init(&loop, &error), 0);
}

static void
tear_down(void)
{
	loop_finish(&loop);
}

START_TEST(tasks_run_in_order)
{
	struct step a = step_make('a', NULL), b = step_make('b', NULL),
		    c = step_make('c', NULL);

	loop_defer(&loop, &a.task);
	loop_defer(&loop, &b.task);
	loop_post(&loop, &c.task);
	loop_turn(&loop, false);
	ck_assert_str_eq(order, "cab");
	loop_turn(&loop, false);
	ck_assert_str_eq(order, "cab");
}
END_TEST

/* A turn that is told to wait does not while there are tasks. */
START_TEST(tasks_of_tasks_run_without_waiting)
{
	struct step steps[10];

	for (int i = 0; i < 10; i++)
		steps[i] =
		    step_make((char)('a' + i), i < 9 ? &steps[i + 1] : NULL);
	loop_defer(&loop, &steps[0].task);
	while (order_length < 10)
		loop_turn(&loop, true);
	ck_assert_str_eq(order, "abcdefghij");
}
END_TEST

START_TEST(a_post_of_the_owner_itself_is_seen)
{
	struct step a = step_make('a', NULL);

	ck_assert(loop_is_mine(&loop));
	loop_post(&loop, &a.task);
	loop_turn(&loop, true);
	ck_assert_str_eq(order, "a");
}
END_TEST

/* A task may free what it is embedded in. */
static void
free_run(struct loop_task *task)
{
	free(task);
}

START_TEST(tasks_may_free_themselves)
{
	for (int i = 0; i < 50; i++) {
		struct loop_task *task = xcalloc(1, sizeof(*task));

		task->run = free_run;
		if (i % 2)
			loop_defer(&loop, task);
		else
			loop_post(&loop, task);
	}
	loop_turn(&loop, false);
}
END_TEST

/* --- posts of other threads ----------------------------------------------- */

#define POSTERS 3
#define POSTS 5000

struct count_task {
	struct loop_task task;
	unsigned poster, number;
};

static unsigned next_of[POSTERS];
static unsigned counted;

static void
count_run(struct loop_task *task)
{
	struct count_task *count = container_of(task, struct count_task, task);

	ck_assert(loop_is_mine(&loop));
	ck_assert_uint_eq(count->number, next_of[count->poster]++);
	counted++;
	free(count);
}

static void *
poster_main(void *arg)
{
	ck_assert(!loop_is_mine(&loop));
	for (unsigned i = 0; i < POSTS; i++) {
		struct count_task *count = xcalloc(1, sizeof(*count));

		count->task.run = count_run;
		count->poster = *(unsigned *)arg;
		count->number = i;
		loop_post(&loop, &count->task);
	}
	return NULL;
}

START_TEST(posts_wake_the_loop_and_keep_their_order)
{
	pthread_t ids[POSTERS];
	unsigned numbers[POSTERS];

	for (unsigned i = 0; i < POSTERS; i++) {
		numbers[i] = i;
		pthread_create(&ids[i], NULL, poster_main, &numbers[i]);
	}
	while (counted < POSTERS * POSTS)
		loop_turn(&loop, true);
	for (unsigned i = 0; i < POSTERS; i++)
		pthread_join(ids[i], NULL);
}
END_TEST

/* --- time-outs ------------------------------------------------------------ */

struct wait {
	struct timeout timeout;
	char letter;
};

static struct timeout_list list;
static struct wait waits[3];
static struct wait *stop_also, *restart_once;

static void
expired(struct timeout_list *from, struct list *link)
{
	struct wait *wait = container_of(link, struct wait, timeout.link);

	ck_assert_ptr_eq(from, &list);
	ck_assert_ptr_eq(from->context, waits);
	note(wait->letter);
	if (stop_also != NULL)
		timeout_stop(&stop_also->timeout);
	if (wait == restart_once) {
		restart_once = NULL;
		timeout_start(from, &wait->timeout);
	}
}

static void
begin_timeouts(uint64_t ms)
{
	timeout_list_init(&list, &loop, ms, expired, waits);
	for (int i = 0; i < 3; i++) {
		timeout_init(&waits[i].timeout);
		waits[i].letter = (char)('a' + i);
		timeout_start(&list, &waits[i].timeout);
	}
}

START_TEST(timeouts_end_in_their_order_once)
{
	begin_timeouts(30);
	timeout_start(&list, &waits[0].timeout);
	while (order_length < 3)
		loop_turn(&loop, true);
	ck_assert_str_eq(order, "bca");
	ck_assert(list_empty(&list.armed));
	timeout_stop(&waits[0].timeout); /* harmless */
	timeout_list_finish(&list);
}
END_TEST

START_TEST(a_stopped_one_does_not_end)
{
	begin_timeouts(30);
	timeout_stop(&waits[1].timeout);
	while (order_length < 2)
		loop_turn(&loop, true);
	ck_assert_str_eq(order, "ac");
	ck_assert(list_empty(&list.armed));
	timeout_list_finish(&list);
}
END_TEST

START_TEST(one_end_may_stop_and_restart_others)
{
	begin_timeouts(30);
	stop_also = &waits[1];
	restart_once = &waits[2];
	while (order_length < 3)
		loop_turn(&loop, true);
	ck_assert_str_eq(order, "acc");
	ck_assert(list_empty(&list.armed));
	timeout_list_finish(&list);
}
END_TEST

START_TEST(a_list_without_a_duration_never_ends_anything)
{
	begin_timeouts(0);
	ck_assert(list_empty(&list.armed));
	ck_assert(list_empty(&waits[0].timeout.link));
	timeout_list_finish(&list);
}
END_TEST

/* A short one after long ones is not as late as those. */
START_TEST(a_shorter_list_makes_the_tick_shorter)
{
	struct timeout_list slow;
	struct timeout last;

	timeout_list_init(&slow, &loop, 3600000, expired, NULL);
	timeout_init(&last);
	timeout_start(&slow, &last);
	ck_assert_uint_eq(loop.tick_ms, 1000);
	begin_timeouts(30);
	ck_assert_uint_lt(loop.tick_ms, 1000);
	while (order_length < 3)
		loop_turn(&loop, true);
	ck_assert_str_eq(order, "abc");
	timeout_stop(&last);
	/* With nothing armed the tick ends. */
	while (loop.tick_ms != 0)
		loop_turn(&loop, true);
	timeout_list_finish(&slow);
	timeout_list_finish(&list);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("loop");
	TCase *tests = tcase_create("loop");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 50);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, tasks_run_in_order);
	tcase_add_test(tests, tasks_of_tasks_run_without_waiting);
	tcase_add_test(tests, a_post_of_the_owner_itself_is_seen);
	tcase_add_test(tests, tasks_may_free_themselves);
	tcase_add_test(tests, posts_wake_the_loop_and_keep_their_order);
	tcase_add_test(tests, timeouts_end_in_their_order_once);
	tcase_add_test(tests, a_stopped_one_does_not_end);
	tcase_add_test(tests, one_end_may_stop_and_restart_others);
	tcase_add_test(tests, a_list_without_a_duration_never_ends_anything);
	tcase_add_test(tests, a_shorter_list_makes_the_tick_shorter);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
