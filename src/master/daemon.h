/* SPDX-License-Identifier: MIT */
/*
 * Going to the background. The process that the operator started waits until
 * the server serves or has failed, so that its exit code tells which; until
 * then the server keeps the terminal as its stderr and can say why.
 */
#ifndef TRICORN_MASTER_DAEMON_H
#define TRICORN_MASTER_DAEMON_H

#include "base/error.h"

/*
 * Forks twice with a session of its own. Returns only in the background
 * process: the descriptor for daemon_serving(), or -1 with error filled when
 * it could not fork. The process that was started ends inside.
 */
int daemon_start(struct error *error) __attribute__((warn_unused_result));
/*
 * Tells the waiting process that all is well, which then exits with 0, and
 * lets go of the terminal. *waiting is closed and -1 afterwards. Without it
 * the waiting process exits with 1 when this one ends.
 */
void daemon_serving(int *waiting);
/* Turns stdin, stdout and stderr to /dev/null. */
void daemon_leave_terminal(void);

#endif
