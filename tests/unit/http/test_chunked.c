/* SPDX-License-Identifier: MIT */
/*
 * The chunked decoder: what each message decodes to or how it is refused,
 * fed whole and in every pair of pieces and byte by byte.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "http/chunked.h"

static const struct http_limits limits = { .max_head = 64, .max_fields = 3 };

struct outcome {
	enum http_chunked_event event;
	int status;
	size_t consumed;
	struct buffer payload;
	char trailers[256];
};

static void
take_trailers(struct outcome *outcome, const struct http_chunked *chunked)
{
	size_t length = 0;

	outcome->trailers[0] = '\0';
	for (size_t i = 0; i < chunked->trailer_count; i++)
		length += (size_t)snprintf(outcome->trailers + length,
		    sizeof(outcome->trailers) - length, "%.*s=%.*s;",
		    STR_ARG(chunked->trailers[i].name),
		    STR_ARG(chunked->trailers[i].value));
}

/* Feeds one piece until nothing of it is left or the message ended. */
static void
feed_piece(struct http_chunked *chunked, struct outcome *outcome,
    struct str piece)
{
	struct http_problem problem = { 0 };
	struct str payload;
	size_t consumed;

	do {
		outcome->event = http_chunked_feed(chunked, piece.data,
		    piece.length, &consumed, &payload, &problem);
		ck_assert_uint_le(consumed, piece.length);
		if (outcome->event == HTTP_CHUNKED_DATA) {
			ck_assert_uint_gt(payload.length, 0);
			ck_assert(payload.data >= piece.data);
			ck_assert_ptr_eq(payload.data + payload.length,
			    piece.data + consumed);
			buffer_append_str(&outcome->payload, payload);
		}
		piece.data += consumed;
		piece.length -= consumed;
		outcome->consumed += consumed;
	} while (outcome->event == HTTP_CHUNKED_DATA);
	outcome->status = problem.status;
	if (outcome->event == HTTP_CHUNKED_MORE)
		ck_assert_uint_eq(piece.length, 0);
}

/* step 0: whole; else pieces of that many bytes. */
static struct outcome
decode(struct str text, size_t first, size_t step)
{
	struct outcome outcome = { .event = HTTP_CHUNKED_MORE };
	struct http_chunked chunked;
	struct arena arena;
	size_t at = 0, size = first;

	arena_init(&arena, NULL, 0);
	http_chunked_init(&chunked, &limits, &arena);
	while (at < text.length && outcome.event == HTTP_CHUNKED_MORE) {
		if (size > text.length - at)
			size = text.length - at;
		feed_piece(&chunked, &outcome, str_make(text.data + at, size));
		at += size;
		size = step;
	}
	take_trailers(&outcome, &chunked);
	ck_assert_uint_eq(chunked.received, buffer_length(&outcome.payload));
	arena_reset(&arena);
	return outcome;
}

static void
assert_same(struct str text, const struct outcome *whole, size_t first,
    size_t step)
{
	struct outcome pieces = decode(text, first, step);

	ck_assert_int_eq(pieces.event, whole->event);
	ck_assert_int_eq(pieces.status, whole->status);
	ck_assert(str_equal(buffer_str(&pieces.payload),
	    buffer_str(&whole->payload)));
	ck_assert_str_eq(pieces.trailers, whole->trailers);
	if (whole->event == HTTP_CHUNKED_DONE)
		ck_assert_uint_eq(pieces.consumed, whole->consumed);
	buffer_finish(&pieces.payload);
}

static struct outcome
decode_every_way(struct str text)
{
	struct outcome whole = decode(text, text.length, 1);

	for (size_t cut = 1; cut < text.length; cut++)
		assert_same(text, &whole, cut, text.length);
	assert_same(text, &whole, 1, 1);
	return whole;
}

static const struct {
	struct str text;
	const char *payload, *trailers;
	size_t left; /* bytes behind the message */
} good[] = {
	{ STR("0\r\n\r\n"), "", "", 0 },
	{ STR("5\r\nhello\r\n0\r\n\r\n"), "hello", "", 0 },
	{ STR("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /"), "hello world", "",
	    5 },
	{ STR("A\r\n0123456789\r\n0\r\n\r\n"), "0123456789", "", 0 },
	{ STR("a\r\n0123456789\r\n000\r\n\r\n"), "0123456789", "", 0 },
	{ STR("0000000000000001\r\nx\r\n0\r\n\r\n"), "x", "", 0 },
	{ STR("2\r\n\r\n\r\n0\r\n\r\n"), "\r\n", "", 0 },
	{ STR("1;a\r\nx\r\n0;b\r\n\r\n"), "x", "", 0 },
	{ STR("1;a=b;c=\"d;\\\" =\"\r\nx\r\n0\r\n\r\n"), "x", "", 0 },
	{ STR("1 ; a = b\t;c\r\nx\r\n0\r\n\r\n"), "x", "", 0 },
	{ STR("0\r\nA: b\r\n\r\n"), "", "A=b;", 0 },
	{ STR("1\r\nx\r\n0\r\nA: b\r\nC:d \r\nETag: \"x\"\r\n\r\n"), "x",
	    "A=b;C=d;ETag=\"x\";", 0 },
};

START_TEST(good_messages)
{
	struct outcome outcome = decode_every_way(good[_i].text);

	ck_assert_int_eq(outcome.event, HTTP_CHUNKED_DONE);
	ck_assert(str_equal(buffer_str(&outcome.payload),
	    str_of(good[_i].payload)));
	ck_assert_str_eq(outcome.trailers, good[_i].trailers);
	ck_assert_uint_eq(outcome.consumed,
	    good[_i].text.length - good[_i].left);
	buffer_finish(&outcome.payload);
}
END_TEST

static const struct {
	struct str text;
	int status;
} bad[] = {
	{ STR("\r\n"), 400 },
	{ STR(" 5\r\nhello\r\n"), 400 },
	{ STR("-1\r\n"), 400 },
	{ STR("+5\r\n"), 400 },
	{ STR("0x5\r\n"), 400 },
	{ STR("g\r\n"), 400 },
	{ STR("5\n"), 400 },
	{ STR("5\rhello"), 400 },
	{ STR("5 \r\n"), 400 },
	{ STR("5\0\r\n"), 400 },
	{ STR("5_0\r\n"), 400 },
	{ STR("00000000000000005\r\n"), 400 },
	{ STR("ffffffffffffffff\r\n"), 400 },
	{ STR("8000000000000000\r\n"), 400 },
	{ STR("1\r\nx\r\n7fffffffffffffff\r\n"), 400 },
	{ STR("5\r\nhello0\r\n\r\n"), 400 },
	{ STR("5\r\nhello\n0\r\n\r\n"), 400 },
	{ STR("5\r\nhello\r0\r\n\r\n"), 400 },
	{ STR("5\r\nhellox\r\n0\r\n\r\n"), 400 },
	{ STR("1;\r\nx"), 400 },
	{ STR("1;a=\r\nx"), 400 },
	{ STR("1;=b\r\nx"), 400 },
	{ STR("1;a=b \r\nx"), 400 },
	{ STR("1;a b\r\nx"), 400 },
	{ STR("1;a\nx"), 400 },
	{ STR("1;a=\"b\r\nx"), 400 },
	{ STR("1;a=\"b\"c\r\nx"), 400 },
	{ STR("1;a\0\r\nx"), 400 },
	{ STR("1;a=\"b\rc\"\r\nx"), 400 },
	{ STR("1;a=\"b\\\nc\"\r\nx"), 400 },
	{ STR("0\r\n\n"), 400 },
	{ STR("0\r\n\rx"), 400 },
	{ STR("0\r\n A: b\r\n\r\n"), 400 },
	{ STR("0\r\nA : b\r\n\r\n"), 400 },
	{ STR("0\r\nA: b\n\r\n"), 400 },
	{ STR("0\r\nA: b\r\n c\r\n\r\n"), 400 },
	{ STR("0\r\nA\r\n\r\n"), 400 },
	{ STR("0\r\nContent-Length: 5\r\n\r\n"), 400 },
	{ STR("0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400 },
	{ STR("0\r\nHost: a\r\n\r\n"), 400 },
	{ STR("0\r\nAuthorization: a\r\n\r\n"), 400 },
	{ STR("0\r\nA: b\r\ncontent-type: a\r\n\r\n"), 400 },
	{ STR("0\r\nA:1\r\nB:2\r\nC:3\r\nD:4\r\n\r\n"), 431 },
	{ STR("0\r\nA: 1234567890123456789012345678901234567890"
	      "12345678901234567890\r\n\r\n"),
	    431 },
	{ STR("0\r\nA: 123456789012345678901234567890\r\n"
	      "B: 123456789012345678901234567890\r\n\r\n"),
	    431 },
};

START_TEST(bad_messages)
{
	struct outcome outcome = decode_every_way(bad[_i].text);

	ck_assert_msg(outcome.event == HTTP_CHUNKED_ERROR,
	    "event %d for case %d: %s", outcome.event, _i, bad[_i].text.data);
	ck_assert_int_eq(outcome.status, bad[_i].status);
	buffer_finish(&outcome.payload);
}
END_TEST

START_TEST(unfinished_messages_want_more)
{
	struct str text = STR("5;a=\"b\"\r\nhello\r\n0\r\nA: b\r\n\r\n");

	for (size_t length = 0; length < text.length; length++) {
		struct outcome outcome =
		    decode(str_make(text.data, length), length, 1);

		ck_assert_int_eq(outcome.event, HTTP_CHUNKED_MORE);
		buffer_finish(&outcome.payload);
	}
}
END_TEST

/* Repeats a piece of text; then what the decoder makes of all of it. */
static struct outcome
decode_repeated(const char *begin, const char *piece, size_t count,
    const char *end)
{
	struct buffer text = BUFFER_EMPTY;
	struct outcome outcome;

	buffer_append_str(&text, str_of(begin));
	for (size_t i = 0; i < count; i++)
		buffer_append_str(&text, str_of(piece));
	buffer_append_str(&text, str_of(end));
	outcome = decode(buffer_str(&text), buffer_length(&text), 1);
	assert_same(buffer_str(&text), &outcome, 1, 7);
	buffer_finish(&text);
	return outcome;
}

START_TEST(extensions_are_bounded_in_a_line)
{
	struct outcome outcome;

	outcome = decode_repeated("0;", "a", HTTP_CHUNK_MAX_EXTENSION - 1,
	    "\r\n\r\n");
	ck_assert_int_eq(outcome.event, HTTP_CHUNKED_DONE);
	outcome = decode_repeated("0;", "a", HTTP_CHUNK_MAX_EXTENSION + 1,
	    "\r\n\r\n");
	ck_assert_int_eq(outcome.event, HTTP_CHUNKED_ERROR);
	ck_assert_int_eq(outcome.status, 400);
}
END_TEST

START_TEST(extensions_are_bounded_in_a_message)
{
	struct outcome outcome;

	outcome = decode_repeated("", "1;abcdefgh\r\nx\r\n", 1000, "0\r\n\r\n");
	ck_assert_int_eq(outcome.event, HTTP_CHUNKED_DONE);
	buffer_finish(&outcome.payload);
	outcome = decode_repeated("", "1;abcdefgh\r\nx\r\n", 2000, "0\r\n\r\n");
	ck_assert_int_eq(outcome.event, HTTP_CHUNKED_ERROR);
	buffer_finish(&outcome.payload);
}
END_TEST

START_TEST(chunk_heads_are_hexadecimal)
{
	static const uint64_t sizes[] = { 1, 9, 10, 15, 16, 255, 256, 65536,
		0x123456789abcdefULL, UINT64_MAX };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char expected[32], head[HTTP_CHUNK_HEAD_MAX];
		size_t length = http_chunk_head(head, sizes[i]);

		ck_assert_int_eq(snprintf(expected, sizeof(expected),
				     "%llx\r\n", (unsigned long long)sizes[i]),
		    (int)length);
		ck_assert_mem_eq(head, expected, length);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("chunked");
	TCase *tests = tcase_create("chunked");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, good_messages, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tests, bad_messages, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tests, unfinished_messages_want_more);
	tcase_add_test(tests, extensions_are_bounded_in_a_line);
	tcase_add_test(tests, extensions_are_bounded_in_a_message);
	tcase_add_test(tests, chunk_heads_are_hexadecimal);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
