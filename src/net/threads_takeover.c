/* SPDX-License-Identifier: MIT */
/*
 * Handler threads that take the loop over from each other. One leads: it owns
 * the loop and runs handlers between two turns. One of the idle ones sits: it
 * looks every millisecond whether the leader is stuck in a handler. The
 * others wait for tasks that the leader hands off.
 */
#include "net/threads.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/threads_priv.h"

#define QUIET_TICKS 32 /* the sitter sleeps after so many without a change */
#define BUSY_TICKS 10  /* a handler that computes keeps the loop so long */

/* --- leading -------------------------------------------------------------- */

static bool
is_slow(const struct threads_task *task)
{
	return task->slow == NULL ||
	    __atomic_load_n(task->slow, __ATOMIC_RELAXED) > 0;
}

/*
 * Runs a task on the loop's own thread when that is safe and promising, else
 * hands it off. False when the loop was lost meanwhile.
 */
static bool
lead_task(struct threads *threads, struct threads_task *task)
{
	bool kept;

	pthread_mutex_lock(&threads->lock);
	if (is_slow(task) || threads->idle == 0 ||
	    threads->queue.first != NULL ||
	    threads->running >= threads->count) {
		threads_hand_off(threads, task);
		pthread_mutex_unlock(&threads->lock);
		return true;
	}
	threads->running++;
	waiting_add(threads, -1);
	threads->running_inline = true;
	threads->inline_serial++;
	threads->inline_task = task;
	threads->overdue = false;
	if (threads->sitter_sleeps) {
		threads->sitter_sleeps = false;
		pthread_cond_signal(&threads->sit);
	} else if (threads->sitter == NULL)
		pthread_cond_signal(&threads->work);
	pthread_mutex_unlock(&threads->lock);

	threads_work(task);

	pthread_mutex_lock(&threads->lock);
	threads->running--;
	kept = threads->leader == threads_self;
	if (kept) {
		threads->running_inline = false;
		if (threads->queue.first != NULL)
			threads_wake_one(threads);
	}
	pthread_mutex_unlock(&threads->lock);
	if (kept)
		threads_finish_task(threads, task);
	else
		threads_post_done(threads, task);
	return kept;
}

/* Runs what is ready, but no longer than its share of a turn. False when the
 * loop was lost meanwhile. */
static bool
lead_ready(struct threads *threads)
{
	uint64_t begun = clock_monotonic_ns();
	struct threads_task *task;

	while ((task = queue_take(&threads->ready)) != NULL) {
		if (!lead_task(threads, task))
			return false;
		if (clock_monotonic_ns() - begun >= THREADS_SHARE_NS)
			break;
	}
	return true;
}

/* Under lock at entry and return; leads until the loop is lost or ends. */
static void
lead(struct threads *threads)
{
	threads->leader = threads_self;
	loop_own(threads->loop);
	pthread_mutex_unlock(&threads->lock);
	while (!threads->stop(threads->stop_arg)) {
		bool worked = threads->ready.first != NULL;

		if (worked && !lead_ready(threads)) {
			pthread_mutex_lock(&threads->lock);
			return;
		}
		/* Their ends may have been what the stop waits for. */
		if (!worked || !threads->stop(threads->stop_arg))
			loop_turn(threads->loop, threads->ready.first == NULL);
	}
	pthread_mutex_lock(&threads->lock);
	threads->stopping = true;
	pthread_cond_broadcast(&threads->work);
	pthread_cond_broadcast(&threads->sit);
}

/* Under lock: the running handler of the leader goes on without the loop,
 * also in the eyes of loop_is_mine(). */
static void
depose(struct threads *threads)
{
	threads->leader = NULL;
	threads->running_inline = false;
	threads->overdue = false;
	threads->inline_task = NULL;
	__atomic_store_n(&threads->loop->owner, 0, __ATOMIC_SEQ_CST);
}

/* Under lock: the leader gives the loop up itself. */
static void
abdicate(struct threads *threads)
{
	depose(threads);
	if (threads->sitter != NULL)
		pthread_cond_signal(&threads->sit);
	else
		pthread_cond_signal(&threads->work);
}

/* Under lock: whether the leader is inside a handler. */
static bool
inside_handler(const struct threads *threads)
{
	return threads->running_inline ||
	    (threads->holds > 0 && threads->held_inline);
}

/* --- sitting -------------------------------------------------------------- */

static void
sit_for_a_tick(struct threads *threads)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += THREADS_TICK_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&threads->sit, &threads->lock, &until);
}

/*
 * Whether a thread sleeps in the kernel, as against one that computes or was
 * merely not given a processor: on a busy machine the latter takes many
 * ticks, and taking the loop over would only add to the load.
 */
static bool
is_waiting(const struct member *member)
{
	char path[64], text[128], *state;
	ssize_t count;
	int fd;

	snprintf(path, sizeof(path), "/proc/threads_self/task/%d/stat",
	    (int)member->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true; /* no /proc: the time alone decides */
	count = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[count > 0 ? count : 0] = '\0';
	state = strrchr(text, ')');
	return state == NULL || state[1] == '\0' || state[2] != 'R';
}

/* Under lock: watches the leader until there is something else to do. */
static void
sit(struct threads *threads)
{
	unsigned quiet = 0, stuck = 0;
	uint64_t seen = threads->inline_serial;

	threads->sitter = threads_self;
	while (!threads->stopping && threads->leader != NULL &&
	    !threads_may_take(threads)) {
		if (quiet < QUIET_TICKS || inside_handler(threads)) {
			sit_for_a_tick(threads);
		} else {
			threads->sitter_sleeps = true;
			while (threads->sitter_sleeps && !threads->stopping &&
			    threads->leader != NULL &&
			    !threads_may_take(threads))
				pthread_cond_wait(&threads->sit,
				    &threads->lock);
			threads->sitter_sleeps = false;
			quiet = 0;
			seen = 0;
			continue;
		}
		if (inside_handler(threads) && !threads->overdue &&
		    threads->inline_serial == seen &&
		    (++stuck >= BUSY_TICKS || is_waiting(threads->leader))) {
			if (threads->inline_task->slow != NULL)
				threads_note_time(threads->inline_task->slow,
				    true);
			if (threads->running_inline) {
				depose(threads);
				break;
			}
			threads->overdue = true; /* it holds the loop */
		}
		if (threads->inline_serial != seen)
			stuck = 0;
		quiet = threads->inline_serial == seen ? quiet + 1 : 0;
		seen = threads->inline_serial;
	}
	threads->sitter = NULL;
	/* Another idle thread sits down. */
	if (threads->idle > 1)
		pthread_cond_signal(&threads->work);
}

/* What every thread of TAKEOVER does until the end. */
void
threads_take_part(struct threads *threads)
{
	pthread_mutex_lock(&threads->lock);
	while (!threads->go)
		pthread_cond_wait(&threads->started, &threads->lock);
	while (!threads->stopping) {
		if (threads->leader == NULL) {
			lead(threads);
			continue;
		}
		threads->idle++;
		if (threads_may_take(threads)) {
			threads->idle--;
			threads_run_from_queue(threads);
			continue;
		}
		if (threads->sitter == NULL)
			sit(threads);
		else
			pthread_cond_wait(&threads->work, &threads->lock);
		threads->idle--;
	}
	pthread_mutex_unlock(&threads->lock);
}

/* --- the loop, for handlers ----------------------------------------------- */

bool
threads_may_wait(struct threads *threads)
{
	if (!loop_is_mine(threads->loop))
		return true;
	if (threads->mode != THREADS_TAKEOVER)
		return false;
	pthread_mutex_lock(&threads->lock);
	if (threads_self != NULL && threads->leader == threads_self)
		abdicate(threads);
	pthread_mutex_unlock(&threads->lock);
	return true;
}

bool
threads_hold_loop(struct threads *threads)
{
	bool mine;

	if (threads->mode != THREADS_TAKEOVER)
		return loop_is_mine(threads->loop);
	pthread_mutex_lock(&threads->lock);
	mine = threads_self != NULL && threads->leader == threads_self;
	if (mine && threads->holds++ == 0) {
		threads->held_inline = threads->running_inline;
		threads->running_inline = false;
	}
	pthread_mutex_unlock(&threads->lock);
	return mine;
}

void
threads_release_loop(struct threads *threads)
{
	if (threads->mode != THREADS_TAKEOVER)
		return;
	pthread_mutex_lock(&threads->lock);
	if (--threads->holds == 0 && threads->held_inline) {
		if (threads->overdue)
			abdicate(threads);
		else
			threads->running_inline = true;
	}
	pthread_mutex_unlock(&threads->lock);
}
