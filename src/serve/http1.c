/* SPDX-License-Identifier: MIT */
/*
 * The HTTP/1 session: its states, its input and its time-outs. Bytes come in
 * through http1_process(), which has heads and bodies taken from them (by
 * http1_request.c) as long as the state allows; what is left waits in the
 * session's buffer. Output is in http1_output.c.
 */
#include "serve/http1.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "serve/access_log.h"
#include "serve/filter.h"
#include "serve/http1_priv.h"

#define IN_LIMIT 65536       /* bytes kept before reading stops */
#define LINGER_MS 3000       /* wait for the client's end */
#define LINGER_MOST_MS 30000 /* and for one that goes on sending */
#define RATE_WINDOW_MS 5000  /* of body_min_rate */
#define READS_IN_A_TURN 8

static size_t http1_process(struct http1 *http1, const char *data,
    size_t length);
static void readable(struct stream *stream);

/* --- states --------------------------------------------------------------- */

void
http1_set_state(struct http1 *http1, enum http1_state state)
{
	struct server_context *context = http1->context;

	assert(http1->state != HTTP1_CLOSED);
	http1->state = state;
	switch (state) {
	case HTTP1_IDLE:
		http1->scanned = 0;
		timeout_start(http1->requests > 0 ? &context->idle_timeouts
						  : &context->head_timeouts,
		    &http1->timeout);
		break;
	case HTTP1_HEAD:
		timeout_start(&context->head_timeouts, &http1->timeout);
		break;
	case HTTP1_EXCHANGE:
	case HTTP1_CLOSING:
	case HTTP1_CLOSED:
		timeout_stop(&http1->timeout);
		break;
	case HTTP1_SKIP:
		http1_await_body(http1);
		break;
	case HTTP1_LINGER:
		http1->body_since_ms = clock_coarse_ms();
		timeout_start(&context->linger_timeouts, &http1->timeout);
		break;
	}
}

static void
http1_free(struct http1 *http1)
{
	exchange_peer_unref(http1->peer);
	buffer_finish(&http1->in);
	free(http1);
}

/* Counts and logs an exchange and lets go of it. */
static void
end_exchange(struct http1 *http1)
{
	struct exchange *exchange = http1->exchange;
	struct server_context *context = http1->context;
	int hundreds = exchange->status / 100;

	http1->exchange = NULL;
	scoreboard_add(&context->score->responses, 1);
	scoreboard_add(&context->score->status[hundreds <= 5 ? hundreds : 0],
	    1);
	access_log_write(context->access_log, exchange);
	filter_destroy(exchange);
	exchange->session = NULL;
	http1->chunked = NULL;
	exchange_unref(exchange);
}

void
http1_close(struct http1 *http1, enum exchange_cancel why)
{
	struct linger hard = { 1, 0 };

	if (http1->state == HTTP1_CLOSED)
		return;
	if (http1->exchange != NULL) {
		exchange_cancel(http1->exchange, why);
		end_exchange(http1);
	}
	if (http1->reset || why == EXCHANGE_CANCEL_TIMEOUT)
		setsockopt(http1->stream.fd, SOL_SOCKET, SO_LINGER, &hard,
		    sizeof(hard));
	http1_set_state(http1, HTTP1_CLOSED);
	timeout_stop(&http1->send_timeout);
	stream_close(&http1->stream);
	list_remove(&http1->connection.link);
	http1->context->connection_count--;
	if (!http1->task_queued) {
		http1->task_queued = true;
		loop_defer(http1->context->loop, &http1->task);
	}
	http1->context->connection_closed(http1->context);
}

/* In CLOSING, once all output is sent: ends our side in such a way that a
 * client that still sends does not lose the answer to a reset. */
static void
close_when_sent(struct http1 *http1)
{
	char byte;

	if (http1->stream.pending > 0)
		return;
	if (http1->reset || http1->read_eof ||
	    (http1->body_done && buffer_length(&http1->in) == 0 &&
		recv(http1->stream.fd, &byte, 1, MSG_PEEK) < 0)) {
		http1_close(http1, EXCHANGE_CANCEL_NONE);
		return;
	}
	stream_shutdown(&http1->stream);
	buffer_finish(&http1->in);
	http1_set_state(http1, HTTP1_LINGER);
	stream_resume(&http1->stream);
}

void
http1_response_done(struct http1 *http1)
{
	bool skip = !http1->body_done;

	if (skip && !http1_body_is_short(http1))
		http1->keep_alive = false;
	end_exchange(http1);
	if (!http1->keep_alive) {
		http1_set_state(http1, HTTP1_CLOSING);
		stream_flush(&http1->stream);
		if (http1->state == HTTP1_CLOSING && !http1->stream.failed)
			close_when_sent(http1);
		return;
	}
	http1_set_state(http1, skip ? HTTP1_SKIP : HTTP1_IDLE);
	if (http1->processing)
		return;
	if (buffer_length(&http1->in) > 0 || http1->read_eof || skip)
		http1_schedule(http1);
	else
		stream_flush(&http1->stream);
}

/* --- input ---------------------------------------------------------------- */

/* A reset now could overtake the answer of a client that is still sending. */
static void
go_on_lingering(struct http1 *http1)
{
	struct server_context *context = http1->context;
	uint64_t since = clock_coarse_ms() - http1->body_since_ms;

	if (!context->draining && since < LINGER_MOST_MS)
		timeout_start(&context->linger_timeouts, &http1->timeout);
}

/* Uses as much of the input as the state allows; returns how much. */
static size_t
http1_process(struct http1 *http1, const char *data, size_t length)
{
	size_t used = 0, step = 1;

	http1->processing = http1->stream.gathering = true;
	while (step > 0 && used < length) {
		switch (http1->state) {
		case HTTP1_IDLE:
		case HTTP1_HEAD:
			/* Answers that nobody reads are not piled up: writable()
			   goes on. */
			step = stream_room(&http1->stream) == 0
			    ? 0
			    : http1_process_head(http1, data + used,
				  length - used);
			break;
		case HTTP1_EXCHANGE:
		case HTTP1_SKIP:
			step = http1_process_body(http1, data + used,
			    length - used);
			break;
		case HTTP1_LINGER:
			go_on_lingering(http1);
			/* fallthrough */
		case HTTP1_CLOSING:
		case HTTP1_CLOSED:
			step = length - used;
			break;
		}
		used += step;
	}
	http1->processing = http1->stream.gathering = false;
	return used;
}

/* After input was processed: what does the state ask of the stream? */
static void
settle(struct http1 *http1)
{
	/* One byte more than a head may have shows that it is too long. */
	size_t limit = http1->context->limits.max_head >= IN_LIMIT
	    ? http1->context->limits.max_head + 1
	    : IN_LIMIT;
	size_t kept = buffer_length(&http1->in);

	if (http1->state == HTTP1_CLOSED)
		return;
	if (kept == 0 && http1->in.data != NULL)
		buffer_finish(&http1->in);
	if (http1->stream.pending > 0 && !http1->stream.blocked)
		stream_flush(&http1->stream);
	if (http1->state == HTTP1_CLOSED)
		return;
	if (http1->read_eof) {
		bool waits = http1->state == HTTP1_IDLE ||
		    http1->state == HTTP1_HEAD || http1->state == HTTP1_SKIP;
		bool cut = http1->state == HTTP1_EXCHANGE &&
		    !http1->body_done && kept == 0;

		if (waits && kept > 0 && http1->stream.wanted)
			return; /* more requests, once there is room */
		if (waits && http1->stream.pending > 0) {
			http1->keep_alive = false;
			http1_set_state(http1, HTTP1_CLOSING);
		} else if (waits || cut) {
			if (cut)
				exchange_receive_end(http1->exchange,
				    EXCHANGE_BODY_CLOSED);
			http1_close(http1, EXCHANGE_CANCEL_CLIENT_GONE);
		} else if (http1->state == HTTP1_EXCHANGE &&
		    http1->exchange->eof_cancels) {
			http1_close(http1, EXCHANGE_CANCEL_CLIENT_GONE);
		}
		return;
	}
	if (kept >= limit)
		stream_pause(&http1->stream);
	else
		stream_resume(&http1->stream);
}

static void
process_buffered(struct http1 *http1)
{
	size_t used;

	if (buffer_length(&http1->in) > 0) {
		used = http1_process(http1, buffer_bytes(&http1->in),
		    buffer_length(&http1->in));
		/* LINGER and CLOSED have let go of the buffer. */
		if (used <= buffer_length(&http1->in))
			buffer_consume(&http1->in, used);
	}
	settle(http1);
}

static void
task_run(struct loop_task *task)
{
	struct http1 *http1 = container_of(task, struct http1, task);

	http1->task_queued = false;
	if (http1->state == HTTP1_CLOSED) {
		if (!stream_busy(&http1->stream))
			http1_free(http1);
		else
			http1_schedule(http1);
		return;
	}
	process_buffered(http1);
	if (http1->state != HTTP1_CLOSED && stream_has_more(&http1->stream))
		readable(&http1->stream);
}

void
http1_schedule(struct http1 *http1)
{
	if (http1->task_queued)
		return;
	http1->task_queued = true;
	loop_defer(http1->context->loop, &http1->task);
}

/* Returns whether bytes came. */
static bool
read_once(struct http1 *http1)
{
	struct stream *stream = &http1->stream;
	struct stream_pool *pool = &http1->context->streams;
	bool direct = buffer_length(&http1->in) == 0;
	char *space =
	    direct ? pool->scratch : buffer_reserve(&http1->in, IN_LIMIT / 4);
	ssize_t count = stream_read(stream, space,
	    direct ? pool->scratch_size : IN_LIMIT / 4);
	size_t used;

	if (count < 0) {
		if (errno != EAGAIN)
			http1_close(http1, EXCHANGE_CANCEL_CLIENT_GONE);
		return false;
	}
	if (count == 0) {
		http1->read_eof = true;
		stream_pause(stream);
		if (http1->state == HTTP1_LINGER)
			http1_close(http1, EXCHANGE_CANCEL_NONE);
		else
			process_buffered(http1);
		return false;
	}
	if (!direct) {
		buffer_commit(&http1->in, (size_t)count);
		process_buffered(http1);
		return true;
	}
	used = http1_process(http1, space, (size_t)count);
	if (used < (size_t)count && http1->state != HTTP1_CLOSED)
		buffer_append(&http1->in, space + used, (size_t)count - used);
	settle(http1);
	return true;
}

/* A reset that came together with bytes is not reported again: where no write
 * would notice it soon, it is looked for. */
static bool
must_look_again(const struct http1 *http1)
{
	switch (http1->state) {
	case HTTP1_HEAD:
	case HTTP1_SKIP:
	case HTTP1_LINGER:
		return http1->stream.reading;
	case HTTP1_EXCHANGE:
		return http1->stream.reading &&
		    (!http1->body_done || http1->exchange->eof_cancels);
	case HTTP1_IDLE:
	case HTTP1_CLOSING:
	case HTTP1_CLOSED:
		break;
	}
	return false;
}

/* A client that sends without end gets no more than its share of a turn. */
static void
readable(struct stream *stream)
{
	struct http1 *http1 = container_of(stream, struct http1, stream);

	for (int i = 0; i < READS_IN_A_TURN; i++) {
		if (!read_once(http1) ||
		    (!stream_has_more(stream) && !must_look_again(http1)))
			return;
	}
	http1_schedule(http1);
}

/* --- output --------------------------------------------------------------- */

static void
writable(struct stream *stream)
{
	struct http1 *http1 = container_of(stream, struct http1, stream);

	if (http1->exchange != NULL)
		exchange_writable(http1->exchange);
	else
		http1_schedule(http1);
}

static void
progress(struct stream *stream)
{
	struct http1 *http1 = container_of(stream, struct http1, stream);

	if (stream->blocked) {
		timeout_start(&http1->context->send_timeouts,
		    &http1->send_timeout);
		return;
	}
	timeout_stop(&http1->send_timeout);
	if (http1->state == HTTP1_CLOSING)
		close_when_sent(http1);
}

static void
failed(struct stream *stream)
{
	struct http1 *http1 = container_of(stream, struct http1, stream);

	http1_close(http1, EXCHANGE_CANCEL_CLIENT_GONE);
}

static const struct stream_callbacks stream_callbacks = {
	.readable = readable,
	.writable = writable,
	.progress = progress,
	.failed = failed,
};

/* --- time-outs ------------------------------------------------------------ */

static void
head_expired(struct timeout_list *list, struct list *link)
{
	struct http1 *http1 = container_of(link, struct http1, timeout.link);
	static const struct http_problem late = { 408,
		"the request head took longer than head_timeout" };

	if (http1->state != HTTP1_HEAD) {
		http1_close(http1, EXCHANGE_CANCEL_NONE);
		return;
	}
	/* It is not read before the last answer is: see http1_process(). */
	if (http1->stream.pending > 0) {
		timeout_start(list, &http1->timeout);
		return;
	}
	buffer_finish(&http1->in);
	http1_refuse(http1, &late, STR(""), STR(""));
}

static void
idle_expired(struct timeout_list *list, struct list *link)
{
	struct http1 *http1 = container_of(link, struct http1, timeout.link);

	/* The last answer is still on its way: send_timeout watches that. */
	if (http1->stream.pending > 0)
		timeout_start(list, &http1->timeout);
	else
		http1_close(http1, EXCHANGE_CANCEL_NONE);
}

/* Looked at every few seconds while body bytes are awaited. */
static void
body_expired(struct timeout_list *list, struct list *link)
{
	struct http1 *http1 = container_of(link, struct http1, timeout.link);
	const struct config_pool *pool = http1->context->pool;
	uint64_t now = clock_coarse_ms();
	uint64_t window = now - http1->body_since_ms;
	bool late = pool->body_timeout > 0 &&
	    now - http1->last_data_ms >= pool->body_timeout;

	if (http1_body_credit(http1) == 0) {
		http1_stop_body_clock(http1);
		return;
	}
	if (pool->body_min_rate > 0 && window >= RATE_WINDOW_MS &&
	    http1->window_bytes * 1000 < pool->body_min_rate * window)
		late = true;
	if (late) {
		http1_body_ends(http1, EXCHANGE_BODY_TIMEOUT);
		return;
	}
	if (window >= RATE_WINDOW_MS) {
		http1->body_since_ms = now;
		http1->window_bytes = 0;
	}
	timeout_start(list, &http1->timeout);
}

static void
send_expired(struct timeout_list *list, struct list *link)
{
	http1_close(container_of(link, struct http1, send_timeout.link),
	    EXCHANGE_CANCEL_TIMEOUT);
}

void
http1_init_timeouts(struct server_context *context)
{
	const struct config_pool *pool = context->pool;
	uint64_t window =
	    pool->body_timeout > 0 && pool->body_timeout < RATE_WINDOW_MS
	    ? pool->body_timeout
	    : RATE_WINDOW_MS;

	timeout_list_init(&context->head_timeouts, context->loop,
	    pool->head_timeout, head_expired, context);
	timeout_list_init(&context->idle_timeouts, context->loop,
	    pool->keep_alive, idle_expired, context);
	timeout_list_init(&context->body_timeouts, context->loop, window,
	    body_expired, context);
	timeout_list_init(&context->send_timeouts, context->loop,
	    pool->send_timeout, send_expired, context);
	timeout_list_init(&context->linger_timeouts, context->loop, LINGER_MS,
	    idle_expired, context);
}

/* --- connections ---------------------------------------------------------- */

static void
connection_close_idle(struct connection *connection)
{
	struct http1 *http1 =
	    container_of(connection, struct http1, connection);
	char byte;

	/* A request that has just come is answered. */
	if (http1->state == HTTP1_IDLE && http1->stream.pending == 0 &&
	    recv(http1->stream.fd, &byte, 1, MSG_PEEK) <= 0)
		http1_close(http1, EXCHANGE_CANCEL_NONE);
}

static void
connection_kill(struct connection *connection)
{
	struct http1 *http1 =
	    container_of(connection, struct http1, connection);

	http1_close(http1, EXCHANGE_CANCEL_DRAIN);
}

static const struct connection_ops connection_ops = {
	.close_idle = connection_close_idle,
	.kill = connection_kill,
};

void
http1_accept(struct server_context *context, int *fd,
    const struct sockaddr *peer, const struct config_listen *listen)
{
	struct http1 *http1 = xcalloc(1, sizeof(*http1));

	http1->context = context;
	http1->listen = listen;
	http1->task.run = task_run;
	http1->connection.ops = &connection_ops;
	timeout_init(&http1->timeout);
	timeout_init(&http1->send_timeout);
	if (peer->sa_family == AF_INET)
		memcpy(&http1->address, peer, sizeof(struct sockaddr_in));
	else if (peer->sa_family == AF_INET6)
		memcpy(&http1->address, peer, sizeof(struct sockaddr_in6));
	else
		http1->address.sin6_family = peer->sa_family;
	stream_init(&http1->stream, &context->streams, fd,
	    context->pool->output_buffer, &stream_callbacks);
	list_append(&context->connections, &http1->connection.link);
	context->connection_count++;
	scoreboard_add(&context->score->accepted, 1);
	http1_set_state(http1, HTTP1_IDLE);
}
