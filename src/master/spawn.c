/* SPDX-License-Identifier: MIT */
/*
 * Forks a worker. The child lets go of all that is the master's, becomes what
 * its pool says and runs the worker room; it never comes back from here.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "master/daemon.h"
#include "master/master_priv.h"
#include "master/privileges.h"
#include "master/title.h"
#include "worker/worker.h"

/* --- in the child ------------------------------------------------------- */

static void
close_other_channels(const struct child *self)
{
	LIST_FOREACH (link, &self->master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child != self && child->channel >= 0)
			close(child->channel);
	}
}

/* A listening socket held by a process that does not accept on it would stay
   open when the master closes it. */
static void
close_others_sockets(const struct child *self)
{
	LIST_FOREACH (link, &self->master->listeners) {
		const struct listener *listener =
		    container_of(link, struct owned_listener, link)->listener;

		for (size_t i = 0; i < listener->socket_count; i++) {
			bool keep = false;

			for (size_t k = 0; k < self->socket_count; k++)
				keep |=
				    self->sockets[k].fd == listener->sockets[i];
			if (!keep)
				close(listener->sockets[i]);
		}
	}
}

static void
forget_master(struct master *master)
{
	/* First a poll set of its own: the inherited one is shared, and what
	   event_base_free() takes out of it the master would miss. It fails
	   when a descriptor with an event is closed already. */
	if (event_reinit(master->base) == 0)
		event_base_free(master->base);
	signals_reset();
	pidfile_forget(&master->pidfile);
	if (master->waiting >= 0)
		close(master->waiting);
	if (master->daemonized)
		daemon_leave_terminal();
}

/* A generation on trial may want another log than the running one has. */
static int
open_log(const struct child *self, struct error *error)
{
	const struct generation *current = self->master->current;
	const struct config_server *server =
	    &self->pool->generation->config->server;

	if (current == NULL || current == self->pool->generation)
		return 0;
	return log_open(server->error_log, server->log_level, error);
}

static int
become_worker(const struct child *self, struct error *error)
{
	const struct config *config = self->pool->generation->config;

	if (open_log(self, error) != 0 ||
	    privileges_limit(&config->server, error) != 0 ||
	    privileges_enter(&config->server, error) != 0)
		return -1;
	return privileges_drop(&config->server, self->pool->config, error);
}

static void __attribute__((noreturn))
run_child(struct child *self, int worker_end, const sigset_t *mask)
{
	struct pool *pool = self->pool;
	struct generation *generation = pool->generation;
	struct heritage heritage = {
		.config = generation->config,
		.pool = pool->config,
		.slot = self->slot,
		.generation = generation->number,
		.channel = worker_end,
		.sockets = self->sockets,
		.socket_count = self->socket_count,
		.scoreboard = self->master->scoreboard,
		.score = self->score,
	};
	struct error error;
	char name[64];

	snprintf(name, sizeof(name), "worker %s.%u", pool->config->name,
	    self->slot);
	log_set_process(name);
	title_set("%s", name);
	forget_master(self->master);
	close_other_channels(self);
	close(self->channel);
	close_others_sockets(self);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (become_worker(self, &error) != 0) {
		if (message_send_text(worker_end, MESSAGE_FAILED, error.text) !=
		    0)
			log_error("%s", error.text);
		_exit(1);
	}
	_exit(worker_run(&heritage));
}

/* --- in the master ------------------------------------------------------ */

static struct child *
make_child(struct pool *pool, unsigned slot, int *worker_end,
    struct error *error)
{
	struct master *master = pool->generation->master;
	struct scoreboard_worker *score = scoreboard_take(master->scoreboard);
	struct child *child;

	if (score == NULL) {
		error_set(error, "cannot start a worker: there are too many");
		return NULL;
	}
	child = xcalloc(1, sizeof(*child));
	if (message_channel(&child->channel, worker_end) != 0) {
		error_set(error,
		    "cannot start a worker: no socket pair: %s; raise "
		    "limit_nofile in [server]",
		    strerror(errno));
		scoreboard_release(master->scoreboard, score);
		free(child);
		return NULL;
	}
	child->master = master;
	child->pool = pool;
	child->slot = slot;
	child->state = CHILD_STARTING;
	child->score = score;
	child->started = clock_monotonic_ms();
	child->log_epoch = master->log_epoch;
	child->socket_count = seating_sockets(&pool->generation->seating,
	    pool->config, slot, &child->sockets);
	list_append(&master->children, &child->link);
	child_start_events(child);
	return child;
}

struct child *
spawn(struct pool *pool, unsigned slot, struct error *error)
{
	struct child *child;
	sigset_t all, mask;
	int worker_end;

	child = make_child(pool, slot, &worker_end, error);
	if (child == NULL)
		return NULL;
	fflush(NULL);
	/* A signal between fork and signals_reset() would be written to the
	   master's own wake-up pipe. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	child->pid = fork();
	if (child->pid == 0)
		run_child(child, worker_end, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	close(worker_end);
	if (child->pid < 0) {
		error_set(error, "cannot start a worker: fork: %s",
		    strerror(errno));
		child_destroy(&child);
		return NULL;
	}
	atomic_store(&child->score->pid, child->pid);
	return child;
}
