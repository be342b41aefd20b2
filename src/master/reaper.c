/* SPDX-License-Identifier: MIT */
/* Waits for workers that have ended, says how, and has them replaced. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "master/master_priv.h"

/* "was killed by signal 9 (Killed)", "exited with code 3". */
static void
describe_end(const siginfo_t *end, char *text, size_t size)
{
	if (end->si_code == CLD_EXITED)
		snprintf(text, size, "exited with code %d", end->si_status);
	else
		snprintf(text, size, "was killed by signal %d (%s)%s",
		    end->si_status, strsignal(end->si_status),
		    end->si_code == CLD_DUMPED ? ", core dumped" : "");
}

/* Whether it left as it should, by itself or told. */
static bool
left_well(const struct child *child, const siginfo_t *end)
{
	return (child->told_to_go || child->wants_leave) &&
	    end->si_code == CLD_EXITED && end->si_status == 0;
}

static void
log_end(const struct child *child, const char *how, bool well)
{
	char now[SCOREBOARD_NOW] = "";

	if (well || child->told_to_go) {
		log_info("worker %s.%u (process %d) %s",
		    child->pool->config->name, child->slot, (int)child->pid,
		    well ? "has left" : how);
		return;
	}
	if (atomic_load(&child->score->in_flight) > 0)
		scoreboard_read_now(child->score, now);
	log_error("worker %s.%u (process %d) %s%s%s%s%s",
	    child->pool->config->name, child->slot, (int)child->pid, how,
	    child->reason.text[0] != '\0' ? ": " : "", child->reason.text,
	    now[0] != '\0' ? "; it was busy with: " : "", now);
}

/* The child is in no list any more, but whole. */
static void
draw_consequences(struct child *child, bool well)
{
	switch (child->pool->generation->state) {
	case GENERATION_TRIAL:
		if (!child->told_to_go)
			reload_child_failed(child);
		break;
	case GENERATION_ROLLOUT:
		if (child->told_to_go)
			reload_child_left(child);
		else
			reload_child_failed(child);
		break;
	case GENERATION_SERVING:
		if (child->told_to_go || well)
			pool_fill(child->pool);
		else
			pool_retry(child->pool, child);
		break;
	case GENERATION_RETIRED:
		break;
	}
}

static struct child *
find(struct master *master, pid_t pid)
{
	LIST_FOREACH (link, &master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->pid == pid)
			return child;
	}
	return NULL;
}

static void
child_ended(struct child *child, const siginfo_t *end)
{
	struct master *master = child->master;
	char how[80];
	bool well;

	child_read_channel(child);
	list_remove(&child->link);
	well = left_well(child, end);
	describe_end(end, how, sizeof(how));
	log_end(child, how, well);
	if (child->reason.text[0] == '\0')
		error_set(&child->reason, "it %s", how);
	if (master->state != MASTER_STOPPING)
		draw_consequences(child, well);
	child_destroy(&child);
}

void
reap_children(struct master *master)
{
	for (;;) {
		siginfo_t end = { .si_pid = 0 };
		struct child *child;

		/* It stays a zombie while it is judged, so that its number
		   cannot be another process's yet. */
		if (waitid(P_ALL, 0, &end, WEXITED | WNOHANG | WNOWAIT) != 0 ||
		    end.si_pid == 0)
			break;
		child = find(master, end.si_pid);
		if (child != NULL)
			child_ended(child, &end);
		waitpid(end.si_pid, NULL, 0);
	}
	generation_sweep(master);
	master_leave_if_done(master);
}
