/* SPDX-License-Identifier: MIT */
/*
 * What each byte may be part of in a message: one table for all the grammars
 * of this room, independent of the locale.
 */
#ifndef TRICORN_HTTP_CHARACTER_H
#define TRICORN_HTTP_CHARACTER_H

#include <stdbool.h>

enum http_character {
	HTTP_CHARACTER_TOKEN = 1 << 0,  /* tchar, RFC 9110 5.6.2 */
	HTTP_CHARACTER_TARGET = 1 << 1, /* visible ASCII but '#' */
	HTTP_CHARACTER_VALUE = 1 << 2,  /* visible, space, tab, 8-bit */
	HTTP_CHARACTER_HOST = 1 << 3,   /* reg-name but '%', RFC 3986 3.2.2 */
	HTTP_CHARACTER_HEX = 1 << 4,
	HTTP_CHARACTER_PATH = 1 << 5, /* kept by the percent-encoder */
};

extern const unsigned char http_characters[256];

/* Whether the byte is of that kind. */
static inline bool
http_character_is(char byte, enum http_character kind)
{
	return (http_characters[(unsigned char)byte] & kind) != 0;
}

/* The value of a hexadecimal digit; -1 for any other byte. */
static inline int
http_hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

#endif
