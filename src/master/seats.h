/* SPDX-License-Identifier: MIT */
/*
 * Who accepts on which socket. Each generation has a seating: for every
 * listener the seats that its pools fill and which seat owns which socket.
 *
 * A pool takes one seat for all of its workers together (sync) or one seat
 * for each worker slot (async, auto); reuse_port in the listen section can
 * force the one or the other. A Unix socket and reuse_port = off make one
 * seat for all workers of all pools. Seats of several pools on one listener
 * stand side by side, in the order of the configuration. Of n seats, seat s
 * owns all sockets whose index is s modulo n: no socket is ever without an
 * owner, however many earlier generations have left.
 *
 * A seat may own no socket when its slot is new. It gets one by
 * seating_settle() once its worker is ready, not before: the kernel would
 * send connections to a socket that nobody accepts on.
 */
#ifndef TRICORN_MASTER_SEATS_H
#define TRICORN_MASTER_SEATS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/list.h"
#include "config/model.h"
#include "ipc/heritage.h"
#include "master/listeners.h"

#define SEAT_ALL_SLOTS ((unsigned)-1)

struct seat {
	const struct config_pool *pool; /* NULL: all pools */
	unsigned slot;                  /* or SEAT_ALL_SLOTS */
};

/* The seats at one listener. */
struct table {
	struct owned_listener *owned;
	const struct config_listen *listen;
	struct seat *owners; /* by socket index */
	size_t owner_count;
};

struct seating {
	struct table *tables;
	size_t table_count;
};

/* A socket that running workers are to accept on from now. */
struct seat_change {
	const struct table *table;
	size_t socket;    /* index */
	struct seat seat; /* whose workers */
};

struct seat_changes {
	struct seat_change *items;
	size_t count;
};

/*
 * Opens what config listens on, of set, and seats its pools; workers[i] is
 * how many slots pool i has. New listeners get all their sockets at once,
 * open ones keep those they have. Returns 0, or -1 with error filled and
 * nothing new left open.
 */
int seating_init(struct seating *seating, struct list *set,
    const struct config *config, const unsigned *workers, struct error *error)
    __attribute__((warn_unused_result));
/* Releases the listeners. */
void seating_finish(struct seating *seating);
/*
 * Gives owners to sockets that were added after this seating was made, when
 * its generation takes over. *changes says who is to adopt what; free
 * changes->items.
 */
void seating_catch_up(struct seating *seating, const struct config *config,
    const unsigned *workers, struct seat_changes *changes);

/*
 * The sockets of a worker: an xmalloc'ed array in *sockets that points into
 * config and the listeners. Returns how many.
 */
size_t seating_sockets(const struct seating *seating,
    const struct config_pool *pool, unsigned slot,
    struct heritage_socket **sockets);
/* Whether a worker in that slot accepts on that socket. */
bool seat_accepts(const struct table *table, size_t socket,
    const struct config_pool *pool, unsigned slot);
/* Whether a worker in that slot is to adopt the socket. */
bool seat_change_concerns(const struct seat_change *change,
    const struct config_pool *pool, unsigned slot);
/*
 * For a worker that is ready in a slot without sockets of its own: takes over
 * one where another slot of the pool has several, or adds one. *changes says
 * what it is to adopt; free changes->items. What fails is logged; the worker
 * then shares a socket of another slot.
 */
void seating_settle(struct seating *seating, const struct config_pool *pool,
    unsigned slot, struct seat_changes *changes);
/*
 * Gives the sockets of a slot that is given up to another one. *changes says
 * what that one is to adopt; free changes->items.
 */
void seating_hand_over(struct seating *seating, const struct config_pool *pool,
    unsigned from, unsigned to, struct seat_changes *changes);

#endif
