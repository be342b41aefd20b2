/* SPDX-License-Identifier: MIT */
/*
 * Memory of the fake host: chunks that are freed together. Each is a malloc
 * of its own, filled with a pattern, so that sanitizers see every byte beyond
 * and every use after.
 */
#include "fake_host/fake_host_priv.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>

struct fake_chunk {
	struct fake_chunk *next;
	void *data;
};

void *
fake_grow(void *old, size_t count, size_t size)
{
	void *grown = reallocarray(old, count ? count : 1, size ? size : 1);

	if (!grown)
		err(1, "fake host");
	return grown;
}

void *
fake_memory_take(struct fake_memory *memory, size_t size)
{
	struct fake_chunk *chunk = fake_grow(NULL, 1, sizeof(*chunk));

	chunk->data = fake_grow(NULL, 1, size);
	memset(chunk->data, 0xa5, size);
	chunk->next = memory->first;
	memory->first = chunk;
	return chunk->data;
}

tricorn_string
fake_memory_copy(struct fake_memory *memory, const char *data, size_t length)
{
	char *copy = fake_memory_take(memory, length + 1);

	if (length > 0)
		memcpy(copy, data, length);
	copy[length] = '\0';
	return (tricorn_string){ copy, length };
}

void
fake_memory_finish(struct fake_memory *memory)
{
	struct fake_chunk *chunk;

	while ((chunk = memory->first)) {
		memory->first = chunk->next;
		free(chunk->data);
		free(chunk);
	}
}

void
fake_fields_add(struct fake_fields *fields, struct fake_memory *memory,
    tricorn_string name, tricorn_string value)
{
	tricorn_field *items;

	items = fake_memory_take(memory,
	    (fields->count + 1) * sizeof(*fields->items));
	if (fields->count > 0)
		memcpy(items, fields->items, fields->count * sizeof(*items));
	items[fields->count].name =
	    fake_memory_copy(memory, name.data, name.length);
	items[fields->count].value =
	    fake_memory_copy(memory, value.data, value.length);
	fields->items = items;
	fields->count++;
}

bool
fake_same_name(tricorn_string one, tricorn_string other)
{
	size_t at;

	if (one.length != other.length)
		return false;
	for (at = 0; at < one.length; at++)
		if (tolower((unsigned char)one.data[at]) !=
		    tolower((unsigned char)other.data[at]))
			return false;
	return true;
}
