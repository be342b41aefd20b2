/* SPDX-License-Identifier: MIT */
/* One worker process, from fork to exit. */
#ifndef TRICORN_WORKER_WORKER_H
#define TRICORN_WORKER_WORKER_H

#include "ipc/heritage.h"

/*
 * Boots, tells the master READY or FAILED over heritage->channel, serves,
 * drains and returns the exit code: 0 after a drain, 1 when it could not
 * boot. Called once, in the forked child, after privileges were dropped. May
 * also end the process itself (at the hard deadline of a drain, or at once
 * for SIGQUIT and SIGINT).
 */
int worker_run(struct heritage *heritage);

#endif
