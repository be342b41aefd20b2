/* SPDX-License-Identifier: MIT */
/*
 * Sends the request's body back, however large, in constant memory and
 * without a thread. What is shown: STREAM_BODY (handle() runs before the body
 * is here), read_async() with credit, and a client that reads slowly: write()
 * takes what fits, on_writable() says when there is room again, and new bytes
 * of the body are only asked for once the old ones are on their way.
 *
 *	tricorn ./echo.so
 *	curl --data-binary @large.iso http://127.0.0.1:8000/ | cmp - large.iso
 */
#include <tricorn/app.h>

/* The body bytes that may be with us at a time. */
#define WINDOW 65536u

struct echo {
	tricorn_request *req;
	size_t start, end; /* of the bytes in waiting[] not yet taken */
	int body_ended, error;
	int pushing; /* not now: push() is running further up the stack, or
	                the response has not begun */
	char waiting[WINDOW];
};

/* Gives waiting bytes to the client; 0 when it cannot take more now. */
static int
drain_waiting(struct echo *echo)
{
	int64_t taken;

	while (echo->start < echo->end) {
		taken = tricorn_write(echo->req, echo->waiting + echo->start,
		    echo->end - echo->start, 0);
		if (taken < 0)
			return 0;
		echo->start += (size_t)taken;
	}
	return 1;
}

/* Moves the echo on as far as it goes without waiting. */
static void
push(void *arg)
{
	struct echo *echo = arg;
	size_t size;

	if (echo->pushing)
		return; /* called out of the credit() below: the loop goes on */
	echo->pushing = 1;
	while (!echo->error && drain_waiting(echo)) {
		if (echo->body_ended) {
			tricorn_finish(echo->req, NULL, 0);
			return; /* echo lived in the request: gone */
		}
		size = echo->end;
		if (size == 0)
			break; /* all bytes asked for are still to come */
		echo->start = echo->end = 0;
		tricorn_credit(echo->req, size);
	}
	if (echo->error) {
		tricorn_abort(echo->req); /* the client sees a cut response */
		return;
	}
	if (echo->start < echo->end)
		tricorn_on_writable(echo->req, push, echo);
	echo->pushing = 0;
}

static void
body_data(tricorn_request *req, const void *data, size_t length, void *arg)
{
	struct echo *echo = arg;

	/* Never more than the credit we gave, so it always fits. */
	memcpy(echo->waiting + echo->end, data, length);
	echo->end += length;
	push(echo);
}

static void
body_end(tricorn_request *req, int error, void *arg)
{
	struct echo *echo = arg;

	echo->error = error;
	echo->body_ended = 1;
	push(echo);
}

/* The client is gone, or was too slow for the host: nobody will listen. */
static void
cancelled(void *arg)
{
	struct echo *echo = arg;

	tricorn_abort(echo->req);
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	static const tricorn_body_callbacks callbacks = { sizeof(callbacks),
		body_data, body_end };
	tricorn_field type = { TRICORN_LITERAL("Content-Type"),
		TRICORN_LITERAL("application/octet-stream") };
	tricorn_string sent_type = tricorn_header(req, "Content-Type", 0);
	struct echo *echo = tricorn_alloc(req, sizeof(*echo));
	int result;

	echo->req = req;
	echo->start = echo->end = 0;
	echo->body_ended = echo->error = 0;
	if (sent_type.data)
		type.value = sent_type;
	tricorn_on_cancel(req, cancelled, echo);
	/* Reading first lets a client begin that waits for 100 Continue. Bytes
	   that are here already come at once, before the response can. */
	echo->pushing = 1;
	result = tricorn_read_async(req, &callbacks, echo, WINDOW);
	/* -1, not known beforehand, becomes a chunked response. */
	if (result == TRICORN_OK)
		result = tricorn_respond(req, 200, &type, 1,
		    tricorn_content_length(req));
	if (result < 0)
		return result;
	echo->pushing = 0;
	push(echo);
	return TRICORN_PENDING;
}

static const tricorn_app echo_app = {
	TRICORN_APP_HEAD(TRICORN_APP_EVENTED | TRICORN_APP_STREAM_BODY, "echo",
	    "1.0"),
	.handle = handle,
};

TRICORN_APP(echo_app)
