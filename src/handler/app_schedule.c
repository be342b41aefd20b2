/* SPDX-License-Identifier: MIT */
/* The application interface's scheduling: post, offload, timers. */
#include <event2/event.h>
#include <stdlib.h>

#include "base/memory.h"
#include "handler/app_call_priv.h"
#include "handler/app_table.h"

struct event_base *
app_table_event_base(tricorn_worker *worker)
{
	return worker->async ? worker->context->loop->base : NULL;
}

/* --- post ----------------------------------------------------------------- */

struct post {
	struct loop_task task;
	tricorn_fn fn;
	void *arg;
};

static void
post_run(struct loop_task *task)
{
	struct post *post = container_of(task, struct post, task);

	post->fn(post->arg);
	free(post);
}

int
app_table_post(tricorn_worker *worker, tricorn_fn fn, void *arg)
{
	struct post *post = xmalloc(sizeof(*post));

	post->task.run = post_run;
	post->fn = fn;
	post->arg = arg;
	loop_post(worker->context->loop, &post->task);
	return TRICORN_OK;
}

/* --- offload -------------------------------------------------------------- */

struct offload {
	struct threads_task task;
	tricorn_fn work, done;
	void *arg;
};

static void
offload_work(struct threads_task *task, void *thread)
{
	struct offload *offload = container_of(task, struct offload, task);

	offload->work(offload->arg);
}

static void
offload_done(struct threads_task *task)
{
	struct offload *offload = container_of(task, struct offload, task);

	if (offload->done != NULL)
		offload->done(offload->arg);
	free(offload);
}

int
app_table_offload(tricorn_worker *worker, tricorn_fn work, tricorn_fn done,
    void *arg)
{
	struct offload *offload = xcalloc(1, sizeof(*offload));

	offload->task.work = offload_work;
	offload->task.done = offload_done;
	offload->work = work;
	offload->done = done;
	offload->arg = arg;
	if (threads_submit_from_any(worker->threads, &offload->task) < 0) {
		free(offload);
		return TRICORN_EAGAIN;
	}
	return TRICORN_OK;
}

/* --- timers --------------------------------------------------------------- */

/*
 * A timer's id is its place in the table and a serial number, so that the id
 * of one that has run can do no harm.
 */
struct app_timer {
	struct event event;
	struct app_timers *timers;
	tricorn_fn fn;
	void *arg;
	uint32_t place, serial;
};

struct app_timers {
	struct app_timer **places; /* NULL: free */
	uint32_t *free_places;
	uint32_t count, free_count, serial;
};

static uint32_t
take_place(struct app_timers *timers)
{
	uint32_t old = timers->count;

	if (timers->free_count == 0) {
		timers->count = old > 0 ? old * 2 : 64;
		timers->places = xreallocarray(timers->places, timers->count,
		    sizeof(timers->places[0]));
		timers->free_places = xreallocarray(timers->free_places,
		    timers->count, sizeof(timers->free_places[0]));
		for (uint32_t i = timers->count; i-- > old;) {
			timers->places[i] = NULL;
			timers->free_places[timers->free_count++] = i;
		}
	}
	return timers->free_places[--timers->free_count];
}

static void
timer_destroy(struct app_timer *timer)
{
	struct app_timers *timers = timer->timers;

	event_del(&timer->event);
	timers->places[timer->place] = NULL;
	timers->free_places[timers->free_count++] = timer->place;
	free(timer);
}

static void
timer_expired_cb(evutil_socket_t fd, short what, void *arg)
{
	struct app_timer *timer = arg;
	tricorn_fn fn = timer->fn;
	void *fn_arg = timer->arg;

	timer_destroy(timer);
	fn(fn_arg);
}

int
app_table_timer(tricorn_worker *worker, uint32_t ms, tricorn_fn fn, void *arg,
    uint64_t *id)
{
	struct timeval delay = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };
	struct app_timer *timer;

	if (!worker->async || !loop_is_mine(worker->context->loop))
		return TRICORN_EINVAL;
	if (worker->timers == NULL)
		worker->timers = xcalloc(1, sizeof(*worker->timers));
	timer = xmalloc(sizeof(*timer));
	timer->timers = worker->timers;
	timer->fn = fn;
	timer->arg = arg;
	timer->place = take_place(worker->timers);
	timer->serial = ++worker->timers->serial;
	worker->timers->places[timer->place] = timer;
	event_assign(&timer->event, worker->context->loop->base, -1, 0,
	    timer_expired_cb, timer);
	event_add(&timer->event, &delay);
	if (id != NULL)
		*id = (uint64_t)timer->serial << 32 | timer->place;
	return TRICORN_OK;
}

void
app_table_cancel_timer(tricorn_worker *worker, uint64_t id)
{
	struct app_timers *timers = worker->timers;
	uint32_t place = (uint32_t)id;

	if (timers != NULL && place < timers->count &&
	    timers->places[place] != NULL &&
	    timers->places[place]->serial == (uint32_t)(id >> 32))
		timer_destroy(timers->places[place]);
}

void
app_timers_destroy(tricorn_worker *worker)
{
	struct app_timers *timers = worker->timers;

	worker->timers = NULL;
	if (timers == NULL)
		return;
	for (uint32_t i = 0; i < timers->count; i++)
		if (timers->places[i] != NULL)
			timer_destroy(timers->places[i]);
	free(timers->places);
	free(timers->free_places);
	free(timers);
}
