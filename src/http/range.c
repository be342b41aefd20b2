/* SPDX-License-Identifier: MIT */
/* Byte ranges: read, cut to the length, merged. */
#include "http/range.h"

#include <stdbool.h>

/* What one range specification comes to. */
enum spec {
	SPEC_WRONG,
	SPEC_OUTSIDE,
	SPEC_INSIDE,
};

/* One or more digits; a number too large for 64 bits is the largest. */
static bool
read_number(struct str text, uint64_t *number)
{
	if (str_to_u64(text, number))
		return true;
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	*number = UINT64_MAX;
	return text.length > 0;
}

/* "-500": the last bytes. */
static enum spec
read_suffix(struct str digits, uint64_t length, struct http_range *range)
{
	uint64_t count;

	if (!read_number(digits, &count))
		return SPEC_WRONG;
	if (count == 0)
		return SPEC_OUTSIDE;
	if (length == 0) /* satisfiable (RFC 9110 14.1.2), but not by 206 */
		return SPEC_WRONG;
	range->first = count < length ? length - count : 0;
	range->last = length - 1;
	return SPEC_INSIDE;
}

/* "0-499" or "500-". */
static enum spec
read_spec(struct str text, uint64_t length, struct http_range *range)
{
	ptrdiff_t dash = str_find(text, '-');
	struct str from, to;

	if (dash < 0)
		return SPEC_WRONG;
	from = str_make(text.data, (size_t)dash);
	to = str_make(text.data + dash + 1, text.length - (size_t)dash - 1);
	if (from.length == 0)
		return read_suffix(to, length, range);
	range->last = UINT64_MAX;
	if (!read_number(from, &range->first) ||
	    (to.length > 0 && !read_number(to, &range->last)) ||
	    range->last < range->first)
		return SPEC_WRONG;
	if (range->first >= length)
		return SPEC_OUTSIDE;
	if (range->last >= length)
		range->last = length - 1;
	return SPEC_INSIDE;
}

/* Whether two ranges share a byte or have none between them. */
static bool
touch(const struct http_range *a, const struct http_range *b)
{
	return a->first <= b->last + 1 && b->first <= a->last + 1;
}

/* Adds a range, swallowing those already there that touch it. */
static void
add_range(struct http_ranges *ranges, struct http_range range)
{
	for (size_t i = 0; i < ranges->count;) {
		struct http_range *other = &ranges->at[i];

		if (!touch(other, &range)) {
			i++;
			continue;
		}
		if (other->first < range.first)
			range.first = other->first;
		if (other->last > range.last)
			range.last = other->last;
		ranges->count--;
		memmove(other, other + 1, (ranges->count - i) * sizeof(*other));
		i = 0;
	}
	ranges->at[ranges->count++] = range;
}

enum http_range_result
http_range_parse(struct str value, uint64_t length, struct http_ranges *ranges)
{
	static const struct str unit = { "bytes=", 6 };
	struct http_range range;
	struct str text;
	size_t elements = 0;
	bool asked = false;

	ranges->count = 0;
	if (value.length <= unit.length ||
	    !str_equal_nocase(str_make(value.data, unit.length), unit))
		return HTTP_RANGE_IGNORE;
	value.data += unit.length;
	value.length -= unit.length;
	while (str_next(&value, ',', &text)) {
		if (++elements > HTTP_RANGE_MAX)
			return HTTP_RANGE_IGNORE;
		if (text.length == 0)
			continue;
		asked = true;
		switch (read_spec(text, length, &range)) {
		case SPEC_WRONG:
			return HTTP_RANGE_IGNORE;
		case SPEC_OUTSIDE:
			break;
		case SPEC_INSIDE:
			add_range(ranges, range);
			break;
		}
	}
	if (!asked)
		return HTTP_RANGE_IGNORE;
	return ranges->count > 0 ? HTTP_RANGE_PARTIAL
				 : HTTP_RANGE_UNSATISFIABLE;
}
