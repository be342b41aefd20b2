/* SPDX-License-Identifier: MIT */
/* Writes lines of the access log from a compiled format. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "serve/access_format.h"
#include "serve/access_format_priv.h"
#include "serve/context.h"
#include "serve/log_escape.h"
#include "serve/route.h"

#define USER_MAX 256 /* bytes of a user's name */

/* --- values --------------------------------------------------------------- */

static struct str
field_value(const struct http_field *fields, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal_nocase(fields[i].name, name))
			return fields[i].value;
	return STR_NULL;
}

static int
base64_digit(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

/*
 * The user of Basic credentials (RFC 7617), decoded into space; nothing
 * behind the colon is. data is NULL when they are no such credentials.
 */
static struct str
basic_user(const struct exchange *exchange, char space[static USER_MAX])
{
	struct str value = field_value(exchange->request.fields,
	    exchange->request.field_count, STR("authorization"));
	unsigned bits = 0, held = 0;
	size_t length = 0;
	int digit;

	if (value.length < 6 ||
	    !str_equal_nocase(str_make(value.data, 6), STR("basic ")))
		return STR_NULL;
	value = str_trim(str_make(value.data + 6, value.length - 6));
	for (size_t i = 0; i < value.length; i++) {
		digit = base64_digit(value.data[i]);
		if (digit < 0 || length == USER_MAX)
			return STR_NULL;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		space[length] = (char)(bits >> held & 0xff);
		if (space[length] == ':')
			return str_make(space, length);
		length++;
	}
	return STR_NULL;
}

static struct str
config_name(const struct exchange *exchange, enum access_atom atom)
{
	const struct config_route *route =
	    exchange->route ? exchange->route->config : NULL;

	if (route == NULL)
		return STR_NULL;
	if (atom == ACCESS_ROUTE)
		return str_of(route->name);
	if (atom == ACCESS_APP)
		return str_of(route->app ? route->app->name : NULL);
	return str_of(route->upstream ? route->upstream->name : NULL);
}

static struct str
peer_value(const struct exchange_peer *peer, enum access_atom atom)
{
	if (peer == NULL)
		return STR_NULL;
	switch (atom) {
	case ACCESS_PEER_ADDRESS:
		return peer->peer_address;
	case ACCESS_PEER_PORT:
		return peer->peer_port;
	case ACCESS_LOCAL_ADDRESS:
		return peer->local_address;
	case ACCESS_LOCAL_PORT:
		return peer->local_port;
	default:
		return peer->scheme;
	}
}

/* The value of a text atom; data is NULL when there is none. */
static struct str
text_value(const struct access_item *item, const struct exchange *exchange,
    char space[static USER_MAX])
{
	const struct http_request_head *request = &exchange->request;

	switch (item->atom) {
	case ACCESS_PEER_ADDRESS:
	case ACCESS_PEER_PORT:
	case ACCESS_LOCAL_ADDRESS:
	case ACCESS_LOCAL_PORT:
	case ACCESS_SCHEME:
		return peer_value(exchange->peer, item->atom);
	case ACCESS_USER:
		return basic_user(exchange, space);
	case ACCESS_METHOD:
		return request->method;
	case ACCESS_TARGET:
		return request->target;
	case ACCESS_PATH:
		return request->path;
	case ACCESS_QUERY:
		return request->query;
	case ACCESS_HOST:
		return request->host;
	case ACCESS_REQUEST_FIELD:
		return field_value(request->fields, request->field_count,
		    item->text);
	case ACCESS_RESPONSE_FIELD:
		return field_value(exchange->response_fields,
		    exchange->response_count, item->text);
	case ACCESS_POOL:
		return str_of(exchange->context->pool->name);
	case ACCESS_NOTE:
		return str_of(exchange->note);
	default:
		return config_name(exchange, item->atom);
	}
}

/* --- writing -------------------------------------------------------------- */

static void
append_number(struct buffer *out, uint64_t number, size_t digits)
{
	char text[ACCESS_NUMBER_MAX], *at = text + sizeof(text);

	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0 || text + sizeof(text) - at < (ptrdiff_t)digits);
	buffer_append(out, at, (size_t)(text + sizeof(text) - at));
}

static void
stamp_set(struct access_stamp *stamp, uint64_t second, bool json)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = (time_t)second;
	struct tm part;
	long offset;
	int length;

	stamp->second = second;
	if (json) {
		gmtime_r(&now, &part);
		length = snprintf(stamp->text, sizeof(stamp->text),
		    "%04d-%02d-%02dT%02d:%02d:%02d", part.tm_year + 1900,
		    part.tm_mon + 1, part.tm_mday, part.tm_hour, part.tm_min,
		    part.tm_sec);
	} else {
		localtime_r(&now, &part);
		offset = labs(part.tm_gmtoff) / 60;
		length = snprintf(stamp->text, sizeof(stamp->text),
		    "[%02d/%s/%04d:%02d:%02d:%02d %c%02ld%02ld]", part.tm_mday,
		    months[part.tm_mon], part.tm_year + 1900, part.tm_hour,
		    part.tm_min, part.tm_sec, part.tm_gmtoff < 0 ? '-' : '+',
		    offset / 60, offset % 60);
	}
	assert(length > 0 && (size_t)length < sizeof(stamp->text));
	stamp->length = (size_t)length;
}

static void
append_time(struct access_format *format, uint64_t wall_us, struct buffer *out)
{
	struct access_stamp *stamp = &format->stamp;

	if (wall_us / 1000000 != stamp->second)
		stamp_set(stamp, wall_us / 1000000, format->json);
	if (format->json)
		buffer_append(out, "\"", 1);
	buffer_append(out, stamp->text, stamp->length);
	if (!format->json)
		return;
	buffer_append(out, ".", 1);
	append_number(out, wall_us / 1000 % 1000, 3);
	buffer_append(out, "Z\"", 2);
}

/* As nginx's users know it: 499 for a client that went away unanswered. */
static unsigned
status_of(const struct exchange *exchange)
{
	if (exchange->status != 0)
		return (unsigned)exchange->status;
	switch (exchange->cancelled) {
	case EXCHANGE_CANCEL_CLIENT_GONE:
		return 499;
	case EXCHANGE_CANCEL_TIMEOUT:
		return 408;
	default:
		return 0;
	}
}

static void
append_protocol(const struct access_format *format,
    const struct exchange *exchange, struct buffer *out)
{
	bool ten = exchange->request.version_minor == 0;

	if (format->json)
		buffer_append_str(out,
		    ten ? STR("\"HTTP/1.0\"") : STR("\"HTTP/1.1\""));
	else
		buffer_append_str(out, ten ? STR("HTTP/1.0") : STR("HTTP/1.1"));
}

static void
append_request_line(const struct access_format *format,
    const struct exchange *exchange, size_t cap, struct buffer *out)
{
	log_escape_plain(out, exchange->request.method, cap);
	buffer_append(out, " ", 1);
	log_escape_plain(out, exchange->request.target, cap);
	buffer_append(out, " ", 1);
	append_protocol(format, exchange, out);
}

static void
append_missing(const struct access_format *format, struct buffer *out)
{
	buffer_append_str(out, format->json ? STR("null") : STR("-"));
}

static void
append_text(const struct access_format *format, const struct access_item *item,
    struct str value, size_t cap, struct buffer *out)
{
	if (item->atom == ACCESS_QUERY && !format->json) {
		log_escape_plain(out, value, cap);
	} else if (value.length == 0 && (!format->json || !value.data)) {
		append_missing(format, out);
	} else if (format->json) {
		buffer_append(out, "\"", 1);
		log_escape_json(out, value, cap);
		buffer_append(out, "\"", 1);
	} else if (item->atom == ACCESS_USER) {
		log_escape_word(out, value, cap);
	} else {
		log_escape_plain(out, value, cap);
	}
}

/* Writes what is no text from outside; false when the item is one. */
static bool
append_fact(struct access_format *format, const struct access_item *item,
    const struct exchange *exchange, uint64_t us, struct buffer *out)
{
	switch (item->atom) {
	case ACCESS_LITERAL:
		buffer_append_str(out, item->text);
		break;
	case ACCESS_TIME:
		append_time(format, exchange->started_wall_us, out);
		break;
	case ACCESS_STATUS:
		append_number(out, status_of(exchange), format->json ? 1 : 3);
		break;
	case ACCESS_BYTES_OR_DASH:
		if (exchange->bytes_sent == 0) {
			append_missing(format, out);
			break;
		}
		/* fall through */
	case ACCESS_BYTES:
		append_number(out, exchange->bytes_sent, 1);
		break;
	case ACCESS_SECONDS:
		append_number(out, us / 1000000, 1);
		break;
	case ACCESS_MILLISECONDS:
		append_number(out, us / 1000, 1);
		break;
	case ACCESS_MICROSECONDS:
		append_number(out, us, 1);
		break;
	case ACCESS_DECIMAL_SECONDS:
		append_number(out, us / 1000000, 1);
		buffer_append(out, ".", 1);
		append_number(out, us % 1000000, 6);
		break;
	default:
		return false;
	}
	return true;
}

static void
append_items(struct access_format *format, const struct exchange *exchange,
    uint64_t us, size_t cap, struct buffer *out)
{
	bool parsed = exchange->request.method.length > 0;
	char user[USER_MAX];

	for (size_t i = 0; i < format->count; i++) {
		const struct access_item *item = &format->items[i];

		if (append_fact(format, item, exchange, us, out))
			continue;
		if (item->atom == ACCESS_PROTOCOL && parsed)
			append_protocol(format, exchange, out);
		else if (item->atom == ACCESS_REQUEST_LINE && parsed)
			append_request_line(format, exchange, cap, out);
		else if (item->atom == ACCESS_PROTOCOL ||
		    item->atom == ACCESS_REQUEST_LINE)
			append_missing(format, out);
		else
			append_text(format, item,
			    text_value(item, exchange, user), cap, out);
	}
	buffer_append(out, "\n", 1);
}

void
access_format_line(struct access_format *format,
    const struct exchange *exchange, uint64_t ended_ns, size_t limit,
    struct buffer *out)
{
	uint64_t us = ended_ns > exchange->started_ns
	    ? (ended_ns - exchange->started_ns) / 1000
	    : 0;
	size_t before = buffer_length(out);

	assert(limit >= ACCESS_FORMAT_LIMIT_MIN);
	append_items(format, exchange, us, limit, out);
	/* Shorter and shorter, until each value has an equal share at most. */
	for (size_t shares = 1; buffer_length(out) - before > limit;
	     shares *= 2) {
		assert(shares < 2 * format->values);
		if (shares > format->values)
			shares = format->values;
		out->end -= buffer_length(out) - before;
		append_items(format, exchange, us,
		    (limit - format->fixed) / shares, out);
	}
}
