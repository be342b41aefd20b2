/* SPDX-License-Identifier: MIT */
/*
 * Allocation that never returns NULL. Out of memory ends the process with a
 * log line: a worker is replaced by the master, which is the only sane cure.
 */
#ifndef TRICORN_BASE_MEMORY_H
#define TRICORN_BASE_MEMORY_H

#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
/* Zeroed; aborts on overflow of count * size as well. */
void *xcalloc(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull));
void *xrealloc(void *old, size_t size) __attribute__((returns_nonnull));
/* Like xrealloc for count elements, with the overflow check of xcalloc. */
void *xreallocarray(void *old, size_t count, size_t size)
    __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *text, size_t length)
    __attribute__((malloc, returns_nonnull));
/* printf into fresh memory that the caller frees. */
char *xasprintf(const char *format, ...)
    __attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

#endif
