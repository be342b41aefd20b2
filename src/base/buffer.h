/* SPDX-License-Identifier: MIT */
/*
 * Bytes in one piece: appended at the end, consumed from the front. An empty
 * buffer owns no memory until something is appended.
 */
#ifndef TRICORN_BASE_BUFFER_H
#define TRICORN_BASE_BUFFER_H

#include "base/str.h"

struct buffer {
	char *data;      /* the allocation */
	size_t start;    /* first byte not yet consumed */
	size_t end;      /* behind the last byte */
	size_t capacity; /* of the allocation */
};

#define BUFFER_EMPTY ((struct buffer){ NULL, 0, 0, 0 })

static inline size_t
buffer_length(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

static inline char *
buffer_bytes(const struct buffer *buffer)
{
	return buffer->data + buffer->start;
}

static inline struct str
buffer_str(const struct buffer *buffer)
{
	return str_make(buffer->data ? buffer_bytes(buffer) : "",
	    buffer_length(buffer));
}

/* Frees the memory; the buffer is empty and usable afterwards. */
void buffer_finish(struct buffer *buffer);
/* Makes room for size more bytes and returns where they go. */
char *buffer_reserve(struct buffer *buffer, size_t size)
    __attribute__((returns_nonnull));
/* Says that size bytes were written behind the end. */
static inline void
buffer_commit(struct buffer *buffer, size_t size)
{
	buffer->end += size;
}
void buffer_append(struct buffer *buffer, const void *data, size_t size);
static inline void
buffer_append_str(struct buffer *buffer, struct str text)
{
	buffer_append(buffer, text.data, text.length);
}
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes size bytes from the front; size is at most buffer_length(). */
void buffer_consume(struct buffer *buffer, size_t size);

#endif
