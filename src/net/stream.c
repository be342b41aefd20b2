/* SPDX-License-Identifier: MIT */
/*
 * Socket reads and the output queue. The queue is a chain of chunks, each a
 * piece of memory or a part of a file.
 */
#include "net/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/memory.h"

#define CHUNK_SIZE 16000 /* bytes of memory in a chunk */
#define CHUNKS_KEPT 64   /* free ones kept by a pool */
#define SCRATCH_SIZE 65536
#define DIRECT_SIZE 16384 /* writes this large skip the queue */
#define GATHER_SIZE 65536 /* so much queued is sent at once */
#define IOV_MAX_HERE 16
#define SENDFILE_STEP (1 << 20) /* bytes one stream sends in one go */

struct stream_chunk {
	struct stream_chunk *next;
	size_t start, end;      /* of memory */
	int fd;                 /* -1: memory */
	int64_t offset, length; /* of the file */
	char data[CHUNK_SIZE];
};

void
stream_pool_init(struct stream_pool *pool, struct loop *loop)
{
	memset(pool, 0, sizeof(*pool));
	pool->loop = loop;
	pool->scratch_size = SCRATCH_SIZE;
	pool->scratch = xmalloc(SCRATCH_SIZE);
}

void
stream_pool_finish(struct stream_pool *pool)
{
	struct stream_chunk *chunk;

	while ((chunk = pool->free_chunks) != NULL) {
		pool->free_chunks = chunk->next;
		free(chunk);
	}
	free(pool->scratch);
	pool->scratch = NULL;
}

static struct stream_chunk *
chunk_append(struct stream *stream)
{
	struct stream_pool *pool = stream->pool;
	struct stream_chunk *chunk = pool->free_chunks;

	if (chunk != NULL) {
		pool->free_chunks = chunk->next;
		pool->free_count--;
	} else {
		chunk = xmalloc(sizeof(*chunk));
	}
	chunk->next = NULL;
	chunk->start = chunk->end = 0;
	chunk->fd = -1;
	if (stream->last != NULL)
		stream->last->next = chunk;
	else
		stream->first = chunk;
	stream->last = chunk;
	return chunk;
}

static void
chunk_drop_first(struct stream *stream)
{
	struct stream_pool *pool = stream->pool;
	struct stream_chunk *chunk = stream->first;

	stream->first = chunk->next;
	if (stream->first == NULL)
		stream->last = NULL;
	if (chunk->fd >= 0)
		close(chunk->fd);
	if (pool->free_count < CHUNKS_KEPT) {
		chunk->next = pool->free_chunks;
		pool->free_chunks = chunk;
		pool->free_count++;
	} else {
		free(chunk);
	}
}

static void
chunk_drop_all(struct stream *stream)
{
	while (stream->first != NULL)
		chunk_drop_first(stream);
	stream->pending = 0;
}

static void
report_progress(struct stream *stream)
{
	if (stream->callbacks->progress != NULL)
		stream->callbacks->progress(stream);
}

static void
queue_flush(struct stream *stream)
{
	if (stream->flush_queued || (stream->gathering && !stream->failed))
		return;
	stream->flush_queued = true;
	loop_defer(stream->pool->loop, &stream->flush_task);
}

/* Writing is over; the owner hears of it from a task, never in here. */
static void
fail(struct stream *stream)
{
	stream->failed = true;
	chunk_drop_all(stream);
	queue_flush(stream);
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	if (what & EV_CLOSED)
		stream->hung_up = true;
	stream->callbacks->readable(stream);
}

static void
tell_writable(struct stream *stream)
{
	if (stream->fd >= 0 && !stream->failed && stream->wanted &&
	    stream->pending <= stream->limit / 2) {
		stream->wanted = false;
		stream->callbacks->writable(stream);
	}
}

static void
writable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	stream->blocked = false;
	stream_flush(stream);
	tell_writable(stream);
}

static void
flush_task_run(struct loop_task *task)
{
	struct stream *stream = container_of(task, struct stream, flush_task);

	stream->flush_queued = false;
	if (stream->fd < 0)
		return;
	if (stream->failed) {
		stream->callbacks->failed(stream);
		return;
	}
	if (!stream->blocked)
		stream_flush(stream);
	tell_writable(stream);
}

void
stream_init(struct stream *stream, struct stream_pool *pool, int *fd,
    size_t limit, const struct stream_callbacks *callbacks)
{
	memset(stream, 0, sizeof(*stream));
	stream->pool = pool;
	stream->callbacks = callbacks;
	stream->limit = limit;
	stream->fd = *fd;
	*fd = -1;
	stream->flush_task.run = flush_task_run;
	event_assign(&stream->read_event, pool->loop->base, stream->fd,
	    EV_READ | EV_CLOSED | EV_PERSIST | EV_ET, readable_cb, stream);
	stream_resume(stream);
}

void
stream_close(struct stream *stream)
{
	if (stream->fd < 0)
		return;
	stream_pause(stream);
	if (stream->write_event != NULL) {
		event_free(stream->write_event);
		stream->write_event = NULL;
	}
	chunk_drop_all(stream);
	close(stream->fd);
	stream->fd = -1;
}

ssize_t
stream_read(struct stream *stream, void *data, size_t size)
{
	ssize_t count;

	do {
		count = recv(stream->fd, data, size, 0);
	} while (count < 0 && errno == EINTR);
	/* A short count has emptied the socket; the end may stand behind. */
	stream->more = count > 0 && ((size_t)count == size || stream->hung_up);
	if (count > 0)
		stream->pool->bytes_in += (uint64_t)count;
	return count;
}

void
stream_pause(struct stream *stream)
{
	if (!stream->reading)
		return;
	stream->reading = false;
	event_del(&stream->read_event);
}

void
stream_resume(struct stream *stream)
{
	if (stream->reading || stream->fd < 0)
		return;
	stream->reading = true;
	event_add(&stream->read_event, NULL);
}

char *
stream_reserve(struct stream *stream, size_t size)
{
	struct stream_chunk *chunk = stream->last;

	assert(size <= STREAM_RESERVE);
	if (chunk == NULL || chunk->fd >= 0 || CHUNK_SIZE - chunk->end < size)
		chunk = chunk_append(stream);
	return chunk->data + chunk->end;
}

void
stream_commit(struct stream *stream, size_t size)
{
	if (stream->failed || stream->fd < 0) {
		chunk_drop_all(stream);
		return;
	}
	stream->last->end += size;
	stream->pending += size;
	if (!stream->blocked)
		queue_flush(stream);
}

static void
queue_copy(struct stream *stream, const char *data, size_t size)
{
	struct stream_chunk *chunk = stream->last;
	size_t part;

	while (size > 0) {
		if (chunk == NULL || chunk->fd >= 0 || chunk->end == CHUNK_SIZE)
			chunk = chunk_append(stream);
		part = CHUNK_SIZE - chunk->end;
		if (part > size)
			part = size;
		memcpy(chunk->data + chunk->end, data, part);
		chunk->end += part;
		stream->pending += part;
		data += part;
		size -= part;
	}
}

/* Takes sent bytes of memory from the front of the queue. */
static void
consume(struct stream *stream, size_t sent)
{
	stream->pending -= sent;
	stream->pool->bytes_out += sent;
	while (stream->first != NULL && stream->first->fd < 0) {
		struct stream_chunk *chunk = stream->first;
		size_t part = chunk->end - chunk->start;

		if (part > sent) {
			chunk->start += sent;
			return;
		}
		sent -= part;
		chunk_drop_first(stream);
	}
}

static ssize_t
send_parts(struct stream *stream, struct iovec *parts, size_t count, bool more)
{
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
	int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
	ssize_t sent;

	do {
		sent = count == 1 ? send(stream->fd, parts[0].iov_base,
					parts[0].iov_len, flags)
				  : sendmsg(stream->fd, &message, flags);
	} while (sent < 0 && errno == EINTR);
	return sent;
}

/*
 * Sends the memory at the front of the queue and behind it extra (which may
 * be empty). Returns how many bytes of extra were taken, or -1 when the
 * socket is full or failed.
 */
static ssize_t
send_memory(struct stream *stream, const char *extra, size_t size)
{
	struct iovec parts[IOV_MAX_HERE];
	struct stream_chunk *chunk;
	size_t count = 0, queued = 0;
	ssize_t sent;

	for (chunk = stream->first;
	     chunk != NULL && chunk->fd < 0 && count < IOV_MAX_HERE - 1;
	     chunk = chunk->next) {
		parts[count].iov_base = chunk->data + chunk->start;
		parts[count++].iov_len = chunk->end - chunk->start;
		queued += chunk->end - chunk->start;
	}
	if (chunk == NULL && size > 0) {
		parts[count].iov_base = (char *)extra;
		parts[count++].iov_len = size;
	}
	sent = send_parts(stream, parts, count, chunk != NULL);
	if (sent < 0) {
		if (errno != EAGAIN)
			fail(stream);
		return -1;
	}
	if ((size_t)sent <= queued) {
		consume(stream, (size_t)sent);
		return (size_t)sent == queued ? 0 : -1;
	}
	consume(stream, queued);
	stream->pool->bytes_out += (uint64_t)sent - queued;
	return sent - (ssize_t)queued;
}

/* True when the file at the front is sent or has had its share. */
static bool
send_front_file(struct stream *stream, size_t *budget)
{
	struct stream_chunk *chunk = stream->first;
	size_t size = chunk->length < SENDFILE_STEP ? (size_t)chunk->length
						    : SENDFILE_STEP;
	off_t offset = chunk->offset;
	ssize_t sent;

	do {
		sent = sendfile(stream->fd, chunk->fd, &offset, size);
	} while (sent < 0 && errno == EINTR);
	if (sent <= 0) {
		/* 0: the file is shorter than announced. */
		if (sent == 0 || errno != EAGAIN)
			fail(stream);
		return false;
	}
	stream->pool->bytes_out += (uint64_t)sent;
	stream->pending -= (size_t)sent;
	chunk->offset += sent;
	chunk->length -= sent;
	*budget -= (size_t)sent < *budget ? (size_t)sent : *budget;
	if (chunk->length == 0)
		chunk_drop_first(stream);
	return true;
}

static void
wait_writable(struct stream *stream)
{
	if (stream->write_event == NULL)
		stream->write_event = event_new(stream->pool->loop->base,
		    stream->fd, EV_WRITE | EV_ET, writable_cb, stream);
	stream->blocked = true;
	event_add(stream->write_event, NULL);
}

void
stream_flush(struct stream *stream)
{
	size_t budget = 2 * SENDFILE_STEP;
	bool more = true, any = stream->pending > 0;

	if (stream->failed || stream->fd < 0 || stream->blocked)
		return;
	while (more && stream->first != NULL && budget > 0)
		more = stream->first->fd >= 0
		    ? send_front_file(stream, &budget)
		    : send_memory(stream, NULL, 0) >= 0;
	if (stream->failed)
		return;
	if (stream->first != NULL)
		wait_writable(stream);
	/* Whoever flushed, the owner that waits for room hears of it. */
	if (stream->wanted && stream->pending <= stream->limit / 2 &&
	    !stream->flush_queued) {
		stream->flush_queued = true;
		loop_defer(stream->pool->loop, &stream->flush_task);
	}
	if (any)
		report_progress(stream);
}

void
stream_write(struct stream *stream, const void *data, size_t size)
{
	const char *bytes = data;
	ssize_t sent;

	if (stream->failed || stream->fd < 0)
		return;
	if (size >= DIRECT_SIZE && !stream->blocked) {
		/* Once only: a long file in front has its share of a turn. */
		if (stream->first != NULL && stream->first->next != NULL)
			stream_flush(stream);
		if (stream->failed || stream->fd < 0)
			return;
		if (!stream->blocked &&
		    (stream->first == NULL ||
			(stream->first->fd < 0 &&
			    stream->first->next == NULL))) {
			sent = send_memory(stream, bytes, size);
			if (stream->failed)
				return;
			if (sent > 0) {
				bytes += sent;
				size -= (size_t)sent;
			}
		}
	}
	queue_copy(stream, bytes, size);
	if (stream->blocked)
		return;
	if (stream->pending >= GATHER_SIZE)
		stream_flush(stream);
	else
		queue_flush(stream);
}

void
stream_send_file(struct stream *stream, int fd, int64_t offset, int64_t length)
{
	struct stream_chunk *chunk;

	if (stream->failed || stream->fd < 0 || length == 0) {
		close(fd);
		return;
	}
	chunk = chunk_append(stream);
	chunk->fd = fd;
	chunk->offset = offset;
	chunk->length = length;
	stream->pending += (size_t)length;
	if (!stream->blocked)
		queue_flush(stream);
}

void
stream_shutdown(struct stream *stream)
{
	if (stream->fd >= 0)
		shutdown(stream->fd, SHUT_WR);
}

size_t
stream_room(struct stream *stream)
{
	/* A failed one has room for nothing; the owner will hear of it. */
	if (stream->pending < stream->limit && !stream->failed)
		return stream->limit - stream->pending;
	stream->wanted = true;
	return 0;
}
