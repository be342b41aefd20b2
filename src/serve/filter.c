/* SPDX-License-Identifier: MIT */
/*
 * Installs filters, passes bodies through them, and reads files for them.
 * Which responses are compressed is compression.c's, how is filter_gzip.c's.
 */
#include "serve/filter.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "serve/compression.h"
#include "serve/context.h"
#include "serve/filter_gzip.h"
#include "serve/route.h"

/* Of a file, between two looks at the session's room. */
#define FILE_PIECE 16384
/* Of a file, in one turn of the loop: other connections wait meanwhile. */
#define FILE_TURN (16 * FILE_PIECE)

/* Something written while a file is being read: bytes, or a file. */
struct waiting_part {
	struct list link;
	int fd;         /* -1: bytes */
	int64_t offset; /* of the next byte */
	int64_t length; /* bytes left */
	char data[];
};

/* --- files ---------------------------------------------------------------- */

static struct waiting_part *
first_part(struct filter *filter)
{
	if (list_empty(&filter->waiting))
		return NULL;
	return container_of(filter->waiting.next, struct waiting_part, link);
}

static void
drop_part(struct waiting_part *part)
{
	list_remove(&part->link);
	if (part->fd >= 0)
		close(part->fd);
	free(part);
}

static void
drop_parts(struct filter *filter)
{
	struct waiting_part *part;

	while ((part = first_part(filter)) != NULL)
		drop_part(part);
}

static void resume_cb(struct loop_task *task);

static void
resume_next_turn(struct filter *filter)
{
	if (filter->resuming)
		return;
	filter->resuming = true;
	filter->resume.run = resume_cb;
	exchange_ref(filter->exchange);
	loop_defer(filter->exchange->context->loop, &filter->resume);
}

/* Aborts the response, at the end of the turn: the handler that is calling
 * now still believes that it has an exchange. */
static void
break_off(struct filter *filter, const char *why)
{
	filter->broken = true;
	filter->exchange->note = why;
	drop_parts(filter);
	resume_next_turn(filter);
}

static void
take(struct filter *filter, const char *data, size_t size)
{
	filter->taken += size;
	filter->ops->write(filter, filter->exchange, data, size);
	if (filter->flush_each)
		filter->ops->flush(filter, filter->exchange);
}

/* Filters one more piece of a part. False when that was not possible. */
static bool
take_piece(struct filter *filter, struct waiting_part *part)
{
	char piece[FILE_PIECE];
	size_t size = sizeof(piece);
	ssize_t got;

	if (part->fd < 0) {
		take(filter, part->data, (size_t)part->length);
		part->length = 0;
		return true;
	}
	if ((uint64_t)part->length < size)
		size = (size_t)part->length;
	do
		got = pread(part->fd, piece, size, (off_t)part->offset);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	take(filter, piece, (size_t)got);
	part->offset += got;
	part->length -= got;
	return true;
}

/* The exchange may be gone afterwards, and the filter with it. */
static void
end_response(struct filter *filter)
{
	struct exchange *exchange = filter->exchange;

	if (filter->announced >= 0 &&
	    filter->taken != (uint64_t)filter->announced) {
		break_off(filter, "the handler wrote less than it announced");
		return;
	}
	filter->ops->finish(filter, exchange);
	filter_destroy(exchange);
	exchange->session_ops->finish(exchange, filter->trailers,
	    filter->trailer_count);
}

/*
 * Filters what waits as far as there is room. True when nothing waits any
 * more; false when the session, a later turn or nobody will go on.
 */
static bool
pump(struct filter *filter)
{
	struct exchange *exchange = filter->exchange;
	struct waiting_part *part;
	size_t turn = 0;

	if (list_empty(&filter->waiting))
		return true;
	while ((part = first_part(filter)) != NULL) {
		if (part->length == 0) {
			drop_part(part);
			continue;
		}
		if (exchange->session == NULL ||
		    exchange->session_ops->room(exchange) == 0)
			return false;
		if (turn >= FILE_TURN) {
			resume_next_turn(filter);
			return false;
		}
		if (!take_piece(filter, part)) {
			break_off(filter, "the file became shorter");
			return false;
		}
		turn += FILE_PIECE;
	}
	if (filter->finishing) {
		end_response(filter);
		return false;
	}
	return true;
}

static void
abort_response(struct filter *filter)
{
	struct exchange *exchange = filter->exchange;
	const struct handler_ops *handler = exchange->handler;

	exchange->handler = NULL;
	if (handler != NULL && handler->cancel != NULL)
		handler->cancel(exchange, EXCHANGE_CANCEL_CLIENT_GONE);
	exchange_abort(exchange); /* destroys the filter */
}

static void
resume_cb(struct loop_task *task)
{
	struct filter *filter = container_of(task, struct filter, resume);
	struct exchange *exchange = filter->exchange;

	filter->resuming = false;
	/* The exchange may have been taken away meanwhile. */
	if (exchange->filter == filter) {
		if (filter->broken)
			abort_response(filter);
		else if (pump(filter))
			exchange_writable(exchange);
	}
	exchange_unref(exchange);
}

static void
queue_part(struct filter *filter, int fd, const char *data, int64_t offset,
    int64_t length)
{
	size_t copied = fd < 0 ? (size_t)length : 0;
	struct waiting_part *part = xmalloc(sizeof(*part) + copied);

	part->fd = fd;
	part->offset = offset;
	part->length = length;
	if (copied > 0)
		memcpy(part->data, data, copied);
	list_append(&filter->waiting, &part->link);
}

/* --- the body's way ------------------------------------------------------- */

void
filter_write(struct exchange *exchange, const char *data, size_t size)
{
	struct filter *filter = exchange->filter;

	if (filter->broken || size == 0)
		return;
	if (!list_empty(&filter->waiting))
		queue_part(filter, -1, data, 0, (int64_t)size);
	else
		take(filter, data, size);
}

void
filter_send_file(struct exchange *exchange, int fd, int64_t offset,
    int64_t length)
{
	struct filter *filter = exchange->filter;
	bool first = list_empty(&filter->waiting);

	if (filter->broken) {
		close(fd);
		return;
	}
	queue_part(filter, fd, "", offset, length);
	if (first)
		(void)pump(filter);
}

void
filter_flush(struct exchange *exchange)
{
	struct filter *filter = exchange->filter;

	if (!filter->broken && list_empty(&filter->waiting))
		filter->ops->flush(filter, exchange);
}

void
filter_finish(struct exchange *exchange, const struct http_field *trailers,
    size_t count)
{
	struct filter *filter = exchange->filter;

	assert(!filter->finishing);
	if (filter->broken)
		return;
	filter->finishing = true;
	filter->trailer_count = count;
	filter->trailers =
	    arena_alloc(&exchange->arena, (count + 1) * sizeof(*trailers));
	for (size_t i = 0; i < count; i++) {
		filter->trailers[i].id = trailers[i].id;
		filter->trailers[i].name =
		    arena_str(&exchange->arena, trailers[i].name);
		filter->trailers[i].value =
		    arena_str(&exchange->arena, trailers[i].value);
	}
	if (list_empty(&filter->waiting))
		end_response(filter);
}

size_t
filter_room(struct exchange *exchange)
{
	const struct filter *filter = exchange->filter;

	if (filter->broken || !list_empty(&filter->waiting))
		return 0;
	return exchange->session_ops->room(exchange);
}

bool
filter_writable(struct exchange *exchange)
{
	struct filter *filter = exchange->filter;

	if (filter->broken)
		return false;
	return pump(filter);
}

void
filter_destroy(struct exchange *exchange)
{
	struct filter *filter = exchange->filter;

	if (filter == NULL)
		return;
	exchange->filter = NULL;
	drop_parts(filter);
	filter->ops->destroy(filter);
}

/* --- the head ------------------------------------------------------------- */

void
filter_setup(struct exchange *exchange)
{
	int64_t length = exchange->response_length;
	enum http_coding coding;
	struct filter *filter;

	coding = compression_decide(exchange, filter_gzip_available());
	if (coding == HTTP_CODING_IDENTITY || !exchange->response_has_body)
		return;
	filter = filter_gzip_create(exchange, coding,
	    exchange->route->config->compress_level);
	filter->exchange = exchange;
	list_init(&filter->waiting);
	filter->announced = length;
	filter->flush_each = compression_is_event_stream(exchange);
	exchange->filter = filter;
}
