/* SPDX-License-Identifier: MIT */
/*
 * Watches the heartbeats that workers leave in the scoreboard. One that has
 * stopped is stuck: it is logged with what it was doing and aborted.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/master_priv.h"

/* Milliseconds between looks; less when a time-out is short. */
#define TICK_MOST 1000
#define TICK_LEAST 50

static uint64_t
tick_length(const struct master *master)
{
	uint64_t length = TICK_MOST;

	for (size_t i = 0;
	     master->current != NULL && i < master->current->pool_count; i++) {
		uint64_t timeout = master->current->pools[i].config->timeout;

		if (timeout > 0 && timeout / 4 < length)
			length = timeout / 4;
	}
	return length < TICK_LEAST ? TICK_LEAST : length;
}

static void
look_at(struct child *child, uint64_t now)
{
	uint64_t timeout = child->pool->config->timeout;
	uint64_t beat = atomic_load(&child->score->heartbeat_ms);
	char why[96];

	if (child->state != CHILD_READY || timeout == 0)
		return;
	if (beat < child->started)
		beat = child->started; /* ready, but has not beaten yet */
	if (now < beat + timeout)
		return;
	snprintf(why, sizeof(why), "has not responded for %.3g s (timeout)",
	    (double)(now - beat) / 1000);
	child_abort(child, why);
}

static void
look_at_all(struct master *master)
{
	uint64_t now = clock_monotonic_ms();
	uint64_t late = now - master->last_tick;

	master->last_tick = now;
	/* The whole machine was stopped, or this process: the workers had no
	   chance to beat either. */
	if (late > 2 * tick_length(master) + TICK_MOST)
		return;
	LIST_FOREACH (link, &master->children)
		look_at(container_of(link, struct child, link), now);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	look_at_all(arg);
}

void
watch_start(struct master *master)
{
	uint64_t length = tick_length(master);
	struct timeval interval = { (time_t)(length / 1000),
		(suseconds_t)(length % 1000 * 1000) };

	if (master->tick == NULL)
		master->tick =
		    event_new(master->base, -1, EV_PERSIST, tick_cb, master);
	master->last_tick = clock_monotonic_ms();
	event_add(master->tick, &interval);
}
