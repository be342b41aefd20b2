/* SPDX-License-Identifier: MIT */
/*
 * The request's body on its way to the application: kept whole before
 * handle(), or streamed while it runs.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "handler/app_call_priv.h"
#include "handler/app_table.h"
#include "serve/route.h"

#define DELIVER_STEP 16384 /* bytes of a kept body in one callback */

static bool
streams(const struct tricorn_request *call)
{
	return call->app->table->flags & TRICORN_APP_STREAM_BODY;
}

/* The body can't be kept: the server answers for the app. */
static void
cannot_keep(struct tricorn_request *call, const struct error *error)
{
	struct exchange *exchange = call->exchange;

	log_error("route %s: %s", exchange->route->config->name, error->text);
	atomic_store(&call->cancelled, TRICORN_CANCEL_TIMEOUT);
	call->ended = true;
	exchange->handler = NULL;
	exchange->close_after = true;
	exchange_fail(exchange, 500, "the request body cannot be kept");
	call_settle(call);
}

void
call_receive(struct tricorn_request *call, const char *data, size_t size)
{
	const struct server_context *context = call->exchange->context;
	struct error error;
	int result;

	if (call->evented && call->body_callbacks != NULL &&
	    !call->delivering && app_body_empty(&call->body)) {
		call->body_credit -=
		    size < call->body_credit ? size : call->body_credit;
		call_ref(call);
		call->body_callbacks->data(call, data, size, call->body_arg);
		call_unref(call);
		return;
	}
	pthread_mutex_lock(&call->lock);
	result = app_body_append(&call->body, data, size,
	    streams(call) ? UINT64_MAX : context->pool->body_buffer,
	    context->config->server.temp_dir, &error);
	pthread_cond_broadcast(&call->changed);
	pthread_mutex_unlock(&call->lock);
	if (result < 0)
		cannot_keep(call, &error);
	else if (call->evented)
		call_deliver(call);
}

static int
body_result(enum exchange_body_error error)
{
	switch (error) {
	case EXCHANGE_BODY_OK:
		return 0;
	case EXCHANGE_BODY_CLOSED:
		return TRICORN_ECLOSED;
	case EXCHANGE_BODY_TIMEOUT:
		return TRICORN_ETIMEOUT;
	case EXCHANGE_BODY_TOO_LARGE:
		return TRICORN_ELIMIT;
	case EXCHANGE_BODY_MALFORMED:
		break;
	}
	return TRICORN_EINVAL;
}

void
call_receive_end(struct tricorn_request *call, enum exchange_body_error error)
{
	pthread_mutex_lock(&call->lock);
	call->body_over = true;
	call->body_error = body_result(error);
	pthread_cond_broadcast(&call->changed);
	pthread_mutex_unlock(&call->lock);
	if (call->evented)
		call_deliver(call);
}

void
call_want(struct tricorn_request *call, uint64_t credit)
{
	if (call->evented)
		call->body_credit += credit;
	if (!call->body_over)
		exchange_want_body(call->exchange, credit);
	if (call->evented)
		call_deliver(call);
}

/* An error ends the delivery at once, whatever is kept. */
static bool
deliver_end(struct tricorn_request *call)
{
	const tricorn_body_callbacks *callbacks = call->body_callbacks;

	if (!call->body_over ||
	    (call->body_error == 0 && !app_body_empty(&call->body)))
		return false;
	call->body_callbacks = NULL;
	callbacks->end(call, call->body_error, call->body_arg);
	return true;
}

void
call_deliver(struct tricorn_request *call)
{
	char data[DELIVER_STEP];
	ssize_t count = 1;

	if (call->body_callbacks == NULL || call->delivering)
		return;
	call_ref(call);
	call->delivering = true;
	while (call->body_callbacks != NULL && !call->ended &&
	    !deliver_end(call) && call->body_credit > 0 && count > 0) {
		count = app_body_read(&call->body, data,
		    call->body_credit < sizeof(data) ? (size_t)call->body_credit
						     : sizeof(data));
		if (count > 0) {
			call->body_credit -= (uint64_t)count;
			call->body_callbacks->data(call, data, (size_t)count,
			    call->body_arg);
		} else if (count < 0) {
			call->body_over = true;
			call->body_error = TRICORN_EIO;
			count = 1;
		}
	}
	call->delivering = false;
	call_unref(call);
}

/* --- the table's functions ------------------------------------------------ */

/* What read() says when nothing is kept. */
static int64_t
read_end(const struct tricorn_request *call)
{
	if (call->body_over)
		return call->body_error;
	return call_alive(call) ? TRICORN_EAGAIN : TRICORN_ECLOSED;
}

static int64_t
read_evented(struct tricorn_request *call, void *data, size_t size)
{
	ssize_t count = app_body_read(&call->body, data, size);

	if (count < 0)
		return TRICORN_EIO;
	if (!call->body_over && (count > 0 || !call->asked))
		exchange_want_body(call->exchange,
		    call->asked ? (uint64_t)count : CALL_BODY_WINDOW);
	call->asked = true;
	return count > 0 ? count : read_end(call);
}

static int64_t
read_blocking(struct tricorn_request *call, void *data, size_t size)
{
	int64_t result;
	ssize_t count;

	pthread_mutex_lock(&call->lock);
	while (app_body_empty(&call->body) && !call->body_over &&
	    call_alive(call)) {
		if (!call->asked) {
			call->asked = true;
			call->credit_due += CALL_BODY_WINDOW;
		}
		if (call->credit_due > 0)
			call_post_drain(call);
		if (!call_may_wait(call))
			break;
		call_wait(call);
	}
	count = app_body_read(&call->body, data, size);
	if (count > 0 && !call->body_over) {
		call->credit_due += (uint64_t)count;
		if (call->credit_due >= CALL_BODY_WINDOW / 2)
			call_post_drain(call);
	}
	result = count < 0 ? TRICORN_EIO : count > 0 ? count : read_end(call);
	pthread_mutex_unlock(&call->lock);
	return result;
}

int64_t
app_table_read(tricorn_request *call, void *data, size_t size)
{
	if (call->ended)
		return TRICORN_EINVAL;
	if (size == 0)
		return 0;
	return call->evented ? read_evented(call, data, size)
			     : read_blocking(call, data, size);
}

int
app_table_read_async(tricorn_request *call,
    const tricorn_body_callbacks *callbacks, void *arg, size_t credit)
{
	if (!call_alive(call))
		return TRICORN_ECLOSED;
	if (!call->evented || call->ended || call->asked || callbacks == NULL ||
	    callbacks->data == NULL || callbacks->end == NULL)
		return TRICORN_EINVAL;
	call->asked = true;
	call->body_table = *callbacks;
	call->body_callbacks = &call->body_table;
	call->body_arg = arg;
	call_ref(call);
	call_want(call, credit);
	call_deliver(call);
	call_unref(call);
	return TRICORN_OK;
}

void
app_table_credit(tricorn_request *call, size_t size)
{
	if (!call->evented || !call_alive(call))
		return;
	if (loop_is_mine(call->exchange->context->loop)) {
		call_want(call, size);
		return;
	}
	pthread_mutex_lock(&call->lock);
	call->credit_due += size;
	call_post_drain(call);
	pthread_mutex_unlock(&call->lock);
}
