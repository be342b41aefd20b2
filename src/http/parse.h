/* SPDX-License-Identifier: MIT */
/* What all parsers of this room share: results, limits, refusals. */
#ifndef TRICORN_HTTP_PARSE_H
#define TRICORN_HTTP_PARSE_H

#include <stddef.h>

enum http_parse {
	HTTP_PARSE_MORE, /* right so far, but not complete */
	HTTP_PARSE_DONE,
	HTTP_PARSE_ERROR /* the problem says why */
};

struct http_limits {
	size_t max_head;   /* bytes of request line and fields: 431 */
	size_t max_target; /* bytes of the request target: 414 */
	size_t max_fields; /* number of fields: 431; capacity of fields[] */
};

/* Why a message was refused. reason is a static sentence. */
struct http_problem {
	int status;
	const char *reason;
};

/* Fills problem and returns ERROR, so that parsers can return it. */
static inline enum http_parse
http_refuse(struct http_problem *problem, int status, const char *reason)
{
	problem->status = status;
	problem->reason = reason;
	return HTTP_PARSE_ERROR;
}

#endif
