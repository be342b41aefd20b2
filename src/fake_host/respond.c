/* SPDX-License-Identifier: MIT */
/*
 * The response in the fake host: recorded for the test, and checked against
 * the rules of app.h on the way.
 */
#include "fake_host/fake_host_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fields that only concern one hop (RFC 9110 7.6.1). */
static const char *const hop_fields[] = { "Connection", "Keep-Alive",
	"Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade" };

static void
lock(const tricorn_request *req)
{
	pthread_mutex_lock(&req->host->mutex);
}

static void
unlock(const tricorn_request *req)
{
	pthread_mutex_unlock(&req->host->mutex);
}

/* What all calls that send share: OK, or the result to return. */
static int
may_send(tricorn_request *req, const char *call)
{
	if (!fake_usable(req, call) ||
	    (req->host->evented && !fake_on_loop(req->host, req, call)))
		return TRICORN_EINVAL;
	return req->cancelled ? TRICORN_ECLOSED : TRICORN_OK;
}

static bool
is_token(tricorn_string text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	size_t at;

	for (at = 0; at < text.length; at++) {
		char byte = text.data[at];

		if (!(byte >= 'a' && byte <= 'z') &&
		    !(byte >= 'A' && byte <= 'Z') &&
		    !(byte >= '0' && byte <= '9') &&
		    (byte == '\0' || !strchr(others, byte)))
			return false;
	}
	return text.length > 0;
}

static int
check_field(tricorn_request *req, const tricorn_field *field, const char *call)
{
	size_t at;

	if (!is_token(field->name))
		return fake_misuse(req->host, req,
		    "%s() with the invalid field name \"%.*s\"", call,
		    (int)field->name.length, field->name.data);
	for (at = 0; at < field->value.length; at++)
		if (memchr("\r\n", field->value.data[at], 3))
			return fake_misuse(req->host, req,
			    "%s() with CR, LF or NUL in field %.*s", call,
			    (int)field->name.length, field->name.data);
	for (at = 0; at < sizeof(hop_fields) / sizeof(*hop_fields); at++)
		if (fake_same_name(field->name, tricorn_str(hop_fields[at])))
			return fake_misuse(req->host, req,
			    "%s() with field %s, which is the host's", call,
			    hop_fields[at]);
	return TRICORN_OK;
}

static int
check_fields(tricorn_request *req, const tricorn_field *fields, size_t count,
    const char *call)
{
	size_t at;

	for (at = 0; at < count; at++) {
		int result = check_field(req, &fields[at], call);

		if (result < 0)
			return result;
	}
	return TRICORN_OK;
}

/* A Content-Length among the fields: what length is by it. */
static int
check_announced(tricorn_request *req, const tricorn_field *fields, size_t count,
    int64_t *length)
{
	size_t at, digit;

	for (at = 0; at < count; at++) {
		tricorn_string value = fields[at].value;
		int64_t number = value.length > 18 ? -1 : 0;

		if (!fake_same_name(fields[at].name,
			tricorn_str("Content-Length")))
			continue;
		for (digit = 0; number >= 0 && digit < value.length; digit++)
			number =
			    value.data[digit] < '0' || value.data[digit] > '9'
			    ? -1
			    : number * 10 + (value.data[digit] - '0');
		if (value.length == 0 || number < 0 ||
		    (*length >= 0 && number != *length))
			return fake_misuse(req->host, req,
			    "respond() with Content-Length %.*s and length "
			    "%lld",
			    (int)value.length, value.data, (long long)*length);
		*length = number;
	}
	return TRICORN_OK;
}

static const tricorn_field *
record_fields(tricorn_request *req, const tricorn_field *fields, size_t count)
{
	struct fake_fields kept = { NULL, 0 };
	size_t at;

	for (at = 0; at < count; at++)
		fake_fields_add(&kept, &req->memory, fields[at].name,
		    fields[at].value);
	return kept.items;
}

static int
inform(tricorn_request *req, int status, const tricorn_field *fields,
    size_t count)
{
	struct fake_response *response = &req->response;
	struct fake_inform *informs;
	int result = may_send(req, "inform");

	if (result < 0)
		return result;
	if (req->responded)
		return fake_misuse(req->host, req, "inform() after respond()");
	if (status < 100 || status > 199 || status == 101)
		return fake_misuse(req->host, req, "inform() with status %d",
		    status);
	result = check_fields(req, fields, count, "inform");
	if (result < 0)
		return result;
	informs = fake_memory_take(&req->memory,
	    (response->inform_count + 1) * sizeof(*informs));
	if (response->inform_count > 0)
		memcpy(informs, response->informs,
		    response->inform_count * sizeof(*informs));
	informs[response->inform_count].status = status;
	informs[response->inform_count].fields =
	    record_fields(req, fields, count);
	informs[response->inform_count].count = count;
	response->informs = informs;
	response->inform_count++;
	return TRICORN_OK;
}

int
fake_inform(tricorn_request *req, int status, const tricorn_field *fields,
    size_t count)
{
	int result;

	lock(req);
	result = inform(req, status, fields, count);
	unlock(req);
	return result;
}

static int
respond(tricorn_request *req, int status, const tricorn_field *fields,
    size_t count, int64_t length)
{
	int result = may_send(req, "respond");

	if (result < 0)
		return result;
	if (req->responded)
		return fake_misuse(req->host, req, "respond() called twice");
	if (status < 200 || status > 599)
		return fake_misuse(req->host, req, "respond() with status %d",
		    status);
	if (length < -1)
		return fake_misuse(req->host, req, "respond() with length %lld",
		    (long long)length);
	result = check_fields(req, fields, count, "respond");
	if (result == TRICORN_OK)
		result = check_announced(req, fields, count, &length);
	if (result < 0)
		return result;
	req->responded = true;
	req->response.status = status;
	req->response.fields = record_fields(req, fields, count);
	req->response.count = count;
	req->response.length = length;
	return TRICORN_OK;
}

int
fake_respond(tricorn_request *req, int status, const tricorn_field *fields,
    size_t count, int64_t length)
{
	int result;

	lock(req);
	result = respond(req, status, fields, count, length);
	unlock(req);
	return result;
}

static void
record_body(tricorn_request *req, const void *data, size_t size)
{
	struct fake_response *response = &req->response;
	char *body = (char *)response->body;

	if (response->body_length + size + 1 > req->body_capacity) {
		if (req->body_capacity == 0)
			body = NULL; /* the literal it begins with */
		req->body_capacity = 2 * (response->body_length + size + 1);
		body = fake_grow(body, req->body_capacity, 1);
	}
	if (size > 0)
		memcpy(body + response->body_length, data, size);
	response->body_length += size;
	body[response->body_length] = '\0';
	response->body = body;
}

/* Whether size more bytes are within the announced length. */
static int
check_length(tricorn_request *req, uint64_t size, const char *call)
{
	const struct fake_response *response = &req->response;

	if (!req->responded)
		return fake_misuse(req->host, req, "%s() before respond()",
		    call);
	if (response->length >= 0 &&
	    size > (uint64_t)response->length - response->body_length)
		return fake_misuse(req->host, req,
		    "%s() of %llu bytes where %lld are left of the announced "
		    "length",
		    call, (unsigned long long)size,
		    (long long)(response->length -
			(int64_t)response->body_length));
	return TRICORN_OK;
}

/* How many of size bytes there is room for. */
static size_t
use_room(tricorn_request *req, size_t size)
{
	if (!req->room_limited)
		return size;
	if (size > req->room)
		size = req->room;
	req->room -= size;
	return size;
}

static int64_t
write_body(tricorn_request *req, const void *data, size_t size, uint32_t flags)
{
	int result = may_send(req, "write");
	size_t taken;

	if (result == TRICORN_OK)
		result = check_length(req, size, "write");
	if (result < 0)
		return result;
	if (flags & TRICORN_WRITE_FLUSH)
		req->response.flushes++;
	taken = use_room(req, size);
	record_body(req, data, taken);
	if (taken < size) {
		if (!req->host->evented) {
			fake_request_take_away(req, TRICORN_CANCEL_TIMEOUT);
			return TRICORN_ETIMEOUT;
		}
		return taken > 0 ? (int64_t)taken : TRICORN_EAGAIN;
	}
	if (flags & TRICORN_WRITE_END)
		fake_finish(req, NULL, 0);
	return (int64_t)taken;
}

int64_t
fake_write(tricorn_request *req, const void *data, size_t size, uint32_t flags)
{
	int64_t result;

	lock(req);
	result = write_body(req, data, size, flags);
	unlock(req);
	return result;
}

int
fake_on_writable(tricorn_request *req, tricorn_fn fn, void *arg)
{
	struct fake_host *host = req->host;

	if (!fake_usable(req, "on_writable") ||
	    !fake_on_loop(host, req, "on_writable"))
		return TRICORN_EINVAL;
	if (!host->evented)
		return fake_misuse(host, req,
		    "on_writable() of a BLOCKING application");
	if (req->cancelled)
		return TRICORN_ECLOSED;
	if (fn && (!req->room_limited || req->room > 0)) {
		fake_task_add(host, NULL, fn, arg);
		fn = NULL;
	}
	req->writable = fn;
	req->writable_arg = arg;
	return TRICORN_OK;
}

/* Reads length bytes of fd into the recorded body. */
static int
record_file(tricorn_request *req, int fd, int64_t offset, int64_t length)
{
	char data[65536];
	ssize_t got;

	while (length > 0) {
		size_t want = sizeof(data);

		if ((int64_t)want > length)
			want = (size_t)length;
		got = pread(fd, data, want, offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return TRICORN_EIO; /* shorter than the caller said */
		record_body(req, data, (size_t)got);
		offset += got;
		length -= got;
	}
	return TRICORN_OK;
}

int
fake_send_file(tricorn_request *req, int fd, int64_t offset, int64_t length)
{
	struct stat status;
	int result;

	lock(req);
	result = may_send(req, "send_file");
	if (result == TRICORN_OK && (offset < 0 || length < 0))
		result = fake_misuse(req->host, req,
		    "send_file() with a negative offset or length");
	if (result == TRICORN_OK &&
	    (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)))
		result = fake_misuse(req->host, req,
		    "send_file() of something that is no regular file");
	if (result == TRICORN_OK)
		result = check_length(req, (uint64_t)length, "send_file");
	if (result == TRICORN_OK)
		result = record_file(req, fd, offset, length);
	close(fd);
	unlock(req);
	return result;
}

/* --- the end -------------------------------------------------------------- */

void
fake_request_let_go(tricorn_request *req)
{
	if (!req->finished || req->references > 0 || req->gone)
		return;
	req->gone = true;
	fake_memory_finish(&req->lent);
}

/* The request is over; nothing of the application is called any more. */
static void
end_request(tricorn_request *req, bool cut)
{
	req->response.finished = true;
	req->response.cut = cut;
	req->finished = true;
	req->cancel = req->writable = NULL;
	fake_request_let_go(req);
	pthread_cond_broadcast(&req->host->changed);
}

void
fake_request_close(tricorn_request *req, int status)
{
	if (!req->responded && !req->cancelled) {
		req->responded = true;
		req->response.status = status;
		req->response.length = -1;
		end_request(req, false);
	} else {
		end_request(req, true);
	}
}

static bool
has_no_body(const tricorn_request *req)
{
	int status = req->response.status;

	return fake_same_name(tricorn_str("HEAD"),
		   (tricorn_string){ req->label, 4 }) ||
	    status == 204 || status == 304;
}

static int
finish(tricorn_request *req, const tricorn_field *trailers, size_t count)
{
	struct fake_response *response = &req->response;
	int result;

	if (!fake_usable(req, "finish"))
		return TRICORN_EINVAL;
	if (req->cancelled) {
		end_request(req, true);
		return TRICORN_ECLOSED;
	}
	if (!req->responded) {
		fake_misuse(req->host, req, "finish() without respond()");
		fake_request_close(req, 500);
		return TRICORN_EINVAL;
	}
	result = check_fields(req, trailers, count, "finish");
	if (result < 0)
		return result;
	if (response->length >= 0 && !has_no_body(req) &&
	    response->body_length < (uint64_t)response->length) {
		fake_misuse(req->host, req,
		    "finished with %zu bytes of the %lld announced",
		    response->body_length, (long long)response->length);
		end_request(req, true);
		return TRICORN_OK;
	}
	response->trailers = record_fields(req, trailers, count);
	response->trailer_count = count;
	end_request(req, false);
	return TRICORN_OK;
}

int
fake_finish(tricorn_request *req, const tricorn_field *trailers, size_t count)
{
	int result;

	lock(req);
	result = finish(req, trailers, count);
	unlock(req);
	return result;
}

void
fake_abort(tricorn_request *req)
{
	lock(req);
	if (fake_usable(req, "abort"))
		fake_request_close(req, 500);
	unlock(req);
}
