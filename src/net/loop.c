/* SPDX-License-Identifier: MIT */
/*
 * Turns of the loop. A turn is one pass of libevent followed by the tasks
 * that callbacks deferred and that other threads posted, so that tasks never
 * run inside a callback and may free what they like.
 *
 * Time-outs are lists in order of their ends, looked at by one coarse tick:
 * arming one is a list move, not a heap operation.
 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

#define TICK_MIN_MS 20
#define TICK_MAX_MS 1000
#define TICK_SHARE 8 /* ticks in the shortest time-out */

static void
queue_init(struct loop_queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void
queue_append(struct loop_queue *queue, struct loop_task *task)
{
	task->next = NULL;
	*queue->last = task;
	queue->last = &task->next;
}

static struct loop_task *
queue_take_all(struct loop_queue *queue)
{
	struct loop_task *first = queue->first;

	queue_init(queue);
	return first;
}

/* Another thread posted while the loop was waiting: the tasks run at the
 * end of the turn, here the bell is only silenced. */
static void
wake_cb(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		assert(errno == EAGAIN || errno == EINTR);
	pthread_mutex_lock(&loop->lock);
	loop->woken = false;
	pthread_mutex_unlock(&loop->lock);
}

static void
expire(struct timeout_list *list, uint64_t now)
{
	while (!list_empty(&list->armed)) {
		struct timeout *timeout =
		    container_of(list->armed.next, struct timeout, link);

		if (timeout->end_ms > now)
			return;
		list_remove(&timeout->link);
		list->expired(list, &timeout->link);
	}
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	uint64_t now = clock_coarse_ms();
	bool armed = false;

	LIST_FOREACH (link, &loop->timeouts)
		expire(container_of(link, struct timeout_list, link), now);
	LIST_FOREACH (link, &loop->timeouts)
		armed |= !list_empty(
		    &container_of(link, struct timeout_list, link)->armed);
	if (!armed) {
		event_del(&loop->tick);
		loop->tick_ms = 0;
	}
}

static void
tick_start(struct loop *loop, uint64_t duration_ms)
{
	uint64_t interval = duration_ms / TICK_SHARE;
	struct timeval period;

	if (interval < TICK_MIN_MS)
		interval = TICK_MIN_MS;
	if (interval > TICK_MAX_MS)
		interval = TICK_MAX_MS;
	if (loop->tick_ms != 0 && loop->tick_ms <= interval)
		return;
	loop->tick_ms = interval;
	period.tv_sec = (time_t)(interval / 1000);
	period.tv_usec = (suseconds_t)(interval % 1000 * 1000);
	event_add(&loop->tick, &period);
}

int
loop_init(struct loop *loop, struct error *error)
{
	struct event_config *config = event_config_new();

	memset(loop, 0, sizeof(*loop));
	if (config != NULL) {
		event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
		loop->base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (loop->base == NULL)
		return error_set(error, "cannot create an event loop: %s",
		    strerror(errno));
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->wake_fd < 0) {
		event_base_free(loop->base);
		return error_set(error,
		    "cannot create an eventfd: %s; raise "
		    "limit_nofile in [server]",
		    strerror(errno));
	}
	pthread_mutex_init(&loop->lock, NULL);
	queue_init(&loop->deferred);
	queue_init(&loop->posted);
	list_init(&loop->timeouts);
	event_assign(&loop->wake, loop->base, loop->wake_fd,
	    EV_READ | EV_PERSIST, wake_cb, loop);
	event_add(&loop->wake, NULL);
	event_assign(&loop->tick, loop->base, -1, EV_PERSIST, tick_cb, loop);
	loop_own(loop);
	return 0;
}

void
loop_finish(struct loop *loop)
{
	event_del(&loop->wake);
	event_del(&loop->tick);
	close(loop->wake_fd);
	event_base_free(loop->base);
	pthread_mutex_destroy(&loop->lock);
}

void
loop_own(struct loop *loop)
{
	__atomic_store_n(&loop->owner, (unsigned long)pthread_self(),
	    __ATOMIC_SEQ_CST);
}

bool
loop_is_mine(const struct loop *loop)
{
	return __atomic_load_n(&loop->owner, __ATOMIC_SEQ_CST) ==
	    (unsigned long)pthread_self();
}

static bool
has_tasks(struct loop *loop)
{
	return loop->deferred.first != NULL ||
	    __atomic_load_n(&loop->has_posted, __ATOMIC_SEQ_CST);
}

static void
run_all(struct loop_task *task)
{
	struct loop_task *next;

	for (; task != NULL; task = next) {
		next = task->next;
		task->run(task);
	}
}

void
loop_run_tasks(struct loop *loop)
{
	struct loop_task *posted = NULL;

	if (__atomic_load_n(&loop->has_posted, __ATOMIC_ACQUIRE)) {
		pthread_mutex_lock(&loop->lock);
		posted = queue_take_all(&loop->posted);
		__atomic_store_n(&loop->has_posted, 0, __ATOMIC_RELAXED);
		pthread_mutex_unlock(&loop->lock);
	}
	run_all(posted);
	/* Twice: what the first round defers are mostly flushes. */
	run_all(queue_take_all(&loop->deferred));
	run_all(queue_take_all(&loop->deferred));
}

void
loop_turn(struct loop *loop, bool wait)
{
	assert(loop_is_mine(loop));
	event_base_loop(loop->base,
	    wait && !has_tasks(loop) ? EVLOOP_ONCE
				     : EVLOOP_ONCE | EVLOOP_NONBLOCK);
	if (has_tasks(loop))
		loop_run_tasks(loop);
}

void
loop_post(struct loop *loop, struct loop_task *task)
{
	uint64_t one = 1;
	bool ring;

	pthread_mutex_lock(&loop->lock);
	queue_append(&loop->posted, task);
	/* Sequentially consistent with loop_own(): either the new owner sees
	   the task, or this thread sees that it is the owner no more. */
	__atomic_store_n(&loop->has_posted, 1, __ATOMIC_SEQ_CST);
	/* The owner itself looks at the tasks before it waits again. */
	ring = !loop->woken && !loop_is_mine(loop);
	if (ring)
		loop->woken = true;
	pthread_mutex_unlock(&loop->lock);
	if (ring && write(loop->wake_fd, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN);
}

void
loop_defer(struct loop *loop, struct loop_task *task)
{
	queue_append(&loop->deferred, task);
}

void
timeout_list_init(struct timeout_list *list, struct loop *loop,
    uint64_t duration_ms,
    void (*expired)(struct timeout_list *, struct list *link), void *context)
{
	list_init(&list->armed);
	list->duration_ms = duration_ms;
	list->expired = expired;
	list->context = context;
	list->loop = loop;
	list_append(&loop->timeouts, &list->link);
}

void
timeout_list_finish(struct timeout_list *list)
{
	list_remove(&list->link);
}

void
timeout_start(struct timeout_list *list, struct timeout *timeout)
{
	list_remove(&timeout->link);
	if (list->duration_ms == 0)
		return;
	timeout->end_ms = clock_coarse_ms() + list->duration_ms;
	list_append(&list->armed, &timeout->link);
	if (list->loop->tick_ms == 0 ||
	    list->loop->tick_ms > list->duration_ms / TICK_SHARE)
		tick_start(list->loop, list->duration_ms);
}
