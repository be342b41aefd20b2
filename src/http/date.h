/* SPDX-License-Identifier: MIT */
/* Dates as HTTP writes and reads them (RFC 9110 5.6.7). */
#ifndef TRICORN_HTTP_DATE_H
#define TRICORN_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define HTTP_DATE_LENGTH 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* The text of one second, for a Date field in every response. */
struct http_date_cache {
	int64_t second;
	char text[HTTP_DATE_LENGTH];
	bool filled;
};

/*
 * Writes the IMF-fixdate of seconds since 1970, no NUL behind it. Times
 * before the year 0 or after 9999 are written as the nearest that fits.
 */
void http_date_format(char text[static HTTP_DATE_LENGTH], int64_t seconds);

/*
 * The same, formatted only when the second changed. The cache begins zeroed
 * and is for one thread; the view is valid until the next call.
 */
struct str http_date_cached(struct http_date_cache *cache, int64_t seconds);

/*
 * Reads IMF-fixdate, RFC 850 and asctime dates, strictly. now (seconds since
 * 1970) settles the century of two-digit years: none is taken as more than
 * 50 years ahead. False for anything else; the weekday must be a name but
 * isn't compared with the date.
 */
bool http_date_parse(struct str text, int64_t now, int64_t *seconds);

#endif
