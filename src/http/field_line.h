/* SPDX-License-Identifier: MIT */
/*
 * One field line of a head or a trailer section, strictly (RFC 9112 5): the
 * same parser for requests, responses and trailers.
 */
#ifndef TRICORN_HTTP_FIELD_LINE_H
#define TRICORN_HTTP_FIELD_LINE_H

#include "http/field.h"
#include "http/parse.h"

/*
 * Parses the line at *at, which ends at end or before; at least one byte is
 * there. With DONE, *at moves behind the line's CRLF and field holds views.
 * With MORE (no wrong byte yet) and ERROR, *at and field are undefined.
 */
enum http_parse http_field_line_parse(const char **at, const char *end,
    struct http_field *field, struct http_problem *problem);

/*
 * Called where a field line may begin. DONE: the empty line that ends the
 * section was there, and *at is behind it. MORE: it can't be told yet. ERROR:
 * CR without LF. A field line begins (*field_line is true): *at is unchanged.
 */
enum http_parse http_field_section_end(const char **at, const char *end,
    bool *field_line, struct http_problem *problem);

#endif
