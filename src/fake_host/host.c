/* SPDX-License-Identifier: MIT */
/*
 * The life of a fake host and of the application in it: loaded, started,
 * stopped in the order of a worker.
 */
#include "fake_host/fake_host_priv.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct fake_host *
fake_host_create(void)
{
	struct fake_host *host = fake_grow(NULL, 1, sizeof(*host));
	pthread_mutexattr_t recursive;

	memset(host, 0, sizeof(*host));
	host->worker.host = host->config.host = host;
	host->loop = pthread_self();
	host->tasks_end = &host->tasks;
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&host->mutex, &recursive);
	pthread_mutexattr_destroy(&recursive);
	pthread_cond_init(&host->changed, NULL);
	return host;
}

void
fake_host_option(struct fake_host *host, const char *key, const char *value)
{
	fake_fields_add(&host->options, &host->memory, tricorn_str(key),
	    tricorn_str(value));
}

const char *
fake_host_error(const struct fake_host *host)
{
	return host->error;
}

const char *
fake_host_log(const struct fake_host *host)
{
	return host->log ? host->log : "";
}

/* --- start ---------------------------------------------------------------- */

static int __attribute__((format(printf, 2, 3)))
failed(struct fake_host *host, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(host->error, sizeof(host->error), format, args);
	va_end(args);
	return -1;
}

static int
step_failed(struct fake_host *host, const char *step, int result,
    tricorn_string reason)
{
	if (reason.length > 0)
		return failed(host, "%s() failed: %.*s", step,
		    (int)reason.length, reason.data);
	return failed(host, "%s() failed with %d and gave no reason", step,
	    result);
}

/* Whether the application's table is long enough for it, and it is there. */
#define HAS_HOOK(app, hook) (TRICORN_HAS(app, hook) && (app)->hook)

static int
check_app(struct fake_host *host, const tricorn_app *app)
{
	const uint32_t kinds = TRICORN_APP_BLOCKING | TRICORN_APP_EVENTED;

	if (!app)
		return failed(host,
		    "tricorn_app_v1() returned NULL: the "
		    "application refuses this host");
	if (app->abi_major != TRICORN_ABI_MAJOR)
		return failed(host,
		    "made for version %u of the interface, "
		    "not %u",
		    app->abi_major, TRICORN_ABI_MAJOR);
	if (!TRICORN_HAS(app, handle))
		return failed(host, "struct_size is %u, too small",
		    app->struct_size);
	if ((app->flags & kinds) == 0)
		return failed(host, "flags have neither BLOCKING nor EVENTED");
	if (!app->handle)
		return failed(host, "it has no handle()");
	return 0;
}

/* load() to health(), as far as it comes. */
static int
start_app(struct fake_host *host)
{
	const tricorn_app *app = host->app;
	tricorn_string reason = { NULL, 0 };
	int result = TRICORN_OK;

	if (HAS_HOOK(app, load))
		result = app->load(&fake_table, &host->config, &host->app_data,
		    &reason);
	if (result != TRICORN_OK)
		return step_failed(host, "load", result, reason);
	host->loaded = true;
	host->state = host->app_data;
	if (HAS_HOOK(app, worker_start))
		result = app->worker_start(&host->worker, host->app_data,
		    &host->state, &reason);
	if (result != TRICORN_OK)
		return step_failed(host, "worker_start", result, reason);
	host->started = true;
	if (!host->evented && HAS_HOOK(app, thread_start))
		result = app->thread_start(host->state, &host->thread);
	if (result != TRICORN_OK)
		return step_failed(host, "thread_start", result, reason);
	host->thread_started = true;
	if (HAS_HOOK(app, health))
		result = app->health(host->state);
	if (result != TRICORN_OK)
		return step_failed(host, "health", result, reason);
	return 0;
}

int
fake_host_start(struct fake_host *host, tricorn_app_v1_fn entry)
{
	const tricorn_app *app;

	if (host->app)
		return failed(host, "this host has an application already");
	app = entry(&fake_table);
	if (check_app(host, app) < 0)
		return -1;
	host->app = app;
	host->evented = app->flags & TRICORN_APP_EVENTED;
	return start_app(host);
}

int
fake_host_load(struct fake_host *host, const char *path)
{
	tricorn_app_v1_fn entry;
	void *object;

	/* Never closed, as in the server. */
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		return failed(host, "%s", dlerror());
	*(void **)&entry = dlsym(object, "tricorn_app_v1");
	if (!entry)
		return failed(host, "%s has no symbol tricorn_app_v1", path);
	return fake_host_start(host, entry);
}

/* --- life ----------------------------------------------------------------- */

void
fake_host_drain(struct fake_host *host, uint32_t deadline_ms)
{
	if (HAS_HOOK(host->app, drain))
		host->app->drain(host->state, deadline_ms);
	fake_host_run(host);
}

bool
fake_host_dump(struct fake_host *host, int fd)
{
	if (!HAS_HOOK(host->app, dump))
		return false;
	host->app->dump(host->state, fd);
	return true;
}

/* --- end ------------------------------------------------------------------ */

void
fake_host_stop(struct fake_host *host)
{
	const tricorn_app *app = host->app;
	tricorn_request *req;

	if (!app)
		return;
	for (req = host->requests; req; req = req->next)
		if (req->ran)
			fake_request_cancel(req, TRICORN_CANCEL_DRAIN);
	fake_host_run(host);
	if (host->thread_started && !host->evented &&
	    HAS_HOOK(app, thread_stop))
		app->thread_stop(host->state, host->thread);
	if (host->started && HAS_HOOK(app, worker_stop))
		app->worker_stop(host->state);
	if (host->loaded && HAS_HOOK(app, unload))
		app->unload(host->app_data);
	host->app = NULL;
}

static void
destroy_request(tricorn_request *req)
{
	size_t at;

	if (req->ran && !req->finished)
		fake_misuse(req->host, req,
		    "neither finished nor aborted by the end");
	else if (req->references > 0)
		fake_misuse(req->host, req,
		    "retained %u times more than released", req->references);
	for (at = 0; at < req->piece_count; at++)
		free(req->pieces[at].data);
	free(req->pieces);
	if (req->body_capacity > 0)
		free((char *)req->response.body);
	fake_memory_finish(&req->lent);
	fake_memory_finish(&req->memory);
	free(req);
}

void
fake_host_destroy(struct fake_host **host_at)
{
	struct fake_host *host = *host_at;
	struct fake_timer *timer;
	struct fake_task *task;
	tricorn_request *req;

	if (!host)
		return;
	fake_host_stop(host);
	while ((req = host->requests)) {
		host->requests = req->next;
		destroy_request(req);
	}
	while ((timer = host->timers)) {
		host->timers = timer->next;
		free(timer);
	}
	while ((task = host->tasks)) {
		host->tasks = task->next;
		free(task);
	}
	fake_memory_finish(&host->memory);
	free(host->log);
	pthread_cond_destroy(&host->changed);
	pthread_mutex_destroy(&host->mutex);
	free(host);
	*host_at = NULL;
}
