/* SPDX-License-Identifier: MIT */
/*
 * Which responses are compressed. Not those that are partial, encoded
 * already, without a body, too small, of a type that is not listed, or that
 * forbid it with no-transform.
 */
#ifndef TRICORN_SERVE_COMPRESSION_H
#define TRICORN_SERVE_COMPRESSION_H

#include "http/coding.h"
#include "serve/exchange.h"

/*
 * Decides by the route's configuration, the response's fields and the
 * request's Accept-Encoding. Makes the head that of a compressed response
 * (also for HEAD) and returns the coding; otherwise returns identity, with
 * Vary added when another client would get it compressed. available: whether
 * a compressor can be had. At most FILTER_EXTRA_FIELDS are added.
 */
enum http_coding compression_decide(struct exchange *exchange, bool available);

/* Whether the client waits for every single event of the body. */
bool compression_is_event_stream(const struct exchange *exchange);

#endif
