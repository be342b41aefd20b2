/* SPDX-License-Identifier: MIT */
/*
 * The chunked transfer coding (RFC 9112 7.1), decoded strictly and in place:
 * payload comes as views into the bytes fed. Nothing is allocated but for
 * trailer fields, in the arena given.
 */
#ifndef TRICORN_HTTP_CHUNKED_H
#define TRICORN_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "http/field.h"
#include "http/parse.h"

#define HTTP_CHUNK_MAX_DIGITS 16
#define HTTP_CHUNK_MAX_EXTENSION 1024   /* bytes in one chunk line */
#define HTTP_CHUNK_MAX_EXTENSIONS 16384 /* bytes in one message */
#define HTTP_CHUNK_HEAD_MAX (HTTP_CHUNK_MAX_DIGITS + 2)

enum http_chunked_event {
	HTTP_CHUNKED_MORE, /* all was consumed; feed more */
	HTTP_CHUNKED_DATA, /* payload was found; feed the rest again */
	HTTP_CHUNKED_DONE, /* the message ended, trailers included */
	HTTP_CHUNKED_ERROR /* the problem says why; feed no more */
};

/* Where in the coding the next byte stands. */
enum http_chunked_state {
	HTTP_CHUNKED_SIZE,
	HTTP_CHUNKED_EXTENSION,       /* behind a name or a value */
	HTTP_CHUNKED_EXTENSION_SPACE, /* behind white space there */
	HTTP_CHUNKED_NAME_BEGIN,      /* behind ';' */
	HTTP_CHUNKED_NAME,
	HTTP_CHUNKED_NAME_END,    /* white space behind a name */
	HTTP_CHUNKED_VALUE_BEGIN, /* behind '=' */
	HTTP_CHUNKED_VALUE,
	HTTP_CHUNKED_QUOTED,
	HTTP_CHUNKED_QUOTED_PAIR, /* behind a backslash */
	HTTP_CHUNKED_SIZE_LF,
	HTTP_CHUNKED_PAYLOAD,
	HTTP_CHUNKED_PAYLOAD_CR,
	HTTP_CHUNKED_PAYLOAD_LF,
	HTTP_CHUNKED_TRAILER, /* at the beginning of a line */
	HTTP_CHUNKED_END_LF,
	HTTP_CHUNKED_TRAILER_LINE,
	HTTP_CHUNKED_ENDED,
	HTTP_CHUNKED_FAILED
};

struct http_chunked {
	enum http_chunked_state state;
	unsigned digits;     /* of the chunk size so far */
	unsigned extension;  /* bytes of this chunk's extensions */
	unsigned extensions; /* bytes of all extensions */
	uint64_t remaining;  /* payload bytes of this chunk to come */
	uint64_t received;   /* payload bytes handed out */
	struct http_limits limits;
	struct arena *arena;
	char *trailer;       /* its bytes so far; NULL before the first */
	size_t trailer_line; /* where its unfinished line begins */
	size_t trailer_size;
	struct http_field *trailers; /* views into trailer; NULL for none */
	size_t trailer_count;
};

/*
 * limits->max_head and max_fields bound the trailer section (431). arena
 * outlives the decoder and owns the trailers; nothing is allocated from it
 * while there are none.
 */
void http_chunked_init(struct http_chunked *chunked,
    const struct http_limits *limits, struct arena *arena);

/*
 * Decodes from the front of data until something is to be told. consumed is
 * set to how many bytes were used up, with DATA the payload view's included;
 * bytes behind a DONE message are left alone. After DATA call again with
 * the rest, which may be empty. What results does not depend on how the
 * bytes were cut.
 */
enum http_chunked_event http_chunked_feed(struct http_chunked *chunked,
    const char *data, size_t length, size_t *consumed, struct str *payload,
    struct http_problem *problem);

/*
 * Writes what stands before a chunk of that size (not 0): hexadecimal digits
 * and CRLF. Returns the length. Behind the payload another CRLF is due.
 */
size_t http_chunk_head(char head[static HTTP_CHUNK_HEAD_MAX], uint64_t size);

/* The end of a chunked message without trailers: "0", CRLF, CRLF. */
#define HTTP_CHUNKED_END STR("0\r\n\r\n")

#endif
