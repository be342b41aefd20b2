/* SPDX-License-Identifier: MIT */
/*
 * Answers after five seconds (or ?ms=250) without holding a thread: a timer
 * of the loop wakes it. Thousands of these can sleep in one worker.
 * sleepy_blocking.c does the same with a thread that sleeps.
 *
 *	tricorn ./sleepy.so
 *	curl 'http://127.0.0.1:8000/?ms=250'
 */
#include <stdio.h>
#include <tricorn/app.h>

struct nap {
	tricorn_request *req;
	uint64_t timer;
	unsigned ms;
};

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

static void
wake(void *arg)
{
	struct nap *nap = arg;
	char text[80];
	int length;

	length = snprintf(text, sizeof(text),
	    "Slept %u ms on a timer; no thread was held.\n", nap->ms);
	if (tricorn_reply(nap->req, 200, "text/plain; charset=utf-8", text,
		(size_t)length) < 0)
		tricorn_abort(nap->req);
}

/* The client is gone: no need to wake for it. */
static void
cancelled(void *arg)
{
	struct nap *nap = arg;

	tricorn_cancel_timer(tricorn_worker_of(nap->req), nap->timer);
	tricorn_abort(nap->req);
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	struct nap *nap = tricorn_alloc(req, sizeof(*nap));
	int result;

	nap->req = req;
	nap->ms = wanted_ms(req);
	result = tricorn_timer(tricorn_worker_of(req), nap->ms, wake, nap,
	    &nap->timer);
	if (result < 0)
		return result;
	tricorn_on_cancel(req, cancelled, nap);
	return TRICORN_PENDING;
}

static const tricorn_app sleepy = {
	TRICORN_APP_HEAD(TRICORN_APP_EVENTED, "sleepy", "1.0"),
	.handle = handle,
};

TRICORN_APP(sleepy)
