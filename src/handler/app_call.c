/* SPDX-License-Identifier: MIT */
/*
 * The handler "app": makes a call of an exchange, has the application handle
 * it on the loop or on a thread, and sees to it that every call ends.
 */
#include "handler/app_call.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handler/app_call_priv.h"
#include "serve/route.h"

/* --- life ----------------------------------------------------------------- */

void
call_ref(struct tricorn_request *call)
{
	atomic_fetch_add_explicit(&call->references, 1, memory_order_relaxed);
}

void
call_unref(struct tricorn_request *call)
{
	struct threads *threads = call->app->worker->threads;
	bool held;

	if (atomic_fetch_sub_explicit(&call->references, 1,
		memory_order_acq_rel) != 1)
		return;
	app_body_finish(&call->body);
	buffer_finish(&call->out);
	if (call->file >= 0)
		close(call->file);
	arena_reset(&call->arena);
	pthread_mutex_destroy(&call->lock);
	pthread_cond_destroy(&call->changed);
	/* The call is in the exchange's arena. A handler on the loop's own
	   thread must not lose the loop while it frees that. */
	held = !call->evented && threads != NULL && threads_hold_loop(threads);
	exchange_unref(call->exchange);
	if (held)
		threads_release_loop(threads);
}

void
call_settle(struct tricorn_request *call)
{
	bool over;

	pthread_mutex_lock(&call->lock);
	over = !call->handling && call->ended && !call->drain_posted &&
	    !call->host_released &&
	    (!call_alive(call) || (!call->finish_due && !call->abort_due));
	if (over)
		call->host_released = true;
	pthread_mutex_unlock(&call->lock);
	if (over)
		call_unref(call);
}

static struct tricorn_request *
call_create(struct exchange *exchange)
{
	struct tricorn_request *call =
	    arena_alloc(&exchange->arena, sizeof(*call));

	memset(call, 0, offsetof(struct tricorn_request, space));
	call->exchange = exchange;
	call->app = exchange->route->handler_state;
	call->evented = call->app->evented;
	call->length = -1;
	call->file = -1;
	call->drain_task.run = call_drain_run;
	arena_init(&call->arena, call->space, sizeof(call->space));
	atomic_init(&call->references, 1);
	pthread_mutex_init(&call->lock, NULL);
	pthread_cond_init(&call->changed, NULL);
	app_body_init(&call->body);
	exchange_ref(exchange);
	exchange->handler_data = call;
	return call;
}

/* --- running handle() ----------------------------------------------------- */

/* What handle() returned ends the call, or leaves it to the app. */
static void
handle_returned(struct tricorn_request *call)
{
	call->handling = false;
	if (call->ended_on_loop && !call->host_released) {
		/* The usual end of an evented call. */
		call->host_released = true;
		call_unref(call);
		return;
	}
	call_ref(call);
	if (call->result == TRICORN_PENDING || call->ended) {
		/* nothing to add */
	} else if (call->result == TRICORN_OK) {
		call_finish(call, NULL, 0);
	} else if (call->result == TRICORN_DECLINED && !call->responded) {
		call->ended = true;
		if (call_alive(call))
			exchange_fail(call->exchange, 404,
			    "the app declined the request");
	} else {
		call->exchange->note = "the app's handle() failed";
		call_abort(call);
	}
	call_settle(call);
	call_unref(call);
}

static void
handle_on_loop(struct tricorn_request *call)
{
	struct app *app = call->app;

	call->handling = true;
	call->exchange->eof_cancels = true;
	call->result = app->table->handle(call, app->state, NULL);
	handle_returned(call);
}

static void
task_work(struct threads_task *task, void *thread)
{
	struct tricorn_request *call =
	    container_of(task, struct tricorn_request, task);
	struct app *app = call->app;
	void **data = thread;

	/* The client went while the request waited for a thread. */
	if (!call_alive(call))
		return;
	call->result = app->table->handle(call, app->state, data[app->index]);
}

static void
task_done(struct threads_task *task)
{
	struct tricorn_request *call =
	    container_of(task, struct tricorn_request, task);

	/* First what the thread has left, then the end. */
	call_drain(call);
	handle_returned(call);
}

/* Requests for one path are of one kind for the slow hint. */
static uint8_t *
slow_hint(struct app *app, struct str path)
{
	uint32_t hash = 2166136261u;
	size_t length = path.length < 48 ? path.length : 48;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)path.data[i]) * 16777619u;
	return &app->slow[(hash ^ hash >> 16) % APP_SLOW_KINDS];
}

static void
queue_is_full(struct tricorn_request *call)
{
	struct exchange *exchange = call->exchange;
	struct http_field fields[] = {
		{ STR("Retry-After"), STR("1"), HTTP_FIELD_OTHER },
		{ STR("Content-Type"), STR("text/plain; charset=utf-8"),
		    HTTP_FIELD_CONTENT_TYPE },
	};

	scoreboard_add(&exchange->context->score->queue_full, 1);
	call->ended = true;
	exchange->note = "the thread queue is full";
	exchange_reply(exchange, 503, fields, 2,
	    STR("503 Service Unavailable\n"));
	call_settle(call);
}

static void
handle_on_thread(struct tricorn_request *call)
{
	struct exchange *exchange = call->exchange;

	exchange_peer(exchange); /* for info(), on the thread */
	call->task.work = task_work;
	call->task.done = task_done;
	call->task.slow = slow_hint(call->app, exchange->path);
	call->handling = true;
	if (threads_submit(call->app->worker->threads, &call->task) < 0) {
		call->handling = false;
		queue_is_full(call);
	}
}

static void
call_handle(struct tricorn_request *call)
{
	if (call->evented)
		handle_on_loop(call);
	else
		handle_on_thread(call);
}

/* --- the handler ---------------------------------------------------------- */

static void
app_start(struct exchange *exchange)
{
	struct tricorn_request *call = call_create(exchange);
	bool stream = call->app->table->flags & TRICORN_APP_STREAM_BODY;

	if (!exchange->has_body) {
		call->body_over = true;
		call_handle(call);
	} else if (stream) {
		call_handle(call);
	} else {
		exchange_want_body(exchange, UINT64_MAX);
	}
}

static void
app_body(struct exchange *exchange, const char *data, size_t size)
{
	call_receive(exchange->handler_data, data, size);
}

static void
app_body_end(struct exchange *exchange, enum exchange_body_error error)
{
	struct tricorn_request *call = exchange->handler_data;
	bool stream = call->app->table->flags & TRICORN_APP_STREAM_BODY;

	call_receive_end(call, error);
	if (!stream && error == EXCHANGE_BODY_OK)
		call_handle(call);
}

static void
app_writable(struct exchange *exchange)
{
	struct tricorn_request *call = exchange->handler_data;
	tricorn_fn writable = call->writable;

	if (!call->evented) {
		call_ref(call);
		call_drain(call);
		call_settle(call);
		call_unref(call);
	} else if (writable != NULL) {
		call->writable = NULL;
		writable(call->writable_arg);
	}
}

static void
app_cancel(struct exchange *exchange, enum exchange_cancel why)
{
	struct tricorn_request *call = exchange->handler_data;
	tricorn_fn on_cancel;
	void *arg;
	bool begun = call->handling || call->result == TRICORN_PENDING;

	pthread_mutex_lock(&call->lock);
	atomic_store(&call->cancelled,
	    why == EXCHANGE_CANCEL_TIMEOUT     ? TRICORN_CANCEL_TIMEOUT
		: why == EXCHANGE_CANCEL_DRAIN ? TRICORN_CANCEL_DRAIN
					       : TRICORN_CANCEL_CLIENT_GONE);
	pthread_cond_broadcast(&call->changed);
	pthread_mutex_unlock(&call->lock);
	call_ref(call);
	if (begun && !call->body_over)
		call_receive_end(call,
		    why == EXCHANGE_CANCEL_TIMEOUT ? EXCHANGE_BODY_TIMEOUT
						   : EXCHANGE_BODY_CLOSED);
	pthread_mutex_lock(&call->lock);
	on_cancel = call->ended ? NULL : call->on_cancel;
	arg = call->on_cancel_arg;
	call->on_cancel = NULL;
	pthread_mutex_unlock(&call->lock);
	if (on_cancel != NULL)
		on_cancel(arg);
	if (!begun) /* the app never heard of it */
		call->ended = true;
	call_settle(call);
	call_unref(call);
}

const struct handler_ops app_handler = {
	.name = "app",
	.start = app_start,
	.body = app_body,
	.body_end = app_body_end,
	.writable = app_writable,
	.cancel = app_cancel,
};
