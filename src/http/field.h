/* SPDX-License-Identifier: MIT */
/*
 * Header fields: the names the server itself acts on, and the character
 * rules of names and values (RFC 9110 section 5).
 */
#ifndef TRICORN_HTTP_FIELD_H
#define TRICORN_HTTP_FIELD_H

#include <stdbool.h>

#include "base/str.h"

/* Alphabetical. OTHER is any name not listed. */
enum http_field_id {
	HTTP_FIELD_OTHER,
	HTTP_FIELD_ACCEPT_ENCODING,
	HTTP_FIELD_AGE,
	HTTP_FIELD_ALLOW,
	HTTP_FIELD_AUTHORIZATION,
	HTTP_FIELD_CACHE_CONTROL,
	HTTP_FIELD_CONNECTION,
	HTTP_FIELD_CONTENT_ENCODING,
	HTTP_FIELD_CONTENT_LENGTH,
	HTTP_FIELD_CONTENT_RANGE,
	HTTP_FIELD_CONTENT_TYPE,
	HTTP_FIELD_COOKIE,
	HTTP_FIELD_DATE,
	HTTP_FIELD_ETAG,
	HTTP_FIELD_EXPECT,
	HTTP_FIELD_EXPIRES,
	HTTP_FIELD_FORWARDED,
	HTTP_FIELD_HOST,
	HTTP_FIELD_IF_MATCH,
	HTTP_FIELD_IF_MODIFIED_SINCE,
	HTTP_FIELD_IF_NONE_MATCH,
	HTTP_FIELD_IF_RANGE,
	HTTP_FIELD_IF_UNMODIFIED_SINCE,
	HTTP_FIELD_KEEP_ALIVE,
	HTTP_FIELD_LAST_MODIFIED,
	HTTP_FIELD_LOCATION,
	HTTP_FIELD_MAX_FORWARDS,
	HTTP_FIELD_PRAGMA,
	HTTP_FIELD_PROXY_AUTHENTICATE,
	HTTP_FIELD_PROXY_AUTHORIZATION,
	HTTP_FIELD_PROXY_CONNECTION,
	HTTP_FIELD_RANGE,
	HTTP_FIELD_REFERER,
	HTTP_FIELD_RETRY_AFTER,
	HTTP_FIELD_SERVER,
	HTTP_FIELD_SET_COOKIE,
	HTTP_FIELD_TE,
	HTTP_FIELD_TRAILER,
	HTTP_FIELD_TRANSFER_ENCODING,
	HTTP_FIELD_UPGRADE,
	HTTP_FIELD_USER_AGENT,
	HTTP_FIELD_VARY,
	HTTP_FIELD_WWW_AUTHENTICATE,
	HTTP_FIELD_X_FORWARDED_FOR,
	HTTP_FIELD_X_FORWARDED_HOST,
	HTTP_FIELD_X_FORWARDED_PROTO,
	HTTP_FIELD_COUNT
};

struct http_field {
	struct str name, value;
	enum http_field_id id;
};

/* The id of a name in any case; a few instructions for every name. */
enum http_field_id http_field_lookup(struct str name);
/* The name of an id in lower case, static; empty for OTHER. */
struct str http_field_name(enum http_field_id id);
/* One or more token characters (RFC 9110 5.6.2). */
bool http_is_token(struct str name);
/* No control byte but tab, no CR, LF, NUL (RFC 9110 5.5); 8-bit allowed. */
bool http_is_field_value(struct str value);
/* Connection, Keep-Alive, Transfer-Encoding, Upgrade, TE, Trailer,
 * Proxy-Connection: fields of one hop (RFC 9110 7.6.1). */
bool http_field_is_hop_by_hop(enum http_field_id id);
/*
 * Not allowed in a trailer section: framing, routing, request modifiers,
 * authentication, content and control data (RFC 9110 6.5.1).
 */
bool http_field_forbidden_in_trailer(enum http_field_id id);
/* Whether a comma-separated list value holds the token, any case. */
bool http_list_has(struct str value, struct str token);

#endif
