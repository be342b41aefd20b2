/* SPDX-License-Identifier: MIT */
/* Percent-decoding, dot segments, and encoding for the way back. */
#include "http/uri.h"

#include "http/character.h"

/* Whether a segment of that length at text is "." or "..". */
static bool
is_dots(const char *text, size_t length)
{
	return (length == 1 && text[0] == '.') ||
	    (length == 2 && text[0] == '.' && text[1] == '.');
}

static size_t
segment_length(const char *at, const char *end)
{
	const char *slash = memchr(at, '/', (size_t)(end - at));

	return (size_t)((slash != NULL ? slash : end) - at);
}

static bool
has_dot_segment(struct str path)
{
	const char *at = path.data, *end = path.data + path.length;

	while (at < end) {
		size_t length = segment_length(++at, end);

		if (is_dots(at, length))
			return true;
		at += length;
	}
	return false;
}

/* Decodes into to, which has room for raw.length bytes. */
static bool
decode(struct str raw, char *to, size_t *length, struct http_problem *problem)
{
	size_t size = 0;

	for (size_t i = 0; i < raw.length; i++) {
		int high, low;

		if (raw.data[i] != '%') {
			to[size++] = raw.data[i];
			continue;
		}
		high =
		    raw.length - i > 2 ? http_hex_value(raw.data[i + 1]) : -1;
		low = high >= 0 ? http_hex_value(raw.data[i + 2]) : -1;
		if (low < 0) {
			http_refuse(problem, 400,
			    "The path holds a malformed percent escape.");
			return false;
		}
		to[size++] = (char)(high << 4 | low);
		i += 2;
		if (to[size - 1] == '\0') {
			http_refuse(problem, 400, "The path holds a NUL.");
			return false;
		}
	}
	*length = size;
	return true;
}

/* Works in place; false when ".." would leave the root. */
static bool
remove_dot_segments(char *path, size_t *length)
{
	const char *at = path, *end = path + *length;
	size_t size = 0; /* of the result so far, without a slash behind it */
	bool directory = false;

	while (at < end) {
		size_t segment = segment_length(++at, end);

		directory = is_dots(at, segment);
		if (directory && segment == 2) {
			if (size == 0)
				return false;
			while (path[--size] != '/')
				;
		} else if (!directory) {
			path[size] = '/';
			memmove(path + size + 1, at, segment);
			size += segment + 1;
		}
		at += segment;
	}
	if (directory)
		path[size++] = '/';
	*length = size;
	return true;
}

bool
http_path_normalise(struct arena *arena, struct str raw, struct str *path,
    struct http_problem *problem)
{
	char *copy;
	size_t length = raw.length;

	if (raw.length == 0 || raw.data[0] != '/') {
		http_refuse(problem, 400, "The path does not begin with '/'.");
		return false;
	}
	if (memchr(raw.data, '%', raw.length) == NULL &&
	    !has_dot_segment(raw)) {
		*path = raw;
		return true;
	}
	copy = arena_alloc(arena, raw.length + 1);
	if (!decode(raw, copy, &length, problem))
		return false;
	if (!remove_dot_segments(copy, &length)) {
		http_refuse(problem, 400, "The path climbs above the root.");
		return false;
	}
	copy[length] = '\0';
	*path = str_make(copy, length);
	return true;
}

void
http_path_encode(struct buffer *buffer, struct str path)
{
	char *start = buffer_reserve(buffer, path.length * 3), *to = start;

	for (size_t i = 0; i < path.length; i++) {
		unsigned char byte = (unsigned char)path.data[i];

		if (http_character_is(path.data[i], HTTP_CHARACTER_PATH)) {
			*to++ = path.data[i];
			continue;
		}
		*to++ = '%';
		*to++ = "0123456789ABCDEF"[byte >> 4];
		*to++ = "0123456789ABCDEF"[byte & 15];
	}
	buffer_commit(buffer, (size_t)(to - start));
}

void
http_html_escape(struct buffer *buffer, struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		switch (text.data[i]) {
		case '&':
			buffer_append_str(buffer, STR("&amp;"));
			break;
		case '<':
			buffer_append_str(buffer, STR("&lt;"));
			break;
		case '>':
			buffer_append_str(buffer, STR("&gt;"));
			break;
		case '"':
			buffer_append_str(buffer, STR("&quot;"));
			break;
		case '\'':
			buffer_append_str(buffer, STR("&#39;"));
			break;
		default:
			buffer_append(buffer, text.data + i, 1);
		}
	}
}
