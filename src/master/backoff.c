/* SPDX-License-Identifier: MIT */
/* The waits of a crash loop. */
#include "master/backoff.h"

uint64_t
backoff_failed(struct backoff *backoff, uint64_t now)
{
	uint64_t wait;

	if (backoff->steps > 0 && now - backoff->last >= BACKOFF_QUIET)
		backoff->steps = 0;
	backoff->last = now;
	if (backoff->steps++ == 0)
		return 0;
	wait = BACKOFF_FIRST;
	for (unsigned i = 2; i < backoff->steps && wait < BACKOFF_MOST; i++)
		wait *= 2;
	return wait < BACKOFF_MOST ? wait : BACKOFF_MOST;
}
