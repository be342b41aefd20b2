/* SPDX-License-Identifier: MIT */
/*
 * Turns, tasks and time-outs of the loop. Nothing is measured: what would
 * never come hangs, and the time limit of the test case ends it.
 */
#include "net/loop.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

#define LIMIT_SECONDS 60
#define POSTS 20000

static struct loop loop;

/* What ran, in order. */
static char ran[64];
static size_t ran_count;

struct step {
	struct loop_task task;
	char name;
	struct step *defers, *posts; /* when it runs */
};

static void
note(char name)
{
	ck_assert_uint_lt(ran_count, sizeof(ran) - 1);
	ran[ran_count++] = name;
	ran[ran_count] = '\0';
}

static void
step_run(struct loop_task *task)
{
	struct step *step = container_of(task, struct step, task);

	ck_assert(loop_is_mine(&loop));
	note(step->name);
	if (step->defers != NULL)
		loop_defer(&loop, &step->defers->task);
	if (step->posts != NULL)
		loop_post(&loop, &step->posts->task);
}

#define STEP(letter) \
	{ \
		.task = { .run = step_run }, .name = (letter) \
	}

static void
set_up(void)
{
	struct error error;

	ck_assert_msg(loop_init(&loop, &error) == 0, "%s", error.text);
}

static void
tear_down(void)
{
	loop_finish(&loop);
}

/* Enough turns for all that can happen without waiting, and no waiting. */
static void
settle(void)
{
	for (int i = 0; i < 10; i++)
		loop_turn(&loop, false);
}

/* --- tasks ---------------------------------------------------------------- */

START_TEST(deferred_tasks_run_once_and_in_order)
{
	struct step a = STEP('a'), b = STEP('b'), c = STEP('c');

	loop_defer(&loop, &b.task);
	loop_defer(&loop, &a.task);
	loop_defer(&loop, &c.task);
	ck_assert_uint_eq(ran_count, 0);
	loop_turn(&loop, true); /* does not wait: there is work */
	ck_assert_str_eq(ran, "bac");
	settle();
	ck_assert_str_eq(ran, "bac");
	/* What ran may be queued again. */
	loop_defer(&loop, &a.task);
	loop_turn(&loop, true);
	ck_assert_str_eq(ran, "baca");
}
END_TEST

START_TEST(a_task_may_defer_another_and_itself)
{
	struct step a = STEP('a'), b = STEP('b'), c = STEP('c');

	a.defers = &b;
	b.defers = &c;
	c.defers = &a;
	loop_defer(&loop, &a.task);
	/* Each turn does something, none waits and none runs for ever. */
	for (size_t turns = 1; ran_count < 12; turns++) {
		loop_turn(&loop, true);
		ck_assert_uint_ge(ran_count, turns);
		ck_assert_uint_le(ran_count, 2 * turns);
	}
	c.defers = NULL;
	settle();
	ck_assert_int_eq(ran[ran_count - 1], 'c');
	for (size_t i = 0; i < ran_count; i++)
		ck_assert_int_eq(ran[i], "abc"[i % 3]);
}
END_TEST

START_TEST(tasks_of_a_task_come_behind_those_that_wait)
{
	struct step a = STEP('a'), b = STEP('b'), c = STEP('c');

	a.defers = &c;
	loop_defer(&loop, &a.task);
	loop_defer(&loop, &b.task);
	settle();
	ck_assert_str_eq(ran, "abc");
}
END_TEST

START_TEST(the_owner_may_post)
{
	struct step a = STEP('a'), b = STEP('b');

	a.posts = &b;
	loop_post(&loop, &a.task);
	loop_turn(&loop, true);
	ck_assert_str_eq(ran, "a");
	loop_turn(&loop, true); /* would wait for ever, had b been lost */
	ck_assert_str_eq(ran, "ab");
	settle();
	ck_assert_str_eq(ran, "ab");
}
END_TEST

START_TEST(run_tasks_looks_at_no_events)
{
	struct step a = STEP('a'), b = STEP('b');

	loop_post(&loop, &a.task);
	loop_defer(&loop, &b.task);
	event_active(&loop.wake, EV_READ, 0);
	loop.woken = true;
	loop_run_tasks(&loop);
	ck_assert_str_eq(ran, "ab");
	ck_assert(loop.woken);
	loop_turn(&loop, false);
	ck_assert(!loop.woken);
}
END_TEST

/* Tasks that must come in the order of their numbers. */
struct numbered {
	struct loop_task task;
	unsigned number, thread, count;
};

static unsigned next_number[2];
static unsigned numbered_ran;

static void
numbered_run(struct loop_task *task)
{
	struct numbered *one = container_of(task, struct numbered, task);

	ck_assert_uint_eq(one->count++, 0);
	ck_assert_uint_eq(one->number, next_number[one->thread]++);
	numbered_ran++;
}

static void *
post_all(void *arg)
{
	struct numbered *tasks = arg;

	ck_assert(!loop_is_mine(&loop));
	for (unsigned i = 0; i < POSTS; i++)
		loop_post(&loop, &tasks[i].task);
	return NULL;
}

START_TEST(posted_tasks_run_once_and_in_the_order_of_their_thread)
{
	static struct numbered tasks[2][POSTS];
	pthread_t threads[2];

	for (unsigned t = 0; t < 2; t++) {
		for (unsigned i = 0; i < POSTS; i++)
			tasks[t][i] = (struct numbered){
				.task.run = numbered_run,
				.number = i,
				.thread = t,
			};
		ck_assert_int_eq(pthread_create(&threads[t], NULL, post_all,
				     tasks[t]),
		    0);
	}
	/* A lost bell would leave this waiting for ever. */
	while (numbered_ran < 2 * POSTS)
		loop_turn(&loop, true);
	for (unsigned t = 0; t < 2; t++)
		pthread_join(threads[t], NULL);
	settle();
	for (unsigned t = 0; t < 2; t++)
		for (unsigned i = 0; i < POSTS; i++)
			ck_assert_uint_eq(tasks[t][i].count, 1);
	ck_assert_uint_eq(numbered_ran, 2 * POSTS);
}
END_TEST

/* Owns the loop until something ran: the former owner's post ends it. */
static void *
take_over(void *arg)
{
	int *ready = arg;

	loop_own(&loop);
	ck_assert(loop_is_mine(&loop));
	ck_assert_int_eq(write(*ready, "x", 1), 1);
	while (ran_count == 0)
		loop_turn(&loop, true);
	return NULL;
}

START_TEST(the_loop_belongs_to_who_took_it_last)
{
	struct step a = STEP('a');
	pthread_t thread;
	int ready[2];
	char byte;

	ck_assert(loop_is_mine(&loop));
	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, take_over, &ready[1]),
	    0);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert(!loop_is_mine(&loop));
	loop_post(&loop, &a.task);
	pthread_join(thread, NULL);
	ck_assert(!loop_is_mine(&loop));
	loop_own(&loop);
	ck_assert(loop_is_mine(&loop));
	ck_assert_str_eq(ran, "a");
	close(ready[0]);
	close(ready[1]);
}
END_TEST

/* --- time-outs ------------------------------------------------------------ */

struct entry {
	struct timeout timeout;
	char name;
	uint64_t started_ms;
	struct timeout_list *again; /* when it expires, it starts there */
	struct entry *stops;        /* when it expires */
};

static void
entry_start(struct timeout_list *list, struct entry *entry)
{
	entry->started_ms = clock_coarse_ms();
	timeout_start(list, &entry->timeout);
}

static void
entry_expired(struct timeout_list *list, struct list *link)
{
	struct entry *entry = container_of(link, struct entry, timeout.link);
	struct timeout_list *again = entry->again;

	ck_assert_ptr_eq(list->context, &loop);
	ck_assert(list_empty(link)); /* it is in no list any more */
	ck_assert_uint_ge(clock_coarse_ms(),
	    entry->started_ms + list->duration_ms);
	note(entry->name);
	if (entry->stops != NULL)
		timeout_stop(&entry->stops->timeout);
	if (again != NULL) {
		entry->again = NULL;
		entry_start(again, entry);
	}
}

static void
entry_init(struct entry *entry, char name)
{
	*entry = (struct entry){ .name = name };
	timeout_init(&entry->timeout);
}

static void
await_ran(size_t count)
{
	while (ran_count < count)
		loop_turn(&loop, true);
}

START_TEST(time_outs_expire_in_the_order_of_their_starts)
{
	struct timeout_list list;
	struct entry entries[3];

	timeout_list_init(&list, &loop, 30, entry_expired, &loop);
	for (int i = 0; i < 3; i++)
		entry_init(&entries[i], (char)('a' + i));
	entry_start(&list, &entries[1]);
	entry_start(&list, &entries[0]);
	entry_start(&list, &entries[2]);
	ck_assert_uint_eq(ran_count, 0);
	await_ran(3);
	ck_assert_str_eq(ran, "bac");
	ck_assert(list_empty(&list.armed));
	ck_assert_uint_eq(loop.tick_ms, 0); /* an idle loop does not tick */
	/* And it ticks again when there is something to wait for. */
	entry_start(&list, &entries[0]);
	await_ran(4);
	ck_assert_str_eq(ran, "baca");
	timeout_list_finish(&list);
}
END_TEST

START_TEST(starting_again_goes_to_the_end)
{
	struct timeout_list list, other;
	struct entry a, b;

	timeout_list_init(&list, &loop, 30, entry_expired, &loop);
	timeout_list_init(&other, &loop, 1000000, entry_expired, &loop);
	entry_init(&a, 'a');
	entry_init(&b, 'b');
	entry_start(&other, &a);
	entry_start(&list, &a);
	ck_assert(list_empty(&other.armed));
	entry_start(&list, &b);
	entry_start(&list, &a);
	await_ran(2);
	ck_assert_str_eq(ran, "ba");
	timeout_list_finish(&list);
	timeout_list_finish(&other);
}
END_TEST

START_TEST(what_is_stopped_does_not_expire)
{
	struct timeout_list list;
	struct entry a, b, c;

	timeout_list_init(&list, &loop, 30, entry_expired, &loop);
	entry_init(&a, 'a');
	entry_init(&b, 'b');
	entry_init(&c, 'c');
	entry_start(&list, &a);
	entry_start(&list, &b);
	entry_start(&list, &c);
	timeout_stop(&a.timeout);
	timeout_stop(&a.timeout); /* harmless */
	b.stops = &b;             /* no more than that, in its own callback */
	await_ran(2);
	ck_assert_str_eq(ran, "bc");
	timeout_list_finish(&list);
}
END_TEST

START_TEST(a_callback_may_stop_the_next_one)
{
	struct timeout_list list, later;
	struct entry a, b, c, d;

	timeout_list_init(&list, &loop, 30, entry_expired, &loop);
	timeout_list_init(&later, &loop, 60, entry_expired, &loop);
	entry_init(&a, 'a');
	entry_init(&b, 'b');
	entry_init(&c, 'c');
	entry_init(&d, 'd');
	entry_start(&list, &a);
	entry_start(&list, &b);
	entry_start(&list, &c);
	entry_start(&later, &d);
	a.stops = &b;
	c.stops = &d;
	await_ran(2);
	ck_assert_str_eq(ran, "ac");
	ck_assert(list_empty(&list.armed));
	ck_assert(list_empty(&later.armed));
	timeout_list_finish(&list);
	timeout_list_finish(&later);
}
END_TEST

START_TEST(a_callback_may_start_again_and_elsewhere)
{
	struct timeout_list list, other;
	struct entry a, b;

	timeout_list_init(&list, &loop, 30, entry_expired, &loop);
	timeout_list_init(&other, &loop, 40, entry_expired, &loop);
	entry_init(&a, 'a');
	entry_init(&b, 'b');
	a.again = &list;
	b.again = &other;
	entry_start(&list, &a);
	entry_start(&list, &b);
	await_ran(2);
	ck_assert_str_eq(ran, "ab");
	ck_assert(!list_empty(&list.armed));
	ck_assert(!list_empty(&other.armed));
	await_ran(4);
	ck_assert(list_empty(&list.armed));
	ck_assert(list_empty(&other.armed));
	timeout_list_finish(&list);
	timeout_list_finish(&other);
}
END_TEST

START_TEST(a_duration_of_0_never_expires)
{
	struct timeout_list never, list;
	struct entry a, b;

	timeout_list_init(&never, &loop, 0, entry_expired, &loop);
	timeout_list_init(&list, &loop, 30, entry_expired, &loop);
	entry_init(&a, 'a');
	entry_init(&b, 'b');
	entry_start(&never, &a);
	ck_assert_uint_eq(loop.tick_ms, 0);
	entry_start(&list, &b);
	await_ran(1);
	ck_assert_str_eq(ran, "b");
	/* Started there, it has left the list it was in. */
	entry_start(&list, &b);
	entry_start(&never, &b);
	ck_assert(list_empty(&list.armed));
	ck_assert(list_empty(&b.timeout.link));
	timeout_list_finish(&never);
	timeout_list_finish(&list);
}
END_TEST

START_TEST(a_short_time_out_does_not_wait_for_the_tick_of_a_long_one)
{
	struct timeout_list longer, shorter;
	struct entry a, b;
	uint64_t slow;

	timeout_list_init(&longer, &loop, 1000000, entry_expired, &loop);
	timeout_list_init(&shorter, &loop, 30, entry_expired, &loop);
	entry_init(&a, 'a');
	entry_init(&b, 'b');
	entry_start(&longer, &a);
	slow = loop.tick_ms;
	ck_assert_uint_gt(slow, 30);
	entry_start(&shorter, &b);
	ck_assert_uint_lt(loop.tick_ms, slow);
	ck_assert_uint_le(loop.tick_ms, 30);
	await_ran(1);
	ck_assert_str_eq(ran, "b");
	ck_assert(!list_empty(&longer.armed));
	ck_assert_uint_ne(loop.tick_ms, 0); /* the other still waits */
	timeout_stop(&a.timeout);
	timeout_list_finish(&longer);
	timeout_list_finish(&shorter);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("loop");
	TCase *tests = tcase_create("loop");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, LIMIT_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, deferred_tasks_run_once_and_in_order);
	tcase_add_test(tests, a_task_may_defer_another_and_itself);
	tcase_add_test(tests, tasks_of_a_task_come_behind_those_that_wait);
	tcase_add_test(tests, the_owner_may_post);
	tcase_add_test(tests, run_tasks_looks_at_no_events);
	tcase_add_test(tests,
	    posted_tasks_run_once_and_in_the_order_of_their_thread);
	tcase_add_test(tests, the_loop_belongs_to_who_took_it_last);
	tcase_add_test(tests, time_outs_expire_in_the_order_of_their_starts);
	tcase_add_test(tests, starting_again_goes_to_the_end);
	tcase_add_test(tests, what_is_stopped_does_not_expire);
	tcase_add_test(tests, a_callback_may_stop_the_next_one);
	tcase_add_test(tests, a_callback_may_start_again_and_elsewhere);
	tcase_add_test(tests, a_duration_of_0_never_expires);
	tcase_add_test(tests,
	    a_short_time_out_does_not_wait_for_the_tick_of_a_long_one);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
