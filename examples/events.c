/* SPDX-License-Identifier: MIT */
/*
 * Server-sent events: one event every second (or ?ms=100) for as long as the
 * client listens, or until ?count= events were sent. A timer of the loop
 * drives it, on_cancel() cleans up when the client goes, and drain() says
 * good-bye to all of them when the worker is to end.
 *
 *	tricorn ./events.so
 *	curl -N 'http://127.0.0.1:8000/?ms=100'
 */
#include <stdio.h>
#include <stdlib.h>
#include <tricorn/app.h>

struct listener {
	struct listener *next, **link; /* list of all in this worker */
	tricorn_request *req;
	uint64_t timer;
	unsigned long every_ms, count, sent;
};

struct events {
	tricorn_worker *worker;
	struct listener *listeners;
};

/* The decimal number behind name in the query ("ms=100&count=3"). */
static unsigned long
number(const tricorn_request *req, const char *name, unsigned long otherwise)
{
	tricorn_string query = tricorn_query(req);
	size_t length = strlen(name), at = 0;
	unsigned long value = 0;

	while (at + length < query.length &&
	    memcmp(query.data + at, name, length) != 0) {
		while (at < query.length && query.data[at] != '&')
			at++;
		at++;
	}
	if (at + length >= query.length)
		return otherwise;
	for (at += length; at < query.length && query.data[at] != '&'; at++) {
		if (query.data[at] < '0' || query.data[at] > '9' ||
		    value > 1000000)
			return otherwise;
		value = value * 10 + (unsigned long)(query.data[at] - '0');
	}
	return value;
}

static void
forget(struct listener *listener)
{
	*listener->link = listener->next;
	if (listener->next)
		listener->next->link = listener->link;
}

static void
tick(void *arg)
{
	struct listener *listener = arg;
	char text[64];
	int length;
	int64_t taken;

	length = snprintf(text, sizeof(text), "id: %lu\ndata: tick %lu\n\n",
	    listener->sent + 1, listener->sent + 1);
	taken = tricorn_write(listener->req, text, (size_t)length,
	    TRICORN_WRITE_FLUSH);
	if (taken == length)
		listener->sent++;
	else if (taken != TRICORN_EAGAIN) {
		/* Half an event, or an error: this stream is of no use. */
		forget(listener);
		tricorn_abort(listener->req);
		return;
	} /* EAGAIN: a client that does not keep up misses this tick. */
	if (listener->count > 0 && listener->sent == listener->count) {
		forget(listener);
		tricorn_finish(listener->req, NULL, 0);
		return;
	}
	if (tricorn_timer(tricorn_worker_of(listener->req),
		(uint32_t)listener->every_ms, tick, listener,
		&listener->timer) < 0) {
		forget(listener);
		tricorn_abort(listener->req);
	}
}

static void
cancelled(void *arg)
{
	struct listener *listener = arg;

	tricorn_log(tricorn_worker_of(listener->req), listener->req,
	    TRICORN_LOG_INFO, "events: a listener left");
	tricorn_cancel_timer(tricorn_worker_of(listener->req), listener->timer);
	forget(listener);
	tricorn_abort(listener->req);
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	static const tricorn_field fields[] = {
		{ TRICORN_LITERAL("Content-Type"),
		    TRICORN_LITERAL("text/event-stream") },
		{ TRICORN_LITERAL("Cache-Control"),
		    TRICORN_LITERAL("no-cache") },
	};
	struct events *events = state;
	struct listener *listener;
	int result;

	result = tricorn_respond(req, 200, fields, 2, -1);
	if (result < 0)
		return result;
	listener = tricorn_alloc(req, sizeof(*listener));
	listener->req = req;
	listener->every_ms = number(req, "ms=", 1000);
	if (listener->every_ms == 0)
		listener->every_ms = 1;
	listener->count = number(req, "count=", 0);
	listener->sent = 0;
	result =
	    tricorn_timer(events->worker, 0, tick, listener, &listener->timer);
	if (result < 0)
		return result;
	listener->next = events->listeners;
	listener->link = &events->listeners;
	if (listener->next)
		listener->next->link = &listener->next;
	events->listeners = listener;
	tricorn_on_cancel(req, cancelled, listener);
	return TRICORN_PENDING;
}

/* EventSource comes back by itself, to the next worker, 100 ms later. */
static void
drain(void *state, uint32_t deadline_ms)
{
	static const char bye[] = "retry: 100\nevent: bye\ndata:\n\n";
	struct events *events = state;

	while (events->listeners) {
		struct listener *listener = events->listeners;

		tricorn_cancel_timer(events->worker, listener->timer);
		forget(listener);
		tricorn_write(listener->req, bye, sizeof(bye) - 1, 0);
		tricorn_finish(listener->req, NULL, 0);
	}
}

static int
worker_start(tricorn_worker *worker, void *app, void **state,
    tricorn_string *error)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return TRICORN_ENOMEM;
	events->worker = worker;
	*state = events;
	return TRICORN_OK;
}

static void
worker_stop(void *state)
{
	free(state);
}

static const tricorn_app events_app = {
	TRICORN_APP_HEAD(TRICORN_APP_EVENTED, "events", "1.0"),
	.worker_start = worker_start,
	.handle = handle,
	.drain = drain,
	.worker_stop = worker_stop,
};

TRICORN_APP(events_app)
