/* SPDX-License-Identifier: MIT */
/*
 * One worker as its master sees it: its states and their deadlines, what it
 * says over its channel and how it is told to go. Forking is in spawn.c,
 * waiting for it in reaper.c.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "master/master_priv.h"

/* Milliseconds a worker has for what needs no configuration. */
#define DRAIN_GRACE 2000 /* on top of graceful_timeout, which it keeps itself */
#define STOP_TIME 5000
#define ABORT_TIME 2000

#define NAME_FORMAT "worker %s.%u (process %d)"
#define NAME_ARGS(child) \
	(child)->pool->config->name, (child)->slot, (int)(child)->pid

/* --- states ------------------------------------------------------------- */

static const unsigned legal_moves[] = {
	[CHILD_STARTING] = 1u << CHILD_READY | 1u << CHILD_LEAVING |
	    1u << CHILD_STOPPING | 1u << CHILD_ABORTED,
	[CHILD_READY] =
	    1u << CHILD_LEAVING | 1u << CHILD_STOPPING | 1u << CHILD_ABORTED,
	[CHILD_LEAVING] = 1u << CHILD_STOPPING | 1u << CHILD_KILLED,
	[CHILD_STOPPING] = 1u << CHILD_KILLED,
	[CHILD_ABORTED] = 1u << CHILD_KILLED,
	[CHILD_KILLED] = 0,
};

/* Milliseconds until the state is over-long; 0: it may last. */
static uint64_t
state_limit(const struct child *child)
{
	switch (child->state) {
	case CHILD_STARTING:
		return child->pool->config->boot_timeout;
	case CHILD_LEAVING:
		if (child->was_ready)
			return child->pool->config->graceful_timeout +
			    DRAIN_GRACE;
		return STOP_TIME; /* it has nothing to finish */
	case CHILD_STOPPING:
		return STOP_TIME;
	case CHILD_ABORTED:
		return ABORT_TIME;
	case CHILD_READY:
	case CHILD_KILLED:
		break;
	}
	return 0;
}

static void
arm_deadline(struct child *child)
{
	uint64_t limit = state_limit(child);
	struct timeval wait = { (time_t)(limit / 1000),
		(suseconds_t)(limit % 1000 * 1000) };

	event_del(child->deadline);
	if (limit > 0)
		event_add(child->deadline, &wait);
}

void
child_set_state(struct child *child, enum child_state state)
{
	assert(legal_moves[child->state] & 1u << state);
	child->state = state;
	arm_deadline(child);
}

static void
log_cut_off(const struct child *child)
{
	uint64_t in_flight = atomic_load(&child->score->in_flight);

	log_warning(NAME_FORMAT " has not finished within graceful_timeout: "
				"killing it with %llu requests in flight",
	    NAME_ARGS(child), (unsigned long long)in_flight);
}

static void
deadline_passed(struct child *child)
{
	char why[96];

	switch (child->state) {
	case CHILD_STARTING:
		snprintf(why, sizeof(why),
		    "is not ready after boot_timeout, %.3g s",
		    (double)child->pool->config->boot_timeout / 1000);
		error_set(&child->reason, "it %s", why);
		child_abort(child, why);
		return;
	case CHILD_LEAVING:
		if (child->was_ready) {
			log_cut_off(child);
			break;
		}
		/* fallthrough */
	case CHILD_STOPPING:
	case CHILD_ABORTED:
		log_warning(NAME_FORMAT " does not end: killing it",
		    NAME_ARGS(child));
		break;
	case CHILD_READY:
	case CHILD_KILLED:
		return;
	}
	child_set_state(child, CHILD_KILLED);
	kill(child->pid, SIGKILL);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	deadline_passed(arg);
}

/* --- telling it --------------------------------------------------------- */

void
child_retire(struct child *child)
{
	if (child->state != CHILD_STARTING && child->state != CHILD_READY)
		return;
	child->told_to_go = true;
	child_set_state(child, CHILD_LEAVING);
	kill(child->pid, SIGTERM);
}

void
child_stop(struct child *child)
{
	if (child->state == CHILD_STOPPING || child->state == CHILD_ABORTED ||
	    child->state == CHILD_KILLED)
		return;
	child->told_to_go = true;
	child_set_state(child, CHILD_STOPPING);
	/* Not QUIT: one that has no handler yet would dump core. */
	kill(child->pid, SIGINT);
}

void
child_abort(struct child *child, const char *why)
{
	char now[SCOREBOARD_NOW];

	scoreboard_read_now(child->score, now);
	log_error(NAME_FORMAT " %s; it was busy with: %s; sending ABRT",
	    NAME_ARGS(child), why, now[0] != '\0' ? now : "nothing noted");
	child_set_state(child, CHILD_ABORTED);
	kill(child->pid, SIGABRT);
}

void
child_give_socket(struct child *child, const struct table *table, size_t socket)
{
	const struct listener *listener = table->owned->listener;
	struct message message = { .type = MESSAGE_ADOPT,
		.fd = listener->sockets[socket] };

	for (size_t i = 0; i < child->socket_count; i++)
		if (child->sockets[i].fd == message.fd)
			return;
	snprintf(message.text, sizeof(message.text), "%s %s",
	    table->listen->name, listener->text);
	if (message_send(child->channel, &message) != 0) {
		log_error("cannot hand a socket of %s to " NAME_FORMAT ": %s; "
			  "reload (HUP) so that all sockets are served",
		    listener->text, NAME_ARGS(child), strerror(errno));
		return;
	}
	child->sockets = xreallocarray(child->sockets, child->socket_count + 1,
	    sizeof(*child->sockets));
	child->sockets[child->socket_count++] =
	    (struct heritage_socket){ message.fd, table->listen,
		    listener->text };
}

/* --- hearing from it ---------------------------------------------------- */

static void
became_ready(struct child *child)
{
	child->was_ready = true;
	if (child->state != CHILD_STARTING) {
		/* Told to go in the meantime; it may have begun to serve. */
		arm_deadline(child);
		return;
	}
	child_set_state(child, CHILD_READY);
	log_debug(NAME_FORMAT " serves", NAME_ARGS(child));
	if (child->log_epoch != child->master->log_epoch)
		kill(child->pid, SIGUSR1);
	switch (child->pool->generation->state) {
	case GENERATION_TRIAL:
	case GENERATION_ROLLOUT:
		reload_child_ready(child);
		break;
	case GENERATION_SERVING:
		pool_child_ready(child);
		break;
	case GENERATION_RETIRED:
		child_retire(child);
		break;
	}
}

static void
act_on(struct child *child, const struct message *message)
{
	switch (message->type) {
	case MESSAGE_READY:
		became_ready(child);
		break;
	case MESSAGE_FAILED:
		error_set(&child->reason, "%s", message->text);
		break;
	case MESSAGE_LEAVING:
		if (child->state != CHILD_READY || child->wants_leave)
			break;
		log_info(NAME_FORMAT " is to be replaced: %s", NAME_ARGS(child),
		    message->text);
		child->wants_leave = true;
		pool_fill(child->pool);
		break;
	case MESSAGE_ADOPT:
		log_warning(NAME_FORMAT " sent a message that only the master "
					"sends",
		    NAME_ARGS(child));
		break;
	}
}

void
child_read_channel(struct child *child)
{
	struct message message;

	while (child->channel >= 0) {
		int got = message_receive(child->channel, &message);

		if (got < 0)
			return;
		if (got == 0) {
			event_del(child->channel_event);
			close(child->channel);
			child->channel = -1;
			return;
		}
		if (message.fd >= 0)
			close(message.fd); /* a worker has none to give */
		act_on(child, &message);
	}
}

static void
channel_readable_cb(evutil_socket_t fd, short what, void *arg)
{
	child_read_channel(arg);
}

/* --- life --------------------------------------------------------------- */

void
child_start_events(struct child *child)
{
	struct event_base *base = child->master->base;

	child->deadline = evtimer_new(base, deadline_cb, child);
	child->channel_event = event_new(base, child->channel,
	    EV_READ | EV_PERSIST, channel_readable_cb, child);
	event_add(child->channel_event, NULL);
	arm_deadline(child);
}

void
child_destroy(struct child **child)
{
	event_free((*child)->channel_event);
	event_free((*child)->deadline);
	if ((*child)->channel >= 0)
		close((*child)->channel);
	scoreboard_release((*child)->master->scoreboard, (*child)->score);
	list_remove(&(*child)->link);
	free((*child)->sockets);
	free(*child);
	*child = NULL;
}
