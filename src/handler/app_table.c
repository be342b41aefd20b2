/* SPDX-License-Identifier: MIT */
/* The host's table, and its calls that only look at the request. */
#include "handler/app_table.h"

#include <stddef.h>

#include "base/log.h"
#include "handler/app_call_priv.h"
#include "serve/route.h"

static tricorn_string
view(struct str text)
{
	return (tricorn_string){ text.data, text.length };
}

static tricorn_string
table_method(const tricorn_request *call)
{
	return view(call->exchange->request.method);
}

static tricorn_string
table_target(const tricorn_request *call)
{
	return view(call->exchange->request.target);
}

static tricorn_string
table_path(const tricorn_request *call)
{
	return view(call->exchange->path);
}

static tricorn_string
table_query(const tricorn_request *call)
{
	return view(call->exchange->request.query);
}

static tricorn_string
table_header(const tricorn_request *call, tricorn_string name, size_t nth)
{
	const struct http_field *field =
	    http_request_field(&call->exchange->request,
		str_make(name.data, name.length), nth);

	return field != NULL ? view(field->value) : view(STR_NULL);
}

static tricorn_field *
convert(struct tricorn_request *call, const struct http_field *fields,
    size_t count)
{
	tricorn_field *copy =
	    arena_alloc(&call->arena, (count + 1) * sizeof(*copy));

	for (size_t i = 0; i < count; i++) {
		copy[i].name = view(fields[i].name);
		copy[i].value = view(fields[i].value);
	}
	return copy;
}

static const tricorn_field *
table_fields(const tricorn_request *constant, size_t *count)
{
	tricorn_request *call = (tricorn_request *)constant;
	const struct http_request_head *head = &call->exchange->request;

	*count = head->field_count;
	if (call->field_view == NULL)
		call->field_view =
		    convert(call, head->fields, head->field_count);
	return call->field_view;
}

static const tricorn_field *
table_trailers(const tricorn_request *constant, size_t *count)
{
	tricorn_request *call = (tricorn_request *)constant;
	bool over;

	pthread_mutex_lock(&call->lock);
	over = call->body_over;
	pthread_mutex_unlock(&call->lock);
	*count = over ? call->exchange->trailer_count : 0;
	return convert(call, over ? call->exchange->trailers : NULL, *count);
}

static int
table_info(const tricorn_request *constant, int key, tricorn_string *out)
{
	tricorn_request *call = (tricorn_request *)constant;
	struct exchange *exchange = call->exchange;
	const struct exchange_peer *peer = call->evented && call_alive(call)
	    ? exchange_peer(exchange)
	    : exchange->peer;
	struct str value;

	switch (key) {
	case TRICORN_INFO_SCHEME:
		value = peer ? peer->scheme : STR("http");
		break;
	case TRICORN_INFO_VERSION:
		value = exchange->request.version_minor > 0 ? STR("1.1")
							    : STR("1.0");
		break;
	case TRICORN_INFO_HOST:
		value = exchange->request.host;
		break;
	case TRICORN_INFO_PEER_ADDRESS:
		value = peer ? peer->peer_address : STR("");
		break;
	case TRICORN_INFO_PEER_PORT:
		value = peer ? peer->peer_port : STR("");
		break;
	case TRICORN_INFO_LOCAL_ADDRESS:
		value = peer ? peer->local_address : STR("");
		break;
	case TRICORN_INFO_LOCAL_PORT:
		value = peer ? peer->local_port : STR("");
		break;
	case TRICORN_INFO_MOUNT:
		value = exchange->mount;
		break;
	case TRICORN_INFO_ROUTE:
		value = str_of(exchange->route->config->name);
		break;
	case TRICORN_INFO_APP:
		value = str_of(call->app->config->name);
		break;
	case TRICORN_INFO_POOL:
		value = str_of(call->app->config->pool->name);
		break;
	default:
		return TRICORN_EINVAL;
	}
	*out = view(value);
	return TRICORN_OK;
}

static int64_t
table_content_length(const tricorn_request *call)
{
	return call->exchange->has_body ? call->exchange->request.content_length
					: 0;
}

static void *
table_alloc(tricorn_request *call, size_t size)
{
	return arena_alloc(&call->arena, size);
}

static int
table_on_cancel(tricorn_request *call, tricorn_fn fn, void *arg)
{
	int result = TRICORN_OK;

	pthread_mutex_lock(&call->lock);
	if (!call_alive(call)) {
		result = TRICORN_ECLOSED;
	} else {
		call->on_cancel = fn;
		call->on_cancel_arg = arg;
	}
	pthread_mutex_unlock(&call->lock);
	return result;
}

static int
table_cancelled(const tricorn_request *call)
{
	return atomic_load(&call->cancelled);
}

static tricorn_worker *
table_worker(const tricorn_request *call)
{
	return call->app->worker;
}

static tricorn_string
table_option(const tricorn_config *opaque, tricorn_string key,
    tricorn_string fallback)
{
	const struct config_app *config = (const struct config_app *)opaque;

	for (size_t i = 0; i < config->options.count; i++)
		if (str_equal(str_of(config->options.items[i].name),
			str_make(key.data, key.length)))
			return view(str_of(config->options.items[i].value));
	return fallback;
}

static int
table_option_at(const tricorn_config *opaque, size_t nth, tricorn_string *key,
    tricorn_string *value)
{
	const struct config_app *config = (const struct config_app *)opaque;

	if (nth >= config->options.count)
		return TRICORN_EINVAL;
	*key = view(str_of(config->options.items[nth].name));
	*value = view(str_of(config->options.items[nth].value));
	return TRICORN_OK;
}

static void
table_log(tricorn_worker *worker, tricorn_request *call, int level,
    tricorn_string text)
{
	enum log_level at = level < LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG
	    : level > LOG_LEVEL_CRITICAL            ? LOG_LEVEL_CRITICAL
						    : (enum log_level)level;

	if (call == NULL)
		log_at(at, "%.*s", (int)text.length, text.data);
	else
		log_at(at, "app %s: %.*s %.*s: %.*s", call->app->config->name,
		    STR_ARG(call->exchange->request.method),
		    STR_ARG(call->exchange->path), (int)text.length, text.data);
}

static const tricorn_host table = {
	.struct_size = sizeof(tricorn_host),
	.abi_major = TRICORN_ABI_MAJOR,
	.abi_minor = TRICORN_ABI_MINOR,
	.method = table_method,
	.target = table_target,
	.path = table_path,
	.query = table_query,
	.header = table_header,
	.fields = table_fields,
	.trailers = table_trailers,
	.info = table_info,
	.content_length = table_content_length,
	.alloc = table_alloc,
	.retain = call_ref,
	.release = call_unref,
	.on_cancel = table_on_cancel,
	.cancelled = table_cancelled,
	.read = app_table_read,
	.read_async = app_table_read_async,
	.credit = app_table_credit,
	.inform = app_table_inform,
	.respond = app_table_respond,
	.write = app_table_write,
	.on_writable = app_table_on_writable,
	.send_file = app_table_send_file,
	.finish = app_table_finish,
	.abort = app_table_abort,
	.event_base = app_table_event_base,
	.post = app_table_post,
	.offload = app_table_offload,
	.timer = app_table_timer,
	.cancel_timer = app_table_cancel_timer,
	.worker = table_worker,
	.option = table_option,
	.option_at = table_option_at,
	.log = table_log,
};

const tricorn_host *
app_call_host_table(void)
{
	return &table;
}
