/* SPDX-License-Identifier: MIT */
/* A worker as its own files see it. */
#ifndef TRICORN_WORKER_WORKER_PRIV_H
#define TRICORN_WORKER_WORKER_PRIV_H

#include "base/list.h"
#include "handler/app.h"
#include "ipc/heritage.h"
#include "net/loop.h"
#include "net/threads.h"
#include "serve/context.h"
#include "worker/worker.h"

enum worker_state {
	WORKER_SERVING,
	WORKER_DRAINING, /* no new connections; those there are finish */
	WORKER_ENDING,   /* the hard deadline is over, or a quick stop */
};

struct acceptor {         /* one listening socket */
	struct list link; /* in worker.acceptors */
	struct worker *worker;
	struct event event;
	const struct config_listen *listen;
	int fd;
	bool shared; /* other workers accept on it at the same time */
	bool active; /* the event is added */
};

struct worker {
	const struct heritage *heritage;
	struct loop loop;
	struct server_context context;
	struct tricorn_worker host; /* what the apps see */
	struct list acceptors;
	enum worker_state state;
	bool accept_full;    /* paused: max_connections */
	bool accept_busy;    /* paused: all threads are busy */
	bool accept_starved; /* paused: no descriptors */
	struct event channel, term, quit, interrupt, reopen, heartbeat;
	struct event close_idle, deadline, accept_again;
};

/* --- boot.c --------------------------------------------------------------- */

/* Access log, router with its handlers, apps, threads. -1 with error. */
int worker_boot(struct worker *worker, struct error *error)
    __attribute__((warn_unused_result));
/* Undoes worker_boot(), also when it got half-way only. */
void worker_unboot(struct worker *worker);

/* --- accept.c ------------------------------------------------------------- */

void accept_init(struct worker *worker);
/* Begins to accept on fd, which becomes the worker's. */
void accept_add(struct worker *worker, int fd,
    const struct config_listen *listen);
/* Empties the queues of all sockets, then closes them. */
void accept_end(struct worker *worker);
/* Pauses or resumes after something changed. */
void accept_review(struct worker *worker);

/* --- crash.c -------------------------------------------------------------- */

/* On SIGABRT (from the master, for a stuck worker) and on faults: says what
 * this worker was doing, then dies of the signal. */
void crash_handlers_install(struct worker *worker);

#endif
