/* SPDX-License-Identifier: MIT */
/* Several ranges of a file in one answer (RFC 9110 14.6). */
#ifndef TRICORN_HANDLER_MULTIPART_H
#define TRICORN_HANDLER_MULTIPART_H

#include "handler/file_cache.h"
#include "http/range.h"
#include "serve/exchange.h"

/* The fields an answer may have, its Content-Type among them. */
#define MULTIPART_MAX_FIELDS 8

/*
 * Answers 206 with the ranges as multipart/byteranges, as fast as the client
 * takes them, and ends the exchange. fields are those of a whole answer; the
 * Content-Type among them becomes that of each part.
 */
void multipart_reply(struct exchange *exchange, const struct file_entry *entry,
    const struct http_field *fields, size_t count,
    const struct http_ranges *ranges);

/* Of the handler: goes on, and gives up. Harmless for other answers. */
void multipart_writable(struct exchange *exchange);
void multipart_cancel(struct exchange *exchange);

#endif
