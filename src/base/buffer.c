/* SPDX-License-Identifier: MIT */
/* A growing run of bytes. */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

void
buffer_finish(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = BUFFER_EMPTY;
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
		capacity = buffer->capacity ? buffer->capacity : 256;
		while (capacity - used < size)
			capacity *= 2;
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
