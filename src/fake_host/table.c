/* SPDX-License-Identifier: MIT */
/*
 * The table of the fake host, with those of its functions that only look
 * something up. The others are in body.c, respond.c and schedule.c.
 */
#include "fake_host/fake_host_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* Views end with the request, unless it was retained. */
static bool
readable(const tricorn_request *req, const char *call)
{
	return !req->gone || fake_usable(req, call);
}

static tricorn_string
view(const tricorn_request *req, tricorn_string text, const char *call)
{
	return readable(req, call) ? text : tricorn_str(NULL);
}

static tricorn_string
method(const tricorn_request *req)
{
	return view(req, req->method, "method");
}

static tricorn_string
target(const tricorn_request *req)
{
	return view(req, req->target, "target");
}

static tricorn_string
path(const tricorn_request *req)
{
	return view(req, req->path, "path");
}

static tricorn_string
query(const tricorn_request *req)
{
	return view(req, req->query, "query");
}

static tricorn_string
header(const tricorn_request *req, tricorn_string name, size_t nth)
{
	size_t at;

	if (readable(req, "header"))
		for (at = 0; at < req->fields.count; at++)
			if (fake_same_name(req->fields.items[at].name, name) &&
			    nth-- == 0)
				return req->fields.items[at].value;
	return tricorn_str(NULL);
}

static const tricorn_field *
fields(const tricorn_request *req, size_t *count)
{
	*count = 0;
	if (!readable(req, "fields"))
		return NULL;
	*count = req->fields.count;
	return req->fields.items;
}

static const tricorn_field *
trailers(const tricorn_request *req, size_t *count)
{
	bool known;

	*count = 0;
	if (!readable(req, "trailers"))
		return NULL;
	known = req->body_complete && req->piece_at == req->piece_count;
	if (!known || req->trailers.count == 0)
		return NULL;
	*count = req->trailers.count;
	return req->trailers.items;
}

static int
info(const tricorn_request *req, int key, tricorn_string *out)
{
	if (key < TRICORN_INFO_SCHEME || key > TRICORN_INFO_POOL)
		return TRICORN_EINVAL;
	*out = view(req, req->info[key], "info");
	return TRICORN_OK;
}

static int64_t
content_length(const tricorn_request *req)
{
	if (!readable(req, "content_length") || req->chunked)
		return -1;
	return (int64_t)req->body_size;
}

static void *
take_memory(tricorn_request *req, size_t size)
{
	void *data;

	fake_usable(req, "alloc");
	pthread_mutex_lock(&req->host->mutex);
	data = fake_memory_take(&req->lent, size);
	pthread_mutex_unlock(&req->host->mutex);
	return data;
}

static void
retain(tricorn_request *req)
{
	pthread_mutex_lock(&req->host->mutex);
	if (readable(req, "retain"))
		req->references++;
	pthread_mutex_unlock(&req->host->mutex);
}

static void
release(tricorn_request *req)
{
	pthread_mutex_lock(&req->host->mutex);
	if (req->references == 0) {
		fake_misuse(req->host, req, "release() without retain()");
	} else {
		req->references--;
		fake_request_let_go(req);
	}
	pthread_mutex_unlock(&req->host->mutex);
}

static int
on_cancel(tricorn_request *req, tricorn_fn fn, void *arg)
{
	int result = TRICORN_OK;

	pthread_mutex_lock(&req->host->mutex);
	if (!fake_usable(req, "on_cancel")) {
		result = TRICORN_EINVAL;
	} else if (req->cancelled && fn) {
		result = TRICORN_ECLOSED;
	} else {
		req->cancel = fn;
		req->cancel_arg = arg;
	}
	pthread_mutex_unlock(&req->host->mutex);
	return result;
}

static int
cancelled(const tricorn_request *req)
{
	int why;

	pthread_mutex_lock(&req->host->mutex);
	why = readable(req, "cancelled") ? req->cancelled : 0;
	pthread_mutex_unlock(&req->host->mutex);
	return why;
}

static tricorn_worker *
worker(const tricorn_request *req)
{
	return &req->host->worker;
}

static tricorn_string
option(const tricorn_config *config, tricorn_string key,
    tricorn_string fallback)
{
	const struct fake_fields *options = &config->host->options;
	size_t at;

	for (at = options->count; at-- > 0;) {
		const tricorn_field *item = &options->items[at];

		if (item->name.length == key.length &&
		    memcmp(item->name.data, key.data, key.length) == 0)
			return item->value;
	}
	return fallback;
}

static int
option_at(const tricorn_config *config, size_t nth, tricorn_string *key,
    tricorn_string *value)
{
	const struct fake_fields *options = &config->host->options;

	if (nth >= options->count)
		return TRICORN_EINVAL;
	*key = options->items[nth].name;
	*value = options->items[nth].value;
	return TRICORN_OK;
}

static void
log_line(tricorn_worker *of, tricorn_request *req, int level,
    tricorn_string text)
{
	static const char *const names[] = { "DEBUG", "INFO", "WARNING",
		"ERROR", "CRITICAL" };
	struct fake_host *host = of ? of->host : req ? req->host : NULL;
	const char *name;
	size_t size;

	name = level < 0 || level > TRICORN_LOG_CRITICAL ? "?" : names[level];
	if (!host) { /* nobody's: still for whoever looks */
		fprintf(stderr, "%s %.*s\n", name, (int)text.length, text.data);
		return;
	}
	pthread_mutex_lock(&host->mutex);
	size = strlen(name) + text.length + 3;
	host->log = fake_grow(host->log, host->log_length + size, 1);
	host->log_length += (size_t)snprintf(host->log + host->log_length, size,
	    "%s %.*s\n", name, (int)text.length, text.data);
	pthread_mutex_unlock(&host->mutex);
}

const tricorn_host fake_table = {
	.struct_size = sizeof(fake_table),
	.abi_major = TRICORN_ABI_MAJOR,
	.abi_minor = TRICORN_ABI_MINOR,
	.method = method,
	.target = target,
	.path = path,
	.query = query,
	.header = header,
	.fields = fields,
	.trailers = trailers,
	.info = info,
	.content_length = content_length,
	.alloc = take_memory,
	.retain = retain,
	.release = release,
	.on_cancel = on_cancel,
	.cancelled = cancelled,
	.read = fake_read,
	.read_async = fake_read_async,
	.credit = fake_credit,
	.inform = fake_inform,
	.respond = fake_respond,
	.write = fake_write,
	.on_writable = fake_on_writable,
	.send_file = fake_send_file,
	.finish = fake_finish,
	.abort = fake_abort,
	.event_base = fake_event_base,
	.post = fake_post,
	.offload = fake_offload,
	.timer = fake_timer_set,
	.cancel_timer = fake_timer_cancel,
	.worker = worker,
	.option = option,
	.option_at = option_at,
	.log = log_line,
};
