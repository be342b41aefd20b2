/* SPDX-License-Identifier: MIT */
/*
 * The strict HTTP/1 request-head parser. Pure: bytes in, views into those
 * bytes out. What is ambiguous is refused (RFC 9112, RFC 9110).
 */
#ifndef TRICORN_HTTP_REQUEST_H
#define TRICORN_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "http/field.h"
#include "http/parse.h"

#define HTTP_METHOD_MAX 32 /* bytes of a method; longer ones get 501 */

enum http_method {
	HTTP_METHOD_OTHER,
	HTTP_METHOD_GET,
	HTTP_METHOD_HEAD,
	HTTP_METHOD_POST,
	HTTP_METHOD_PUT,
	HTTP_METHOD_DELETE,
	HTTP_METHOD_CONNECT,
	HTTP_METHOD_OPTIONS,
	HTTP_METHOD_TRACE,
	HTTP_METHOD_PATCH
};

/* RFC 9112 section 3.2. */
enum http_target_form {
	HTTP_TARGET_ORIGIN,
	HTTP_TARGET_ABSOLUTE,
	HTTP_TARGET_AUTHORITY,
	HTTP_TARGET_ASTERISK
};

struct http_request_head {
	enum http_method method_id;
	enum http_target_form form;
	unsigned version_minor; /* 0 or 1 */
	struct str method;
	struct str target; /* as received */
	struct str path;   /* raw, without the query; "*" for asterisk,
	                           empty for authority; "/" for an absolute
	                           form without a path, but "*" with OPTIONS
	                           and no query (RFC 9112 3.2.4) */
	struct str query;  /* raw, without '?'; data is NULL without one */
	struct str host;   /* of the absolute or authority form, else of
	                           Host; with its port; data is NULL without
	                           one (1.0 only) */
	struct http_field *fields; /* the caller's array of max_fields */
	size_t field_count;
	int64_t content_length; /* -1: no such field */
	bool chunked;
	bool expect_continue; /* 1.1 with a body to come only */
	bool keep_alive;      /* what version and Connection ask for */
	bool upgrade;         /* Connection: upgrade with an Upgrade field,
	                           1.1 only */
	size_t size;          /* bytes of the head, last CRLF included */
};

/*
 * Parses a head from the front of data, which may hold more than it (body,
 * next request) or less (MORE; call again with all bytes from the start once
 * more came; it is enough to do so once another line end came, but calling
 * at once finds bytes that can't begin a request sooner). One to four CRLF
 * before the request line are skipped (RFC 9112 2.2) and counted in size.
 * With ERROR, problem says what to answer; the connection is to be closed;
 * method and target are there for the log if they were read, else empty, and
 * what else the head holds has no meaning.
 * Once DONE or ERROR, more bytes never change the result.
 * head->fields must point to limits->max_fields elements. All views point
 * into data, but for the static "/" and "*" of path.
 */
enum http_parse http_request_parse(const char *data, size_t length,
    const struct http_limits *limits, struct http_request_head *head,
    struct http_problem *problem);

/* Makes every view point into a copy of the head's bytes at to. */
void http_request_move(struct http_request_head *head, const char *from,
    const char *to);

/* The nth (from 0) field with that name, any case; NULL when there is none. */
const struct http_field *http_request_field(
    const struct http_request_head *head, struct str name, size_t nth);
/* The first field with that id; NULL when there is none. */
const struct http_field *http_request_field_id(
    const struct http_request_head *head, enum http_field_id id);

#endif
