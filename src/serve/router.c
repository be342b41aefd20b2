/* SPDX-License-Identifier: MIT */
/*
 * Patterns of hosts and paths, compiled into sorted sets.
 *
 * Both kinds are one problem: find the longest key that a text begins with.
 * Paths are taken as they are, hosts backwards, so that "*.example.com"
 * becomes the beginning "moc.elpmaxe.". In a sorted set every key that a text
 * begins with is the beginning of the greatest key not above the text as
 * well. So one binary search finds that key, and links from each key to the
 * longest one it begins with lead through all that can match.
 */
#include "serve/router.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"

#define HOST_MAX 255 /* bytes of a name in the DNS */

struct pattern {
	struct str key;
	bool tree;                    /* matches all that begins with key */
	const struct pattern *parent; /* longest tree this key begins with */
	const void *value;            /* a path's route, a host's site */
};

struct pattern_set {
	struct pattern *items; /* sorted by key */
	size_t count;
};

/* The paths of one host. */
struct site {
	struct pattern_set paths;
	struct pattern_set slashless; /* keys of trees, final slash cut */
};

/* What is reachable through one listener. */
struct entrance {
	const struct config_listen *listen; /* NULL: any other */
	struct pattern_set hosts;           /* backwards, in lower case */
	struct site any_host;
};

struct router {
	struct arena arena;
	struct route *routes;
	size_t route_count;
	struct entrance *entrances; /* the last one is for any other listener */
};

/* --- sets of patterns ----------------------------------------------------- */

static int
compare(struct str a, struct str b)
{
	size_t length = a.length < b.length ? a.length : b.length;
	int order = memcmp(a.data, b.data, length);

	if (order != 0)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

static size_t
common_length(struct str a, struct str b)
{
	size_t length = a.length < b.length ? a.length : b.length, i = 0;

	while (i < length && a.data[i] == b.data[i])
		i++;
	return i;
}

/* The greatest pattern whose key is not above the text, or NULL. */
static const struct pattern *
set_floor(const struct pattern_set *set, struct str text)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(set->items[middle].key, text) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &set->items[low - 1] : NULL;
}

/*
 * The first pattern that matches, from this one on along its parents. common
 * is how many bytes text shares with the key the walk began with.
 */
static const struct pattern *
pattern_match(const struct pattern *pattern, struct str text, size_t common)
{
	for (; pattern != NULL; pattern = pattern->parent)
		if (pattern->key.length <= common &&
		    (pattern->tree || pattern->key.length == text.length))
			break;
	return pattern;
}

static const struct pattern *
set_find(const struct pattern_set *set, struct str text)
{
	const struct pattern *start = set_floor(set, text);

	if (start == NULL)
		return NULL;
	return pattern_match(start, text, common_length(start->key, text));
}

static int
compare_patterns(const void *a, const void *b)
{
	return compare(((const struct pattern *)a)->key,
	    ((const struct pattern *)b)->key);
}

/* Sorts a set whose keys all differ and links it. */
static void
set_seal(struct pattern_set *set)
{
	if (set->count > 1)
		qsort(set->items, set->count, sizeof(*set->items),
		    compare_patterns);
	for (size_t i = 0; i < set->count; i++) {
		struct pattern *item = &set->items[i];
		const struct pattern *up = i > 0 ? item - 1 : NULL;

		while (up != NULL &&
		    !(up->tree && str_starts(item->key, up->key)))
			up = up->parent;
		item->parent = up;
	}
}

static struct pattern *
set_add(struct pattern_set *set, struct str key, bool tree, const void *value)
{
	struct pattern *item = &set->items[set->count++];

	*item = (struct pattern){ .key = key, .tree = tree, .value = value };
	return item;
}

static void
set_init(struct pattern_set *set, struct arena *arena, size_t capacity)
{
	set->items = arena_calloc(arena, capacity * sizeof(*set->items));
	set->count = 0;
}

/* --- hosts ---------------------------------------------------------------- */

/*
 * Writes the host backwards and in lower case, without port and final dot,
 * to key, which has HOST_MAX bytes. An empty result: no host a pattern could
 * stand for.
 */
static struct str
host_key(struct str host, char *key)
{
	ptrdiff_t end = -1;

	if (host.length > 0 && host.data[0] == '[')
		end = str_find(host, ']') + 1;
	else if (host.length > 0)
		end = str_find(host, ':');
	if (end > 0)
		host.length = (size_t)end;
	else if (end == 0)
		return str_make(key, 0);
	if (host.length > 1 && host.data[host.length - 1] == '.')
		host.length--;
	if (host.length > HOST_MAX)
		return str_make(key, 0);
	for (size_t i = 0; i < host.length; i++)
		key[i] = (char)
		    ascii_lower((unsigned char)host.data[host.length - 1 - i]);
	return str_make(key, host.length);
}

/* --- look-up -------------------------------------------------------------- */

static const struct entrance *
entrance_find(const struct router *router, const struct config_listen *listen)
{
	const struct entrance *entrance = router->entrances;

	while (entrance->listen != NULL && entrance->listen != listen)
		entrance++;
	return entrance;
}

/*
 * Asks the sites that stand for host, the most specific first, for the path.
 * slashless says in which of their sets.
 */
static const struct pattern *
find(const struct router *router, const struct config_listen *listen,
    struct str host, struct str path, bool slashless)
{
	const struct entrance *entrance = entrance_find(router, listen);
	const struct pattern *place, *found;
	const struct site *site;
	char space[HOST_MAX];
	struct str key;
	size_t common;

	if (path.length == 0)
		return NULL;
	if (entrance->hosts.count > 0 && host.length > 0 &&
	    host.data[0] != '.') {
		key = host_key(host, space);
		place = set_floor(&entrance->hosts, key);
		common = place ? common_length(place->key, key) : 0;
		while ((place = pattern_match(place, key, common)) != NULL) {
			site = place->value;
			found = set_find(slashless ? &site->slashless
						   : &site->paths,
			    path);
			if (found != NULL)
				return found;
			place = place->parent;
		}
	}
	site = &entrance->any_host;
	return set_find(slashless ? &site->slashless : &site->paths, path);
}

const struct route *
router_find(const struct router *router, const struct config_listen *listen,
    struct str host, struct str path, struct str *mount)
{
	const struct pattern *found = find(router, listen, host, path, false);

	if (found == NULL)
		return NULL;
	if (mount != NULL)
		*mount = str_make(found->key.data,
		    found->key.length - (found->tree ? 1 : 0));
	return found->value;
}

const struct route *
router_find_with_slash(const struct router *router,
    const struct config_listen *listen, struct str host, struct str path)
{
	const struct pattern *found = find(router, listen, host, path, true);

	return found != NULL ? found->value : NULL;
}

/* --- compiling ------------------------------------------------------------ */

/* One pattern of one route, while an entrance is being built. */
struct rule {
	struct str host; /* key; empty: none */
	bool host_tree;
	struct str path;
	const struct route *route;
	size_t order; /* in the configuration */
};

struct rules {
	struct rule *items;
	size_t count;
};

static int
compare_rules(const void *first, const void *second)
{
	const struct rule *a = first, *b = second;
	int order = compare(a->host, b->host);

	if (order == 0)
		order = compare(a->path, b->path);
	if (order == 0)
		order = (a->order > b->order) - (a->order < b->order);
	return order;
}

static bool
route_holds_on(const struct config_route *route,
    const struct config_listen *listen)
{
	if (route->listener_count == 0)
		return true;
	for (size_t i = 0; i < route->listener_count; i++)
		if (route->listeners[i] == listen)
			return true;
	return false;
}

/* Takes "[host]/path" apart; false for a host that no request can have. */
static bool
rule_init(struct rule *rule, struct arena *arena, struct str match)
{
	ptrdiff_t slash = str_find(match, '/');
	struct str host;
	char space[HOST_MAX], *copy;

	assert(slash >= 0);
	host = str_make(match.data, (size_t)slash);
	rule->path = str_make(match.data + slash, match.length - (size_t)slash);
	rule->host = str_make("", 0);
	rule->host_tree = str_starts(host, STR("*."));
	if (host.length == 0)
		return true;
	if (rule->host_tree) {
		host.data++;
		host.length--;
	} else if (host.data[0] == '.') {
		return false;
	}
	host = host_key(host, space);
	if (host.length == 0)
		return false;
	copy = arena_strndup(arena, host.data, host.length);
	rule->host = str_make(copy, host.length);
	return true;
}

/* All patterns that hold on listen, sorted, each host and path once. */
static struct rules
rules_collect(struct router *router, const struct config_listen *listen)
{
	struct rules rules = { NULL, 0 };
	size_t capacity = 0, kept = 0;

	for (size_t i = 0; i < router->route_count; i++)
		capacity += router->routes[i].config->match.count;
	rules.items = xcalloc(capacity, sizeof(*rules.items));
	for (size_t i = 0; i < router->route_count; i++) {
		const struct config_route *route = router->routes[i].config;

		if (!route_holds_on(route, listen))
			continue;
		for (size_t j = 0; j < route->match.count; j++) {
			struct rule *rule = &rules.items[rules.count];

			if (!rule_init(rule, &router->arena,
				str_of(route->match.items[j])))
				continue;
			rule->route = &router->routes[i];
			rule->order = rules.count++;
		}
	}
	if (rules.count > 1)
		qsort(rules.items, rules.count, sizeof(*rules.items),
		    compare_rules);
	for (size_t i = 0; i < rules.count; i++)
		if (kept == 0 ||
		    !str_equal(rules.items[kept - 1].host,
			rules.items[i].host) ||
		    !str_equal(rules.items[kept - 1].path, rules.items[i].path))
			rules.items[kept++] = rules.items[i];
	rules.count = kept;
	return rules;
}

/* A site from rules that have the same host. */
static void
site_init(struct site *site, struct arena *arena, const struct rule *rules,
    size_t count)
{
	set_init(&site->paths, arena, count);
	set_init(&site->slashless, arena, count);
	for (size_t i = 0; i < count; i++) {
		struct str path = rules[i].path;
		bool tree = path.data[path.length - 1] == '/';

		set_add(&site->paths, path, tree, rules[i].route);
		if (!tree || path.length == 1)
			continue;
		path.length--;
		set_add(&site->slashless, path, false, rules[i].route);
	}
	set_seal(&site->paths);
	set_seal(&site->slashless);
}

static void
entrance_init(struct entrance *entrance, struct router *router,
    const struct config_listen *listen)
{
	struct rules rules = rules_collect(router, listen);
	size_t start = 0, end;

	entrance->listen = listen;
	set_init(&entrance->hosts, &router->arena, rules.count);
	site_init(&entrance->any_host, &router->arena, NULL, 0);
	for (; start < rules.count; start = end) {
		const struct rule *rule = &rules.items[start];
		struct site *site = &entrance->any_host;

		for (end = start + 1; end < rules.count; end++)
			if (!str_equal(rules.items[end].host, rule->host))
				break;
		if (rule->host.length > 0) {
			site = arena_calloc(&router->arena, sizeof(*site));
			set_add(&entrance->hosts, rule->host, rule->host_tree,
			    site);
		}
		site_init(site, &router->arena, rule, end - start);
	}
	set_seal(&entrance->hosts);
	free(rules.items);
}

struct router *
router_create(const struct config *config, const struct config_pool *pool)
{
	struct router *router = xcalloc(1, sizeof(*router));
	size_t count = 0;

	arena_init(&router->arena, NULL, 0);
	router->routes = xcalloc(config->route_count, sizeof(*router->routes));
	for (size_t i = 0; i < config->route_count; i++) {
		const struct config_route *route = config->routes[i];

		if (route->target == CONFIG_TARGET_APP &&
		    route->app->pool != pool)
			continue;
		router->routes[router->route_count++].config = route;
	}
	router->entrances =
	    xcalloc(pool->listener_count + 1, sizeof(*router->entrances));
	for (; count < pool->listener_count; count++)
		entrance_init(&router->entrances[count], router,
		    pool->listeners[count]);
	entrance_init(&router->entrances[count], router, NULL);
	return router;
}

void
router_destroy(struct router **router)
{
	if (*router == NULL)
		return;
	arena_reset(&(*router)->arena);
	free((*router)->entrances);
	free((*router)->routes);
	free(*router);
	*router = NULL;
}

struct route *
router_routes(struct router *router, size_t *count)
{
	*count = router->route_count;
	return router->routes;
}
