/* SPDX-License-Identifier: MIT */
/* A growing run of bytes. */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

void
buffer_finish(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = BUFFER_EMPTY;
}

/*
 * Room for size more bytes, and for half of what is in the buffer at least:
 * one that is nearly full must not be moved again for every few bytes.
 */
static size_t
grown_capacity(size_t capacity, size_t used, size_t size)
{
	size_t free_size = size > used / 2 ? size : used / 2;

	if (free_size > SIZE_MAX / 4 || used > SIZE_MAX / 4)
		return SIZE_MAX; /* more than there can be: xrealloc says so */
	if (capacity == 0)
		capacity = 256;
	while (capacity - used < free_size)
		capacity *= 2;
	return capacity;
}

char *
buffer_reserve(struct buffer *buffer, size_t size)
{
	size_t used = buffer_length(buffer), capacity;

	if (buffer->data != NULL && buffer->capacity - buffer->end >= size)
		return buffer->data + buffer->end;
	/* Move to the front when that frees enough and is cheap. */
	if (buffer->start >= used && buffer->capacity - used >= size &&
	    buffer->data != NULL) {
		memmove(buffer->data, buffer->data + buffer->start, used);
	} else {
		capacity = grown_capacity(buffer->capacity, used, size);
		if (buffer->start > 0)
			memmove(buffer->data, buffer->data + buffer->start,
			    used);
		if (capacity != buffer->capacity)
			buffer->data = xrealloc(buffer->data, capacity);
		buffer->capacity = capacity;
	}
	buffer->start = 0;
	buffer->end = used;
	return buffer->data + buffer->end;
}

void
buffer_append(struct buffer *buffer, const void *data, size_t size)
{
	if (size == 0)
		return;
	memcpy(buffer_reserve(buffer, size), data, size);
	buffer->end += size;
}

void
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(length >= 0);
	va_start(args, format);
	vsnprintf(buffer_reserve(buffer, (size_t)length + 1),
	    (size_t)length + 1, format, args);
	va_end(args);
	buffer->end += (size_t)length;
}

void
buffer_consume(struct buffer *buffer, size_t size)
{
	assert(size <= buffer_length(buffer));
	buffer->start += size;
	if (buffer->start == buffer->end)
		buffer->start = buffer->end = 0;
}
