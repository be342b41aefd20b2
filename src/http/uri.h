/* SPDX-License-Identifier: MIT */
/*
 * Paths: decoded and normalised once, and written back for clients. Hosts
 * are in http/host.h.
 */
#ifndef TRICORN_HTTP_URI_H
#define TRICORN_HTTP_URI_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/str.h"
#include "http/parse.h"

/*
 * Decodes the raw path of a target (it begins with '/') exactly once: %XX
 * becomes its byte, then the segments "." and ".." are removed, those that
 * were written with %2e or between %2f included (RFC 3986 5.2.4). Repeated
 * slashes are kept. The result begins with '/' and holds no NUL and no dot
 * segment; it is raw itself when nothing had to be done, else in the arena.
 * False with status 400 for a wrong escape, %00, a path that does not begin
 * with '/', and one that climbs above the root.
 */
bool http_path_normalise(struct arena *arena, struct str raw, struct str *path,
    struct http_problem *problem) __attribute__((warn_unused_result));

/*
 * Appends a decoded path as it may stand in Location and in links of a
 * directory listing: everything but unreserved bytes, '/' and some harmless
 * marks becomes %XX. ':' and '?' are among what is encoded, so a lone
 * segment is no scheme and holds no query.
 */
void http_path_encode(struct buffer *buffer, struct str path);

/* Appends text with & < > " ' written as HTML character references. */
void http_html_escape(struct buffer *buffer, struct str text);

#endif
