/* SPDX-License-Identifier: MIT */
/*
 * Finds the route of a request. Compiled once from the configuration into
 * sorted tables; a look-up allocates nothing and takes a binary search per
 * table.
 *
 * The rules:
 *  - Only routes that hold on the listener count.
 *  - An exact host comes before "*.suffix", a longer suffix before a shorter
 *    one, and any host before a pattern without one. "*.example.com" stands
 *    for all names below example.com, not for example.com itself.
 *  - Within a host the longest path wins. "/static/" matches itself and the
 *    tree below, "/static" only itself.
 *  - When no path matches within a host, the next less specific host is
 *    asked.
 *  - When two routes have the very same pattern on one listener, the first
 *    in the configuration wins.
 * Hosts compare without case, port and final dot; paths byte by byte.
 */
#ifndef TRICORN_SERVE_ROUTER_H
#define TRICORN_SERVE_ROUTER_H

#include <stddef.h>

#include "base/str.h"
#include "serve/route.h"

struct router;

/*
 * Compiles the routes that workers of this pool serve: all but those to apps
 * of other pools. The configuration must outlive the router. Never fails:
 * the patterns have passed the configuration's check.
 */
struct router *router_create(const struct config *config,
    const struct config_pool *pool) __attribute__((returns_nonnull));
/* Frees the routes too. Sets *router NULL; accepts NULL. */
void router_destroy(struct router **router);

/*
 * The routes in the order of the configuration, so that the worker can give
 * each its handler. They are the router's and don't move.
 */
struct route *router_routes(struct router *router, size_t *count);

/*
 * The route for a request that came in on listen (NULL, or one that is not
 * the pool's: routes that hold everywhere); NULL when there is none. host is
 * that of the request, as received or normalised, empty without one; path
 * is decoded and normalised. *mount (may be NULL) becomes the part of
 * the path that the pattern took, without a final slash: "" for "/", "/shop"
 * for "/shop/" and for "/shop"; a view into the configuration.
 * Any thread.
 */
const struct route *router_find(const struct router *router,
    const struct config_listen *listen, struct str host, struct str path,
    struct str *mount);

/*
 * For a path that router_find() knows no route for: the route whose pattern
 * is the path with a slash behind it, so that "/static" can be answered with
 * 301 to "/static/"; NULL when there is none. Any thread.
 */
const struct route *router_find_with_slash(const struct router *router,
    const struct config_listen *listen, struct str host, struct str path);

#endif
