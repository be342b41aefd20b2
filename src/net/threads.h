/* SPDX-License-Identifier: MIT */
/*
 * The threads that run blocking handlers, and who runs the loop meanwhile.
 *
 * INLINE: one thread does both. While a handler runs, the loop stands still,
 * unless the handler waits for the client: then it turns the loop itself.
 *
 * TAKEOVER: count + 1 threads of one kind. One of them leads: it owns the
 * loop and runs handlers between two turns, at the speed of INLINE. When a
 * handler does not return within about a millisecond, or waits, an idle
 * thread takes the loop over and the first goes on as a handler's thread.
 * What was slow lately is handed to another thread at once.
 *
 * DEDICATED: the loop keeps its thread, count others run the handlers.
 */
#ifndef TRICORN_NET_THREADS_H
#define TRICORN_NET_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/loop.h"

struct threads;

enum threads_mode { THREADS_INLINE, THREADS_TAKEOVER, THREADS_DEDICATED };

/* Something to run on a thread. Embedded in what it is about. */
struct threads_task {
	struct threads_task *next;
	/* On a handler's thread; thread is what hooks.start made for it. */
	void (*work)(struct threads_task *task, void *thread);
	/* On the loop, afterwards. May free the task. */
	void (*done)(struct threads_task *task);
	struct loop_task done_task;
	uint8_t *slow; /* a hint shared by tasks of one kind, kept by the
	                      pool: above 0, hand it off; NULL: always */
	struct threads *threads; /* that runs it */
};

/* Called on each thread that runs tasks. start fills error on failure. */
struct threads_hooks {
	int (*start)(void *arg, void **thread, struct error *error);
	void (*stop)(void *arg, void *thread);
	void *arg;
};

/*
 * Starts the threads. queue_max: tasks waiting at one time. With INLINE and
 * TAKEOVER the calling thread is one of them. With DEDICATED and no start
 * hook they are started when the first task comes: a process of one thread
 * is a little quicker. -1 when a hook failed.
 */
int threads_create(struct threads **threads, struct loop *loop,
    enum threads_mode mode, unsigned count, unsigned queue_max,
    const struct threads_hooks *hooks, struct error *error)
    __attribute__((warn_unused_result));
/* After threads_drive() returned: runs what is left, waits for the others
 * and frees. Tasks may use *threads until it returns. */
void threads_destroy(struct threads **threads);

/* Runs the loop and what it brings until stop(arg), asked every turn, says
 * true. The calling thread may have been any thread's meanwhile. */
void threads_drive(struct threads *threads, bool (*stop)(void *arg), void *arg);

/* The loop's owner, outside of handlers. -1: the queue is full. */
int threads_submit(struct threads *threads, struct threads_task *task)
    __attribute__((warn_unused_result));
/* Any thread, at the price of a lock. */
int threads_submit_from_any(struct threads *threads, struct threads_task *task)
    __attribute__((warn_unused_result));
/* Tasks waiting now; any thread. */
unsigned threads_queued(const struct threads *threads);
/* Tasks submitted whose done() has not returned; any thread. */
unsigned threads_unfinished(const struct threads *threads);

/*
 * On a handler's thread before it waits for something that the loop will
 * bring. True: go and wait, the loop runs elsewhere. False: nobody else can
 * run it; call threads_turn_loop() until what is awaited is there.
 */
bool threads_may_wait(struct threads *threads);
/* One turn of the loop from within a handler. */
void threads_turn_loop(struct threads *threads);
/* Whether this thread is inside a handler, and not in a callback of the loop
 * that such a handler turns. On the loop outside of handlers nobody waits. */
bool threads_in_handler(void);

/*
 * On a handler's thread: true when it owns the loop, which nobody takes
 * until threads_release_loop(); in between it may do the loop's work.
 */
bool threads_hold_loop(struct threads *threads);
void threads_release_loop(struct threads *threads);

#endif
