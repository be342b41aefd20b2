/* SPDX-License-Identifier: MIT */
/*
 * Shared memory in which every worker keeps its counters and what it is
 * doing now. Written by one worker each, read by the master at any time.
 */
#ifndef TRICORN_IPC_SCOREBOARD_H
#define TRICORN_IPC_SCOREBOARD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SCOREBOARD_NOW 200           /* bytes of "what it is doing" */
#define SCOREBOARD_TAKEN ((pid_t)-1) /* as pid: before the fork */

struct scoreboard_worker {
	_Atomic pid_t pid;             /* 0: free place; set by the master */
	_Atomic uint64_t heartbeat_ms; /* CLOCK_MONOTONIC; 0: not ready yet */
	_Atomic uint64_t requests;     /* exchanges begun */
	_Atomic uint64_t responses;    /* exchanges ended */
	_Atomic uint64_t status[6];    /* by hundreds; [0]: no answer sent */
	_Atomic uint64_t accepted;     /* connections */
	_Atomic uint64_t connections;  /* open now */
	_Atomic uint64_t in_flight;    /* exchanges open now */
	_Atomic uint64_t queued;       /* waiting for a thread now */
	_Atomic uint64_t queue_full;   /* answered 503 for that */
	_Atomic uint64_t bad_requests; /* refused by the parser */
	_Atomic uint64_t bytes_in, bytes_out;
	/* The exchange the loop (or the newest handler) is in, for messages
	   about a stuck worker: "GET /path (route shop, app shop)". Not
	   atomic: a torn text is still a help. */
	char now[SCOREBOARD_NOW];
} __attribute__((aligned(128)));

struct scoreboard;

/*
 * Anonymous shared memory for at most places workers at one time; pages of
 * places never taken cost nothing. NULL with errno when there is none.
 */
struct scoreboard *scoreboard_create(size_t places);
/* Unmaps it in this process only. */
void scoreboard_destroy(struct scoreboard **scoreboard);
/* A zeroed free place, or NULL when all are taken; master only. */
struct scoreboard_worker *scoreboard_take(struct scoreboard *scoreboard);
/* Gives the place of an ended worker back; master only. */
void scoreboard_release(struct scoreboard *scoreboard,
    struct scoreboard_worker *worker);
/*
 * Copies what the worker is doing into text (SCOREBOARD_NOW bytes), always
 * NUL-terminated, even while the worker is writing it.
 */
void scoreboard_read_now(const struct scoreboard_worker *worker, char *text);

/* One writer: a plain load and store is enough, and cheaper than a lock. */
static inline void
scoreboard_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter,
	    atomic_load_explicit(counter, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

#endif
