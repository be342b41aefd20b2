/* SPDX-License-Identifier: MIT */
/*
 * Handler threads: starting and ending them, queues, the INLINE and DEDICATED
 * modes. All shared state is under one lock; what a turn of the loop made
 * ready is in a list of the loop's owner and needs none.
 */
#include "net/threads.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/threads_priv.h"

#define SLOW_STEP 16         /* tasks handed off after a slow one */
#define SLOW_MAX 64          /* and after several */
#define STACK_SIZE (1 << 20) /* bytes; handlers may be Python */

__thread struct member *threads_self;
static __thread bool in_handler;

unsigned
threads_queued(const struct threads *threads)
{
	return __atomic_load_n(&threads->waiting, __ATOMIC_RELAXED);
}

unsigned
threads_unfinished(const struct threads *threads)
{
	return __atomic_load_n(&threads->unfinished, __ATOMIC_RELAXED);
}

/* --- running one task ----------------------------------------------------- */

void
threads_work(struct threads_task *task)
{
	in_handler = true;
	task->work(task, threads_self->thread);
	in_handler = false;
}

/* On the loop. */
void
threads_finish_task(struct threads *threads, struct threads_task *task)
{
	task->done(task);
	__atomic_fetch_sub(&threads->unfinished, 1, __ATOMIC_RELAXED);
}

static void
done_task_run(struct loop_task *loop_task)
{
	struct threads_task *task =
	    container_of(loop_task, struct threads_task, done_task);

	threads_finish_task(task->threads, task);
}

/* From a handler's thread. */
void
threads_post_done(struct threads *threads, struct threads_task *task)
{
	task->threads = threads;
	task->done_task.run = done_task_run;
	loop_post(threads->loop, &task->done_task);
}

/* The time a task took moves its kind between the quick and the slow. */
void
threads_note_time(uint8_t *slow, bool was_slow)
{
	uint8_t score = __atomic_load_n(slow, __ATOMIC_RELAXED);

	if (was_slow)
		score =
		    score + SLOW_STEP < SLOW_MAX ? score + SLOW_STEP : SLOW_MAX;
	else if (score > 0)
		score--;
	__atomic_store_n(slow, score, __ATOMIC_RELAXED);
}

/* Away from the loop: measures whether it may run inline next time. */
static void
run_handed_off(struct threads *threads, struct threads_task *task)
{
	uint64_t begun = clock_monotonic_ns();
	uint8_t *slow = task->slow;

	threads_work(task);
	if (slow != NULL)
		threads_note_time(slow,
		    clock_monotonic_ns() - begun >= THREADS_TICK_NS);
	threads_post_done(threads, task);
}

/* Under lock: somebody should look at the queue. */
void
threads_wake_one(struct threads *threads)
{
	if (threads->idle > (threads->sitter != NULL ? 1u : 0u))
		pthread_cond_signal(&threads->work);
	else if (threads->sitter != NULL)
		pthread_cond_signal(&threads->sit);
}

/* Under lock: whether this idle thread may take a task from the queue. The
 * last idle one stays to take over from a leader inside a handler. */
bool
threads_may_take(const struct threads *threads)
{
	return threads->queue.first != NULL &&
	    threads->running < threads->count &&
	    !(threads->running_inline && threads->idle <= 1);
}

/* Under lock, which it gives up while the task runs. */
void
threads_run_from_queue(struct threads *threads)
{
	struct threads_task *task = queue_take(&threads->queue);

	threads->running++;
	waiting_add(threads, -1);
	/* A signal for the next task may have met this thread, too. */
	if (threads->queue.first != NULL && threads->running < threads->count)
		threads_wake_one(threads);
	pthread_mutex_unlock(&threads->lock);
	run_handed_off(threads, task);
	pthread_mutex_lock(&threads->lock);
	threads->running--;
}

/* Hands a task of the leader to the others. */
void
threads_hand_off(struct threads *threads, struct threads_task *task)
{
	queue_append(&threads->queue, task);
	if (threads->running < threads->count)
		threads_wake_one(threads);
}

/* --- a dedicated pool ----------------------------------------------------- */

static void
serve_queue(struct threads *threads)
{
	pthread_mutex_lock(&threads->lock);
	for (;;) {
		if (threads->queue.first != NULL) {
			threads_run_from_queue(threads);
		} else if (threads->stopping) {
			break;
		} else {
			threads->idle++;
			pthread_cond_wait(&threads->work, &threads->lock);
			threads->idle--;
		}
	}
	pthread_mutex_unlock(&threads->lock);
}

/* Hands over all that a turn made ready, with one lock. */
static void
hand_off_ready(struct threads *threads)
{
	struct threads_task *task;

	if (threads->ready.first == NULL)
		return;
	pthread_mutex_lock(&threads->lock);
	while ((task = queue_take(&threads->ready)) != NULL) {
		queue_append(&threads->queue, task);
		pthread_cond_signal(&threads->work);
	}
	pthread_mutex_unlock(&threads->lock);
}

/* --- inline --------------------------------------------------------------- */

/* What other threads submitted is ready now. */
static void
bell_run(struct loop_task *bell)
{
	struct threads *threads = container_of(bell, struct threads, bell);
	struct threads_task *task;

	pthread_mutex_lock(&threads->lock);
	threads->bell_rung = false;
	while ((task = queue_take(&threads->queue)) != NULL)
		queue_append(&threads->ready, task);
	pthread_mutex_unlock(&threads->lock);
}

/* Under lock: brings a task from any thread to the only one. */
static void
bring(struct threads *threads, struct threads_task *task)
{
	queue_append(&threads->queue, task);
	if (threads->bell_rung)
		return;
	threads->bell_rung = true;
	threads->bell.run = bell_run;
	loop_post(threads->loop, &threads->bell);
}

/* No longer than it may: clients that leave, signals and the heartbeat need
 * the loop. */
static void
run_inline(struct threads *threads)
{
	uint64_t begun;
	struct threads_task *task;

	if (threads->ready.first == NULL)
		return;
	begun = clock_monotonic_ns();
	while ((task = queue_take(&threads->ready)) != NULL) {
		waiting_add(threads, -1);
		threads_work(task);
		threads_finish_task(threads, task);
		if (clock_monotonic_ns() - begun >= THREADS_SHARE_NS)
			return;
	}
}

/* --- all modes ------------------------------------------------------------ */

void
threads_drive(struct threads *threads, bool (*stop)(void *arg), void *arg)
{
	threads->stop = stop;
	threads->stop_arg = arg;
	if (threads->mode == THREADS_TAKEOVER) {
		pthread_mutex_lock(&threads->lock);
		threads->go = true;
		pthread_cond_broadcast(&threads->started);
		pthread_mutex_unlock(&threads->lock);
		threads_take_part(threads);
		return;
	}
	while (!stop(arg)) {
		loop_turn(threads->loop, threads->ready.first == NULL);
		if (threads->mode == THREADS_INLINE)
			run_inline(threads);
		else
			hand_off_ready(threads);
	}
}

bool
threads_in_handler(void)
{
	return in_handler;
}

void
threads_turn_loop(struct threads *threads)
{
	in_handler = false;
	loop_turn(threads->loop, true);
	in_handler = true;
}

static void *
member_main(void *arg)
{
	struct threads *threads;

	threads_self = arg;
	threads_self->tid = gettid();
	threads = threads_self->threads;
	if (threads->hooks.start != NULL &&
	    threads->hooks.start(threads->hooks.arg, &threads_self->thread,
		&threads_self->error) < 0)
		threads_self->failed = true;
	pthread_mutex_lock(&threads->lock);
	threads->up++;
	pthread_cond_broadcast(&threads->started);
	pthread_mutex_unlock(&threads->lock);
	if (threads->mode == THREADS_TAKEOVER)
		threads_take_part(threads);
	else
		serve_queue(threads);
	if (!threads_self->failed && threads->hooks.stop != NULL)
		threads->hooks.stop(threads->hooks.arg, threads_self->thread);
	return NULL;
}

static void
init_conditions(struct threads *threads)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&threads->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&threads->work, &attributes);
	pthread_cond_init(&threads->sit, &attributes);
	pthread_cond_init(&threads->started, &attributes);
	pthread_condattr_destroy(&attributes);
}

/* Starts members from the index on; -1 with error when one can't start. */
static int
start_members(struct threads *threads, unsigned from, struct error *error)
{
	pthread_attr_t attributes;
	int code = 0;
	unsigned i;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	for (i = from; i < threads->member_count && code == 0; i++) {
		threads->members[i].threads = threads;
		code = pthread_create(&threads->members[i].id, &attributes,
		    member_main, &threads->members[i]);
	}
	pthread_attr_destroy(&attributes);
	if (code != 0) {
		threads->member_count = i - 1;
		return error_set(error,
		    "cannot start thread %u: %s; lower "
		    "threads or raise the limit of processes",
		    i, strerror(code));
	}
	pthread_mutex_lock(&threads->lock);
	while (threads->up < threads->member_count)
		pthread_cond_wait(&threads->started, &threads->lock);
	pthread_mutex_unlock(&threads->lock);
	for (i = 0; i < threads->member_count; i++)
		if (threads->members[i].failed)
			return error_set(error, "%s",
			    threads->members[i].error.text);
	return 0;
}

/* -1 when they can't be started: as good as a full queue. */
static int
start_lazily(struct threads *threads)
{
	struct error error;
	bool start;

	if (!__atomic_load_n(&threads->lazy, __ATOMIC_RELAXED))
		return 0;
	pthread_mutex_lock(&threads->lock);
	start = threads->lazy;
	__atomic_store_n(&threads->lazy, false, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&threads->lock);
	if (!start || start_members(threads, 0, &error) == 0)
		return 0;
	log_error("%s", error.text);
	if (threads->member_count > 0)
		return 0;
	/* The next task tries again. */
	threads->member_count = threads->count;
	__atomic_store_n(&threads->lazy, true, __ATOMIC_RELEASE);
	return -1;
}

static void
count_in(struct threads *threads)
{
	waiting_add(threads, 1);
	__atomic_fetch_add(&threads->unfinished, 1, __ATOMIC_RELAXED);
}

int
threads_submit(struct threads *threads, struct threads_task *task)
{
	if (threads_queued(threads) >= threads->queue_max ||
	    start_lazily(threads) < 0)
		return -1;
	count_in(threads);
	queue_append(&threads->ready, task);
	return 0;
}

int
threads_submit_from_any(struct threads *threads, struct threads_task *task)
{
	if (threads_queued(threads) >= threads->queue_max ||
	    start_lazily(threads) < 0)
		return -1;
	count_in(threads);
	pthread_mutex_lock(&threads->lock);
	if (threads->mode == THREADS_INLINE)
		bring(threads, task);
	else
		threads_hand_off(threads, task);
	pthread_mutex_unlock(&threads->lock);
	return 0;
}

int
threads_create(struct threads **created, struct loop *loop,
    enum threads_mode mode, unsigned count, unsigned queue_max,
    const struct threads_hooks *hooks, struct error *error)
{
	struct threads *threads = xcalloc(1, sizeof(*threads));
	unsigned from = mode == THREADS_DEDICATED ? 0 : 1;

	assert(count > 0);
	threads->loop = loop;
	threads->mode = mode;
	threads->count = count;
	threads->queue_max = queue_max;
	threads->hooks = *hooks;
	queue_init(&threads->ready);
	queue_init(&threads->queue);
	init_conditions(threads);
	threads->member_count = mode == THREADS_INLINE ? 1
	    : mode == THREADS_TAKEOVER                 ? count + 1
						       : count;
	threads->members =
	    xcalloc(threads->member_count, sizeof(threads->members[0]));
	*created = threads;
	if (from == 1) {
		struct member *first = &threads->members[0];

		threads_self = first;
		first->threads = threads;
		first->id = pthread_self();
		first->tid = gettid();
		if (hooks->start != NULL &&
		    hooks->start(hooks->arg, &first->thread, error) < 0) {
			first->failed = true;
			threads->member_count = 1;
			return -1;
		}
		threads->up = 1;
	}
	threads->lazy = mode == THREADS_DEDICATED && hooks->start == NULL;
	return threads->lazy ? 0 : start_members(threads, from, error);
}

/* The only thread left does what the others left to do. */
static void
run_rest(struct threads *threads)
{
	struct threads_task *task;

	loop_own(threads->loop);
	threads->mode = THREADS_INLINE;
	while (threads_unfinished(threads) > 0) {
		while ((task = queue_take(&threads->queue)) != NULL)
			queue_append(&threads->ready, task);
		run_inline(threads);
		loop_run_tasks(threads->loop);
	}
}

void
threads_destroy(struct threads **destroyed)
{
	struct threads *threads = *destroyed;
	unsigned from;

	if (threads == NULL)
		return;
	from = threads->mode == THREADS_DEDICATED ? 0 : 1;
	if (threads->mode == THREADS_DEDICATED)
		hand_off_ready(threads);
	pthread_mutex_lock(&threads->lock);
	threads->stopping = threads->go = true;
	pthread_cond_broadcast(&threads->work);
	pthread_cond_broadcast(&threads->sit);
	pthread_cond_broadcast(&threads->started);
	pthread_mutex_unlock(&threads->lock);
	for (unsigned i = from; i < threads->member_count && !threads->lazy;
	     i++)
		pthread_join(threads->members[i].id, NULL);
	run_rest(threads);
	*destroyed = NULL;
	if (from == 1 && !threads->members[0].failed &&
	    threads->hooks.stop != NULL)
		threads->hooks.stop(threads->hooks.arg,
		    threads->members[0].thread);
	pthread_mutex_destroy(&threads->lock);
	pthread_cond_destroy(&threads->work);
	pthread_cond_destroy(&threads->sit);
	pthread_cond_destroy(&threads->started);
	free(threads->members);
	free(threads);
}
