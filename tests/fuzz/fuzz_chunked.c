/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the chunked decoder. The first byte of the input seeds the cutting:
 * however the rest is cut, payload, trailers and outcome are the same, and
 * what was decoded can be encoded and decoded again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "http/chunked.h"

static const struct http_limits limits = { .max_head = 256, .max_fields = 6 };

/* All there is to know after decoding. */
struct outcome {
	enum http_chunked_event event;
	int status;
	size_t consumed;
	struct buffer payload, trailers;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
note_trailers(struct outcome *outcome, const struct http_chunked *chunked)
{
	require(chunked->trailer_count <= limits.max_fields);
	for (size_t i = 0; i < chunked->trailer_count; i++) {
		const struct http_field *field = &chunked->trailers[i];

		require(http_is_token(field->name));
		require(http_is_field_value(field->value));
		require(!http_field_forbidden_in_trailer(field->id));
		buffer_append_str(&outcome->trailers, field->name);
		buffer_append_str(&outcome->trailers, STR(":"));
		buffer_append_str(&outcome->trailers, field->value);
		buffer_append_str(&outcome->trailers, STR("\n"));
	}
}

/* Feeds a copy that ends where its memory ends. */
static void
feed_piece(struct http_chunked *chunked, const char *data, size_t size,
    struct outcome *outcome)
{
	char *copy = xmalloc(size > 0 ? size : 1);
	struct http_problem problem = { 0, NULL };
	size_t at = 0, consumed;
	struct str payload;

	memcpy(copy, data, size);
	do {
		outcome->event = http_chunked_feed(chunked, copy + at,
		    size - at, &consumed, &payload, &problem);
		require(consumed <= size - at);
		if (outcome->event == HTTP_CHUNKED_DATA) {
			require(payload.length > 0 &&
			    payload.data >= copy + at);
			require(payload.data + payload.length ==
			    copy + at + consumed);
			buffer_append_str(&outcome->payload, payload);
		}
		at += consumed;
	} while (outcome->event == HTTP_CHUNKED_DATA);
	require(outcome->event != HTTP_CHUNKED_MORE || at == size);
	require((outcome->event == HTTP_CHUNKED_ERROR) ==
	    (problem.status != 0));
	outcome->status = problem.status;
	outcome->consumed += at;
	free(copy);
}

/* seed 0: in one piece. */
static struct outcome
decode(const char *data, size_t size, uint32_t seed)
{
	struct outcome outcome = { .event = HTTP_CHUNKED_MORE,
		.payload = BUFFER_EMPTY,
		.trailers = BUFFER_EMPTY };
	struct http_chunked chunked;
	struct arena arena;
	size_t at = 0;

	arena_init(&arena, NULL, 0);
	http_chunked_init(&chunked, &limits, &arena);
	while (at < size && outcome.event == HTTP_CHUNKED_MORE) {
		size_t piece = size - at;

		if (seed != 0) {
			seed = seed * 1664525 + 1013904223;
			if ((seed >> 24) % 9 < piece)
				piece = (seed >> 24) % 9;
		}
		feed_piece(&chunked, data + at, piece, &outcome);
		at += piece;
	}
	require(chunked.received == buffer_length(&outcome.payload));
	if (outcome.event == HTTP_CHUNKED_DONE)
		note_trailers(&outcome, &chunked);
	arena_reset(&arena);
	return outcome;
}

static void
finish(struct outcome *outcome)
{
	buffer_finish(&outcome->payload);
	buffer_finish(&outcome->trailers);
}

static void
check_round_trip(const struct outcome *whole)
{
	struct buffer text = BUFFER_EMPTY;
	struct outcome again;
	char head[HTTP_CHUNK_HEAD_MAX];
	size_t length = buffer_length(&whole->payload);

	if (length > 0) {
		buffer_append(&text, head, http_chunk_head(head, length));
		buffer_append_str(&text, buffer_str(&whole->payload));
		buffer_append_str(&text, STR("\r\n"));
	}
	buffer_append_str(&text, HTTP_CHUNKED_END);
	again = decode(buffer_bytes(&text), buffer_length(&text), 0);
	require(again.event == HTTP_CHUNKED_DONE);
	require(again.consumed == buffer_length(&text));
	require(str_equal(buffer_str(&again.payload),
	    buffer_str(&whole->payload)));
	finish(&again);
	buffer_finish(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;
	const char *text = (const char *)data + 1;

	if (size < 1)
		return 0;
	whole = decode(text, size - 1, 0);
	for (uint32_t round = 1; round <= 3; round++) {
		pieces = decode(text, size - 1, data[0] + 1 + (round << 8));
		require(pieces.event == whole.event);
		require(pieces.status == whole.status);
		require(str_equal(buffer_str(&pieces.payload),
		    buffer_str(&whole.payload)));
		require(str_equal(buffer_str(&pieces.trailers),
		    buffer_str(&whole.trailers)));
		if (whole.event == HTTP_CHUNKED_DONE)
			require(pieces.consumed == whole.consumed);
		finish(&pieces);
	}
	if (whole.event == HTTP_CHUNKED_DONE)
		check_round_trip(&whole);
	finish(&whole);
	return 0;
}
