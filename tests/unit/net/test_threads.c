/* SPDX-License-Identifier: MIT */
/*
 * Handler threads in their three modes. Tests wait for each other through
 * conditions: what would go wrong hangs, and the time limit of the test case
 * ends it. Meant to be run under ThreadSanitizer too.
 */
#include "net/threads.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

#define LIMIT_SECONDS 60

/* A flag that threads wait for. */
struct flag {
	pthread_mutex_t lock;
	pthread_cond_t raised;
	unsigned count;
};

#define FLAG_DOWN \
	{ \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 \
	}

static void
flag_raise(struct flag *flag)
{
	pthread_mutex_lock(&flag->lock);
	flag->count++;
	pthread_cond_broadcast(&flag->raised);
	pthread_mutex_unlock(&flag->lock);
}

static unsigned
flag_count(struct flag *flag)
{
	unsigned count;

	pthread_mutex_lock(&flag->lock);
	count = flag->count;
	pthread_mutex_unlock(&flag->lock);
	return count;
}

static void
flag_await(struct flag *flag, unsigned count)
{
	pthread_mutex_lock(&flag->lock);
	while (flag->count < count)
		pthread_cond_wait(&flag->raised, &flag->lock);
	pthread_mutex_unlock(&flag->lock);
}

struct job {
	struct threads_task task;
	unsigned number;
	unsigned works, dones; /* how often */
	void (*act)(struct job *job);
};

static struct loop loop;
static struct threads *threads;
static unsigned done_count; /* on the loop */
static unsigned stop_at;    /* of done_count */
static uint8_t quick;       /* a hint of tasks that may run inline */
static struct flag hooks_started = FLAG_DOWN, hooks_stopped = FLAG_DOWN;
static struct flag begun = FLAG_DOWN, go_on = FLAG_DOWN;

static bool
all_done(void *arg)
{
	ck_assert(loop_is_mine(&loop));
	return done_count >= stop_at;
}

static void
job_work(struct threads_task *task, void *thread)
{
	struct job *job = container_of(task, struct job, task);

	ck_assert_ptr_eq(thread, &hooks_started);
	job->works++;
	if (job->act != NULL)
		job->act(job);
}

static void
job_done(struct threads_task *task)
{
	struct job *job = container_of(task, struct job, task);

	ck_assert(loop_is_mine(&loop));
	ck_assert_uint_eq(job->works, 1);
	job->dones++;
	done_count++;
}

static int
hook_start(void *arg, void **thread, struct error *error)
{
	*thread = &hooks_started;
	flag_raise(&hooks_started);
	return 0;
}

static void
hook_stop(void *arg, void *thread)
{
	ck_assert_ptr_eq(thread, &hooks_started);
	flag_raise(&hooks_stopped);
}

static const struct threads_hooks hooks = { hook_start, hook_stop, NULL };

static void
begin(enum threads_mode mode, unsigned count, unsigned queue_max)
{
	struct error error;

	ck_assert_int_eq(loop_init(&loop, &error), 0);
	ck_assert_int_eq(threads_create(&threads, &loop, mode, count, queue_max,
			     &hooks, &error),
	    0);
}

static void
drive_until(unsigned count)
{
	stop_at = count;
	threads_drive(threads, all_done, NULL);
}

static void
finish(void)
{
	threads_destroy(&threads);
	ck_assert_ptr_null(threads);
	ck_assert_uint_eq(flag_count(&hooks_started),
	    flag_count(&hooks_stopped));
	loop_finish(&loop);
}

static struct job *
jobs_create(unsigned count, void (*act)(struct job *), uint8_t *slow)
{
	struct job *jobs = xcalloc(count, sizeof(*jobs));

	for (unsigned i = 0; i < count; i++) {
		jobs[i].task.work = job_work;
		jobs[i].task.done = job_done;
		jobs[i].task.slow = slow;
		jobs[i].number = i;
		jobs[i].act = act;
	}
	return jobs;
}

static void
jobs_destroy(struct job *jobs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		ck_assert_uint_eq(jobs[i].works, 1);
		ck_assert_uint_eq(jobs[i].dones, 1);
	}
	free(jobs);
}

/* Something that the loop does after a while. */
static struct event later_event;

static void
later(unsigned ms, event_callback_fn callback)
{
	struct timeval delay = { ms / 1000, (ms % 1000) * 1000 };

	event_assign(&later_event, loop.base, -1, 0, callback, NULL);
	event_add(&later_event, &delay);
}

static const enum threads_mode modes[] = { THREADS_INLINE, THREADS_TAKEOVER,
	THREADS_DEDICATED };

/* --- thousands of mixed tasks --------------------------------------------- */

#define MANY 6000
#define BATCH 40

static struct job *many;
static unsigned many_submitted;
static uint8_t hints[4];
static struct loop_task more_task;

static void
mixed_act(struct job *job)
{
	switch (job->number % 97) {
	case 3:
		usleep(3000);
		break;
	case 5:
		(void)threads_may_wait(threads);
		break;
	case 7:
		if (threads_hold_loop(threads)) {
			ck_assert(loop_is_mine(&loop));
			threads_release_loop(threads);
		}
		break;
	}
}

/* A batch each turn, as requests come in. */
static void
submit_more(struct loop_task *task)
{
	for (unsigned i = 0; i < BATCH && many_submitted < MANY; i++) {
		struct job *job = &many[many_submitted];

		if (threads_submit(threads, &job->task) < 0)
			break;
		many_submitted++;
	}
	if (many_submitted < MANY)
		loop_defer(&loop, &more_task);
}

START_TEST(thousands_of_mixed_tasks_run_exactly_once)
{
	begin(modes[_i], 4, 128);
	many = jobs_create(MANY, mixed_act, NULL);
	for (unsigned i = 0; i < MANY; i++)
		if (i % 5 != 0)
			many[i].task.slow = &hints[i % 4];
	more_task.run = submit_more;
	loop_defer(&loop, &more_task);
	drive_until(MANY);
	ck_assert_uint_eq(threads_queued(threads), 0);
	ck_assert_uint_eq(threads_unfinished(threads), 0);
	jobs_destroy(many, MANY);
	finish();
}
END_TEST

/* --- the queue ------------------------------------------------------------ */

START_TEST(a_full_queue_refuses_and_empties_again)
{
	struct job *jobs;

	begin(modes[_i], 2, 3);
	jobs = jobs_create(5, NULL, &quick);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(threads_submit(threads, &jobs[i].task), 0);
	ck_assert_uint_eq(threads_queued(threads), 3);
	ck_assert_int_eq(threads_submit(threads, &jobs[3].task), -1);
	ck_assert_int_eq(threads_submit_from_any(threads, &jobs[3].task), -1);
	ck_assert_uint_eq(threads_unfinished(threads), 3);
	drive_until(3);
	ck_assert_int_eq(threads_submit(threads, &jobs[3].task), 0);
	ck_assert_int_eq(threads_submit_from_any(threads, &jobs[4].task), 0);
	/* Driving ended for good with the first stop; destroying runs them. */
	finish();
	jobs_destroy(jobs, 5);
}
END_TEST

static void *
submit_from_here(void *arg)
{
	struct job *jobs = arg;

	for (unsigned i = 0; i < 100; i++)
		while (threads_submit_from_any(threads, &jobs[i].task) < 0)
			usleep(100);
	return NULL;
}

START_TEST(other_threads_may_submit)
{
	struct job *jobs;
	pthread_t ids[3];

	begin(modes[_i], 2, 16);
	jobs = jobs_create(300, NULL, NULL);
	for (unsigned i = 0; i < 3; i++)
		pthread_create(&ids[i], NULL, submit_from_here, &jobs[i * 100]);
	drive_until(300);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(ids[i], NULL);
	jobs_destroy(jobs, 300);
	finish();
}
END_TEST

static void
submit_another_act(struct job *job)
{
	if (job->number == 0)
		ck_assert_int_eq(threads_submit_from_any(threads, &job[1].task),
		    0);
}

START_TEST(a_handler_may_submit)
{
	struct job *jobs;

	begin(modes[_i], 2, 16);
	jobs = jobs_create(2, submit_another_act, &quick);
	ck_assert_int_eq(threads_submit(threads, &jobs[0].task), 0);
	drive_until(2);
	jobs_destroy(jobs, 2);
	finish();
}
END_TEST

/* --- slow tasks ----------------------------------------------------------- */

static void
raise_go_on_cb(evutil_socket_t fd, short what, void *arg)
{
	flag_raise(&go_on);
}

static void
await_loop_act(struct job *job)
{
	flag_raise(&begun);
	flag_await(&go_on, 1);
}

static struct job *late_job;

static void
submit_late_job_cb(evutil_socket_t fd, short what, void *arg)
{
	ck_assert_int_eq(threads_submit(threads, &late_job->task), 0);
	later(1, raise_go_on_cb);
}

/* The task ends only when the loop turns meanwhile. It comes after a quiet
 * time, when the thread that watches the leader sleeps. */
START_TEST(a_slow_task_does_not_stall_the_loop)
{
	begin(_i % 2 ? THREADS_DEDICATED : THREADS_TAKEOVER, _i < 2 ? 2 : 8,
	    16);
	late_job = jobs_create(1, await_loop_act, &quick);
	later(150, submit_late_job_cb);
	drive_until(1);
	if (_i % 2 == 0)
		ck_assert_uint_gt(quick, 0);
	jobs_destroy(late_job, 1);
	finish();
}
END_TEST

static bool turned; /* the loop, while the tasks ran */

static void
turned_cb(evutil_socket_t fd, short what, void *arg)
{
	turned = true;
}

static void
compute_act(struct job *job)
{
	uint64_t since = clock_monotonic_ns();

	while (clock_monotonic_ns() - since < 900000)
		continue;
	if (job->number == 299)
		ck_assert(!loop_is_mine(&loop) || turned);
}

/* Each is quick enough for the loop's own thread, but they are many. */
START_TEST(the_loop_turns_between_many_tasks_of_one_turn)
{
	struct job *jobs;

	begin(_i ? THREADS_TAKEOVER : THREADS_INLINE, 2, 300);
	jobs = jobs_create(300, compute_act, &quick);
	later(1, turned_cb);
	for (unsigned i = 0; i < 300; i++)
		ck_assert_int_eq(threads_submit(threads, &jobs[i].task), 0);
	drive_until(300);
	ck_assert(turned);
	jobs_destroy(jobs, 300);
	finish();
}
END_TEST

static void
meet_act(struct job *job)
{
	flag_raise(&begun);
	flag_await(&begun, 2);
}

static struct job *pair;

static void
submit_pair_cb(evutil_socket_t fd, short what, void *arg)
{
	ck_assert_int_eq(threads_submit(threads, &pair[0].task), 0);
	ck_assert_int_eq(threads_submit(threads, &pair[1].task), 0);
}

/* Both come in one turn after a quiet time, and each waits for the other. */
START_TEST(two_tasks_handed_off_at_once_both_begin)
{
	begin(_i % 2 ? THREADS_DEDICATED : THREADS_TAKEOVER, _i < 2 ? 2 : 8,
	    16);
	pair = jobs_create(2, meet_act, NULL);
	later(150, submit_pair_cb);
	drive_until(2);
	jobs_destroy(pair, 2);
	finish();
}
END_TEST

static unsigned guarded; /* by owning the loop; plain on purpose */
static struct event often;

static void
guarded_cb(evutil_socket_t fd, short what, void *arg)
{
	ck_assert(loop_is_mine(&loop));
	guarded++;
}

/*
 * Tasks are handed off while no thread is idle yet: submits one after the
 * other until one has run on the loop's thread, which it tells through
 * ran_on_loop.
 */
static bool ran_on_loop;

static void
submit_next_done(struct threads_task *task)
{
	struct job *job = container_of(task, struct job, task);

	job_done(task);
	if (ran_on_loop) {
		stop_at = done_count;
		return;
	}
	job[1] = *job;
	job[1].works = job[1].dones = 0;
	ck_assert_int_eq(threads_submit(threads, &job[1].task), 0);
}

static void
drive_until_one_ran_on_the_loop(void (*act)(struct job *))
{
	struct timeval period = { 0, 500 };
	struct job *jobs = jobs_create(100000, act, &quick);

	begin(THREADS_TAKEOVER, 3, 16);
	event_assign(&often, loop.base, -1, EV_PERSIST, guarded_cb, NULL);
	event_add(&often, &period);
	jobs[0].task.done = submit_next_done;
	ck_assert_int_eq(threads_submit(threads, &jobs[0].task), 0);
	drive_until(100000);
	ck_assert(ran_on_loop);
	threads_destroy(&threads);
	event_del(&often);
	loop_finish(&loop);
	free(jobs);
}

/* Ends once the loop is taken away. */
static void
hold_often_act(struct job *job)
{
	ran_on_loop = loop_is_mine(&loop);
	while (threads_hold_loop(threads)) {
		ck_assert(loop_is_mine(&loop));
		guarded++;
		threads_release_loop(threads);
	}
	ck_assert(!loop_is_mine(&loop));
}

START_TEST(a_handler_that_holds_the_loop_all_the_time_loses_it)
{
	drive_until_one_ran_on_the_loop(hold_often_act);
}
END_TEST

static void
hold_long_act(struct job *job)
{
	ran_on_loop = loop_is_mine(&loop);
	if (!ran_on_loop) {
		ck_assert(!threads_hold_loop(threads));
		return;
	}
	ck_assert(threads_hold_loop(threads));
	ck_assert(threads_hold_loop(threads));
	for (unsigned i = 0; i < 30; i++) {
		guarded++;
		usleep(1000);
	}
	threads_release_loop(threads);
	ck_assert(loop_is_mine(&loop));
	guarded++;
	threads_release_loop(threads);
}

START_TEST(nobody_takes_a_loop_that_is_held)
{
	drive_until_one_ran_on_the_loop(hold_long_act);
}
END_TEST

/* --- waiting in a handler ------------------------------------------------- */

static void
wait_for_loop_act(struct job *job)
{
	flag_raise(&begun);
	if (threads_may_wait(threads)) {
		flag_await(&go_on, 1);
		return;
	}
	while (flag_count(&go_on) == 0)
		loop_turn(&loop, true);
}

START_TEST(a_handler_may_wait_for_what_the_loop_brings)
{
	struct job *jobs;

	begin(modes[_i], 2, 16);
	jobs = jobs_create(2, wait_for_loop_act, &quick);
	later(20, raise_go_on_cb);
	ck_assert_int_eq(threads_submit(threads, &jobs[0].task), 0);
	ck_assert_int_eq(threads_submit(threads, &jobs[1].task), 0);
	drive_until(2);
	jobs_destroy(jobs, 2);
	finish();
}
END_TEST

/* All threads wait for the loop at the same time, again and again. */
static struct loop_task raise_task;

static void
raise_run(struct loop_task *task)
{
	flag_raise(&go_on);
}

static void
wait_for_all_act(struct job *job)
{
	flag_raise(&begun);
	if (flag_count(&begun) == 4)
		loop_post(&loop, &raise_task);
	ck_assert(threads_may_wait(threads));
	flag_await(&go_on, 1);
}

START_TEST(all_handlers_wait_and_the_loop_still_turns)
{
	struct job *jobs;

	begin(_i ? THREADS_DEDICATED : THREADS_TAKEOVER, 4, 16);
	raise_task.run = raise_run;
	jobs = jobs_create(4, wait_for_all_act, &quick);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(threads_submit(threads, &jobs[i].task), 0);
	drive_until(4);
	jobs_destroy(jobs, 4);
	finish();
}
END_TEST

/* --- the end -------------------------------------------------------------- */

static struct flag outside_goes = FLAG_DOWN;

static void *
let_go_on(void *arg)
{
	flag_await(&outside_goes, 1);
	flag_raise(&go_on);
	return NULL;
}

static bool
stop_and_let_go_on(void *arg)
{
	if (!all_done(arg))
		return false;
	ck_assert_uint_gt(threads_unfinished(threads), 0);
	flag_raise(&outside_goes);
	return true;
}

/* One task has begun and waits, more are queued behind it when the driving
 * stops: destroying runs all to their ends. */
START_TEST(what_is_queued_at_the_stop_still_runs)
{
	struct job *jobs;
	pthread_t helper;

	begin(_i ? THREADS_DEDICATED : THREADS_TAKEOVER, 2, 16);
	pthread_create(&helper, NULL, let_go_on, NULL);
	jobs = jobs_create(8, await_loop_act, NULL);
	jobs[0].act = NULL;
	for (unsigned i = 0; i < 8; i++)
		ck_assert_int_eq(threads_submit(threads, &jobs[i].task), 0);
	stop_at = 1;
	/* The helper goes first: this thread may be waiting in a handler. */
	threads_drive(threads, stop_and_let_go_on, NULL);
	finish();
	ck_assert_uint_eq(done_count, 8);
	pthread_join(helper, NULL);
	jobs_destroy(jobs, 8);
}
END_TEST

START_TEST(threads_that_never_drove_end)
{
	begin(modes[_i], 3, 16);
	finish();
}
END_TEST

static int
failing_start(void *arg, void **thread, struct error *error)
{
	unsigned *left = arg;

	if (__atomic_sub_fetch(left, 1, __ATOMIC_SEQ_CST) == 0)
		return error_set(error, "no thread today");
	*thread = &hooks_started;
	return 0;
}

START_TEST(a_failing_start_hook_is_reported)
{
	unsigned left = _i < 3 ? 1 : 2; /* the first thread or another */
	enum threads_mode mode = modes[_i < 3 ? _i : _i - 2];
	struct threads_hooks failing = { failing_start, NULL, &left };
	struct error error;

	ck_assert_int_eq(loop_init(&loop, &error), 0);
	ck_assert_int_eq(threads_create(&threads, &loop, mode, 3, 16, &failing,
			     &error),
	    -1);
	ck_assert_str_eq(error.text, "no thread today");
	threads_destroy(&threads);
	loop_finish(&loop);
}
END_TEST

static void
no_thread_work(struct threads_task *task, void *thread)
{
	ck_assert_ptr_null(thread);
	container_of(task, struct job, task)->works++;
}

START_TEST(dedicated_threads_without_a_hook_start_with_the_first_task)
{
	const struct threads_hooks none = { NULL, NULL, NULL };
	struct error error;
	struct job *jobs;

	ck_assert_int_eq(loop_init(&loop, &error), 0);
	ck_assert_int_eq(threads_create(&threads, &loop, THREADS_DEDICATED, 2,
			     16, &none, &error),
	    0);
	jobs = jobs_create(2, NULL, NULL);
	jobs[0].task.work = jobs[1].task.work = no_thread_work;
	ck_assert_int_eq(threads_submit_from_any(threads, &jobs[0].task), 0);
	ck_assert_int_eq(threads_submit(threads, &jobs[1].task), 0);
	drive_until(2);
	jobs_destroy(jobs, 2);
	threads_destroy(&threads);
	loop_finish(&loop);
}
END_TEST

static void
add_tests(TCase *tests)
{
	tcase_set_timeout(tests, LIMIT_SECONDS);
	tcase_add_loop_test(tests, thousands_of_mixed_tasks_run_exactly_once, 0,
	    3);
	tcase_add_loop_test(tests, a_full_queue_refuses_and_empties_again, 0,
	    3);
	tcase_add_loop_test(tests, other_threads_may_submit, 0, 3);
	tcase_add_loop_test(tests, a_handler_may_submit, 0, 3);
	tcase_add_loop_test(tests, a_slow_task_does_not_stall_the_loop, 0, 4);
	tcase_add_loop_test(tests,
	    the_loop_turns_between_many_tasks_of_one_turn, 0, 2);
	tcase_add_loop_test(tests, two_tasks_handed_off_at_once_both_begin, 0,
	    4);
	tcase_add_test(tests,
	    a_handler_that_holds_the_loop_all_the_time_loses_it);
	tcase_add_test(tests, nobody_takes_a_loop_that_is_held);
	tcase_add_loop_test(tests, a_handler_may_wait_for_what_the_loop_brings,
	    0, 3);
	tcase_add_loop_test(tests, all_handlers_wait_and_the_loop_still_turns,
	    0, 2);
	tcase_add_loop_test(tests, what_is_queued_at_the_stop_still_runs, 0, 2);
	tcase_add_loop_test(tests, threads_that_never_drove_end, 0, 3);
	tcase_add_loop_test(tests, a_failing_start_hook_is_reported, 0, 5);
	tcase_add_test(tests,
	    dedicated_threads_without_a_hook_start_with_the_first_task);
}

int
main(void)
{
	Suite *suite = suite_create("threads");
	TCase *tests = tcase_create("threads");
	SRunner *runner = srunner_create(suite);
	int failed;

	add_tests(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
