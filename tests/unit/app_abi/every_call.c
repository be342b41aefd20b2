/* SPDX-License-Identifier: MIT */
/*
 * An application that makes every call of the interface, compiled as C99 and
 * as C++11 by "compatible"; it is never run. Positional initialisers, since
 * C++11 has no others.
 */
#include <tricorn/app.h>

static void
task(void *arg)
{
	tricorn_request *req = (tricorn_request *)arg;

	tricorn_release(req);
}

static void
body_data(tricorn_request *req, const void *data, size_t length, void *arg)
{
	tricorn_credit(req, length);
}

static void
body_end(tricorn_request *req, int error, void *arg)
{
	size_t count;

	if (error < 0 || !tricorn_trailers(req, &count))
		tricorn_abort(req);
}

static const tricorn_body_callbacks callbacks = {
	sizeof(tricorn_body_callbacks), body_data, body_end
};

static int
load(const tricorn_host *host, const tricorn_config *config, void **app,
    tricorn_string *error)
{
	tricorn_string key, value = tricorn_option(config, "key", "");

	tricorn_host_set(host);
	*error = tricorn_str("text");
	if (!TRICORN_HAS(host, log) || value.length > 0)
		return TRICORN_EINVAL;
	return tricorn_option_at(config, 0, &key, &value);
}

static int
worker_start(tricorn_worker *worker, void *app, void **state,
    tricorn_string *error)
{
	uint64_t id = 0;

	if (tricorn_event_base(worker))
		return TRICORN_EINVAL;
	tricorn_cancel_timer(worker, id);
	return tricorn_timer(worker, 1, task, app, &id);
}

static int
schedule(tricorn_request *req)
{
	tricorn_worker *worker = tricorn_worker_of(req);

	tricorn_retain(req);
	tricorn_log(worker, req, TRICORN_LOG_INFO, "text");
	if (tricorn_on_cancel(req, task, req) < 0 ||
	    tricorn_post(worker, task, req) < 0 ||
	    tricorn_offload(worker, task, task, req) < 0)
		return TRICORN_EINVAL;
	return tricorn_cancelled(req);
}

static int
answer(tricorn_request *req, const tricorn_field *fields, size_t count)
{
	char *data = (char *)tricorn_alloc(req, 16);

	if (tricorn_read(req, data, 16) < 0 ||
	    tricorn_read_async(req, &callbacks, NULL, 16) < 0 ||
	    tricorn_inform(req, 103, fields, count) < 0 ||
	    tricorn_respond(req, 200, fields, count, -1) < 0 ||
	    tricorn_write(req, data, 16, TRICORN_WRITE_FLUSH) < 0 ||
	    tricorn_on_writable(req, task, req) < 0 ||
	    tricorn_send_file(req, 0, 0, 1) < 0)
		return tricorn_reply(req, 500, "text/plain", "", 0);
	return tricorn_finish(req, fields, count);
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	tricorn_field field = { TRICORN_LITERAL("X-Method"), { NULL, 0 } };
	tricorn_string texts[6];
	size_t count;

	texts[0] = tricorn_method(req);
	texts[1] = tricorn_target(req);
	texts[2] = tricorn_path(req);
	texts[3] = tricorn_query(req);
	texts[4] = tricorn_header(req, "Host", 0);
	texts[5] = tricorn_info(req, TRICORN_INFO_SCHEME);
	field.value = texts[state ? 1 : 0];
	if (!tricorn_fields(req, &count) || tricorn_content_length(req) < 0)
		return TRICORN_DECLINED;
	if (schedule(req) < 0)
		return TRICORN_PENDING;
	return answer(req, &field, 1);
}

static int
health(void *state)
{
	return TRICORN_OK;
}

static const tricorn_app every_call = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "every_call", "1.0"),
	load,
	worker_start,
	NULL,
	handle,
	health,
	NULL,
	NULL,
	NULL,
	NULL,
	NULL,
};

TRICORN_APP(every_call)
