/* SPDX-License-Identifier: MIT */
/*
 * How quickly request heads are parsed: bytes and requests a second for the
 * head of a browser and for the smallest one. Prints a line for each, the
 * best of several rounds. No limits are checked: it measures.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "http/request.h"

#define ROUNDS 7
#define MAX_FIELDS 100

static const struct {
	const char *name;
	struct str head;
} samples[] = {
	{ "browser",
	    STR("GET /articles/2026/a-day-at-the-sea?ref=front HTTP/1.1\r\n"
		"Host: www.example.com\r\n"
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) "
		"Gecko/20100101 Firefox/140.0\r\n"
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,"
		"*/*;q=0.8\r\n"
		"Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
		"Accept-Encoding: gzip, deflate, br, zstd\r\n"
		"Referer: https://www.example.com/\r\n"
		"Connection: keep-alive\r\n"
		"Cookie: session=0123456789abcdef0123456789abcdef\r\n"
		"Upgrade-Insecure-Requests: 1\r\n"
		"Sec-Fetch-Dest: document\r\n"
		"If-None-Match: \"5f3c-1a2b3c4d\"\r\n"
		"\r\n") },
	{ "minimal",
	    STR("GET / HTTP/1.1\r\n"
		"Host: localhost:8080\r\n"
		"\r\n") },
};

/* Seconds for that many parses, or exits when the head isn't accepted. */
static double
time_parses(struct str text, size_t count)
{
	static const struct http_limits limits = {
		.max_head = 16384,
		.max_target = 8192,
		.max_fields = MAX_FIELDS,
	};
	struct http_field fields[MAX_FIELDS];
	struct http_request_head head = { .fields = fields };
	struct http_problem problem;
	uint64_t start = clock_monotonic_ns();

	for (size_t i = 0; i < count; i++) {
		if (http_request_parse(text.data, text.length, &limits, &head,
			&problem) != HTTP_PARSE_DONE) {
			fprintf(stderr, "refused: %s\n", problem.reason);
			exit(EXIT_FAILURE);
		}
	}
	return (double)(clock_monotonic_ns() - start) / 1e9;
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct str head = samples[i].head;
		size_t count = 200000000 / (head.length + 200);
		double best = time_parses(head, count);

		for (int round = 1; round < ROUNDS; round++) {
			double seconds = time_parses(head, count);

			if (seconds < best)
				best = seconds;
		}
		printf("%-8s %4zu bytes %6.2f GB/s %9.0f requests/s\n",
		    samples[i].name, head.length,
		    (double)(head.length * count) / best / 1e9,
		    (double)count / best);
	}
	return 0;
}
