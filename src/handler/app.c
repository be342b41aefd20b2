/* SPDX-License-Identifier: MIT */
/* Loads applications and runs their hooks. */
#include "handler/app.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "handler/app_call.h"

/* A bare name is one of the modules that came with the server. */
static char *
module_path(const char *module)
{
	if (strchr(module, '/') != NULL)
		return xstrdup(module);
	return xasprintf("%s/%s.so", TRICORN_LIBDIR, module);
}

/* Why there is nothing to load at path. */
static void
set_unreadable(const struct config_app *config, const char *path,
    struct error *error)
{
	if (strchr(config->module, '/') != NULL)
		error_set(error, "app %s: cannot read %s: %m", config->name,
		    path);
	else if (strcmp(config->module, "python") == 0)
		error_set(error,
		    "app %s: this tricorn does not host Python; its module "
		    "%s is missing",
		    config->name, path);
	else
		error_set(error,
		    "app %s: no module %s came with this tricorn (%s: %m); "
		    "a file of your own is written as a path, ./%s.so",
		    config->name, config->module, path, config->module);
}

static const tricorn_app *
open_object(const struct config_app *config, struct error *error)
{
	char *path = module_path(config->module);
	tricorn_app_v1_fn entry = NULL;
	const tricorn_app *table = NULL;
	void *object = NULL;

	if (access(path, R_OK) < 0) {
		set_unreadable(config, path, error);
		free(path);
		return NULL;
	}
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (object == NULL)
		error_set(error, "app %s: cannot load: %s", config->name,
		    dlerror());
	else
		*(void **)&entry = dlsym(object, "tricorn_app_v1");
	if (object != NULL && entry == NULL)
		error_set(error,
		    "app %s: %s exports no tricorn_app_v1; build "
		    "it with TRICORN_APP() of tricorn/app.h",
		    config->name, path);
	if (entry != NULL) {
		table = entry(app_call_host_table());
		if (table == NULL)
			error_set(error,
			    "app %s: %s refused version %u.%u of "
			    "the application interface; rebuild it against "
			    "this server's tricorn/app.h",
			    config->name, path, TRICORN_ABI_MAJOR,
			    TRICORN_ABI_MINOR);
	}
	free(path);
	return table;
}

static int
check_table(const struct config_app *config, const tricorn_app *table,
    struct error *error)
{
	if (table->abi_major != TRICORN_ABI_MAJOR ||
	    !TRICORN_HAS(table, handle))
		return error_set(error,
		    "app %s: %s was built for version "
		    "%u.%u of the application interface, this server has "
		    "%u.%u; rebuild it",
		    config->name, config->module, table->abi_major,
		    table->abi_minor, TRICORN_ABI_MAJOR, TRICORN_ABI_MINOR);
	if (table->handle == NULL)
		return error_set(error, "app %s: %s has no handle()",
		    config->name, config->module);
	if ((table->flags & (TRICORN_APP_BLOCKING | TRICORN_APP_EVENTED)) == 0)
		return error_set(error,
		    "app %s: %s says neither "
		    "TRICORN_APP_BLOCKING nor TRICORN_APP_EVENTED",
		    config->name, config->module);
	return 0;
}

/* Whether the app's table is long enough for the hook, and it is there. */
#define HAS_HOOK(app, hook) \
	(TRICORN_HAS((app)->table, hook) && (app)->table->hook != NULL)

/* "app shop: load() failed: the app's own words" */
static int
hook_failed(const struct app *app, const char *hook, int result,
    tricorn_string text, struct error *error)
{
	if (text.data != NULL && text.length > 0)
		return error_set(error, "app %s: %s failed: %.*s",
		    app->config->name, hook, (int)text.length, text.data);
	return error_set(error, "app %s: %s failed with result %d",
	    app->config->name, hook, result);
}

struct app *
app_load(const struct config_app *config, struct error *error)
{
	tricorn_string text = { NULL, 0 };
	struct app *app;
	const tricorn_app *table;
	int result = TRICORN_OK;

	for (size_t i = 0; i < config->env.count; i++)
		setenv(config->env.items[i].name, config->env.items[i].value,
		    1);
	table = open_object(config, error);
	if (table == NULL || check_table(config, table, error) < 0)
		return NULL;
	app = xcalloc(1, sizeof(*app));
	app->config = config;
	app->table = table;
	if (HAS_HOOK(app, load))
		result = table->load(app_call_host_table(),
		    (const tricorn_config *)config, &app->data, &text);
	if (result != TRICORN_OK) {
		hook_failed(app, "load()", result, text, error);
		free(app);
		return NULL;
	}
	app->loaded = true;
	return app;
}

void
app_unload(struct app **unloaded)
{
	struct app *app = *unloaded;

	*unloaded = NULL;
	if (app == NULL)
		return;
	if (app->started && HAS_HOOK(app, worker_stop))
		app->table->worker_stop(app->state);
	if (HAS_HOOK(app, unload))
		app->table->unload(app->data);
	free(app);
}

int
apps_choose_mode(struct tricorn_worker *worker, enum config_mode mode,
    struct error *error)
{
	worker->async = mode == CONFIG_MODE_ASYNC ||
	    (mode == CONFIG_MODE_AUTO && worker->app_count == 0);
	for (size_t i = 0; i < worker->app_count && mode == CONFIG_MODE_AUTO;
	     i++)
		if (worker->apps[i]->table->flags & TRICORN_APP_EVENTED)
			worker->async = true;
	for (size_t i = 0; i < worker->app_count; i++) {
		struct app *app = worker->apps[i];
		uint32_t flags = app->table->flags;

		app->index = i;
		app->worker = worker;
		app->evented = worker->async && (flags & TRICORN_APP_EVENTED);
		if (!worker->async && !(flags & TRICORN_APP_BLOCKING))
			return error_set(error,
			    "app %s is evented and cannot "
			    "run in pool %s, whose mode is sync; write mode = "
			    "async there, or give the app another pool",
			    app->config->name, app->config->pool->name);
	}
	return 0;
}

int
apps_start(struct tricorn_worker *worker, struct error *error)
{
	for (size_t i = 0; i < worker->app_count; i++) {
		struct app *app = worker->apps[i];
		tricorn_string text = { NULL, 0 };
		int result;

		app->state = app->data;
		if (HAS_HOOK(app, worker_start)) {
			result = app->table->worker_start(worker, app->data,
			    &app->state, &text);
			if (result != TRICORN_OK)
				return hook_failed(app, "worker_start()",
				    result, text, error);
		}
		app->started = true;
	}
	return 0;
}

int
apps_check_health(struct tricorn_worker *worker, struct error *error)
{
	for (size_t i = 0; i < worker->app_count; i++) {
		struct app *app = worker->apps[i];
		tricorn_string text = { NULL, 0 };
		int result;

		if (!HAS_HOOK(app, health))
			continue;
		result = app->table->health(app->state);
		if (result != TRICORN_OK)
			return hook_failed(app, "health()", result, text,
			    error);
	}
	return 0;
}

/* A thread's data is an array with one pointer for each app. */
static int
start_thread(void *arg, void **thread, struct error *error)
{
	struct tricorn_worker *worker = arg;
	void **data = xcalloc(worker->app_count + 1, sizeof(*data));

	*thread = data;
	for (size_t i = 0; i < worker->app_count; i++) {
		struct app *app = worker->apps[i];
		tricorn_string text = { NULL, 0 };
		int result;

		if (app->evented || !HAS_HOOK(app, thread_start))
			continue;
		result = app->table->thread_start(app->state, &data[i]);
		if (result != TRICORN_OK)
			return hook_failed(app, "thread_start()", result, text,
			    error);
	}
	return 0;
}

static void
stop_thread(void *arg, void *thread)
{
	struct tricorn_worker *worker = arg;
	void **data = thread;

	for (size_t i = 0; i < worker->app_count; i++) {
		struct app *app = worker->apps[i];

		if (!app->evented && HAS_HOOK(app, thread_stop))
			app->table->thread_stop(app->state, data[i]);
	}
	free(data);
}

struct threads_hooks
apps_thread_hooks(struct tricorn_worker *worker)
{
	for (size_t i = 0; i < worker->app_count; i++)
		if (!worker->apps[i]->evented)
			return (struct threads_hooks){ start_thread,
				stop_thread, worker };
	return (struct threads_hooks){ NULL, NULL, NULL };
}

void
apps_drain(struct tricorn_worker *worker, uint32_t deadline_ms)
{
	for (size_t i = 0; i < worker->app_count; i++) {
		struct app *app = worker->apps[i];

		if (HAS_HOOK(app, drain))
			app->table->drain(app->state, deadline_ms);
	}
}

void
apps_dump(struct tricorn_worker *worker, int fd)
{
	for (size_t i = 0; i < worker->app_count; i++) {
		struct app *app = worker->apps[i];

		if (app != NULL && app->started && HAS_HOOK(app, dump))
			app->table->dump(app->state, fd);
	}
}
