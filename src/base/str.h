/* SPDX-License-Identifier: MIT */
/*
 * A view of bytes that somebody else owns: pointer and length, no NUL needed.
 * Same layout as tricorn_string of the application ABI.
 */
#ifndef TRICORN_BASE_STR_H
#define TRICORN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *data;
	size_t length;
};

/* A view of a string literal. */
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_NULL ((struct str){ NULL, 0 })
/* For printf("%.*s", STR_ARG(view)). */
#define STR_ARG(view) (int)(view).length, (view).data

static inline struct str
str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

static inline struct str
str_make(const char *data, size_t length)
{
	return (struct str){ data, length };
}

static inline bool
str_equal(struct str a, struct str b)
{
	return a.length == b.length &&
	    (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* ASCII letters compare without case, whatever the locale. */
bool str_equal_nocase(struct str a, struct str b);
bool str_starts(struct str text, struct str prefix);
bool str_ends(struct str text, struct str suffix);
/* Without leading and trailing spaces and tabs. */
struct str str_trim(struct str text);
/* The index of the first such byte, or -1. */
ptrdiff_t str_find(struct str text, char byte);
/*
 * The part of *rest before the next separator, trimmed; *rest moves past the
 * separator. False when *rest is used up (data is NULL afterwards).
 */
bool str_next(struct str *rest, char separator, struct str *part);
/* All bytes decimal digits and no overflow, or false. */
bool str_to_u64(struct str text, uint64_t *value);

static inline unsigned char
ascii_lower(unsigned char byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

#endif
