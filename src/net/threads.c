/* SPDX-License-Identifier: MIT */
/*
 * Handler threads. All shared state is under one lock; what a turn of the
 * loop made ready is in a list of the loop's owner and needs none.
 */
#include "net/threads.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#define TICK_NS 1000000 /* the sitter looks this often */
#define QUIET_TICKS 32  /* and sleeps after so many without a change */
#define SLOW_STEP 16    /* tasks handed off after a slow one */
#define SLOW_MAX 64     /* and after several */
#define BUSY_TICKS 10   /* a handler that computes keeps the loop so long */
#define STACK_SIZE (1 << 20) /* bytes; handlers may be Python */

struct member { /* one thread */
	struct threads *threads;
	pthread_t id;
	pid_t tid;    /* the kernel's number of it */
	void *thread; /* the hooks' */
	struct error error;
	bool failed;
};

struct queue {
	struct threads_task *first, **last;
	unsigned count;
};

struct threads {
	struct loop *loop;
	enum threads_mode mode;
	unsigned count; /* handlers at one time */
	unsigned queue_max;
	struct threads_hooks hooks;
	bool (*stop)(void *arg);
	void *stop_arg;
	struct queue ready; /* the loop owner's; no lock */
	struct member *members;
	unsigned member_count;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work;  /* for idle threads but the sitter */
	pthread_cond_t sit;   /* for the sitter */
	pthread_cond_t started;
	struct queue queue;
	unsigned waiting;    /* tasks in ready and queue; atomic for readers */
	unsigned unfinished; /* tasks submitted and not done; likewise */
	bool lazy;           /* members start with the first task */
	unsigned up;         /* members past their start hook */
	unsigned idle;       /* the sitter counts */
	unsigned running;    /* handlers, the leader's included */
	struct member *leader, *sitter;
	bool sitter_sleeps;
	bool running_inline; /* the leader is inside a handler */
	unsigned holds;      /* of the loop by the leader */
	bool held_inline;    /* running_inline before the first of them */
	bool overdue;        /* the last of them gives the loop up */
	uint64_t inline_serial;
	struct threads_task *inline_task;
	bool go;               /* threads_drive() was called */
	struct loop_task bell; /* INLINE: tasks are in queue */
	bool bell_rung;
	bool stopping;
};

static __thread struct member *self;
static __thread bool in_handler;

static void
queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
	queue->count = 0;
}

static void
queue_append(struct queue *queue, struct threads_task *task)
{
	task->next = NULL;
	*queue->last = task;
	queue->last = &task->next;
	queue->count++;
}

static struct threads_task *
queue_take(struct queue *queue)
{
	struct threads_task *task = queue->first;

	if (task == NULL)
		return NULL;
	queue->first = task->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	queue->count--;
	return task;
}

static void
waiting_add(struct threads *threads, int n)
{
	__atomic_fetch_add(&threads->waiting, (unsigned)n, __ATOMIC_RELAXED);
}

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

static void
work(struct threads_task *task)
{
	in_handler = true;
	task->work(task, self->thread);
	in_handler = false;
}

/* On the loop. */
static void
finish_task(struct threads *threads, struct threads_task *task)
{
	task->done(task);
	__atomic_fetch_sub(&threads->unfinished, 1, __ATOMIC_RELAXED);
}

static void
done_task_run(struct loop_task *loop_task)
{
	struct threads_task *task =
	    container_of(loop_task, struct threads_task, done_task);

	finish_task(task->threads, task);
}

/* From a handler's thread. */
static void
post_done(struct threads *threads, struct threads_task *task)
{
	task->threads = threads;
	task->done_task.run = done_task_run;
	loop_post(threads->loop, &task->done_task);
}

/* The time a task took moves its kind between the quick and the slow. */
static void
note_time(uint8_t *slow, bool was_slow)
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

	work(task);
	if (slow != NULL)
		note_time(slow, clock_monotonic_ns() - begun >= TICK_NS);
	post_done(threads, task);
}

/* Under lock: somebody should look at the queue. */
static void
wake_one(struct threads *threads)
{
	if (threads->idle > (threads->sitter != NULL ? 1u : 0u))
		pthread_cond_signal(&threads->work);
	else if (threads->sitter != NULL)
		pthread_cond_signal(&threads->sit);
}

/* Under lock: whether this idle thread may take a task from the queue. The
 * last idle one stays to take over from a leader inside a handler. */
static bool
may_take(const struct threads *threads)
{
	return threads->queue.first != NULL &&
	    threads->running < threads->count &&
	    !(threads->running_inline && threads->idle <= 1);
}

/* Under lock, which it gives up while the task runs. */
static void
run_from_queue(struct threads *threads)
{
	struct threads_task *task = queue_take(&threads->queue);

	threads->running++;
	waiting_add(threads, -1);
	/* A signal for the next task may have met this thread, too. */
	if (threads->queue.first != NULL && threads->running < threads->count)
		wake_one(threads);
	pthread_mutex_unlock(&threads->lock);
	run_handed_off(threads, task);
	pthread_mutex_lock(&threads->lock);
	threads->running--;
}

/* --- leading -------------------------------------------------------------- */

/* Hands a task of the leader to the others. */
static void
hand_off(struct threads *threads, struct threads_task *task)
{
	queue_append(&threads->queue, task);
	if (threads->running < threads->count)
		wake_one(threads);
}

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
		hand_off(threads, task);
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

	work(task);

	pthread_mutex_lock(&threads->lock);
	threads->running--;
	kept = threads->leader == self;
	if (kept) {
		threads->running_inline = false;
		if (threads->queue.first != NULL)
			wake_one(threads);
	}
	pthread_mutex_unlock(&threads->lock);
	if (kept)
		finish_task(threads, task);
	else
		post_done(threads, task);
	return kept;
}

/* Under lock at entry and return; leads until the loop is lost or ends. */
static void
lead(struct threads *threads)
{
	struct threads_task *task;

	threads->leader = self;
	loop_own(threads->loop);
	pthread_mutex_unlock(&threads->lock);
	while (!threads->stop(threads->stop_arg)) {
		bool worked = threads->ready.first != NULL;

		while ((task = queue_take(&threads->ready)) != NULL)
			if (!lead_task(threads, task)) {
				pthread_mutex_lock(&threads->lock);
				return;
			}
		/* Their ends may have been what the stop waits for. */
		if (!worked || !threads->stop(threads->stop_arg))
			loop_turn(threads->loop, true);
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

static void
sit_for_a_tick(struct threads *threads)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_NS;
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

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
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

	threads->sitter = self;
	while (!threads->stopping && threads->leader != NULL &&
	    !may_take(threads)) {
		if (quiet < QUIET_TICKS || inside_handler(threads)) {
			sit_for_a_tick(threads);
		} else {
			threads->sitter_sleeps = true;
			while (threads->sitter_sleeps && !threads->stopping &&
			    threads->leader != NULL && !may_take(threads))
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
				note_time(threads->inline_task->slow, true);
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
static void
take_part(struct threads *threads)
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
		if (may_take(threads)) {
			threads->idle--;
			run_from_queue(threads);
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

/* --- a dedicated pool ----------------------------------------------------- */

static void
serve_queue(struct threads *threads)
{
	pthread_mutex_lock(&threads->lock);
	for (;;) {
		if (threads->queue.first != NULL) {
			run_from_queue(threads);
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

static void
run_inline(struct threads *threads)
{
	struct threads_task *task;

	while ((task = queue_take(&threads->ready)) != NULL) {
		waiting_add(threads, -1);
		work(task);
		finish_task(threads, task);
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
		take_part(threads);
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

bool
threads_may_wait(struct threads *threads)
{
	if (!loop_is_mine(threads->loop))
		return true;
	if (threads->mode != THREADS_TAKEOVER)
		return false;
	pthread_mutex_lock(&threads->lock);
	if (self != NULL && threads->leader == self)
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
	mine = self != NULL && threads->leader == self;
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

static void *
member_main(void *arg)
{
	struct threads *threads;

	self = arg;
	self->tid = gettid();
	threads = self->threads;
	if (threads->hooks.start != NULL &&
	    threads->hooks.start(threads->hooks.arg, &self->thread,
		&self->error) < 0)
		self->failed = true;
	pthread_mutex_lock(&threads->lock);
	threads->up++;
	pthread_cond_broadcast(&threads->started);
	pthread_mutex_unlock(&threads->lock);
	if (threads->mode == THREADS_TAKEOVER)
		take_part(threads);
	else
		serve_queue(threads);
	if (!self->failed && threads->hooks.stop != NULL)
		threads->hooks.stop(threads->hooks.arg, self->thread);
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
		hand_off(threads, task);
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

		self = first;
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
