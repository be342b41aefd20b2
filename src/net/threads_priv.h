/* SPDX-License-Identifier: MIT */
/* Handler threads as their own two files see them. */
#ifndef TRICORN_NET_THREADS_PRIV_H
#define TRICORN_NET_THREADS_PRIV_H

#include <pthread.h>
#include <sys/types.h>

#include "net/threads.h"

#define THREADS_TICK_NS 1000000  /* what takes longer is slow */
#define THREADS_SHARE_NS 5000000 /* of tasks between two turns of the loop */

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

/* The member that this thread is; NULL on a thread of somebody else's. */
extern __thread struct member *threads_self;

static inline void
queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
	queue->count = 0;
}

static inline void
queue_append(struct queue *queue, struct threads_task *task)
{
	task->next = NULL;
	*queue->last = task;
	queue->last = &task->next;
	queue->count++;
}

static inline struct threads_task *
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

static inline void
waiting_add(struct threads *threads, int n)
{
	__atomic_fetch_add(&threads->waiting, (unsigned)n, __ATOMIC_RELAXED);
}

/* --- threads.c ------------------------------------------------------------ */

/* Runs a task's work() here. */
void threads_work(struct threads_task *task);
/* On the loop: its done(). */
void threads_finish_task(struct threads *threads, struct threads_task *task);
/* From a handler's thread: the same, by way of the loop. */
void threads_post_done(struct threads *threads, struct threads_task *task);
/* The time a task took moves its kind between the quick and the slow. */
void threads_note_time(uint8_t *slow, bool was_slow);
/* Under lock: somebody should look at the queue. */
void threads_wake_one(struct threads *threads);
/* Under lock: whether this idle thread may take a task from the queue. The
 * last idle one stays to take over from a leader inside a handler. */
bool threads_may_take(const struct threads *threads);
/* Under lock, which it gives up while the task runs. */
void threads_run_from_queue(struct threads *threads);
/* Under lock: hands a task to the others. */
void threads_hand_off(struct threads *threads, struct threads_task *task);

/* --- threads_takeover.c --------------------------------------------------- */

/* What every thread of TAKEOVER does until the end. */
void threads_take_part(struct threads *threads);

#endif
