/* SPDX-License-Identifier: MIT */
/*
 * An application that cannot be served. option.fail names the step that
 * fails: load, worker_start, thread_start, health; without it all is well.
 * option.silent = yes leaves the reason out.
 */
#include <stdlib.h>
#include <tricorn/app.h>

struct broken {
	tricorn_string fail;
	int silent;
};

static int
fails(const struct broken *broken, const char *step)
{
	return broken->fail.length == strlen(step) &&
	    memcmp(broken->fail.data, step, broken->fail.length) == 0;
}

static int
load(const tricorn_host *host, const tricorn_config *config, void **app,
    tricorn_string *error)
{
	static struct broken broken;

	broken.fail = tricorn_option(config, "fail", "");
	broken.silent = tricorn_option(config, "silent", "").length > 0;
	*app = &broken;
	if (!fails(&broken, "load"))
		return TRICORN_OK;
	if (!broken.silent)
		*error = tricorn_str("the cellar is flooded");
	return TRICORN_EIO;
}

static int
worker_start(tricorn_worker *worker, void *app, void **state,
    tricorn_string *error)
{
	struct broken *broken = app;

	*state = app;
	if (!fails(broken, "worker_start"))
		return TRICORN_OK;
	if (!broken->silent)
		*error = tricorn_str("the stairs are missing");
	return TRICORN_EIO;
}

static int
thread_start(void *state, void **thread)
{
	return fails(state, "thread_start") ? TRICORN_ENOMEM : TRICORN_OK;
}

static int
health(void *state)
{
	return fails(state, "health") ? TRICORN_EIO : TRICORN_OK;
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	return tricorn_reply(req, 200, "text/plain", "whole", 5);
}

static const tricorn_app broken_app = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "broken", "1.0"),
	.load = load,
	.worker_start = worker_start,
	.thread_start = thread_start,
	.handle = handle,
	.health = health,
};

TRICORN_APP(broken_app)
