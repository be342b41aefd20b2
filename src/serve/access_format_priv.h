/* SPDX-License-Identifier: MIT */
/*
 * What the compiler of access log formats (access_format.c) hands to the
 * writer of lines (access_format_line.c).
 */
#ifndef TRICORN_SERVE_ACCESS_FORMAT_PRIV_H
#define TRICORN_SERVE_ACCESS_FORMAT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#define ACCESS_NUMBER_MAX 24 /* bytes of any number, with point or dash */
#define ACCESS_STAMP_MAX 32  /* bytes of a time without its quotes */

enum access_atom {
	ACCESS_LITERAL,
	/* written by us, of bounded length */
	ACCESS_TIME,
	ACCESS_PROTOCOL,
	ACCESS_STATUS,
	ACCESS_BYTES,
	ACCESS_BYTES_OR_DASH,
	ACCESS_SECONDS,
	ACCESS_MILLISECONDS,
	ACCESS_MICROSECONDS,
	ACCESS_DECIMAL_SECONDS,
	ACCESS_PID, /* literal text once compiled */
	/* texts, most of them from outside */
	ACCESS_REQUEST_LINE,
	ACCESS_PEER_ADDRESS,
	ACCESS_PEER_PORT,
	ACCESS_LOCAL_ADDRESS,
	ACCESS_LOCAL_PORT,
	ACCESS_SCHEME,
	ACCESS_USER,
	ACCESS_METHOD,
	ACCESS_TARGET,
	ACCESS_PATH,
	ACCESS_QUERY,
	ACCESS_HOST,
	ACCESS_REQUEST_FIELD,
	ACCESS_RESPONSE_FIELD,
	ACCESS_ROUTE,
	ACCESS_APP,
	ACCESS_UPSTREAM,
	ACCESS_POOL,
	ACCESS_NOTE,
};

struct access_item {
	enum access_atom atom;
	struct str text; /* a literal; the name of a field or variable */
};

/* A second as text; most lines share it with the line before. */
struct access_stamp {
	uint64_t second;
	size_t length;
	char text[ACCESS_STAMP_MAX];
};

struct access_format {
	struct arena arena;
	bool json;
	struct access_item *items;
	size_t count;
	size_t fixed;  /* bytes of a line at the most, values left out */
	size_t values; /* how many values share the rest of the limit */
	struct access_stamp stamp;
};

#endif
