/* SPDX-License-Identifier: MIT */
/*
 * The structs that the files of this room share, and what they ask of each
 * other. All of it is the master's alone: one thread, one event loop.
 */
#ifndef TRICORN_MASTER_MASTER_PRIV_H
#define TRICORN_MASTER_MASTER_PRIV_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/list.h"
#include "config/config.h"
#include "ipc/message.h"
#include "ipc/scoreboard.h"
#include "master/backoff.h"
#include "master/pidfile.h"
#include "master/seats.h"

/* --- a worker as its master sees it -------------------------------------- */

enum child_state {
	CHILD_STARTING, /* forked, not ready yet */
	CHILD_READY,
	CHILD_LEAVING,  /* told to drain (TERM) */
	CHILD_STOPPING, /* told to stop quickly (QUIT) */
	CHILD_ABORTED,  /* stuck: ABRT sent */
	CHILD_KILLED    /* KILL sent */
};

struct child {
	struct list link; /* in master.children */
	struct master *master;
	struct pool *pool;
	unsigned slot;
	pid_t pid;
	enum child_state state; /* changed in child_set_state() only */
	bool was_ready;
	bool told_to_go;    /* by the master: its end is no failure */
	bool wants_leave;   /* asked for a successor */
	uint64_t started;   /* monotonic milliseconds */
	unsigned log_epoch; /* master.log_epoch when it was forked */
	int channel;        /* -1 after end of file */
	struct event *channel_event, *deadline;
	struct scoreboard_worker *score;
	/* What it accepts on, inherited and adopted. */
	struct heritage_socket *sockets;
	size_t socket_count;
	struct error reason; /* of its failure, as far as told; "" */
};

/* --- a pool of one generation -------------------------------------------- */

struct pool {
	const struct config_pool *config;
	struct generation *generation;
	unsigned wanted; /* workers: slots 0 … wanted-1 */
	int adjust;      /* by TTIN and TTOU, part of wanted */
	struct backoff backoff;
	struct event *retry; /* pending: no worker is started before it */
};

enum generation_state {
	GENERATION_TRIAL,   /* one worker a pool must prove it can serve */
	GENERATION_ROLLOUT, /* proven; the rest of the workers is starting */
	GENERATION_SERVING,
	GENERATION_RETIRED /* its workers leave; ends with the last of them */
};

struct generation {
	struct list link; /* in master.generations */
	struct master *master;
	unsigned number;             /* from 1 */
	enum generation_state state; /* changed in generation_set_state() */
	struct config *config;
	struct pool *pools;
	size_t pool_count;
	struct seating seating;
};

/* --- the master ---------------------------------------------------------- */

enum master_state {
	MASTER_STARTING, /* the first generation is not complete yet */
	MASTER_SERVING,
	MASTER_STOPPING /* waits for its children to end, then leaves */
};

#define MASTER_SIGNALS 10 /* at most */

struct master {
	const struct config_options *options;
	enum master_state state; /* changed in master_set_state() only */
	int exit_code;
	struct event_base *base;
	struct event *signals[MASTER_SIGNALS];
	struct event *tick; /* of watch.c */
	uint64_t last_tick; /* monotonic milliseconds */
	struct scoreboard *scoreboard;
	struct list listeners;      /* struct owned_listener */
	struct list children;       /* struct child, oldest first */
	struct list generations;    /* struct generation, oldest first */
	struct generation *current; /* takes the traffic; NULL at first */
	struct generation *trial;   /* is to become current; NULL: none */
	unsigned generation_count;  /* ever made */
	bool reload_again;          /* asked for during a reload */
	bool paused;        /* WINCH: no workers until the next reload */
	int pending_resize; /* TTIN, TTOU that came during a reload */
	unsigned log_epoch; /* how often the logs were reopened */
	struct pidfile *pidfile;
	int waiting; /* of daemon_start(); -1 */
	bool daemonized;
};

/* --- master.c ------------------------------------------------------------ */

/* Asserts that the move is legal. */
void master_set_state(struct master *master, enum master_state state);
/*
 * Begins the end: every worker is told to drain, or with quick to stop at
 * once. May be called again to hurry. The loop ends with the last child.
 */
void master_stop(struct master *master, bool quick);
/* The first generation cannot serve: logs why and ends with exit code 1. */
void master_start_failed(struct master *master, const char *reason);
/* To be called whenever a child or the state has changed: leaves the loop
   when nothing is left to wait for. */
void master_leave_if_done(struct master *master);

/* --- generation.c -------------------------------------------------------- */

/*
 * Makes a generation in its trial state from a configuration, which it owns
 * from now on (*config is NULL afterwards, in failure too), with its
 * listeners open but no workers yet. NULL with error filled on failure.
 */
struct generation *generation_create(struct master *master,
    struct config **config, struct error *error)
    __attribute__((warn_unused_result));
/* Frees one without children; closes the listeners that only it used. */
void generation_destroy(struct generation **generation);
/* Destroys the retired ones whose last child is gone. */
void generation_sweep(struct master *master);
/* Tells all its workers to drain; it ends with the last of them. */
void generation_retire(struct generation *generation);
void generation_set_state(struct generation *generation,
    enum generation_state state);
/* Its children in one of the states, a mask of 1u << CHILD_…. */
size_t generation_count_children(const struct generation *generation,
    unsigned states);
/*
 * Sends sockets to the ready workers that are to adopt them, and frees
 * changes->items.
 */
void generation_send_changes(struct generation *generation,
    struct seat_changes *changes);
/* Takes the listeners over from the generation before: sections' options,
   sockets without an owner. */
void generation_take_over(struct generation *generation);

/* --- pool.c -------------------------------------------------------------- */

/*
 * Starts what the pool lacks, workers of empty slots and successors, unless
 * it is waiting to retry, the master stops, or its generation is not in
 * charge.
 */
void pool_fill(struct pool *pool);
/*
 * A worker has died, or with NULL could not be started: starts another one,
 * after a while if that keeps happening.
 */
void pool_retry(struct pool *pool, const struct child *dead);
/* A worker of a serving generation has become ready: gives it the sockets it
   lacks and relieves the one it succeeds. */
void pool_child_ready(struct child *child);
/* One worker more or less, at least one. */
void pool_resize(struct pool *pool, int change);
/* The newest child in a slot that has not been told to go, or NULL. */
struct child *pool_child(const struct pool *pool, unsigned slot);

/* --- child.c ------------------------------------------------------------- */

/* Asserts that the move is legal, and sets the deadline of the new state. */
void child_set_state(struct child *child, enum child_state state);
/* Tells it to drain; harmless when it was told before. */
void child_retire(struct child *child);
/* Tells it to stop at once; harmless when it was told before. */
void child_stop(struct child *child);
/* It is stuck, why says how: has it dump core and write its stacks. */
void child_abort(struct child *child, const char *why);
/* Reads what it has sent; to be called before its death is judged. */
void child_read_channel(struct child *child);
/* Starts to listen to it and arms its first deadline; for spawn(). */
void child_start_events(struct child *child);
/*
 * Hands it a socket to accept on, unless it has it already. Failure is
 * logged.
 */
void child_give_socket(struct child *child, const struct table *table,
    size_t socket);
/* Frees it after it was waited for. */
void child_destroy(struct child **child);

/* --- spawn.c ------------------------------------------------------------- */

/*
 * Forks a worker into a slot. NULL with error filled when there is no place
 * or the fork failed.
 */
struct child *spawn(struct pool *pool, unsigned slot, struct error *error)
    __attribute__((warn_unused_result));

/* --- reaper.c ------------------------------------------------------------ */

/* Waits for all children that have ended and draws the consequences. */
void reap_children(struct master *master);

/* --- reload.c ------------------------------------------------------------ */

/* Loads the configuration anew and tries it, or does so after the reload
   that is under way. */
void reload_start(struct master *master);
/* Starts the trial workers of a new generation. */
void reload_try(struct generation *generation);
/* A child of a generation in trial or rollout has become ready. */
void reload_child_ready(struct child *child);
/* A child of such a generation has died and should not have. */
void reload_child_failed(struct child *child);
/* One of a generation in rollout has ended that was told to (WINCH): without
   it the rollout may be complete. */
void reload_child_left(struct child *child);
/* Takes TTIN (1) or TTOU (-1), at once or after the reload under way. */
void reload_resize(struct master *master, int change);

/* --- watch.c ------------------------------------------------------------- */

/* Starts to look for workers whose heart has stopped; again after a reload,
   whose time-outs may be shorter. */
void watch_start(struct master *master);

/* --- signals.c ----------------------------------------------------------- */

/* Returns 0, or -1 with error filled. */
int signals_init(struct master *master, struct error *error)
    __attribute__((warn_unused_result));
void signals_finish(struct master *master);
/* In a forked child: what the worker handles itself goes back to the
   default, the rest is ignored. */
void signals_reset(void);

#endif
