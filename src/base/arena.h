/* SPDX-License-Identifier: MIT */
/*
 * Memory that lives as long as one exchange: bump allocation, freed at once.
 * The first block can be given by the owner, so that a small exchange costs
 * no allocation at all.
 */
#ifndef TRICORN_BASE_ARENA_H
#define TRICORN_BASE_ARENA_H

#include "base/str.h"

struct arena_block;

struct arena {
	char *at, *end;             /* free space of the current block */
	char *first, *first_end;    /* the owner's block */
	struct arena_block *blocks; /* allocated ones, newest first */
};

/* space (may be NULL with size 0) stays the caller's. */
void arena_init(struct arena *arena, void *space, size_t size);
/* Frees all; the arena can be used again from its first block. */
void arena_reset(struct arena *arena);
/* Uninitialised, aligned for any type. Not for several threads at once. */
void *arena_alloc(struct arena *arena, size_t size)
    __attribute__((returns_nonnull)); /* not malloc: it may alias space */
/* Zeroed. */
void *arena_calloc(struct arena *arena, size_t size)
    __attribute__((returns_nonnull));
/* A copy with a NUL behind it. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);
struct str arena_str(struct arena *arena, struct str text);
struct str arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
