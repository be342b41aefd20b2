/* SPDX-License-Identifier: MIT */
/*
 * The chunked decoder: a state per place in the grammar, one byte at a time
 * in chunk lines and whole views in payload.
 */
#include "http/chunked.h"

#include <assert.h>

#include "http/character.h"
#include "http/field_line.h"

/* What feeding has to work with; the decoder itself keeps the rest. */
struct feed {
	struct http_chunked *chunked;
	const char *at, *end;
	struct http_problem *problem;
};

void
http_chunked_init(struct http_chunked *chunked,
    const struct http_limits *limits, struct arena *arena)
{
	*chunked = (struct http_chunked){
		.state = HTTP_CHUNKED_SIZE,
		.limits = *limits,
		.arena = arena,
	};
}

static bool
fail(struct feed *feed, int status, const char *reason)
{
	feed->chunked->state = HTTP_CHUNKED_FAILED;
	http_refuse(feed->problem, status, reason);
	return false;
}

/* The byte that ends the digits decides what follows them. */
static bool
end_size(struct feed *feed, char byte)
{
	struct http_chunked *chunked = feed->chunked;

	if (chunked->digits == 0)
		return fail(feed, 400, "A chunk has no size.");
	switch (byte) {
	case '\r':
		chunked->state = HTTP_CHUNKED_SIZE_LF;
		return true;
	case ';':
		chunked->state = HTTP_CHUNKED_NAME_BEGIN;
		return true;
	case ' ':
	case '\t':
		chunked->state = HTTP_CHUNKED_EXTENSION_SPACE;
		return true;
	default:
		return fail(feed, 400, "A chunk size is malformed.");
	}
}

static bool
take_size(struct feed *feed, char byte)
{
	struct http_chunked *chunked = feed->chunked;
	int digit = http_hex_value(byte);

	if (digit < 0)
		return end_size(feed, byte);
	if (chunked->digits == HTTP_CHUNK_MAX_DIGITS)
		return fail(feed, 400, "A chunk size has too many digits.");
	chunked->digits++;
	chunked->remaining = chunked->remaining << 4 | (unsigned)digit;
	if (chunked->remaining > INT64_MAX - chunked->received)
		return fail(feed, 400, "A chunk size is too large.");
	return true;
}

/* Behind the size, a name without a value, or a value. */
static bool
take_extension_end(struct feed *feed, char byte)
{
	struct http_chunked *chunked = feed->chunked;

	if (byte == ';')
		chunked->state = HTTP_CHUNKED_NAME_BEGIN;
	else if (byte == ' ' || byte == '\t')
		chunked->state = HTTP_CHUNKED_EXTENSION_SPACE;
	else if (byte == '\r' && chunked->state == HTTP_CHUNKED_EXTENSION)
		chunked->state = HTTP_CHUNKED_SIZE_LF;
	else
		return fail(feed, 400, "A chunk extension is malformed.");
	return true;
}

static bool
take_name(struct feed *feed, char byte)
{
	struct http_chunked *chunked = feed->chunked;

	if (byte == '=' && chunked->state != HTTP_CHUNKED_NAME_BEGIN) {
		chunked->state = HTTP_CHUNKED_VALUE_BEGIN;
		return true;
	}
	switch (chunked->state) {
	case HTTP_CHUNKED_NAME_BEGIN:
		if (byte == ' ' || byte == '\t')
			return true;
		if (!http_character_is(byte, HTTP_CHARACTER_TOKEN))
			break;
		chunked->state = HTTP_CHUNKED_NAME;
		return true;
	case HTTP_CHUNKED_NAME:
		if (http_character_is(byte, HTTP_CHARACTER_TOKEN))
			return true;
		chunked->state = byte == ' ' || byte == '\t'
		    ? HTTP_CHUNKED_NAME_END
		    : HTTP_CHUNKED_EXTENSION;
		if (chunked->state == HTTP_CHUNKED_NAME_END)
			return true;
		return take_extension_end(feed, byte);
	default: /* HTTP_CHUNKED_NAME_END */
		if (byte == ' ' || byte == '\t')
			return true;
		if (byte != ';')
			break;
		chunked->state = HTTP_CHUNKED_NAME_BEGIN;
		return true;
	}
	return fail(feed, 400, "The name of a chunk extension is malformed.");
}

static bool
take_value(struct feed *feed, char byte)
{
	struct http_chunked *chunked = feed->chunked;
	bool token = http_character_is(byte, HTTP_CHARACTER_TOKEN);

	switch (chunked->state) {
	case HTTP_CHUNKED_VALUE_BEGIN:
		if (byte == ' ' || byte == '\t')
			return true;
		if (byte != '"' && !token)
			break;
		chunked->state =
		    byte == '"' ? HTTP_CHUNKED_QUOTED : HTTP_CHUNKED_VALUE;
		return true;
	case HTTP_CHUNKED_VALUE:
		if (token)
			return true;
		chunked->state = HTTP_CHUNKED_EXTENSION;
		return take_extension_end(feed, byte);
	case HTTP_CHUNKED_QUOTED:
		if (!http_character_is(byte, HTTP_CHARACTER_VALUE))
			break;
		if (byte == '"')
			chunked->state = HTTP_CHUNKED_EXTENSION;
		else if (byte == '\\')
			chunked->state = HTTP_CHUNKED_QUOTED_PAIR;
		return true;
	default: /* HTTP_CHUNKED_QUOTED_PAIR */
		if (!http_character_is(byte, HTTP_CHARACTER_VALUE))
			break;
		chunked->state = HTTP_CHUNKED_QUOTED;
		return true;
	}
	return fail(feed, 400, "The value of a chunk extension is malformed.");
}

/* Bounds what extensions cost, then follows their grammar. */
static bool
take_extension(struct feed *feed, char byte)
{
	struct http_chunked *chunked = feed->chunked;

	if (++chunked->extension > HTTP_CHUNK_MAX_EXTENSION ||
	    ++chunked->extensions > HTTP_CHUNK_MAX_EXTENSIONS)
		return fail(feed, 400, "The chunk extensions are too long.");
	switch (chunked->state) {
	case HTTP_CHUNKED_EXTENSION:
	case HTTP_CHUNKED_EXTENSION_SPACE:
		return take_extension_end(feed, byte);
	case HTTP_CHUNKED_NAME_BEGIN:
	case HTTP_CHUNKED_NAME:
	case HTTP_CHUNKED_NAME_END:
		return take_name(feed, byte);
	default:
		return take_value(feed, byte);
	}
}

/* The chunk line is complete: payload or, after the last one, trailers. */
static bool
end_chunk_line(struct feed *feed, char byte)
{
	struct http_chunked *chunked = feed->chunked;

	if (byte != '\n')
		return fail(feed, 400, "A chunk line does not end in CRLF.");
	chunked->state = chunked->remaining > 0 ? HTTP_CHUNKED_PAYLOAD
						: HTTP_CHUNKED_TRAILER;
	chunked->digits = 0;
	chunked->extension = 0;
	return true;
}

static bool
take_line_byte(struct feed *feed, char byte)
{
	struct http_chunked *chunked = feed->chunked;

	switch (chunked->state) {
	case HTTP_CHUNKED_SIZE:
		return take_size(feed, byte);
	case HTTP_CHUNKED_SIZE_LF:
		return end_chunk_line(feed, byte);
	case HTTP_CHUNKED_PAYLOAD_CR:
		chunked->state = HTTP_CHUNKED_PAYLOAD_LF;
		if (byte != '\r')
			return fail(feed, 400, "No CRLF ends a chunk.");
		return true;
	case HTTP_CHUNKED_PAYLOAD_LF:
		chunked->state = HTTP_CHUNKED_SIZE;
		if (byte != '\n')
			return fail(feed, 400, "No CRLF ends a chunk.");
		return true;
	case HTTP_CHUNKED_TRAILER:
		chunked->state = byte == '\r' ? HTTP_CHUNKED_END_LF
					      : HTTP_CHUNKED_TRAILER_LINE;
		if (byte != '\r')
			feed->at--; /* it belongs to the line */
		return true;
	case HTTP_CHUNKED_END_LF:
		chunked->state = HTTP_CHUNKED_ENDED;
		if (byte != '\n')
			return fail(feed, 400, "A bare CR begins a line.");
		return true;
	default:
		return take_extension(feed, byte);
	}
}

/* Parses the line that begins at trailer_line as far as it came. */
static bool
parse_trailer_line(struct feed *feed, const struct http_limits *limits)
{
	struct http_chunked *chunked = feed->chunked;
	const char *at = chunked->trailer + chunked->trailer_line;
	struct http_field *field = &chunked->trailers[chunked->trailer_count];

	switch (http_field_line_parse(&at,
	    chunked->trailer + chunked->trailer_size, field, feed->problem)) {
	case HTTP_PARSE_MORE:
		if (chunked->trailer_size < limits->max_head)
			return true;
		return fail(feed, 431, "The trailer section is too large.");
	case HTTP_PARSE_ERROR:
		chunked->state = HTTP_CHUNKED_FAILED;
		return false;
	case HTTP_PARSE_DONE:
		break;
	}
	if (http_field_forbidden_in_trailer(field->id))
		return fail(feed, 400,
		    "A trailer field is one that only a head may hold.");
	chunked->trailer_count++;
	chunked->trailer_line = chunked->trailer_size;
	chunked->state = HTTP_CHUNKED_TRAILER;
	return true;
}

/* Takes bytes up to a line's end into the arena and parses what is there. */
static bool
take_trailer_line(struct feed *feed)
{
	struct http_chunked *chunked = feed->chunked;
	const struct http_limits *limits = &chunked->limits;
	size_t room = limits->max_head - chunked->trailer_size;
	size_t size = (size_t)(feed->end - feed->at);
	const char *line_end;

	if (chunked->trailer_count == limits->max_fields)
		return fail(feed, 431, "There are too many trailer fields.");
	if (room == 0)
		return fail(feed, 431, "The trailer section is too large.");
	if (chunked->trailer == NULL) {
		chunked->trailer =
		    arena_alloc(chunked->arena, limits->max_head);
		chunked->trailers = arena_alloc(chunked->arena,
		    limits->max_fields * sizeof(*chunked->trailers));
	}
	line_end = memchr(feed->at, '\n', size);
	if (line_end != NULL)
		size = (size_t)(line_end - feed->at) + 1;
	if (size > room)
		size = room;
	memcpy(chunked->trailer + chunked->trailer_size, feed->at, size);
	chunked->trailer_size += size;
	feed->at += size;
	return parse_trailer_line(feed, limits);
}

enum http_chunked_event
http_chunked_feed(struct http_chunked *chunked, const char *data, size_t length,
    size_t *consumed, struct str *payload, struct http_problem *problem)
{
	struct feed feed = { chunked, data, data + length, problem };
	enum http_chunked_event event = HTTP_CHUNKED_MORE;

	assert(chunked->state != HTTP_CHUNKED_FAILED);
	while (chunked->state != HTTP_CHUNKED_ENDED && feed.at < feed.end &&
	    event == HTTP_CHUNKED_MORE) {
		if (chunked->state == HTTP_CHUNKED_PAYLOAD) {
			size_t size = (size_t)(feed.end - feed.at);

			if (size >= chunked->remaining) {
				size = chunked->remaining;
				chunked->state = HTTP_CHUNKED_PAYLOAD_CR;
			}
			*payload = str_make(feed.at, size);
			chunked->remaining -= size;
			chunked->received += size;
			feed.at += size;
			event = HTTP_CHUNKED_DATA;
		} else if (chunked->state == HTTP_CHUNKED_TRAILER_LINE) {
			if (!take_trailer_line(&feed))
				event = HTTP_CHUNKED_ERROR;
		} else if (!take_line_byte(&feed, *feed.at++)) {
			event = HTTP_CHUNKED_ERROR;
		}
	}
	*consumed = (size_t)(feed.at - data);
	if (chunked->state == HTTP_CHUNKED_ENDED)
		return HTTP_CHUNKED_DONE;
	return event;
}

size_t
http_chunk_head(char head[static HTTP_CHUNK_HEAD_MAX], uint64_t size)
{
	size_t digits = 1;

	assert(size > 0);
	while (digits < HTTP_CHUNK_MAX_DIGITS && size >> (4 * digits) != 0)
		digits++;
	for (size_t i = digits; i > 0; i--) {
		head[i - 1] = "0123456789abcdef"[size & 15];
		size >>= 4;
	}
	head[digits] = '\r';
	head[digits + 1] = '\n';
	return digits + 2;
}
