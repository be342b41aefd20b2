/* SPDX-License-Identifier: MIT */
/* The table of bytes, one row per run of bytes that are alike. */
#include "http/character.h"

#define TOKEN HTTP_CHARACTER_TOKEN
#define TARGET HTTP_CHARACTER_TARGET
#define VALUE HTTP_CHARACTER_VALUE
#define HOST HTTP_CHARACTER_HOST
#define HEX HTTP_CHARACTER_HEX
#define PATH HTTP_CHARACTER_PATH

#define SEEN (TARGET | VALUE)              /* visible, in no name */
#define NAME (TOKEN | SEEN)                /* in tokens, not in hosts */
#define PLAIN (TOKEN | SEEN | HOST | PATH) /* unreserved, RFC 3986 2.3 */

const unsigned char http_characters[256] = {
	['\t'] = VALUE,
	[' '] = VALUE,
	['!'] = PLAIN,
	['"'] = SEEN,
	['#'] = TOKEN | VALUE,
	['$'] = PLAIN,
	['%'] = NAME,
	['&'] = NAME | HOST,
	['\''] = NAME | HOST,
	['('] = SEEN | HOST | PATH,
	[')'] = SEEN | HOST | PATH,
	['*'] = PLAIN,
	['+'] = PLAIN,
	[','] = SEEN | HOST | PATH,
	['-'] = PLAIN,
	['.'] = PLAIN,
	['/'] = SEEN | PATH,
	['0' ... '9'] = PLAIN | HEX,
	[':'] = SEEN,
	[';'] = SEEN | HOST | PATH,
	['<'] = SEEN,
	['='] = SEEN | HOST | PATH,
	['>'] = SEEN,
	['?'] = SEEN,
	['@'] = SEEN | PATH,
	['A' ... 'F'] = PLAIN | HEX,
	['G' ... 'Z'] = PLAIN,
	['['] = SEEN,
	['\\'] = SEEN,
	[']'] = SEEN,
	['^'] = NAME,
	['_'] = PLAIN,
	['`'] = NAME,
	['a' ... 'f'] = PLAIN | HEX,
	['g' ... 'z'] = PLAIN,
	['{'] = SEEN,
	['|'] = NAME,
	['}'] = SEEN,
	['~'] = PLAIN,
	[0x80 ... 0xff] = VALUE,
};
