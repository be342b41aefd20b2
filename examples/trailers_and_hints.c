/* SPDX-License-Identifier: MIT */
/*
 * What stands before and behind a response. 103 Early Hints (RFC 8297) lets a
 * browser fetch the style sheet while the page is still being made; trailer
 * fields (RFC 9110 6.5) say at the end what was not known at the beginning:
 * here the number of words in the request's body, and the trailers that came
 * with the request are repeated.
 *
 *	tricorn ./trailers_and_hints.so
 *	curl -iv --data 'three short words' http://127.0.0.1:8000/
 */
#include <stdio.h>
#include <tricorn/app.h>

/* Reads the body and counts; a TRICORN_E… below 0 when it broke off. */
static int64_t
count_words(tricorn_request *req)
{
	char data[4096];
	int64_t words = 0, size, at;
	int in_word = 0;

	while ((size = tricorn_read(req, data, sizeof(data))) > 0) {
		for (at = 0; at < size; at++) {
			int is_space = data[at] == ' ' || data[at] == '\n' ||
			    data[at] == '\r' || data[at] == '\t';

			words += !is_space && !in_word;
			in_word = !is_space;
		}
	}
	return size < 0 ? size : words;
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	static const char page[] =
	    "<!DOCTYPE html>\n<link rel=stylesheet href=/style.css>\n"
	    "<p>How many words were that? See the trailer.</p>\n";
	static const tricorn_field hint = { TRICORN_LITERAL("Link"),
		TRICORN_LITERAL("</style.css>; rel=preload; as=style") };
	static const tricorn_field type = { TRICORN_LITERAL("Content-Type"),
		TRICORN_LITERAL("text/html; charset=utf-8") };
	tricorn_field trailers[9] = { { TRICORN_LITERAL("Word-Count"),
	    { NULL, 0 } } };
	const tricorn_field *received;
	size_t count, at;
	int64_t words;
	char number[24];
	int result;

	tricorn_inform(req, 103, &hint, 1);
	result = tricorn_respond(req, 200, &type, 1, -1);
	if (result < 0)
		return result;
	if (tricorn_write(req, page, sizeof(page) - 1, TRICORN_WRITE_FLUSH) < 0)
		return TRICORN_ECLOSED;
	words = count_words(req);
	if (words < 0)
		return (int)words;
	snprintf(number, sizeof(number), "%lld", (long long)words);
	trailers[0].value = tricorn_str(number);
	received = tricorn_trailers(req, &count); /* known after the body */
	for (at = 0; at < count && at < 8; at++)
		trailers[1 + at] = received[at];
	return tricorn_finish(req, trailers, 1 + at);
}

static const tricorn_app trailers_and_hints = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "trailers_and_hints", "1.0"),
	.handle = handle,
};

TRICORN_APP(trailers_and_hints)
