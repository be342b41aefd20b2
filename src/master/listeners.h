/* SPDX-License-Identifier: MIT */
/*
 * All listeners of the master, whatever generation uses them. A generation
 * takes a reference on each of its addresses; a listener is closed when the
 * last generation that used its address is gone, so never while its address
 * stays in the configuration.
 */
#ifndef TRICORN_MASTER_LISTENERS_H
#define TRICORN_MASTER_LISTENERS_H

#include "base/error.h"
#include "base/list.h"
#include "config/model.h"
#include "net/listener.h"

/* A listener with the number of generations that use it. */
struct owned_listener {
	struct list link; /* in the set */
	struct listener *listener;
	unsigned references;
};

/* What one listen section has become: references on owned listeners. */
struct listeners_taken {
	struct owned_listener **items;
	size_t count;
};

/*
 * Finds or opens all addresses of a section and takes a reference on each.
 * set is the list of all owned listeners. Returns 0, or -1 with error filled,
 * no reference taken and nothing new left open.
 */
int listeners_take(struct list *set, const struct config_listen *listen,
    struct listeners_taken *taken, struct error *error)
    __attribute__((warn_unused_result));
/* Gives one reference back; the last one closes the listener. */
void listeners_release(struct owned_listener *owned);

#endif
