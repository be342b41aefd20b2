/* SPDX-License-Identifier: MIT */
/* What each route matches, where it leads, and whether workers get there. */
#include "config/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/suggest.h"

static struct config_section *
section_of(const struct config *config, const void *object)
{
	return config_document_of(config->origins, object);
}

/* ---- exactly one target ---- */

static int
find_target(struct config_section *section, struct config_route *route,
    struct error *error)
{
	static const struct {
		const char *key;
		enum config_target target;
	} targets[] = { { "app", CONFIG_TARGET_APP },
		{ "upstream", CONFIG_TARGET_UPSTREAM },
		{ "files", CONFIG_TARGET_FILES },
		{ "redirect", CONFIG_TARGET_REDIRECT },
		{ "respond", CONFIG_TARGET_RESPOND } };
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		const char *key = targets[i].key;

		if (config_section_given(section, key)->count == 0)
			continue;
		if (first != NULL)
			return check_fail(error, section, key,
			    check_origin(section, key),
			    "the route leads to '%s' at %s already; keep one "
			    "of the two",
			    first,
			    config_place(check_origin(section, first)).text);
		first = key;
		route->target = targets[i].target;
	}
	if (first == NULL)
		return check_fail(error, section, NULL, section->origin,
		    "the route leads nowhere; add app, files, redirect, "
		    "respond or upstream");
	return 0;
}

static int
check_files(const struct config_section *section,
    const struct config_route *route, struct error *error)
{
	struct config_origin origin = check_origin(section, "files");
	struct stat status;

	if (route->files == NULL)
		return check_fail(error, section, "files", origin,
		    "the value is empty");
	if (stat(route->files, &status) < 0)
		return check_fail(error, section, "files", origin, "%s: %s",
		    route->files,
		    errno == ENOENT ? "no such directory or file"
				    : strerror(errno));
	if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
		return check_fail(error, section, "files", origin,
		    "%s is neither a directory nor a file", route->files);
	if (access(route->files, S_ISDIR(status.st_mode) ? R_OK | X_OK : R_OK) <
	    0)
		return check_fail(error, section, "files", origin, "%s: %s",
		    route->files, strerror(errno));
	return 0;
}

/* The variables that the redirect handler knows. */
static int
check_redirect(const struct config_section *section,
    const struct config_route *route, struct error *error)
{
	static const char *const names[] = { "path", "query", "host", "scheme",
		"uri" };
	struct config_origin origin = check_origin(section, "redirect");
	const char *at = route->redirect;

	if (*at == '\0' || strpbrk(at, " \t") != NULL)
		return check_fail(error, section, "redirect", origin,
		    "'%.200s' is no URL", at);
	while ((at = strchr(at, '$')) != NULL) {
		size_t i = 0, count = sizeof(names) / sizeof(names[0]);

		at++;
		if (*at == '$') { /* a dollar sign */
			at++;
			continue;
		}
		while (i < count &&
		    strncmp(at, names[i], strlen(names[i])) != 0)
			i++;
		if (i == count)
			return check_fail(error, section, "redirect", origin,
			    "'$%.40s' begins with no variable; write $path, "
			    "$query, $host, $scheme or $uri, and $$$$ for a "
			    "dollar",
			    at);
	}
	return 0;
}

static int
check_redirect_status(const struct config_section *section,
    const struct config_route *route, struct error *error)
{
	switch (route->redirect_status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return 0;
	default:
		return check_fail(error, section, "redirect_status",
		    check_origin(section, "redirect_status"),
		    "%u is no redirect; write 301, 302, 303, 307 or 308",
		    route->redirect_status);
	}
}

static int
check_respond(const struct config_section *section,
    const struct config_route *route, struct error *error)
{
	const char *text = route->respond;

	if (strspn(text, "0123456789") != 3 ||
	    (text[3] != '\0' && text[3] != ' ' && text[3] != '\t') ||
	    text[0] < '2' || text[0] > '5')
		return check_fail(error, section, "respond",
		    check_origin(section, "respond"),
		    "'%.100s' does not begin with a status from 200 to 599; "
		    "write respond = 503 Back soon",
		    text);
	return 0;
}

static int
check_target(const struct config_section *section,
    const struct config_route *route, struct error *error)
{
	switch (route->target) {
	case CONFIG_TARGET_FILES:
		return check_files(section, route, error);
	case CONFIG_TARGET_REDIRECT:
		return check_redirect(section, route, error);
	case CONFIG_TARGET_RESPOND:
		return check_respond(section, route, error);
	case CONFIG_TARGET_UPSTREAM:
		return check_fail(error, section, "upstream",
		    check_origin(section, "upstream"),
		    "upstream routes are not supported yet in this version");
	case CONFIG_TARGET_APP:
		break;
	}
	return 0;
}

/* ---- fields added to responses ---- */

static int
check_headers(const struct config_section *section,
    const struct config_route *route, struct error *error)
{
	static const char *const own[] = { "Connection", "Content-Length",
		"Date", "Keep-Alive", "Trailer", "Transfer-Encoding",
		"Upgrade" };
	const struct config_list *given =
	    config_section_given(section, "header");

	for (size_t i = 0; i < route->headers.count; i++)
		for (size_t j = 0; j < sizeof(own) / sizeof(own[0]); j++)
			if (str_equal_nocase(
				str_of(route->headers.items[i].name),
				str_of(own[j])))
				return check_fail(error, section, "header",
				    given->origins[i],
				    "%s is the server's "
				    "own; it can't be set",
				    own[j]);
	return 0;
}

/* ---- patterns ---- */

static bool
holds_on(const struct config_route *route, const struct config_listen *listen)
{
	for (size_t i = 0; i < route->listener_count; i++)
		if (route->listeners[i] == listen)
			return true;
	return route->listener_count == 0;
}

static bool
overlap(const struct config *config, const struct config_route *a,
    const struct config_route *b)
{
	for (size_t i = 0; i < config->listen_count; i++)
		if (holds_on(a, config->listens[i]) &&
		    holds_on(b, config->listens[i]))
			return true;
	return false;
}

/* Compares one pattern with those of an earlier route, or of its own. */
static int
check_same_match(const struct config *config, const struct config_route *route,
    size_t index, const struct config_route *earlier, struct error *error)
{
	const char *match = route->match.items[index];
	size_t count = earlier == route ? index : earlier->match.count;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(match, earlier->match.items[i]) != 0 ||
		    !overlap(config, route, earlier))
			continue;
		return check_fail(error, section_of(config, route), "match",
		    route->match.origins[index],
		    "'%s' is matched by [route %s] at %s already", match,
		    earlier->name,
		    config_place(earlier->match.origins[i]).text);
	}
	return 0;
}

static int
check_matches(const struct config *config, struct config_route *route,
    struct error *error)
{
	struct config_section *section = section_of(config, route);
	struct error reason;

	if (route->match.count == 0)
		return check_fail(error, section, NULL, route->origin,
		    "the route matches nothing; add match = /");
	for (size_t i = 0; i < route->match.count; i++) {
		if (check_match(route->match.items[i], &reason) < 0)
			return check_fail(error, section, "match",
			    route->match.origins[i], "%s", reason.text);
		for (size_t j = 0; j <= route->index_in_config; j++)
			if (check_same_match(config, route, i,
				config->routes[j], error) < 0)
				return -1;
	}
	return 0;
}

/* ---- reach: pools don't forward to each other yet ---- */

static bool
accepts_on(const struct config_pool *pool, const struct config_listen *listen)
{
	for (size_t i = 0; i < pool->listener_count; i++)
		if (pool->listeners[i] == listen)
			return true;
	return false;
}

static int
check_listener_of_app(const struct config *config,
    const struct config_route *route, const struct config_listen *listen,
    struct error *error)
{
	const struct config_pool *home = route->app->pool;
	struct config_section *section = section_of(config, route);
	struct config_origin origin = check_origin(section, "listen");

	if (!accepts_on(home, listen))
		return check_fail(error, section, "listen", origin,
		    "[app %s] runs in [pool %s], which does not accept on "
		    "'%s'; add listen = %s to that pool",
		    route->app->name, home->name, listen->name, listen->name);
	for (size_t i = 0; i < config->pool_count; i++)
		if (config->pools[i] != home &&
		    accepts_on(config->pools[i], listen))
			return check_fail(error, section, "listen", origin,
			    "[pool %s] accepts on '%s' too, but [app %s] runs "
			    "in [pool %s] only; give the two pools listen = "
			    "of their own",
			    config->pools[i]->name, listen->name,
			    route->app->name, home->name);
	return 0;
}

static int
check_reach(const struct config *config, const struct config_route *route,
    struct error *error)
{
	struct config_section *section = section_of(config, route);

	if (route->app == NULL)
		return 0;
	if (route->app->pool->listener_count == 0)
		return check_fail(error, section, "app",
		    check_origin(section, "app"),
		    "[app %s] runs in [pool %s], which accepts on no "
		    "listener; add listen = %s to that pool",
		    route->app->name, route->app->pool->name,
		    config->listens[0]->name);
	for (size_t i = 0; i < route->listener_count; i++)
		if (check_listener_of_app(config, route, route->listeners[i],
			error) < 0)
			return -1;
	return 0;
}

int
check_routes(struct config *config, struct error *error)
{
	for (size_t i = 0; i < config->route_count; i++) {
		struct config_route *route = config->routes[i];
		struct config_section *section = section_of(config, route);

		if (find_target(section, route, error) < 0 ||
		    check_target(section, route, error) < 0 ||
		    check_redirect_status(section, route, error) < 0 ||
		    check_headers(section, route, error) < 0 ||
		    check_reach(config, route, error) < 0 ||
		    check_matches(config, route, error) < 0)
			return -1;
	}
	if (config->route_count == 0)
		return error_set(error,
		    "%s has no [route NAME]; add one, for "
		    "example with match = / and app = NAME",
		    config->path ? config->path : "the configuration");
	return 0;
}
