/* SPDX-License-Identifier: MIT */
/* Views of bytes: compare, trim, split, convert. */
#include "base/str.h"

bool
str_equal_nocase(struct str a, struct str b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
		if (ascii_lower((unsigned char)a.data[i]) !=
		    ascii_lower((unsigned char)b.data[i]))
			return false;
	return true;
}

bool
str_starts(struct str text, struct str prefix)
{
	return text.length >= prefix.length &&
	    str_equal(str_make(text.data, prefix.length), prefix);
}

bool
str_ends(struct str text, struct str suffix)
{
	if (suffix.length == 0)
		return true;
	return text.length >= suffix.length &&
	    memcmp(text.data + text.length - suffix.length, suffix.data,
		suffix.length) == 0;
}

struct str
str_trim(struct str text)
{
	while (text.length > 0 &&
	    (text.data[0] == ' ' || text.data[0] == '\t')) {
		text.data++;
		text.length--;
	}
	while (text.length > 0 &&
	    (text.data[text.length - 1] == ' ' ||
		text.data[text.length - 1] == '\t'))
		text.length--;
	return text;
}

ptrdiff_t
str_find(struct str text, char byte)
{
	const char *found;

	if (text.length == 0)
		return -1;
	found = memchr(text.data, byte, text.length);
	return found ? found - text.data : -1;
}

bool
str_next(struct str *rest, char separator, struct str *part)
{
	ptrdiff_t end;

	if (rest->data == NULL)
		return false;
	end = str_find(*rest, separator);
	if (end < 0) {
		*part = str_trim(*rest);
		*rest = STR_NULL;
	} else {
		*part = str_trim(str_make(rest->data, (size_t)end));
		rest->data += end + 1;
		rest->length -= (size_t)end + 1;
	}
	return true;
}

bool
str_to_u64(struct str text, uint64_t *value)
{
	uint64_t sum = 0;

	if (text.length == 0)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		unsigned digit = (unsigned char)text.data[i] - '0';

		if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return true;
}
