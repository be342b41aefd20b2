/* SPDX-License-Identifier: MIT */
/*
 * When to look at the file system again. What is asked for at an ordinary
 * rate is checked every time, so that a change shows at once; what is asked
 * for in a flood is checked some times in each short window and trusted in
 * between, so that the flood costs no system calls.
 */
#ifndef TRICORN_HANDLER_FRESHNESS_H
#define TRICORN_HANDLER_FRESHNESS_H

#include <stdbool.h>
#include <stdint.h>

#define FRESHNESS_WINDOW_MS 10
#define FRESHNESS_CHECKS 128 /* in one window */

struct freshness {
	uint64_t window_ms; /* start of the window; 0: never checked */
	unsigned checks;    /* made in it */
};

/* Whether to check now; counts the check. now_ms is clock_coarse_ms(). */
static inline bool
freshness_due(struct freshness *freshness, uint64_t now_ms)
{
	if (now_ms - freshness->window_ms >= FRESHNESS_WINDOW_MS) {
		freshness->window_ms = now_ms;
		freshness->checks = 0;
	}
	if (freshness->checks >= FRESHNESS_CHECKS)
		return false;
	freshness->checks++;
	return true;
}

#endif
