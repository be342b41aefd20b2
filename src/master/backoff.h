/* SPDX-License-Identifier: MIT */
/*
 * How long to wait before a dead worker is replaced. The first one after a
 * quiet time is replaced at once; when they keep dying the wait doubles from
 * half a second to half a minute. Pure arithmetic: the caller has the clock
 * and the timer.
 */
#ifndef TRICORN_MASTER_BACKOFF_H
#define TRICORN_MASTER_BACKOFF_H

#include <stdint.h>

/* All in milliseconds. */
#define BACKOFF_FIRST 500
#define BACKOFF_MOST 30000
#define BACKOFF_QUIET 60000 /* without a failure: starts anew */

struct backoff {       /* zeroed: no failure yet */
	uint64_t last; /* when the newest failure was; meaningless at 0 steps */
	unsigned steps; /* failures in this series */
};

/* Notes a failure now and returns how long to wait before the next try. */
uint64_t backoff_failed(struct backoff *backoff, uint64_t now);

#endif
