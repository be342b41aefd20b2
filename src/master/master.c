/* SPDX-License-Identifier: MIT */
/* The life of the master: start, loop, stop. */
#include "master/master.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "master/daemon.h"
#include "master/master_priv.h"
#include "master/notify.h"
#include "master/privileges.h"
#include "master/title.h"

/* Workers at one time, of all generations; untouched places cost nothing. */
#define SCOREBOARD_PLACES 4096

/* --- states ------------------------------------------------------------- */

static const unsigned legal_moves[] = {
	[MASTER_STARTING] = 1u << MASTER_SERVING | 1u << MASTER_STOPPING,
	[MASTER_SERVING] = 1u << MASTER_STOPPING,
	[MASTER_STOPPING] = 0,
};

void
master_set_state(struct master *master, enum master_state state)
{
	assert(legal_moves[master->state] & 1u << state);
	master->state = state;
	if (state == MASTER_SERVING)
		daemon_serving(&master->waiting);
}

/* Where the person who started it looks, besides the log. */
static void
report_failure(const char *reason)
{
	log_critical("cannot start: %s", reason);
	if (log_fd() != STDERR_FILENO)
		fprintf(stderr, "tricorn: %s\n", reason);
}

void
master_start_failed(struct master *master, const char *reason)
{
	if (master->state == MASTER_STOPPING)
		return;
	report_failure(reason);
	master->exit_code = 1;
	master_stop(master, true);
}

void
master_stop(struct master *master, bool quick)
{
	if (master->state != MASTER_STOPPING) {
		log_info("stopping%s", quick ? " quickly" : "");
		notify_send("STOPPING=1");
		master_set_state(master, MASTER_STOPPING);
	}
	LIST_FOREACH (link, &master->children) {
		struct child *child = container_of(link, struct child, link);

		if (quick)
			child_stop(child);
		else
			child_retire(child);
	}
	/* What the workers have inherited they empty and close themselves. */
	LIST_FOREACH (link, &master->listeners)
		listener_stop(
		    container_of(link, struct owned_listener, link)->listener);
	master_leave_if_done(master);
}

void
master_leave_if_done(struct master *master)
{
	if (master->state == MASTER_STOPPING && list_empty(&master->children))
		event_base_loopbreak(master->base);
}

/* --- start -------------------------------------------------------------- */

/* What is this process's own: log, limits, background, pid file. */
static int
settle(struct master *master, const struct config_server *server,
    struct error *error)
{
	if (privileges_limit(server, error) != 0 ||
	    log_open(server->error_log, server->log_level, error) != 0)
		return -1;
	privileges_share_log(server);
	if (server->daemon) {
		master->waiting = daemon_start(error);
		if (master->waiting < 0)
			return -1;
		master->daemonized = true;
	}
	if (server->pid_file != NULL) {
		master->pidfile = pidfile_create(server->pid_file, error);
		if (master->pidfile == NULL)
			return -1;
	}
	return 0;
}

static int
make_tools(struct master *master, struct error *error)
{
	master->scoreboard = scoreboard_create(SCOREBOARD_PLACES);
	if (master->scoreboard == NULL)
		return error_set(error, "cannot make shared memory: %s",
		    strerror(errno));
	master->base = event_base_new();
	if (master->base == NULL)
		return error_set(error, "cannot make an event loop");
	return signals_init(master, error);
}

static int
start(struct master *master, struct error *error)
{
	struct generation *generation;
	struct config *config;

	if (config_load(master->options, &config, error) != 0)
		return -1;
	if (settle(master, &config->server, error) != 0 ||
	    make_tools(master, error) != 0) {
		config_destroy(&config);
		return -1;
	}
	generation = generation_create(master, &config, error);
	if (generation == NULL ||
	    privileges_enter(&generation->config->server, error) != 0)
		return -1;
	reload_try(generation);
	return 0;
}

/* --- end ---------------------------------------------------------------- */

static void
finish(struct master *master)
{
	assert(list_empty(&master->children));
	LIST_FOREACH_SAFE (link, after, &master->generations) {
		struct generation *generation =
		    container_of(link, struct generation, link);

		generation_destroy(&generation);
	}
	signals_finish(master);
	if (master->tick != NULL)
		event_free(master->tick);
	if (master->base != NULL)
		event_base_free(master->base);
	scoreboard_destroy(&master->scoreboard);
	pidfile_destroy(&master->pidfile);
	if (master->waiting >= 0)
		close(master->waiting);
}

int
master_run(const struct config_options *options)
{
	struct master master = { .options = options, .waiting = -1 };
	struct error error;

	list_init(&master.listeners);
	list_init(&master.children);
	list_init(&master.generations);
	log_set_process("master");
	title_set("master");
	if (start(&master, &error) != 0) {
		report_failure(error.text);
		master.exit_code = 1;
	} else {
		/* A start can have failed before there was a child. */
		if (master.state != MASTER_STOPPING ||
		    !list_empty(&master.children))
			event_base_dispatch(master.base);
		log_info("stopped");
	}
	finish(&master);
	return master.exit_code;
}
