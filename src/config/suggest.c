/* SPDX-License-Identifier: MIT */
/* Edit distance (optimal string alignment) over short names. */
#include "config/suggest.h"

#include <limits.h>
#include <string.h>

#include "base/str.h"

#define LONGEST 63

static unsigned char
folded(char byte)
{
	return byte == '-' ? '_' : ascii_lower((unsigned char)byte);
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
suggest_distance(const char *a, const char *b)
{
	unsigned rows[3][LONGEST + 1]; /* the last two and the current one */
	size_t a_length = strlen(a), b_length = strlen(b);

	if (a_length > LONGEST || b_length > LONGEST)
		return UINT_MAX;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3];
		unsigned *before = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_length; j++) {
			bool same = folded(a[i - 1]) == folded(b[j - 1]);

			row[j] = above[j - 1] + !same;
			row[j] = least(row[j], above[j] + 1);
			row[j] = least(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 &&
			    folded(a[i - 1]) == folded(b[j - 2]) &&
			    folded(a[i - 2]) == folded(b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[a_length % 3][b_length];
}

void
suggest_init(struct suggest *suggest, const char *wrong)
{
	size_t length = strlen(wrong);

	suggest->wrong = wrong;
	suggest->best = NULL;
	/* Short words have near neighbours that mean something else. */
	suggest->distance = length < 3 ? 1
	    : length < 5               ? 2
	    : length < 8               ? 3
				       : 4;
}

void
suggest_offer(struct suggest *suggest, const char *name)
{
	unsigned distance = suggest_distance(suggest->wrong, name);

	if (distance >= suggest->distance || distance >= strlen(name))
		return;
	suggest->best = name;
	suggest->distance = distance;
}
