/* SPDX-License-Identifier: MIT */
/*
 * Bytes from outside as harmless text in a line of a log: nothing in them
 * can end the line or a quoted value, or draw on a terminal. Pure; any
 * thread.
 */
#ifndef TRICORN_SERVE_LOG_ESCAPE_H
#define TRICORN_SERVE_LOG_ESCAPE_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/str.h"

/*
 * Appends text with every byte that is not printable ASCII, and '"' and '\',
 * as \xHH. What would be longer than cap bytes is cut there, between two
 * escapes, and "..." follows.
 */
void log_escape_plain(struct buffer *out, struct str text, size_t cap);
/* The same with spaces escaped too: one word. */
void log_escape_word(struct buffer *out, struct str text, size_t cap);
/*
 * Appends text as the inside of a JSON string, in ASCII: control characters,
 * '"', '\' and all beyond ASCII as \uHHHH; a byte that is no UTF-8 becomes
 * the four characters \xHH. Cut as above.
 */
void log_escape_json(struct buffer *out, struct str text, size_t cap);

#endif
