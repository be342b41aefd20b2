/* SPDX-License-Identifier: MIT */
/* Makes what a worker serves with: logs, routes, handlers, apps, threads. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "handler/app.h"
#include "handler/app_table.h"
#include "handler/files.h"
#include "handler/redirect.h"
#include "handler/respond.h"
#include "serve/access_log.h"
#include "serve/router.h"
#include "worker/worker_priv.h"

static struct app *
find_app(const struct worker *worker, const struct config_app *config)
{
	for (size_t i = 0; i < worker->host.app_count; i++)
		if (worker->host.apps[i]->config == config)
			return worker->host.apps[i];
	return NULL;
}

/* Handlers that need nothing but their route's configuration. */
static const struct {
	const struct handler_ops *handler;
	int (*create)(const struct config_route *, void **, struct error *);
	void (*destroy)(void **state);
} simple_handlers[] = {
	[CONFIG_TARGET_FILES] = { &files_handler, files_state_create,
	    files_state_destroy },
	[CONFIG_TARGET_REDIRECT] = { &redirect_handler, redirect_state_create,
	    redirect_state_destroy },
	[CONFIG_TARGET_RESPOND] = { &respond_handler, respond_state_create,
	    respond_state_destroy },
};

static int
attach_handler(struct worker *worker, struct route *route, struct error *error)
{
	const struct config_route *config = route->config;

	if (config->target == CONFIG_TARGET_APP) {
		route->handler = &app_handler;
		route->handler_state = find_app(worker, config->app);
		return 0;
	}
	route->handler = simple_handlers[config->target].handler;
	if (route->handler == NULL)
		return error_set(error,
		    "route %s leads to what this version "
		    "does not serve yet",
		    config->name);
	return simple_handlers[config->target].create(config,
	    &route->handler_state, error);
}

static int
load_apps(struct worker *worker, struct error *error)
{
	const struct config *config = worker->heritage->config;

	worker->host.apps =
	    xcalloc(config->app_count + 1, sizeof(worker->host.apps[0]));
	for (size_t i = 0; i < config->app_count; i++) {
		struct app *app;

		if (config->apps[i]->pool != worker->heritage->pool)
			continue;
		app = app_load(config->apps[i], error);
		if (app == NULL)
			return -1;
		worker->host.apps[worker->host.app_count++] = app;
	}
	return 0;
}

static int
start_threads(struct worker *worker, struct error *error)
{
	const struct config_pool *pool = worker->heritage->pool;
	/* No hooks where only offload() may ask for a thread some day. */
	struct threads_hooks hooks = apps_thread_hooks(&worker->host);
	enum threads_mode mode = worker->host.async ? THREADS_DEDICATED
	    : pool->threads == 1                    ? THREADS_INLINE
						    : THREADS_TAKEOVER;

	return threads_create(&worker->host.threads, &worker->loop, mode,
	    pool->threads, pool->thread_queue, &hooks, error);
}

int
worker_boot(struct worker *worker, struct error *error)
{
	const struct heritage *heritage = worker->heritage;
	const struct config_pool *pool = heritage->pool;
	struct server_context *context = &worker->context;
	struct route *routes;
	size_t count;

	for (size_t i = 0; i < pool->env.count; i++)
		setenv(pool->env.items[i].name, pool->env.items[i].value, 1);
	/* Without one no exchange looks at the clock. */
	if (strcmp(heritage->config->server.access_log, "off") != 0) {
		context->access_log =
		    access_log_create(&heritage->config->server, error);
		if (context->access_log == NULL)
			return -1;
	}
	if (load_apps(worker, error) < 0 ||
	    apps_choose_mode(&worker->host, pool->mode, error) < 0)
		return -1;
	context->router = router_create(heritage->config, pool);
	routes = router_routes(context->router, &count);
	for (size_t i = 0; i < count; i++)
		if (attach_handler(worker, &routes[i], error) < 0)
			return -1;
	if (apps_start(&worker->host, error) < 0 ||
	    start_threads(worker, error) < 0)
		return -1;
	return apps_check_health(&worker->host, error);
}

void
worker_unboot(struct worker *worker)
{
	struct server_context *context = &worker->context;
	size_t count = 0;
	struct route *routes = context->router != NULL
	    ? router_routes(context->router, &count)
	    : NULL;

	threads_destroy(&worker->host.threads);
	for (size_t i = 0; i < worker->host.app_count; i++)
		app_unload(&worker->host.apps[i]);
	free(worker->host.apps);
	app_timers_destroy(&worker->host);
	for (size_t i = 0; i < count; i++)
		if (routes[i].config->target != CONFIG_TARGET_APP &&
		    routes[i].handler != NULL)
			simple_handlers[routes[i].config->target].destroy(
			    &routes[i].handler_state);
	router_destroy(&context->router);
	access_log_destroy(&context->access_log);
}
