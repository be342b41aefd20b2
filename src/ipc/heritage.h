/* SPDX-License-Identifier: MIT */
/*
 * Everything a worker inherits from the master at fork, in one struct, and
 * the messages between the two over the worker's socketpair.
 */
#ifndef TRICORN_IPC_HERITAGE_H
#define TRICORN_IPC_HERITAGE_H

#include <stddef.h>

#include "config/model.h"

struct scoreboard;
struct scoreboard_worker;

/* One listening socket that this worker accepts on. */
struct heritage_socket {
	int fd; /* non-blocking, the master's too */
	const struct config_listen *listen;
	const char *address; /* as bound, "127.0.0.1:8080" */
};

struct heritage {
	const struct config *config;
	const struct config_pool *pool;
	unsigned slot; /* 0 … workers-1, kept by successors */
	unsigned generation;
	int channel; /* socketpair to the master */
	/* What it accepts on from its start, possibly nothing: more can come
	   with MESSAGE_ADOPT at any time after READY. It closes them when it
	   drains, after it has emptied their queues: the master that ends has
	   closed its own and the port must become free. */
	struct heritage_socket *sockets;
	size_t socket_count;
	struct scoreboard *scoreboard;
	struct scoreboard_worker *score; /* this worker's own part of it */
};

#endif
