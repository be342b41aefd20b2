/* SPDX-License-Identifier: MIT */
/* Escapes for the lines of logs. */
#include "serve/log_escape.h"

#define GROWTH_MAX 6 /* bytes that one byte can become: \u0001 */
#define MARK "..."   /* stands for what was cut */

static const char HEX[] = "0123456789ABCDEF";

/* Room for the escaped text, and what of it is used. */
struct writer {
	char *at, *end;
};

/* Bytes that stand for themselves everywhere; a space is asked for apart. */
static const bool plain[256] = {
	[0x21] = true,
	[0x23 ... 0x5b] = true, /* all but the quote … */
	[0x5d ... 0x7e] = true, /* … and the backslash */
};

static struct writer
writer_begin(struct buffer *out, struct str text, size_t cap)
{
	size_t size =
	    text.length > cap / GROWTH_MAX ? cap : text.length * GROWTH_MAX;
	char *at = buffer_reserve(out, size + sizeof(MARK) - 1);

	return (struct writer){ at, at + size };
}

static void
writer_end(struct writer *writer, struct buffer *out, bool whole)
{
	if (!whole) {
		memcpy(writer->at, MARK, sizeof(MARK) - 1);
		writer->at += sizeof(MARK) - 1;
	}
	out->end = (size_t)(writer->at - out->data);
}

static bool
put(struct writer *writer, const char *piece, size_t size)
{
	if ((size_t)(writer->end - writer->at) < size)
		return false;
	memcpy(writer->at, piece, size);
	writer->at += size;
	return true;
}

/* Copies plain bytes from text[i] on; the index of the first it did not. */
static size_t
put_run(struct writer *writer, struct str text, size_t i, bool spaces)
{
	char *at = writer->at;

	for (; i < text.length && at < writer->end; i++) {
		char byte = text.data[i];

		if (!plain[(unsigned char)byte] && !(spaces && byte == ' '))
			break;
		*at++ = byte;
	}
	writer->at = at;
	return i;
}

static void
escape(struct buffer *out, struct str text, size_t cap, bool spaces)
{
	struct writer writer = writer_begin(out, text, cap);
	bool whole = true;
	size_t i = 0;

	while ((i = put_run(&writer, text, i, spaces)) < text.length) {
		unsigned char byte = (unsigned char)text.data[i++];
		char piece[] = { '\\', 'x', HEX[byte >> 4], HEX[byte & 15] };

		whole = put(&writer, piece, sizeof(piece));
		if (!whole)
			break;
	}
	writer_end(&writer, out, whole);
}

void
log_escape_plain(struct buffer *out, struct str text, size_t cap)
{
	escape(out, text, cap, true);
}

void
log_escape_word(struct buffer *out, struct str text, size_t cap)
{
	escape(out, text, cap, false);
}

/*
 * The bytes of the well-formed UTF-8 character (RFC 3629) at the front, and
 * which one it is; 0 when there is none.
 */
static size_t
utf8_character(const unsigned char *bytes, size_t length, unsigned *character)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t size;
	unsigned value;

	if (bytes[0] < 0x80) {
		*character = bytes[0];
		return 1;
	}
	size = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4 || length < size)
		return 0;
	value = bytes[0] & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < least[size] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*character = value;
	return size;
}

static size_t
unicode_escape(char *piece, unsigned unit)
{
	piece[0] = '\\';
	piece[1] = 'u';
	for (int i = 0; i < 4; i++)
		piece[2 + i] = HEX[unit >> (12 - 4 * i) & 15];
	return 6;
}

/* One character, or one byte that belongs to none; how many bytes it took,
 * 0 when there was no room. */
static size_t
put_json(struct writer *writer, const unsigned char *bytes, size_t length)
{
	unsigned character;
	size_t taken = utf8_character(bytes, length, &character), size;
	char piece[12];

	if (taken == 0) {
		size = 5;
		memcpy(piece, "\\\\x", 3);
		piece[3] = HEX[bytes[0] >> 4];
		piece[4] = HEX[bytes[0] & 15];
		taken = 1;
	} else if (character == '"' || character == '\\') {
		size = 2;
		piece[0] = '\\';
		piece[1] = (char)character;
	} else if (character < 0x10000) {
		size = unicode_escape(piece, character);
	} else {
		character -= 0x10000;
		size = unicode_escape(piece, 0xd800 + (character >> 10));
		size +=
		    unicode_escape(piece + size, 0xdc00 + (character & 0x3ff));
	}
	return put(writer, piece, size) ? taken : 0;
}

void
log_escape_json(struct buffer *out, struct str text, size_t cap)
{
	struct writer writer = writer_begin(out, text, cap);
	bool whole = true;
	size_t i = 0, taken;

	while ((i = put_run(&writer, text, i, true)) < text.length) {
		taken = put_json(&writer, (const unsigned char *)text.data + i,
		    text.length - i);
		i += taken;
		whole = taken > 0;
		if (!whole)
			break;
	}
	writer_end(&writer, out, whole);
}
