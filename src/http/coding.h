/* SPDX-License-Identifier: MIT */
/*
 * Accept-Encoding: lists with weights, and which content coding to send
 * (RFC 9110 12.4.2, 12.5.3).
 */
#ifndef TRICORN_HTTP_CODING_H
#define TRICORN_HTTP_CODING_H

#include "base/str.h"
#include "http/request.h"

struct http_weighted {
	struct str name; /* without parameters */
	unsigned weight; /* q in thousandths: 0 to 1000 */
};

enum http_weighted_item {
	HTTP_WEIGHTED_END,
	HTTP_WEIGHTED_FOUND,
	HTTP_WEIGHTED_MALFORMED
};

/*
 * The next element of a list like "gzip;q=0.8, *"; rest moves behind it.
 * Empty elements are skipped, parameters other than q are passed over.
 * MALFORMED for a name that holds white space and a q that is no weight; one
 * may go on behind it. Elements with quoted commas are not understood.
 */
enum http_weighted_item http_weighted_next(struct str *rest,
    struct http_weighted *item);

/* Values are bits, so that several can be offered. */
enum http_coding {
	HTTP_CODING_IDENTITY = 1 << 0,
	HTTP_CODING_GZIP = 1 << 1,
	HTTP_CODING_DEFLATE = 1 << 2
};

/* "gzip", "deflate", "identity"; static. */
struct str http_coding_name(enum http_coding coding);

/*
 * The best of the offered codings (bits) for the request: the one with the
 * highest weight, of equals gzip before deflate before identity. Identity
 * without a field, when no offered coding is accepted, and when identity was
 * explicitly given a higher weight.
 */
enum http_coding http_coding_choose(const struct http_request_head *head,
    unsigned offered);

#endif
