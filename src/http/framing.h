/* SPDX-License-Identifier: MIT */
/*
 * The fields that say where a message ends and whether its connection stays:
 * Content-Length, Transfer-Encoding, Connection (RFC 9112 6, 9.3). The same
 * rules for requests and for responses of upstreams.
 */
#ifndef TRICORN_HTTP_FRAMING_H
#define TRICORN_HTTP_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "http/field.h"
#include "http/parse.h"

struct http_framing {
	int64_t content_length; /* -1: no such field */
	bool chunked;           /* a Transfer-Encoding that is just chunked */
	bool close;             /* Connection: close */
	bool keep_alive;        /* Connection: keep-alive */
	bool upgrade_option;    /* Connection: upgrade */
	bool upgrade_field;     /* an Upgrade field was there */
};

/* No field seen yet. */
void http_framing_init(struct http_framing *framing);

/*
 * Takes note of one field of any name, in the order received. ERROR as soon
 * as the fields seen so far don't say plainly where the message ends: both
 * lengths, a length twice, a wrong number, a coding other than one chunked.
 */
enum http_parse http_framing_note(struct http_framing *framing,
    const struct http_field *field, unsigned version_minor,
    struct http_problem *problem);

/* Whether the connection can stay open after a message of that version. */
bool http_framing_persists(const struct http_framing *framing,
    unsigned version_minor);

#endif
