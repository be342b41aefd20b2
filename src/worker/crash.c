/* SPDX-License-Identifier: MIT */
/* The last words of a worker that is stuck or faulty. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/worker_priv.h"

/* One worker a process; a signal handler can be given no argument. */
static struct worker *crashing;

static void
say(const char *text)
{
	int fd = log_fd();

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return;
}

static void
crash(int signal_number)
{
	struct worker *worker = crashing;

	signal(signal_number, SIG_DFL);
	say("tricorn: worker ");
	say(worker->heritage->pool->name);
	say(signal_number == SIGABRT ? " was aborted; last request begun: "
				     : " crashed; last request begun: ");
	say(worker->heritage->score->now[0] ? worker->heritage->score->now
					    : "none");
	say("\n");
	if (log_fd() >= 0)
		apps_dump(&worker->host, log_fd());
	raise(signal_number);
}

void
crash_handlers_install(struct worker *worker)
{
	/* Faults keep the handlers of a sanitizer that is in charge. */
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	struct sigaction action = { .sa_handler = crash }, old;

	crashing = worker;
	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_NODEFER;
	sigaction(SIGABRT, &action, NULL);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (sigaction(faults[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_DFL)
			sigaction(faults[i], &action, NULL);
}
