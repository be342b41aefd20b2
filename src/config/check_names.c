/* SPDX-License-Identifier: MIT */
/* Resolves the names that sections give of each other. */
#include "config/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "config/apply.h"
#include "config/suggest.h"

/* The section's object, or NULL with the reason. */
static void *
find_object(const struct config *config, const struct config_section *from,
    const char *key, enum config_kind kind, struct str name,
    struct config_origin origin, struct error *error)
{
	const struct config_document *document = config->origins;
	const char *word = config_section_type(kind)->word;
	struct config_section *found;
	char *text = xstrndup(name.data, name.length);
	struct suggest suggest;

	found = config_document_find(document, kind, text);
	if (found == NULL) {
		suggest_init(&suggest, text);
		for (size_t i = 0; i < document->section_count; i++)
			if (document->sections[i]->kind == kind)
				suggest_offer(&suggest,
				    document->sections[i]->name);
		if (suggest.best != NULL)
			check_fail(error, from, key, origin,
			    "there is no [%s %.100s]; did you mean '%s'?", word,
			    text, suggest.best);
		else
			check_fail(error, from, key, origin,
			    "there is no [%s %.100s]; add it, or correct the "
			    "name",
			    word, text);
	}
	free(text);
	return found ? found->object : NULL;
}

/* The key with one name; *object is NULL when it was not given. */
static int
resolve_one(const struct config *config, const struct config_section *section,
    const char *key, enum config_kind kind, void **object, struct error *error)
{
	const struct config_list *given = config_section_given(section, key);

	*object = NULL;
	if (given->count == 0)
		return 0;
	*object = find_object(config, section, key, kind,
	    str_of(given->items[0]), given->origins[0], error);
	return *object ? 0 : -1;
}

/* listen = a b */
static int
resolve_listeners(const struct config *config,
    const struct config_section *section, struct config_listen ***listeners,
    size_t *count, struct error *error)
{
	const struct config_list *given =
	    config_section_given(section, "listen");

	for (size_t i = 0; i < given->count; i++) {
		const char *text = given->items[i];
		size_t length = 0;

		while (apply_next_word(&text, &length)) {
			struct config_listen *listen = find_object(config,
			    section, "listen", CONFIG_KIND_LISTEN,
			    str_make(text, length), given->origins[i], error);

			if (listen == NULL)
				return -1;
			for (size_t j = 0; j < *count; j++)
				if ((*listeners)[j] == listen)
					return check_fail(error, section,
					    "listen", given->origins[i],
					    "'%s' is listed twice",
					    listen->name);
			*listeners = xreallocarray(*listeners, *count + 1,
			    sizeof(**listeners));
			(*listeners)[(*count)++] = listen;
		}
	}
	return 0;
}

static void
take_listeners(struct config_listen ***to, size_t *to_count,
    struct config_listen **from, size_t count)
{
	*to_count = count;
	if (count == 0)
		return;
	*to = xreallocarray(NULL, count, sizeof(struct config_listen *));
	memcpy(*to, from, count * sizeof(*from));
}

static int
resolve_pool(struct config *config, struct config_pool *pool,
    struct error *error)
{
	struct config_section *section =
	    config_document_of(config->origins, pool);

	if (resolve_listeners(config, section, &pool->listeners,
		&pool->listener_count, error) < 0)
		return -1;
	if (config->pool_count == 1 &&
	    config_section_given(section, "listen")->count == 0)
		take_listeners(&pool->listeners, &pool->listener_count,
		    config->listens, config->listen_count);
	return 0;
}

static int
resolve_app(struct config *config, struct config_app *app, struct error *error)
{
	struct config_section *section =
	    config_document_of(config->origins, app);
	void *pool;

	if (app->module == NULL)
		return check_fail(error, section, "module", app->origin,
		    "the app has no module; write module = python or "
		    "module = ./name.so");
	if (strchr(app->module, '/') != NULL && access(app->module, R_OK) < 0)
		return check_fail(error, section, "module",
		    check_origin(section, "module"), "%s: %s", app->module,
		    errno == ENOENT ? "no such file" : strerror(errno));
	if (resolve_one(config, section, "pool", CONFIG_KIND_POOL, &pool,
		error) < 0)
		return -1;
	app->pool = pool;
	if (app->pool == NULL && config->pool_count == 1)
		app->pool = config->pools[0];
	if (app->pool == NULL)
		return check_fail(error, section, "pool", app->origin,
		    "there are several pools; write pool = NAME, such as "
		    "pool = %s",
		    config->pools[0]->name);
	return 0;
}

static int
resolve_route(struct config *config, struct config_route *route,
    struct error *error)
{
	struct config_section *section =
	    config_document_of(config->origins, route);
	void *app, *upstream;

	if (resolve_one(config, section, "app", CONFIG_KIND_APP, &app, error) <
		0 ||
	    resolve_one(config, section, "upstream", CONFIG_KIND_UPSTREAM,
		&upstream, error) < 0 ||
	    resolve_listeners(config, section, &route->listeners,
		&route->listener_count, error) < 0)
		return -1;
	route->app = app;
	route->upstream = upstream;
	if (route->app != NULL && route->listener_count == 0)
		take_listeners(&route->listeners, &route->listener_count,
		    route->app->pool->listeners,
		    route->app->pool->listener_count);
	return 0;
}

int
check_names(struct config *config, struct error *error)
{
	for (size_t i = 0; i < config->pool_count; i++)
		if (resolve_pool(config, config->pools[i], error) < 0)
			return -1;
	for (size_t i = 0; i < config->app_count; i++)
		if (resolve_app(config, config->apps[i], error) < 0)
			return -1;
	for (size_t i = 0; i < config->route_count; i++)
		if (resolve_route(config, config->routes[i], error) < 0)
			return -1;
	return 0;
}
