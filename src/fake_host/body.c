/* SPDX-License-Identifier: MIT */
/*
 * The request's body in the fake host: pieces that the test gives, handed to
 * the application by read() or, as far as credit goes, by read_async().
 */
#include "fake_host/fake_host_priv.h"

/* The next bytes, at most limit; none when no piece is left. */
static size_t
next_bytes(tricorn_request *req, const char **data, uint64_t limit)
{
	struct fake_piece *piece;
	size_t size;

	if (req->piece_at == req->piece_count)
		return 0;
	piece = &req->pieces[req->piece_at];
	*data = piece->data + req->piece_offset;
	size = piece->size - req->piece_offset;
	if (size > limit)
		size = (size_t)limit;
	req->piece_offset += size;
	if (req->piece_offset == piece->size) {
		req->piece_at++;
		req->piece_offset = 0;
	}
	req->body_taken += size;
	return size;
}

int64_t
fake_read(tricorn_request *req, void *data, size_t size)
{
	const char *bytes;

	if (!fake_usable(req, "read"))
		return TRICORN_EINVAL;
	if (req->reads_async)
		return fake_misuse(req->host, req, "read() after read_async()");
	if (req->cancelled)
		return TRICORN_ECLOSED;
	size = next_bytes(req, &bytes, size);
	if (size > 0) {
		memcpy(data, bytes, size);
		return (int64_t)size;
	}
	if (req->body_complete)
		return req->body_error;
	/* Nothing there, and nobody who could bring it while we wait. */
	if (!req->host->evented)
		return TRICORN_ETIMEOUT;
	return TRICORN_EAGAIN;
}

/* Hands over what there is and what credit allows. A task's function. */
static void
pump(void *arg)
{
	tricorn_request *req = arg;
	const char *data;
	size_t size;

	if (req->pumping)
		return; /* from inside a callback: the loop below goes on */
	req->pumping = true;
	while (!req->finished && !req->cancelled && req->credit > 0) {
		size = next_bytes(req, &data, req->credit);
		if (size == 0)
			break;
		req->credit -= size;
		/* A copy of its own: kept pointers show in sanitizers. */
		struct fake_memory lent = { NULL };
		tricorn_string copy = fake_memory_copy(&lent, data, size);

		req->callbacks.data(req, copy.data, size, req->callbacks_arg);
		fake_memory_finish(&lent);
	}
	req->pumping = false;
	if (req->finished || req->cancelled || req->body_end_told ||
	    !req->body_complete || req->piece_at < req->piece_count)
		return;
	req->body_end_told = true;
	req->callbacks.end(req, req->body_error, req->callbacks_arg);
}

void
fake_body_arrived(tricorn_request *req)
{
	if (!req->reads_async)
		return;
	if (req->host->defer_body ||
	    !pthread_equal(req->host->loop, pthread_self()))
		fake_task_add(req->host, NULL, pump, req);
	else
		pump(req);
}

void
fake_body_lost(tricorn_request *req)
{
	if (!req->reads_async || req->body_end_told || req->finished)
		return;
	req->body_end_told = true;
	req->callbacks.end(req,
	    req->cancelled == TRICORN_CANCEL_TIMEOUT ? TRICORN_ETIMEOUT
						     : TRICORN_ECLOSED,
	    req->callbacks_arg);
}

int
fake_read_async(tricorn_request *req, const tricorn_body_callbacks *callbacks,
    void *arg, size_t credit)
{
	struct fake_host *host = req->host;

	if (!fake_usable(req, "read_async") ||
	    !fake_on_loop(host, req, "read_async"))
		return TRICORN_EINVAL;
	if (!host->evented)
		return fake_misuse(host, req,
		    "read_async() of a BLOCKING application");
	if (req->reads_async)
		return fake_misuse(host, req, "read_async() called twice");
	if (callbacks->struct_size < sizeof(*callbacks) || !callbacks->data ||
	    !callbacks->end)
		return fake_misuse(host, req,
		    "read_async() with incomplete callbacks (struct_size %u)",
		    callbacks->struct_size);
	if (req->cancelled)
		return TRICORN_ECLOSED;
	req->reads_async = true;
	req->callbacks = *callbacks;
	req->callbacks_arg = arg;
	req->credit = credit;
	fake_body_arrived(req);
	return TRICORN_OK;
}

void
fake_credit(tricorn_request *req, size_t size)
{
	if (!fake_usable(req, "credit"))
		return;
	if (!req->reads_async) {
		fake_misuse(req->host, req, "credit() before read_async()");
		return;
	}
	req->credit += size;
	fake_body_arrived(req);
}

/* --- the test's side ------------------------------------------------------ */

void
fake_request_body(tricorn_request *req, const void *data, size_t size)
{
	struct fake_piece *piece;

	if (size == 0)
		return;
	req->pieces =
	    fake_grow(req->pieces, req->piece_count + 1, sizeof(*req->pieces));
	piece = &req->pieces[req->piece_count++];
	piece->data = fake_grow(NULL, 1, size);
	piece->size = size;
	memcpy(piece->data, data, size);
	req->body_size += size;
	if (req->ran) {
		fake_body_arrived(req);
		fake_host_run(req->host);
	}
}

void
fake_request_chunked(tricorn_request *req)
{
	req->chunked = true;
}

void
fake_request_hold(tricorn_request *req)
{
	req->held = true;
	req->chunked = true;
}

void
fake_request_body_end(tricorn_request *req, int error)
{
	req->body_error = error;
	req->body_complete = true;
	if (req->ran) {
		fake_body_arrived(req);
		fake_host_run(req->host);
	}
}

uint64_t
fake_request_taken(const tricorn_request *req)
{
	return req->body_taken;
}

uint64_t
fake_request_credit(const tricorn_request *req)
{
	return req->credit;
}
