/* SPDX-License-Identifier: MIT */
/* Names of fields and the character rules of names and values. */
#include "http/field.h"

#include "http/character.h"
#include "http/scan.h"

#define LONGEST_NAME 19
#define SLOT_COUNT 256
/*
 * Where a name of that length with these first and last letters is found.
 * No two names share a slot: the compiler warns of an initialiser written
 * twice.
 */
#define SLOT(first, last, length) \
	(((first) + 2 * (last) + 49 * (length)) & (SLOT_COUNT - 1))

static const unsigned char slots[SLOT_COUNT] = {
	[SLOT('a', 'g', 15)] = HTTP_FIELD_ACCEPT_ENCODING,
	[SLOT('a', 'e', 3)] = HTTP_FIELD_AGE,
	[SLOT('a', 'w', 5)] = HTTP_FIELD_ALLOW,
	[SLOT('a', 'n', 13)] = HTTP_FIELD_AUTHORIZATION,
	[SLOT('c', 'l', 13)] = HTTP_FIELD_CACHE_CONTROL,
	[SLOT('c', 'n', 10)] = HTTP_FIELD_CONNECTION,
	[SLOT('c', 'g', 16)] = HTTP_FIELD_CONTENT_ENCODING,
	[SLOT('c', 'h', 14)] = HTTP_FIELD_CONTENT_LENGTH,
	[SLOT('c', 'e', 13)] = HTTP_FIELD_CONTENT_RANGE,
	[SLOT('c', 'e', 12)] = HTTP_FIELD_CONTENT_TYPE,
	[SLOT('c', 'e', 6)] = HTTP_FIELD_COOKIE,
	[SLOT('d', 'e', 4)] = HTTP_FIELD_DATE,
	[SLOT('e', 'g', 4)] = HTTP_FIELD_ETAG,
	[SLOT('e', 't', 6)] = HTTP_FIELD_EXPECT,
	[SLOT('e', 's', 7)] = HTTP_FIELD_EXPIRES,
	[SLOT('f', 'd', 9)] = HTTP_FIELD_FORWARDED,
	[SLOT('h', 't', 4)] = HTTP_FIELD_HOST,
	[SLOT('i', 'h', 8)] = HTTP_FIELD_IF_MATCH,
	[SLOT('i', 'e', 17)] = HTTP_FIELD_IF_MODIFIED_SINCE,
	[SLOT('i', 'h', 13)] = HTTP_FIELD_IF_NONE_MATCH,
	[SLOT('i', 'e', 8)] = HTTP_FIELD_IF_RANGE,
	[SLOT('i', 'e', 19)] = HTTP_FIELD_IF_UNMODIFIED_SINCE,
	[SLOT('k', 'e', 10)] = HTTP_FIELD_KEEP_ALIVE,
	[SLOT('l', 'd', 13)] = HTTP_FIELD_LAST_MODIFIED,
	[SLOT('l', 'n', 8)] = HTTP_FIELD_LOCATION,
	[SLOT('m', 's', 12)] = HTTP_FIELD_MAX_FORWARDS,
	[SLOT('p', 'a', 6)] = HTTP_FIELD_PRAGMA,
	[SLOT('p', 'e', 18)] = HTTP_FIELD_PROXY_AUTHENTICATE,
	[SLOT('p', 'n', 19)] = HTTP_FIELD_PROXY_AUTHORIZATION,
	[SLOT('p', 'n', 16)] = HTTP_FIELD_PROXY_CONNECTION,
	[SLOT('r', 'e', 5)] = HTTP_FIELD_RANGE,
	[SLOT('r', 'r', 7)] = HTTP_FIELD_REFERER,
	[SLOT('r', 'r', 11)] = HTTP_FIELD_RETRY_AFTER,
	[SLOT('s', 'r', 6)] = HTTP_FIELD_SERVER,
	[SLOT('s', 'e', 10)] = HTTP_FIELD_SET_COOKIE,
	[SLOT('t', 'e', 2)] = HTTP_FIELD_TE,
	[SLOT('t', 'r', 7)] = HTTP_FIELD_TRAILER,
	[SLOT('t', 'g', 17)] = HTTP_FIELD_TRANSFER_ENCODING,
	[SLOT('u', 'e', 7)] = HTTP_FIELD_UPGRADE,
	[SLOT('u', 't', 10)] = HTTP_FIELD_USER_AGENT,
	[SLOT('v', 'y', 4)] = HTTP_FIELD_VARY,
	[SLOT('w', 'e', 16)] = HTTP_FIELD_WWW_AUTHENTICATE,
	[SLOT('x', 'r', 15)] = HTTP_FIELD_X_FORWARDED_FOR,
	[SLOT('x', 't', 16)] = HTTP_FIELD_X_FORWARDED_HOST,
	[SLOT('x', 'o', 17)] = HTTP_FIELD_X_FORWARDED_PROTO,
};

/* Lower case; padded with NUL to a fixed width. */
static const char names[HTTP_FIELD_COUNT][LONGEST_NAME + 1] = {
	[HTTP_FIELD_ACCEPT_ENCODING] = "accept-encoding",
	[HTTP_FIELD_AGE] = "age",
	[HTTP_FIELD_ALLOW] = "allow",
	[HTTP_FIELD_AUTHORIZATION] = "authorization",
	[HTTP_FIELD_CACHE_CONTROL] = "cache-control",
	[HTTP_FIELD_CONNECTION] = "connection",
	[HTTP_FIELD_CONTENT_ENCODING] = "content-encoding",
	[HTTP_FIELD_CONTENT_LENGTH] = "content-length",
	[HTTP_FIELD_CONTENT_RANGE] = "content-range",
	[HTTP_FIELD_CONTENT_TYPE] = "content-type",
	[HTTP_FIELD_COOKIE] = "cookie",
	[HTTP_FIELD_DATE] = "date",
	[HTTP_FIELD_ETAG] = "etag",
	[HTTP_FIELD_EXPECT] = "expect",
	[HTTP_FIELD_EXPIRES] = "expires",
	[HTTP_FIELD_FORWARDED] = "forwarded",
	[HTTP_FIELD_HOST] = "host",
	[HTTP_FIELD_IF_MATCH] = "if-match",
	[HTTP_FIELD_IF_MODIFIED_SINCE] = "if-modified-since",
	[HTTP_FIELD_IF_NONE_MATCH] = "if-none-match",
	[HTTP_FIELD_IF_RANGE] = "if-range",
	[HTTP_FIELD_IF_UNMODIFIED_SINCE] = "if-unmodified-since",
	[HTTP_FIELD_KEEP_ALIVE] = "keep-alive",
	[HTTP_FIELD_LAST_MODIFIED] = "last-modified",
	[HTTP_FIELD_LOCATION] = "location",
	[HTTP_FIELD_MAX_FORWARDS] = "max-forwards",
	[HTTP_FIELD_PRAGMA] = "pragma",
	[HTTP_FIELD_PROXY_AUTHENTICATE] = "proxy-authenticate",
	[HTTP_FIELD_PROXY_AUTHORIZATION] = "proxy-authorization",
	[HTTP_FIELD_PROXY_CONNECTION] = "proxy-connection",
	[HTTP_FIELD_RANGE] = "range",
	[HTTP_FIELD_REFERER] = "referer",
	[HTTP_FIELD_RETRY_AFTER] = "retry-after",
	[HTTP_FIELD_SERVER] = "server",
	[HTTP_FIELD_SET_COOKIE] = "set-cookie",
	[HTTP_FIELD_TE] = "te",
	[HTTP_FIELD_TRAILER] = "trailer",
	[HTTP_FIELD_TRANSFER_ENCODING] = "transfer-encoding",
	[HTTP_FIELD_UPGRADE] = "upgrade",
	[HTTP_FIELD_USER_AGENT] = "user-agent",
	[HTTP_FIELD_VARY] = "vary",
	[HTTP_FIELD_WWW_AUTHENTICATE] = "www-authenticate",
	[HTTP_FIELD_X_FORWARDED_FOR] = "x-forwarded-for",
	[HTTP_FIELD_X_FORWARDED_HOST] = "x-forwarded-host",
	[HTTP_FIELD_X_FORWARDED_PROTO] = "x-forwarded-proto",
};

/* Lower case for the bytes whose known counterpart is a letter (0x40). */
#define LOWER(word, known, bits) ((word) | ((known) >> 1 & (bits)))

static inline bool
same_eight(const char *name, const char *known)
{
	uint64_t a, b;

	memcpy(&a, name, sizeof(a));
	memcpy(&b, known, sizeof(b));
	return LOWER(a, b, 0x2020202020202020) == b;
}

static inline bool
same_four(const char *name, const char *known)
{
	uint32_t a, b;

	memcpy(&a, name, sizeof(a));
	memcpy(&b, known, sizeof(b));
	return LOWER(a, b, 0x20202020U) == b;
}

/* Words that overlap at the end spare a loop over the last bytes. */
static inline bool
same_name(const char *name, const char *known, size_t length)
{
	if (length >= 8) {
		for (size_t i = 0; i + 8 < length; i += 8)
			if (!same_eight(name + i, known + i))
				return false;
		return same_eight(name + length - 8, known + length - 8);
	}
	if (length >= 4)
		return same_four(name, known) &&
		    same_four(name + length - 4, known + length - 4);
	for (size_t i = 0; i < length; i++)
		if (ascii_lower((unsigned char)name[i]) !=
		    (unsigned char)known[i])
			return false;
	return true;
}

enum http_field_id
http_field_lookup(struct str name)
{
	unsigned char first, last;
	enum http_field_id id;
	const char *known;

	if (name.length < 2 || name.length > LONGEST_NAME)
		return HTTP_FIELD_OTHER;
	first = (unsigned char)name.data[0] | 0x20;
	last = (unsigned char)name.data[name.length - 1] | 0x20;
	id = slots[SLOT(first, last, name.length)];
	known = names[id];
	/* OTHER has the empty name, so its first letter differs. */
	if (known[0] != first || known[name.length] != '\0')
		return HTTP_FIELD_OTHER;
	if (!same_name(name.data, known, name.length))
		return HTTP_FIELD_OTHER;
	return id;
}

struct str
http_field_name(enum http_field_id id)
{
	return str_of(names[id]);
}

bool
http_is_token(struct str name)
{
	const char *end = name.data + name.length;

	return name.length > 0 &&
	    http_scan_portable(name.data, end, HTTP_CHARACTER_TOKEN) == end;
}

bool
http_is_field_value(struct str value)
{
	const char *end = value.data + value.length;

	return value.length == 0 || http_scan_value(value.data, end) == end;
}

bool
http_field_is_hop_by_hop(enum http_field_id id)
{
	switch (id) {
	case HTTP_FIELD_CONNECTION:
	case HTTP_FIELD_KEEP_ALIVE:
	case HTTP_FIELD_PROXY_CONNECTION:
	case HTTP_FIELD_TE:
	case HTTP_FIELD_TRAILER:
	case HTTP_FIELD_TRANSFER_ENCODING:
	case HTTP_FIELD_UPGRADE:
		return true;
	default:
		return false;
	}
}

bool
http_field_forbidden_in_trailer(enum http_field_id id)
{
	switch (id) {
	case HTTP_FIELD_OTHER:
	case HTTP_FIELD_ACCEPT_ENCODING:
	case HTTP_FIELD_ALLOW:
	case HTTP_FIELD_ETAG:
	case HTTP_FIELD_LAST_MODIFIED:
	case HTTP_FIELD_REFERER:
	case HTTP_FIELD_SERVER:
	case HTTP_FIELD_USER_AGENT:
		return false;
	default:
		return true;
	}
}

bool
http_list_has(struct str value, struct str token)
{
	struct str part;

	while (str_next(&value, ',', &part))
		if (str_equal_nocase(part, token))
			return true;
	return false;
}
