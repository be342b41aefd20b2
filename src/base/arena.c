/* SPDX-License-Identifier: MIT */
/* Bump allocation for things that end together. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#define ARENA_BLOCK 4096 /* bytes of an ordinary block */
#define ARENA_ALIGN alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	alignas(max_align_t) char data[];
};

void
arena_init(struct arena *arena, void *space, size_t size)
{
	arena->first = arena->at = space;
	arena->first_end = arena->end = space ? (char *)space + size : NULL;
	arena->blocks = NULL;
}

void
arena_reset(struct arena *arena)
{
	struct arena_block *block, *next;

	for (block = arena->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	arena->blocks = NULL;
	arena->at = arena->first;
	arena->end = arena->first_end;
}

static void *
arena_alloc_slow(struct arena *arena, size_t size)
{
	size_t room = size > ARENA_BLOCK / 4 ? size : ARENA_BLOCK;
	struct arena_block *block;

	/* A sum that overflows is more than there can be: xmalloc says so. */
	block = xmalloc(room < SIZE_MAX - sizeof(*block) ? sizeof(*block) + room
							 : SIZE_MAX);
	block->next = arena->blocks;
	arena->blocks = block;
	if (room == size) /* a large piece: keep bumping the old block */
		return block->data;
	arena->at = block->data + size;
	arena->end = block->data + room;
	return block->data;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	uintptr_t at = ((uintptr_t)arena->at + ARENA_ALIGN - 1) &
	    ~(uintptr_t)(ARENA_ALIGN - 1);

	if (arena->at == NULL || at > (uintptr_t)arena->end ||
	    size > (uintptr_t)arena->end - at)
		return arena_alloc_slow(arena, size);
	arena->at = (char *)at + size;
	return (void *)at;
}

void *
arena_calloc(struct arena *arena, size_t size)
{
	return memset(arena_alloc(arena, size), 0, size);
}

char *
arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

struct str
arena_str(struct arena *arena, struct str text)
{
	return str_make(arena_strndup(arena, text.data, text.length),
	    text.length);
}

struct str
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = arena_alloc(arena, (size_t)length + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return str_make(text, (size_t)length);
}
