/* SPDX-License-Identifier: MIT */
/* What the master does on each signal. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "master/master_priv.h"
#include "master/privileges.h"

static void
stop_gracefully(struct master *master)
{
	master_stop(master, false);
}

static void
stop_quickly(struct master *master)
{
	master_stop(master, true);
}

static void
reload(struct master *master)
{
	reload_start(master);
	generation_sweep(master);
}

static void
reopen_logs(struct master *master)
{
	log_reopen();
	if (master->current != NULL) {
		privileges_share_log(&master->current->config->server);
		privileges_share_access_log(&master->current->config->server);
	}
	master->log_epoch++;
	LIST_FOREACH (link, &master->children) {
		struct child *child = container_of(link, struct child, link);

		/* One that is still starting ignores the signal; it gets
		   another one when it is ready. */
		kill(child->pid, SIGUSR1);
		if (child->state != CHILD_STARTING)
			child->log_epoch = master->log_epoch;
	}
	log_info("logs reopened");
}

static void
one_worker_more(struct master *master)
{
	reload_resize(master, 1);
}

static void
one_worker_less(struct master *master)
{
	reload_resize(master, -1);
}

/* Started in a terminal, not in the background of it. */
static bool
is_in_foreground(void)
{
	int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool result;

	if (terminal < 0)
		return false;
	result = tcgetpgrp(terminal) == getpgrp();
	close(terminal);
	return result;
}

static void
retire_workers(struct master *master)
{
	/* There it says that the terminal's window has another size. */
	if (is_in_foreground() || master->state != MASTER_SERVING)
		return;
	log_info("workers retire; HUP brings them back");
	master->paused = true;
	LIST_FOREACH (link, &master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->pool->generation != master->trial)
			child_retire(child);
	}
}

/* Workers handle those marked themselves, with the default until they do. */
static const struct {
	int number;
	bool default_in_worker;
	void (*act)(struct master *master);
} actions[] = {
	{ SIGTERM, true, stop_gracefully },
	{ SIGINT, true, stop_quickly },
	{ SIGQUIT, true, stop_quickly },
	{ SIGCHLD, true, reap_children },
	{ SIGHUP, false, reload },
	{ SIGUSR1, false, reopen_logs },
	{ SIGTTIN, false, one_worker_more },
	{ SIGTTOU, false, one_worker_less },
	{ SIGWINCH, false, retire_workers },
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))
_Static_assert(ACTIONS <= MASTER_SIGNALS, "too many signals");

static void
signal_cb(evutil_socket_t number, short what, void *arg)
{
	for (size_t i = 0; i < ACTIONS; i++)
		if (actions[i].number == number)
			actions[i].act(arg);
}

int
signals_init(struct master *master, struct error *error)
{
	for (size_t i = 0; i < ACTIONS; i++) {
		struct event *event = evsignal_new(master->base,
		    actions[i].number, signal_cb, master);

		if (event == NULL || event_add(event, NULL) != 0) {
			if (event != NULL)
				event_free(event);
			return error_set(error, "cannot handle signal %s",
			    strsignal(actions[i].number));
		}
		master->signals[i] = event;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	return 0;
}

void
signals_finish(struct master *master)
{
	for (size_t i = 0; i < ACTIONS; i++) {
		if (master->signals[i] != NULL)
			event_free(master->signals[i]);
		master->signals[i] = NULL;
	}
}

void
signals_reset(void)
{
	for (size_t i = 0; i < ACTIONS; i++)
		signal(actions[i].number,
		    actions[i].default_in_worker ? SIG_DFL : SIG_IGN);
}
