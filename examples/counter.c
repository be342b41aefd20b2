/* SPDX-License-Identifier: MIT */
/*
 * The life of an application: state of a worker, state of a thread, health,
 * drain. Each worker is a process and counts for itself: ask it often enough
 * over new connections and you see the numbers of several. The count of a
 * worker is shared by its threads, so it is atomic; the count of a thread is
 * its own and needs nothing.
 *
 *	tricorn -w 2 --threads 4 ./counter.so
 *	curl http://127.0.0.1:8000/
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <tricorn/app.h>

struct counter { /* of this worker */
	tricorn_worker *worker;
	atomic_ulong requests, threads;
	atomic_int draining;
};

struct thread_counter { /* of one thread of the pool */
	unsigned long number, requests;
};

static int
worker_start(tricorn_worker *worker, void *app, void **state,
    tricorn_string *error)
{
	struct counter *counter = calloc(1, sizeof(*counter));

	if (!counter) {
		*error = tricorn_str("no memory for the counter");
		return TRICORN_ENOMEM;
	}
	counter->worker = worker;
	*state = counter;
	return TRICORN_OK;
}

static int
thread_start(void *state, void **thread)
{
	struct counter *counter = state;
	struct thread_counter *mine = calloc(1, sizeof(*mine));

	if (!mine)
		return TRICORN_ENOMEM;
	mine->number = atomic_fetch_add(&counter->threads, 1) + 1;
	*thread = mine;
	return TRICORN_OK;
}

/* Asked before the worker is given requests: is all there that we need? */
static int
health(void *state)
{
	return state ? TRICORN_OK : TRICORN_EINVAL;
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	struct counter *counter = state;
	struct thread_counter *mine = thread;
	char text[160];
	int length;

	length = snprintf(text, sizeof(text),
	    "worker %ld\nrequests %lu\nthread %lu\nof this thread %lu\n"
	    "draining %d\n",
	    (long)getpid(), atomic_fetch_add(&counter->requests, 1) + 1,
	    mine->number, ++mine->requests, atomic_load(&counter->draining));
	return tricorn_reply(req, 200, "text/plain; charset=utf-8", text,
	    (size_t)length);
}

static void
drain(void *state, uint32_t deadline_ms)
{
	struct counter *counter = state;

	atomic_store(&counter->draining, 1);
	tricorn_log(counter->worker, NULL, TRICORN_LOG_INFO,
	    "counter: the worker is about to end");
}

static void
thread_stop(void *state, void *thread)
{
	free(thread);
}

static void
worker_stop(void *state)
{
	struct counter *counter = state;
	char text[80];

	snprintf(text, sizeof(text), "counter: served %lu requests",
	    atomic_load(&counter->requests));
	tricorn_log(counter->worker, NULL, TRICORN_LOG_INFO, text);
	free(counter);
}

static const tricorn_app counter_app = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "counter", "1.0"),
	.worker_start = worker_start,
	.thread_start = thread_start,
	.handle = handle,
	.health = health,
	.drain = drain,
	.thread_stop = thread_stop,
	.worker_stop = worker_stop,
};

TRICORN_APP(counter_app)
