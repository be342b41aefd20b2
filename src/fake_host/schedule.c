/* SPDX-License-Identifier: MIT */
/*
 * The fake host's loop: tasks in order, offloaded work in between, timers on
 * a clock that moves only when the test says so.
 */
#include "fake_host/fake_host_priv.h"

#include <stdlib.h>

void
fake_task_add(struct fake_host *host, tricorn_fn work, tricorn_fn fn, void *arg)
{
	struct fake_task *task = fake_grow(NULL, 1, sizeof(*task));

	task->next = NULL;
	task->work = work;
	task->fn = fn;
	task->arg = arg;
	pthread_mutex_lock(&host->mutex);
	*host->tasks_end = task;
	host->tasks_end = &task->next;
	pthread_cond_broadcast(&host->changed);
	pthread_mutex_unlock(&host->mutex);
}

int
fake_post(tricorn_worker *worker, tricorn_fn fn, void *arg)
{
	if (!fn)
		return fake_misuse(worker->host, NULL, "post() of NULL");
	fake_task_add(worker->host, NULL, fn, arg);
	return TRICORN_OK;
}

int
fake_offload(tricorn_worker *worker, tricorn_fn work, tricorn_fn done,
    void *arg)
{
	if (!work)
		return fake_misuse(worker->host, NULL, "offload() of NULL");
	if (worker->host->pool_full)
		return TRICORN_EAGAIN;
	fake_task_add(worker->host, work, done, arg);
	return TRICORN_OK;
}

struct event_base *
fake_event_base(tricorn_worker *worker)
{
	fake_on_loop(worker->host, NULL, "event_base");
	return NULL;
}

int
fake_timer_set(tricorn_worker *worker, uint32_t ms, tricorn_fn fn, void *arg,
    uint64_t *id)
{
	struct fake_host *host = worker->host;
	struct fake_timer *timer, **link;

	if (!fn)
		return fake_misuse(host, NULL, "timer() of NULL");
	if (!fake_on_loop(host, NULL, "timer"))
		return TRICORN_EINVAL;
	timer = fake_grow(NULL, 1, sizeof(*timer));
	timer->id = ++host->last_timer;
	timer->due_ms = host->now_ms + ms;
	timer->fn = fn;
	timer->arg = arg;
	for (link = &host->timers; *link; link = &(*link)->next)
		if ((*link)->due_ms > timer->due_ms)
			break;
	timer->next = *link;
	*link = timer;
	if (id)
		*id = timer->id;
	return TRICORN_OK;
}

void
fake_timer_cancel(tricorn_worker *worker, uint64_t id)
{
	struct fake_host *host = worker->host;
	struct fake_timer *timer, **link;

	if (!fake_on_loop(host, NULL, "cancel_timer"))
		return;
	for (link = &host->timers; (timer = *link); link = &timer->next) {
		if (timer->id == id) {
			*link = timer->next;
			free(timer);
			return;
		}
	}
}

/* Runs the first task; false when there is none. */
static bool
run_task(struct fake_host *host)
{
	struct fake_task *task;

	pthread_mutex_lock(&host->mutex);
	task = host->tasks;
	if (task) {
		host->tasks = task->next;
		if (!host->tasks)
			host->tasks_end = &host->tasks;
	}
	pthread_mutex_unlock(&host->mutex);
	if (!task)
		return false;
	if (task->work) {
		fake_enter_pool(1);
		task->work(task->arg);
		fake_enter_pool(-1);
	}
	if (task->fn)
		task->fn(task->arg);
	free(task);
	return true;
}

/* Runs the first timer that is due; false when none is. */
static bool
run_timer(struct fake_host *host)
{
	struct fake_timer timer, *first = host->timers;

	if (!first || first->due_ms > host->now_ms)
		return false;
	timer = *first;
	host->timers = first->next;
	free(first);
	timer.fn(timer.arg);
	return true;
}

void
fake_host_run(struct fake_host *host)
{
	unsigned left = 1000000; /* an application in a circle is a bug */

	while (run_task(host) || run_timer(host)) {
		if (left-- == 0) {
			fake_misuse(host, NULL,
			    "a million callbacks without the clock moving");
			return;
		}
	}
}

void
fake_host_advance(struct fake_host *host, uint32_t ms)
{
	uint64_t end = host->now_ms + ms;

	fake_host_run(host);
	while (host->timers && host->timers->due_ms <= end) {
		host->now_ms = host->timers->due_ms;
		fake_host_run(host);
	}
	host->now_ms = end;
}

size_t
fake_host_timers(const struct fake_host *host)
{
	const struct fake_timer *timer;
	size_t count = 0;

	for (timer = host->timers; timer; timer = timer->next)
		count++;
	return count;
}

void
fake_host_fill_pool(struct fake_host *host, bool full)
{
	host->pool_full = full;
}

void
fake_host_defer_body(struct fake_host *host, bool defer)
{
	host->defer_body = defer;
}
