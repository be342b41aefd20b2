/* SPDX-License-Identifier: MIT */
/*
 * The router against a plain one that looks at every pattern. Input: a line
 * with the host, one with the path, then a pattern a line after a digit that
 * says where it holds: 0 everywhere, 1 and 2 on one listener, 3 on both.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "serve/router.h"

#define ROUTES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct config config;
	struct config_pool pool;
	struct config_listen listens[2];
	struct config_listen *pointers[2];
	struct config_route routes[ROUTES_MAX];
	struct config_route *route_pointers[ROUTES_MAX];
	char *patterns[ROUTES_MAX];
};

static void
add_route(struct world *world, struct str line)
{
	size_t index = world->config.route_count;
	struct config_route *route = &world->routes[index];
	unsigned where;

	if (index == ROUTES_MAX || line.length < 2 || line.data[0] < '0' ||
	    line.data[0] > '3' || str_find(line, '/') < 0 ||
	    str_find(line, '\0') >= 0)
		return;
	where = (unsigned)line.data[0] - '0';
	world->patterns[index] = xstrndup(line.data + 1, line.length - 1);
	route->match.items = &world->patterns[index];
	route->match.count = 1;
	route->target = CONFIG_TARGET_RESPOND;
	route->index_in_config = index;
	if (where > 0) {
		route->listeners = &world->pointers[where == 2 ? 1 : 0];
		route->listener_count = where == 3 ? 2 : 1;
	}
	world->route_pointers[index] = route;
	world->config.route_count++;
}

/* The line at the front; *rest moves behind it. */
static struct str
take_line(struct str *rest)
{
	ptrdiff_t end = str_find(*rest, '\n');
	struct str line = *rest;

	if (end >= 0)
		line.length = (size_t)end;
	rest->data += line.length;
	rest->length -= line.length;
	if (end >= 0) {
		rest->data++;
		rest->length--;
	}
	return line;
}

/* --- the plain router ----------------------------------------------------- */

static struct str
plain_host(struct str host)
{
	ptrdiff_t end;

	if (host.length > 0 && host.data[0] == '[') {
		end = str_find(host, ']');
		host.length = end < 0 ? 0 : (size_t)end + 1;
	} else {
		end = str_find(host, ':');
		if (end == 0)
			return host; /* no name at all: nothing equals it */
		if (end > 0)
			host.length = (size_t)end;
	}
	if (host.length > 1 && host.data[host.length - 1] == '.')
		host.length--;
	return host;
}

/* How well the host of a pattern fits: 0 not, 1 it has none, more: better. */
static size_t
host_fits(struct str pattern, struct str host)
{
	struct str wanted = pattern;

	if (pattern.length == 0)
		return 1;
	if (host.length == 0 || host.length > 255 || host.data[0] == '.' ||
	    host.data[0] == ':' || pattern.data[0] == '.' ||
	    pattern.data[0] == ':')
		return 0;
	if (!str_starts(pattern, STR("*."))) {
		wanted = plain_host(pattern);
		return wanted.length > 0 && str_equal_nocase(wanted, host)
		    ? 1000
		    : 0;
	}
	wanted.data++;
	wanted.length--;
	wanted = plain_host(wanted);
	if (wanted.length > host.length)
		return 0;
	host.data += host.length - wanted.length;
	host.length = wanted.length;
	return str_equal_nocase(wanted, host) ? 1 + wanted.length : 0;
}

static bool
path_fits(struct str pattern, struct str path)
{
	if (pattern.data[pattern.length - 1] == '/')
		return str_starts(path, pattern);
	return str_equal(path, pattern);
}

static bool
holds_on(const struct config_route *route, const struct config_listen *listen)
{
	for (size_t i = 0; i < route->listener_count; i++)
		if (route->listeners[i] == listen)
			return true;
	return route->listener_count == 0;
}

static const struct config_route *
plain_find(const struct world *world, const struct config_listen *listen,
    struct str host, struct str path, struct str *mount)
{
	const struct config_route *best = NULL;
	size_t best_fit = 0, best_length = 0;

	host = plain_host(host);
	for (size_t i = 0; i < world->config.route_count; i++) {
		struct str match = str_of(world->patterns[i]), pattern = match;
		size_t slash = (size_t)str_find(match, '/'), fit;

		match.length = slash;
		pattern.data += slash;
		pattern.length -= slash;
		fit = host_fits(match, host);
		if (fit == 0 || !holds_on(&world->routes[i], listen) ||
		    !path_fits(pattern, path))
			continue;
		if (fit > best_fit ||
		    (fit == best_fit && pattern.length > best_length)) {
			best = &world->routes[i];
			best_fit = fit;
			best_length = pattern.length;
			*mount = pattern;
			if (pattern.data[pattern.length - 1] == '/')
				mount->length--;
		}
	}
	return best;
}

/* --- comparison ----------------------------------------------------------- */

static void
compare(const struct world *world, const struct router *router,
    const struct config_listen *listen, struct str host, struct str path)
{
	struct str mount = STR_NULL, plain_mount = STR_NULL;
	const struct route *found =
	    router_find(router, listen, host, path, &mount);
	const struct config_route *plain =
	    plain_find(world, listen, host, path, &plain_mount);
	char *longer;

	if ((found ? found->config : NULL) != plain)
		abort();
	if (found != NULL && !str_equal(mount, plain_mount))
		abort();
	if (found != NULL || path.length == 0 ||
	    path.data[path.length - 1] == '/')
		return;
	/* Nothing matched: only the very pattern with a slash can now. */
	longer = xmalloc(path.length + 1);
	memcpy(longer, path.data, path.length);
	longer[path.length] = '/';
	found = router_find_with_slash(router, listen, host, path);
	plain = plain_find(world, listen, host,
	    str_make(longer, path.length + 1), &plain_mount);
	if (plain != NULL && plain_mount.length != path.length)
		plain = NULL;
	if ((found ? found->config : NULL) != plain)
		abort();
	free(longer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_make((const char *)data, size), host, path;
	struct world *world = xcalloc(1, sizeof(*world));
	struct router *router;

	world->pointers[0] = &world->listens[0];
	world->pointers[1] = &world->listens[1];
	world->pool.listeners = world->pointers;
	world->pool.listener_count = 2;
	world->config.routes = world->route_pointers;
	host = take_line(&rest);
	path = take_line(&rest);
	while (rest.length > 0)
		add_route(world, take_line(&rest));
	router = router_create(&world->config, &world->pool);
	compare(world, router, &world->listens[0], host, path);
	compare(world, router, &world->listens[1], host, path);
	compare(world, router, NULL, host, path);
	router_destroy(&router);
	for (size_t i = 0; i < world->config.route_count; i++)
		free(world->patterns[i]);
	free(world);
	return 0;
}
