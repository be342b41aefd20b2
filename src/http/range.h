/* SPDX-License-Identifier: MIT */
/* The Range field against a representation's length (RFC 9110 14). */
#ifndef TRICORN_HTTP_RANGE_H
#define TRICORN_HTTP_RANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define HTTP_RANGE_MAX 16 /* ranges asked for; with more the field is ignored */

struct http_range {
	uint64_t first, last; /* both included; last is below the length */
};

struct http_ranges {
	size_t count;
	struct http_range at[HTTP_RANGE_MAX]; /* none overlaps or touches */
};

enum http_range_result {
	HTTP_RANGE_IGNORE,       /* answer as if there were no Range: 200 */
	HTTP_RANGE_PARTIAL,      /* 206 with the ranges */
	HTTP_RANGE_UNSATISFIABLE /* 416 */
};

/*
 * Reads a Range value. Other units, wrong syntax and too many ranges are
 * ignored. Ranges beyond the end are dropped or cut; those that overlap or
 * touch are merged, so that no byte is ever sent twice; otherwise they keep
 * the order in which they were asked for. Empty list elements are skipped
 * but counted. Which methods may have ranges is the caller's to know.
 */
enum http_range_result http_range_parse(struct str value, uint64_t length,
    struct http_ranges *ranges);

#endif
