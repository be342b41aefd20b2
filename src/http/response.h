/* SPDX-License-Identifier: MIT */
/* Status codes, status lines, and what a response may say. */
#ifndef TRICORN_HTTP_RESPONSE_H
#define TRICORN_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "http/field.h"

/* "HTTP/1.1 599 " and CRLF. */
#define HTTP_STATUS_LINE_MIN 15
/* Room that every status line fits into. */
#define HTTP_STATUS_LINE_MAX 64

/* The registered reason phrase, static; empty for codes without one. */
struct str http_status_reason(int status);

/*
 * "HTTP/1.1 200 OK" and CRLF, static, for a registered code; data is NULL
 * for any other. Quick: one look into a table.
 */
struct str http_status_line(int status);

/*
 * Writes the status line of any code from 100 to 999 and returns its length.
 * An unregistered one gets an empty reason (RFC 9112 4).
 */
size_t http_write_status_line(char line[static HTTP_STATUS_LINE_MAX],
    int status);

/*
 * False for 1xx, 204 and 304: their responses end with the head (RFC 9112
 * 6.3). That responses to HEAD do so too is the caller's to know.
 */
bool http_status_has_body(int status);

/*
 * Why an application's response field can't be sent, as a static sentence;
 * NULL when it can. The name must be a token, the value hold no CR, LF, NUL
 * or other control byte but tab, and the field not be one of a single hop,
 * which only the server itself decides on (RFC 9110 7.6.1).
 */
const char *http_response_field_problem(struct str name, struct str value);

#endif
