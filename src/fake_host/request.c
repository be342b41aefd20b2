/* SPDX-License-Identifier: MIT */
/*
 * A request in the fake host: how the test makes it, runs it and plays its
 * client, and what the application can ask of it.
 */
#include "fake_host/fake_host_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* --- made by the test ----------------------------------------------------- */

static int
hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* Percent-decodes in place; a malformed sequence stays as it is. */
static void
decode(tricorn_string *text)
{
	char *out = (char *)text->data;
	size_t from, to = 0;

	for (from = 0; from < text->length; from++) {
		int high = -1, low = -1;

		if (out[from] == '%' && from + 2 < text->length) {
			high = hex_value(out[from + 1]);
			low = hex_value(out[from + 2]);
		}
		if (high >= 0 && low >= 0) {
			out[to++] = (char)(high * 16 + low);
			from += 2;
		} else {
			out[to++] = out[from];
		}
	}
	text->length = to;
	out[to] = '\0';
}

static void
set_target(tricorn_request *req, const char *target)
{
	const char *mark = strchr(target, '?');
	size_t length = mark ? (size_t)(mark - target) : strlen(target);

	req->target = fake_memory_copy(&req->lent, target, strlen(target));
	req->path = fake_memory_copy(&req->lent, target, length);
	decode(&req->path);
	if (mark)
		req->query =
		    fake_memory_copy(&req->lent, mark + 1, strlen(mark + 1));
}

tricorn_request *
fake_request_create(struct fake_host *host, const char *method,
    const char *target)
{
	tricorn_request *req = fake_grow(NULL, 1, sizeof(*req));

	memset(req, 0, sizeof(*req));
	req->host = host;
	snprintf(req->label, sizeof(req->label), "%s %s", method, target);
	req->method = fake_memory_copy(&req->lent, method, strlen(method));
	set_target(req, target);
	fake_request_info(req, TRICORN_INFO_SCHEME, "http");
	fake_request_info(req, TRICORN_INFO_VERSION, "1.1");
	fake_request_info(req, TRICORN_INFO_HOST, "localhost");
	fake_request_info(req, TRICORN_INFO_PEER_ADDRESS, "192.0.2.1");
	fake_request_info(req, TRICORN_INFO_PEER_PORT, "50000");
	fake_request_info(req, TRICORN_INFO_LOCAL_ADDRESS, "127.0.0.1");
	fake_request_info(req, TRICORN_INFO_LOCAL_PORT, "8000");
	fake_request_info(req, TRICORN_INFO_MOUNT, "");
	fake_request_info(req, TRICORN_INFO_ROUTE, "test");
	fake_request_info(req, TRICORN_INFO_APP, "test");
	fake_request_info(req, TRICORN_INFO_POOL, "test");
	fake_request_field(req, "Host", "localhost");
	req->response.length = -1;
	req->response.body = "";
	req->next = host->requests;
	host->requests = req;
	return req;
}

void
fake_request_field(tricorn_request *req, const char *name, const char *value)
{
	fake_fields_add(&req->fields, &req->lent, tricorn_str(name),
	    tricorn_str(value));
}

void
fake_request_trailer(tricorn_request *req, const char *name, const char *value)
{
	fake_fields_add(&req->trailers, &req->lent, tricorn_str(name),
	    tricorn_str(value));
}

void
fake_request_info(tricorn_request *req, int key, const char *value)
{
	req->info[key] = fake_memory_copy(&req->lent, value, strlen(value));
}

/* --- run ------------------------------------------------------------------ */

/* What the server does with the result of handle(). */
static void
settle(tricorn_request *req, int result)
{
	struct fake_host *host = req->host;

	if (result == TRICORN_PENDING || req->finished)
		return;
	if (result == TRICORN_OK && req->responded)
		fake_finish(req, NULL, 0);
	else if (result == TRICORN_DECLINED)
		fake_request_close(req, 404);
	else if (result < 0)
		fake_request_close(req, 500);
	else {
		fake_misuse(host, req,
		    result == TRICORN_OK
			? "handle() returned OK without a response"
			: "handle() returned %d, which means nothing",
		    result);
		fake_request_close(req, 500);
	}
}

int
fake_request_run(tricorn_request *req)
{
	struct fake_host *host = req->host;
	bool blocking = !host->evented;
	int result;

	if (req->held && !(host->app->flags & TRICORN_APP_STREAM_BODY))
		fake_misuse(host, req,
		    "fake_request_hold() is for "
		    "STREAM_BODY applications");
	if (req->ran) {
		fake_misuse(host, req, "fake_request_run() called twice");
		return TRICORN_EINVAL;
	}
	req->ran = true;
	if (!req->held)
		req->body_complete = true;
	fake_enter_pool(blocking);
	result = host->app->handle(req, host->state, host->thread);
	fake_enter_pool(-blocking);
	/* With PENDING it may belong to another thread by now. */
	if (result != TRICORN_PENDING) {
		pthread_mutex_lock(&host->mutex);
		settle(req, result);
		pthread_mutex_unlock(&host->mutex);
	}
	fake_host_run(host);
	return result;
}

bool
fake_request_wait(tricorn_request *req)
{
	struct fake_host *host = req->host;
	struct timespec deadline;
	bool finished;

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += 10;
	pthread_mutex_lock(&host->mutex);
	while (!req->finished) {
		if (host->tasks) {
			pthread_mutex_unlock(&host->mutex);
			fake_host_run(host);
			pthread_mutex_lock(&host->mutex);
			continue;
		}
		if (pthread_cond_timedwait(&host->changed, &host->mutex,
			&deadline) != 0)
			break;
	}
	finished = req->finished;
	pthread_mutex_unlock(&host->mutex);
	return finished;
}

/* --- its client ----------------------------------------------------------- */

void
fake_request_room(tricorn_request *req, size_t size)
{
	req->room_limited = true;
	req->room = size;
}

void
fake_request_take(tricorn_request *req, size_t size)
{
	tricorn_fn fn = req->writable;

	req->room += size;
	req->writable = NULL;
	if (fn && !req->finished && !req->cancelled)
		fn(req->writable_arg);
	fake_host_run(req->host);
}

static void
run_cancel(void *arg)
{
	tricorn_request *req = arg;
	tricorn_fn fn;

	fake_body_lost(req);
	pthread_mutex_lock(&req->host->mutex);
	fn = req->cancel;
	req->cancel = NULL;
	pthread_mutex_unlock(&req->host->mutex);
	if (fn)
		fn(req->cancel_arg);
}

void
fake_request_take_away(tricorn_request *req, int why)
{
	if (req->finished || req->cancelled)
		return;
	req->cancelled = why;
	req->writable = NULL;
	fake_task_add(req->host, NULL, run_cancel, req);
}

void
fake_request_cancel(tricorn_request *req, int why)
{
	pthread_mutex_lock(&req->host->mutex);
	fake_request_take_away(req, why);
	pthread_mutex_unlock(&req->host->mutex);
	fake_host_run(req->host);
}

const struct fake_response *
fake_request_response(const tricorn_request *req)
{
	return &req->response;
}

/* --- shortcuts ------------------------------------------------------------ */

const struct fake_response *
fake_host_send(struct fake_host *host, const char *method, const char *target,
    const void *body, size_t size)
{
	tricorn_request *req = fake_request_create(host, method, target);

	fake_request_body(req, body, size);
	fake_request_run(req);
	return &req->response;
}

const struct fake_response *
fake_host_get(struct fake_host *host, const char *target)
{
	return fake_host_send(host, "GET", target, NULL, 0);
}

static const char *
find(const tricorn_field *fields, size_t count, const char *name)
{
	size_t at;

	for (at = 0; at < count; at++)
		if (fake_same_name(fields[at].name, tricorn_str(name)))
			return fields[at].value.data;
	return NULL;
}

const char *
fake_response_field(const struct fake_response *response, const char *name)
{
	return find(response->fields, response->count, name);
}

const char *
fake_response_trailer(const struct fake_response *response, const char *name)
{
	return find(response->trailers, response->trailer_count, name);
}
