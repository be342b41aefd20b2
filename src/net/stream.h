/* SPDX-License-Identifier: MIT */
/*
 * A stream: one connected socket with its events and its output queue. It
 * reports through its owner's callbacks and never frees itself or its owner.
 * Loop thread only.
 *
 * Output gathers in the queue and goes out with one call at the end of the
 * loop's turn, at stream_flush(), or when much has gathered. The read event
 * is added once and stays; a write event exists only after the socket was
 * full. Both are edge-triggered: the kernel looks at a ready socket once a
 * report, not twice. An idle stream holds no buffer.
 */
#ifndef TRICORN_NET_STREAM_H
#define TRICORN_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/loop.h"

struct stream;
struct stream_chunk;

/* What happened. Each may close the stream, none may free it at once. */
struct stream_callbacks {
	/* Bytes, or the end, can be read. It is not said again: read until
	   stream_has_more() is false. */
	void (*readable)(struct stream *stream);
	/* stream_room() was 0 and is not any more. */
	void (*writable)(struct stream *stream);
	/* The socket is full now (blocked), took some bytes, or is empty
	   (pending is 0): for time-outs. May be NULL. */
	void (*progress)(struct stream *stream);
	/* Writing failed: the peer is gone or a file came short. */
	void (*failed)(struct stream *stream);
};

/* What the streams of one loop share. */
struct stream_pool {
	struct loop *loop;
	struct stream_chunk *free_chunks;
	unsigned free_count;
	uint64_t bytes_in, bytes_out;
	size_t scratch_size;
	char *scratch; /* for reading; valid within one callback */
};

struct stream {
	struct stream_pool *pool;
	const struct stream_callbacks *callbacks;
	struct event read_event;
	struct event *write_event;         /* NULL until first needed */
	struct stream_chunk *first, *last; /* output queue */
	size_t pending;                    /* bytes in it, files included */
	size_t limit;                      /* of pending, for stream_room() */
	struct loop_task flush_task;
	int fd;       /* -1 once closed */
	bool reading; /* the read event is added */
	bool hung_up; /* the peer has ended its side */
	bool more;    /* see stream_has_more() */
	bool blocked; /* the write event is added */
	bool flush_queued;
	bool failed;    /* writing is over */
	bool wanted;    /* room was 0: writable() is due */
	bool gathering; /* the owner will flush before it returns
	                               to the loop: no task for it */
};

void stream_pool_init(struct stream_pool *pool, struct loop *loop);
void stream_pool_finish(struct stream_pool *pool);

/* Takes *fd (a connected non-blocking socket) and starts to watch it. */
void stream_init(struct stream *stream, struct stream_pool *pool, int *fd,
    size_t limit, const struct stream_callbacks *callbacks);
/* Drops unsent output and closes the socket. The struct stays the owner's
 * and may be freed from a deferred task, not before. */
void stream_close(struct stream *stream);
/* Whether a task of the stream is still queued: do not free it yet. */
static inline bool
stream_busy(const struct stream *stream)
{
	return stream->flush_queued;
}

/* As recv(2): count, 0 at the end, -1 with errno. */
ssize_t stream_read(struct stream *stream, void *data, size_t size);
/* After stream_read(): whether another read may bring something. */
static inline bool
stream_has_more(const struct stream *stream)
{
	return stream->more && stream->reading;
}
/* Stops and resumes readable(). */
void stream_pause(struct stream *stream);
void stream_resume(struct stream *stream);

/* Room for size bytes at the end of the queue, at most STREAM_RESERVE; fill
 * them and call stream_commit(). */
#define STREAM_RESERVE 8192
char *stream_reserve(struct stream *stream, size_t size);
void stream_commit(struct stream *stream, size_t size);
/* Queues a copy, or sends at once what is large. */
void stream_write(struct stream *stream, const void *data, size_t size);
/* Queues a part of a regular file; fd is closed when it is sent. */
void stream_send_file(struct stream *stream, int fd, int64_t offset,
    int64_t length);
/* Sends now. */
void stream_flush(struct stream *stream);
/* No more output: shuts the writing side down (after a flush). */
void stream_shutdown(struct stream *stream);
/* Bytes that may be queued before the limit. When it is 0, writable() will
 * be called. */
size_t stream_room(struct stream *stream);

#endif
