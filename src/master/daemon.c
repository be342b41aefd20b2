/* SPDX-License-Identifier: MIT */
/* Background process, with a pipe to the process that was started. */
#include "master/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends the started process with what the server makes of its start. */
static void __attribute__((noreturn))
wait_for_outcome(int pipe_end, pid_t between)
{
	char byte;
	ssize_t got;

	waitpid(between, NULL, 0);
	do
		got = read(pipe_end, &byte, 1);
	while (got < 0 && errno == EINTR);
	_exit(got == 1 ? 0 : 1);
}

static void
use_null(int target)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, target);
	if (null != target)
		close(null);
}

int
daemon_start(struct error *error)
{
	int ends[2];
	pid_t child;

	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set(error, "cannot make a pipe: %s",
		    strerror(errno));
	child = fork();
	if (child < 0) {
		error_set(error, "cannot fork: %s", strerror(errno));
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	if (child > 0) {
		close(ends[1]);
		wait_for_outcome(ends[0], child);
	}
	close(ends[0]);
	setsid();
	/* Forked again: a session leader could be given a terminal. */
	child = fork();
	if (child != 0) {
		if (child < 0)
			perror("tricorn: cannot fork");
		_exit(child < 0);
	}
	use_null(STDIN_FILENO);
	return ends[1];
}

void
daemon_serving(int *waiting)
{
	char byte = 0;

	if (*waiting < 0)
		return;
	daemon_leave_terminal();
	/* The process that waits may have been killed: nobody to tell. */
	if (write(*waiting, &byte, 1) < 0)
		errno = 0;
	close(*waiting);
	*waiting = -1;
}

void
daemon_leave_terminal(void)
{
	use_null(STDIN_FILENO);
	use_null(STDOUT_FILENO);
	use_null(STDERR_FILENO);
}
