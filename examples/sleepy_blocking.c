/* SPDX-License-Identifier: MIT */
/*
 * Answers after five seconds (or ?ms=250) by sleeping in a thread, as code
 * does that waits for a slow database. Each sleeper holds one thread; the
 * worker's loop, and everybody else on it, goes on.
 *
 *	tricorn --threads 8 ./sleepy_blocking.so
 *	curl 'http://127.0.0.1:8000/?ms=250'
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <tricorn/app.h>

/* The number behind "ms=" in the query, at most a minute; else 5000. */
static unsigned
wanted_ms(const tricorn_request *req)
{
	tricorn_string query = tricorn_query(req);
	unsigned ms = 0;
	size_t at;

	if (query.length < 4 || memcmp(query.data, "ms=", 3) != 0)
		return 5000;
	for (at = 3; at < query.length; at++) {
		if (query.data[at] < '0' || query.data[at] > '9' || ms > 60000)
			return 5000;
		ms = ms * 10 + (unsigned)(query.data[at] - '0');
	}
	return ms > 60000 ? 60000 : ms;
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	unsigned ms = wanted_ms(req);
	struct timespec left;
	char text[80];
	int length;

	left.tv_sec = (time_t)(ms / 1000);
	left.tv_nsec = (long)(ms % 1000) * 1000000;
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
	length = snprintf(text, sizeof(text),
	    "Slept %u ms in a thread of its own.\n", ms);
	return tricorn_reply(req, 200, "text/plain; charset=utf-8", text,
	    (size_t)length);
}

static const tricorn_app sleepy_blocking = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "sleepy_blocking", "1.0"),
	.handle = handle,
};

TRICORN_APP(sleepy_blocking)
