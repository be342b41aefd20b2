/* SPDX-License-Identifier: MIT */
/*
 * Applications: loading the shared object, its hooks, and the handler that
 * answers exchanges through it. The application interface is documented in
 * tricorn/app.h.
 */
#ifndef TRICORN_HANDLER_APP_H
#define TRICORN_HANDLER_APP_H

#include <tricorn/app.h>

#include "base/error.h"
#include "config/model.h"
#include "net/threads.h"
#include "serve/context.h"
#include "serve/exchange.h"

#define APP_SLOW_KINDS 1024 /* paths told apart by the slow hint */

/* The worker as its apps see it; the ABI's opaque type. */
struct tricorn_worker {
	struct server_context *context;
	struct threads *threads;
	bool async;
	struct app **apps; /* of this pool */
	size_t app_count;
	struct app_timers *timers;
};

struct app {
	const struct config_app *config;
	const tricorn_app *table; /* the app's */
	struct tricorn_worker *worker;
	void *data;   /* of load() */
	void *state;  /* of worker_start() */
	size_t index; /* in worker->apps */
	bool loaded, started;
	bool evented;                 /* in this worker */
	uint8_t slow[APP_SLOW_KINDS]; /* see threads_task.slow */
};

/* handler_state of a route is its struct app. */
extern const struct handler_ops app_handler;

/*
 * Loads the object and calls load(). Worker process only. The object stays
 * loaded for good. NULL with error filled.
 */
struct app *app_load(const struct config_app *config, struct error *error)
    __attribute__((warn_unused_result));
/* Calls worker_stop and unload where their counterparts succeeded. */
void app_unload(struct app **app);

/*
 * Settles how each app runs and whether the worker is async: auto is async
 * as soon as an app is evented, or there is none; sync otherwise. -1 when an
 * app does not fit the pool's mode.
 */
int apps_choose_mode(struct tricorn_worker *worker, enum config_mode mode,
    struct error *error) __attribute__((warn_unused_result));
/* worker_start of all; on the loop's thread. */
int apps_start(struct tricorn_worker *worker, struct error *error)
    __attribute__((warn_unused_result));
/* health of all, last before the worker is ready. */
int apps_check_health(struct tricorn_worker *worker, struct error *error)
    __attribute__((warn_unused_result));
/* For threads_create(); none when no app runs on threads. */
struct threads_hooks apps_thread_hooks(struct tricorn_worker *worker);
void apps_drain(struct tricorn_worker *worker, uint32_t deadline_ms);
/* From a signal handler. */
void apps_dump(struct tricorn_worker *worker, int fd);

#endif
