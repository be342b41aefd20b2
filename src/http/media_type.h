/* SPDX-License-Identifier: MIT */
/* Media types by the extension of a file's name. */
#ifndef TRICORN_HTTP_MEDIA_TYPE_H
#define TRICORN_HTTP_MEDIA_TYPE_H

#include <stddef.h>

#include "base/str.h"

struct http_media_type {
	const char *extension; /* lower case, without the point */
	const char *type;      /* as it stands in Content-Type */
};

/*
 * The Content-Type of a file by the last extension of its name (or path), in
 * any case; text gets "charset=utf-8". "application/octet-stream" for names
 * without extension or with an unknown one. Static.
 */
struct str http_media_type_of(struct str file_name);

/* All known extensions, sorted. */
const struct http_media_type *http_media_types(size_t *count);

#endif
