/* SPDX-License-Identifier: MIT */
/* "Did you mean": finds the nearest of some names to a misspelt one. */
#ifndef TRICORN_CONFIG_SUGGEST_H
#define TRICORN_CONFIG_SUGGEST_H

#include <stddef.h>

struct suggest {
	const char *wrong; /* the caller's */
	const char *best;  /* nearest name offered so far; NULL: none near */
	unsigned distance; /* of best, or the first that is too far */
};

/* wrong must outlive the search. */
void suggest_init(struct suggest *suggest, const char *wrong);
/* Remembers name (not copied) in best when it is the nearest so far. */
void suggest_offer(struct suggest *suggest, const char *name);
/*
 * Edits (insert, delete, replace, swap of neighbours; ASCII case and '-' for
 * '_' count nothing) from a to b. Texts over 63 bytes are UINT_MAX apart.
 */
unsigned suggest_distance(const char *a, const char *b);

#endif
