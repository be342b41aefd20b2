/* SPDX-License-Identifier: MIT */
/* Time: monotonic for durations, wall for dates. */
#ifndef TRICORN_BASE_CLOCK_H
#define TRICORN_BASE_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC; any thread. */
uint64_t clock_monotonic_ns(void);
static inline uint64_t
clock_monotonic_ms(void)
{
	return clock_monotonic_ns() / 1000000;
}
/* CLOCK_MONOTONIC_COARSE: to a few milliseconds, and cheaper. */
uint64_t clock_coarse_ms(void);
/* CLOCK_REALTIME in microseconds since 1970. */
uint64_t clock_wall_us(void);

#endif
