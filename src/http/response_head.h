/* SPDX-License-Identifier: MIT */
/*
 * The strict parser of the heads that upstreams answer with: the same field
 * lines and framing rules as for requests. Every refusal means 502.
 */
#ifndef TRICORN_HTTP_RESPONSE_HEAD_H
#define TRICORN_HTTP_RESPONSE_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "http/field.h"
#include "http/parse.h"
#include "http/request.h"

/* How the body is delimited (RFC 9112 6.3). */
enum http_response_body {
	HTTP_RESPONSE_BODY_NONE, /* the next message follows the head */
	HTTP_RESPONSE_BODY_LENGTH,
	HTTP_RESPONSE_BODY_CHUNKED,
	HTTP_RESPONSE_BODY_UNTIL_CLOSE
};

struct http_response_head {
	unsigned version_minor; /* 0 or 1 */
	int status;             /* 100 to 599 */
	struct str reason;
	struct http_field *fields; /* the caller's array of max_fields */
	size_t field_count;
	enum http_response_body body;
	int64_t content_length; /* of the field, also without body (HEAD);
	                           -1: no such field */
	bool keep_alive;        /* the connection can take another request
	                           behind the body */
	bool upgrade;           /* 101 with Connection: upgrade and Upgrade */
	size_t size;            /* bytes of the head, last CRLF included */
};

/*
 * Parses a response head from the front of data, which may hold more or less
 * than it (MORE; call again with all bytes from the start). Interim (1xx)
 * responses are heads of their own without body. method is that of the
 * request that is answered: it decides on the body. limits->max_target has
 * no meaning here. head->fields must point to limits->max_fields elements;
 * all views point into data. With ERROR, close the connection.
 */
enum http_parse http_response_head_parse(const char *data, size_t length,
    enum http_method method, const struct http_limits *limits,
    struct http_response_head *head, struct http_problem *problem);

/* The first field with that id; NULL when there is none. */
const struct http_field *http_response_head_field(
    const struct http_response_head *head, enum http_field_id id);

#endif
