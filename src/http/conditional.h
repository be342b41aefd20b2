/* SPDX-License-Identifier: MIT */
/*
 * Conditional requests: entity tags, and whether to send a representation,
 * 304 or 412, in the order RFC 9110 13.2.2 prescribes.
 */
#ifndef TRICORN_HTTP_CONDITIONAL_H
#define TRICORN_HTTP_CONDITIONAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "http/request.h"

struct http_etag {
	struct str opaque; /* with its quotes, without W/ */
	bool weak;
};

enum http_etag_item {
	HTTP_ETAG_END,
	HTTP_ETAG_FOUND,
	HTTP_ETAG_MALFORMED /* and rest is used up */
};

/* The next tag of a list; rest moves behind it. Empty elements are skipped. */
enum http_etag_item http_etag_next(struct str *rest, struct http_etag *etag);

/* What the current representation is known by. */
struct http_validators {
	struct str etag;  /* as it stands in ETag; length 0 for none */
	int64_t modified; /* seconds since 1970; -1: unknown */
};

enum http_condition {
	HTTP_CONDITION_SEND,
	HTTP_CONDITION_NOT_MODIFIED,       /* 304 */
	HTTP_CONDITION_PRECONDITION_FAILED /* 412 */
};

/*
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since
 * and If-Range of a request for a representation that exists. now is in
 * seconds since 1970. *use_range (may be NULL) tells whether a Range field
 * is to be honoured: a GET to be sent, and If-Range, if there, holds.
 */
enum http_condition http_conditional_evaluate(
    const struct http_request_head *head, const struct http_validators *current,
    int64_t now, bool *use_range);

#endif
