/* SPDX-License-Identifier: MIT */
/*
 * Authorities: host and port as they stand in Host, in an absolute target
 * and in CONNECT (RFC 3986 3.2.2, RFC 9110 7.2). No user information.
 */
#ifndef TRICORN_HTTP_HOST_H
#define TRICORN_HTTP_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct http_host {
	struct str name; /* an IPv6 address with its brackets */
	int port;        /* -1: none, or an empty one */
};

/*
 * Splits a non-empty registered name, IPv4 address or [IPv6 address] from its
 * optional port. False when it is none of them, holds user information, or
 * the port is no number up to 65535. name is a view.
 */
bool http_host_parse(struct str authority, struct http_host *host);

/*
 * The host as routes compare it: lower case, without port and trailing dot.
 * A view of authority when nothing is to be changed, else a copy in the
 * arena. authority is one that http_host_parse accepts, or empty, which
 * gives the empty view.
 */
struct str http_host_normalise(struct arena *arena, struct str authority);

#endif
