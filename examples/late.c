/* SPDX-License-Identifier: MIT */
/*
 * handle() hands the request to a thread of the application's own and returns
 * TRICORN_PENDING; that thread answers when it has the result. This is how to
 * wrap a library that has its own threads and calls back from them. The
 * request stays valid until it is finished, even when its client has gone:
 * then the reply is refused and abort() lets it go.
 *
 *	tricorn --threads 2 ./late.so
 *	curl http://127.0.0.1:8000/
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <tricorn/app.h>

struct order {
	struct order *next;
	tricorn_request *req;
};

struct late {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct order *first, **end; /* orders in line */
	int ending;
};

/* The next order in line; NULL when the worker ends. */
static struct order *
next_order(struct late *late)
{
	struct order *order;

	pthread_mutex_lock(&late->mutex);
	while (!late->first && !late->ending)
		pthread_cond_wait(&late->changed, &late->mutex);
	order = late->first;
	if (order) {
		late->first = order->next;
		if (!late->first)
			late->end = &late->first;
	}
	pthread_mutex_unlock(&late->mutex);
	return order;
}

static void *
kitchen(void *arg)
{
	static const char text[] = "Served by a thread of the application.\n";
	struct timespec cooking = { 0, 20 * 1000 * 1000 };
	struct late *late = arg;
	struct order *order;

	while ((order = next_order(late))) {
		/* order lives in the request: gone after the reply */
		tricorn_request *req = order->req;

		nanosleep(&cooking, NULL);
		if (tricorn_reply(req, 200, "text/plain; charset=utf-8", text,
			sizeof(text) - 1) < 0)
			tricorn_abort(req);
	}
	return NULL;
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	struct late *late = state;
	struct order *order = tricorn_alloc(req, sizeof(*order));

	order->next = NULL;
	order->req = req;
	pthread_mutex_lock(&late->mutex);
	*late->end = order;
	late->end = &order->next;
	pthread_cond_signal(&late->changed);
	pthread_mutex_unlock(&late->mutex);
	/* From here on the request may be finished at any moment. */
	return TRICORN_PENDING;
}

static int
worker_start(tricorn_worker *worker, void *app, void **state,
    tricorn_string *error)
{
	struct late *late = calloc(1, sizeof(*late));

	if (!late)
		return TRICORN_ENOMEM;
	late->end = &late->first;
	pthread_mutex_init(&late->mutex, NULL);
	pthread_cond_init(&late->changed, NULL);
	/* Threads are made here and not in load(): they do not survive the
	   fork that may lie between the two. */
	if (pthread_create(&late->thread, NULL, kitchen, late) != 0) {
		*error = tricorn_str("cannot start the kitchen's thread");
		free(late);
		return TRICORN_ENOMEM;
	}
	*state = late;
	return TRICORN_OK;
}

static void
worker_stop(void *state)
{
	struct late *late = state;

	pthread_mutex_lock(&late->mutex);
	late->ending = 1; /* what is in line is still served */
	pthread_cond_signal(&late->changed);
	pthread_mutex_unlock(&late->mutex);
	pthread_join(late->thread, NULL);
	pthread_mutex_destroy(&late->mutex);
	pthread_cond_destroy(&late->changed);
	free(late);
}

static const tricorn_app late_app = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "late", "1.0"),
	.worker_start = worker_start,
	.handle = handle,
	.worker_stop = worker_stop,
};

TRICORN_APP(late_app)
