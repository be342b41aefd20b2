/* SPDX-License-Identifier: MIT */
/*
 * The worker's loop: one libevent base, tasks from other threads, tasks for
 * the end of a turn, and coarse time-outs. One thread at a time owns it; all
 * calls are the owner's but loop_post().
 */
#ifndef TRICORN_NET_LOOP_H
#define TRICORN_NET_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/list.h"

struct loop;

/* Something to run once. Embedded in what it is about; freed by that. */
struct loop_task {
	struct loop_task *next;
	void (*run)(struct loop_task *task);
};

struct loop_queue { /* first in, first out */
	struct loop_task *first, **last;
};

/* Time-outs of one length, in order of their ends. */
struct timeout_list {
	struct list armed; /* of struct timeout */
	uint64_t duration_ms;
	void (*expired)(struct timeout_list *, struct list *link);
	void *context;
	struct loop *loop;
	struct list link; /* in loop.timeouts */
};

/* One time-out; a member of at most one list at a time. */
struct timeout {
	struct list link;
	uint64_t end_ms; /* clock_coarse_ms() */
};

struct loop {
	struct event_base *base;
	struct loop_queue deferred;
	struct list timeouts; /* of struct timeout_list */
	struct event tick;
	uint64_t tick_ms;  /* 0: not running */
	struct event wake; /* of wake_fd */
	int wake_fd;
	unsigned long owner; /* pthread_t; atomic */
	bool woken;          /* wake_fd was written; under lock */
	pthread_mutex_t lock;
	struct loop_queue posted; /* under lock */
	unsigned has_posted;      /* atomic hint */
};

int loop_init(struct loop *loop, struct error *error)
    __attribute__((warn_unused_result));
void loop_finish(struct loop *loop);

/* Makes the calling thread the owner. */
void loop_own(struct loop *loop);
bool loop_is_mine(const struct loop *loop);

/* One turn: waits for events (only looks, when wait is false), runs their
 * callbacks, then all tasks. */
void loop_turn(struct loop *loop, bool wait);
/* Runs the tasks alone. */
void loop_run_tasks(struct loop *loop);

/* Any thread: runs the task on the loop. It must not be queued already. */
void loop_post(struct loop *loop, struct loop_task *task);
/* Owner: runs the task at the end of this turn. Likewise. */
void loop_defer(struct loop *loop, struct loop_task *task);

/* duration_ms 0: the list never expires anything. */
void timeout_list_init(struct timeout_list *list, struct loop *loop,
    uint64_t duration_ms,
    void (*expired)(struct timeout_list *, struct list *link), void *context);
void timeout_list_finish(struct timeout_list *list);
static inline void
timeout_init(struct timeout *timeout)
{
	list_init(&timeout->link);
}
/* (Re)starts it on that list, leaving any other. */
void timeout_start(struct timeout_list *list, struct timeout *timeout);
static inline void
timeout_stop(struct timeout *timeout)
{
	list_remove(&timeout->link);
}

#endif
