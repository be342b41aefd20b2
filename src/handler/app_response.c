/* SPDX-License-Identifier: MIT */
/*
 * The application interface's response calls. Each first looks whether this
 * thread may act on the exchange itself; if not, it leaves its wish under
 * the call's lock for call_drain() on the loop.
 */
#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "handler/app_call_priv.h"
#include "handler/app_table.h"
#include "http/response.h"

static struct threads *
call_threads(const struct tricorn_request *call)
{
	return call->app->worker->threads;
}

/* True: act on the exchange, then call release(). */
static bool
hold(struct tricorn_request *call)
{
	/* There are no threads any more when the app's worker_stop() runs. */
	if (call->evented || call_threads(call) == NULL)
		return loop_is_mine(call->exchange->context->loop);
	return threads_hold_loop(call_threads(call));
}

static void
release(struct tricorn_request *call)
{
	if (!call->evented && call_threads(call) != NULL)
		threads_release_loop(call_threads(call));
}

void
call_wait(struct tricorn_request *call)
{
	if (threads_may_wait(call_threads(call))) {
		pthread_cond_wait(&call->changed, &call->lock);
		return;
	}
	pthread_mutex_unlock(&call->lock);
	threads_turn_loop(call_threads(call));
	pthread_mutex_lock(&call->lock);
}

bool
call_may_wait(const struct tricorn_request *call)
{
	return threads_in_handler() ||
	    !loop_is_mine(call->exchange->context->loop);
}

void
call_post_drain(struct tricorn_request *call)
{
	if (call->drain_posted)
		return;
	call->drain_posted = true;
	call_ref(call); /* the task's */
	loop_post(call->exchange->context->loop, &call->drain_task);
}

/* --- on the loop: what a thread has left ---------------------------------- */

static void
drain_head(struct tricorn_request *call)
{
	struct exchange *exchange = call->exchange;
	const char *problem = NULL;
	struct call_inform *inform = call->informs;

	for (call->informs = NULL; inform != NULL; inform = inform->next)
		exchange_inform(exchange, inform->status, inform->fields,
		    inform->count);
	if (!call->head_due)
		return;
	call->head_due = false;
	if (exchange_respond(exchange, call->status, call->fields,
		call->field_count, call->length, &problem) < 0) {
		/* Checked by respond() already: only a lost session. */
		call->abort_due = true;
		exchange->note = problem;
	}
}

/* Takes the bytes that wait, so that the lock need not be held meanwhile.
 * With force they go out even where there is no room. */
static void
drain_body(struct tricorn_request *call, bool force)
{
	struct exchange *exchange = call->exchange;
	struct buffer out = call->out;
	int file = call->file;
	int64_t file_offset = call->file_offset;
	int64_t file_length = call->file_length;
	bool flush = call->flush_due;

	if (buffer_length(&out) == 0 && file < 0)
		return;
	call->full = !force && exchange_room(exchange) == 0;
	if (call->full)
		return;
	call->out = BUFFER_EMPTY;
	call->file = -1;
	call->flush_due = false;
	pthread_mutex_unlock(&call->lock);
	exchange_write(exchange, buffer_bytes(&out), buffer_length(&out));
	buffer_finish(&out);
	if (file >= 0)
		exchange_send_file(exchange, file, file_offset, file_length);
	if (flush)
		exchange_flush(exchange);
	pthread_mutex_lock(&call->lock);
	pthread_cond_broadcast(&call->changed);
}

static bool
drained(const struct tricorn_request *call)
{
	return buffer_length(&call->out) == 0 && call->file < 0;
}

/* Whether nothing stands before what is sent now. */
static bool
in_order(const struct tricorn_request *call)
{
	return drained(call) && !call->head_due && call->informs == NULL;
}

static void
drain(struct tricorn_request *call, bool force)
{
	struct exchange *exchange = call->exchange;
	uint64_t credit;
	bool finish, abort;

	pthread_mutex_lock(&call->lock);
	if (!call_alive(call)) {
		pthread_mutex_unlock(&call->lock);
		return;
	}
	drain_head(call);
	drain_body(call, force);
	credit = call->credit_due;
	call->credit_due = 0;
	abort = call->abort_due && call_alive(call);
	finish = call->finish_due && drained(call) && call_alive(call);
	if (finish || abort)
		call->finish_due = call->abort_due = false;
	pthread_mutex_unlock(&call->lock);
	if (abort)
		exchange_abort(exchange);
	else if (finish)
		exchange_finish(exchange, call->trailers, call->trailer_count);
	else if (credit > 0)
		call_want(call, credit);
}

void
call_drain(struct tricorn_request *call)
{
	drain(call, false);
}

/* As hold(), and what waits from earlier calls has gone out. */
static bool
hold_in_order(struct tricorn_request *call)
{
	if (!hold(call))
		return false;
	if (!call->evented && !call_may_wait(call))
		drain(call, true);
	if (call_alive(call) && in_order(call))
		return true;
	release(call);
	return false;
}

/* Evented: what was asked for and can go on at once. */
static void
call_resume(struct tricorn_request *call)
{
	tricorn_fn writable = call->writable;

	if (writable != NULL && exchange_room(call->exchange) > 0) {
		call->writable = NULL;
		writable(call->writable_arg);
	}
	call_deliver(call);
}

void
call_drain_run(struct loop_task *task)
{
	struct tricorn_request *call =
	    container_of(task, struct tricorn_request, drain_task);

	pthread_mutex_lock(&call->lock);
	call->drain_posted = false;
	pthread_mutex_unlock(&call->lock);
	call_drain(call);
	if (call->evented && call_alive(call) && !call->ended)
		call_resume(call);
	call_settle(call);
	call_unref(call);
}

/* --- checks --------------------------------------------------------------- */

/* A Content-Length among the fields must be the length, or gives it. */
static bool
take_length(struct str value, int64_t *length)
{
	uint64_t number;

	if (!str_to_u64(value, &number) || number > INT64_MAX ||
	    (*length >= 0 && number != (uint64_t)*length))
		return false;
	*length = (int64_t)number;
	return true;
}

/* Converts and checks an app's fields; NULL when one may not be sent. */
static struct http_field *
convert_fields(struct tricorn_request *call, const tricorn_field *fields,
    size_t count, int64_t *length)
{
	struct http_field *copy =
	    arena_alloc(&call->arena, (count + 1) * sizeof(*copy));

	for (size_t i = 0; i < count; i++) {
		struct http_field *field = &copy[i];

		field->name = arena_str(&call->arena,
		    str_make(fields[i].name.data, fields[i].name.length));
		field->value = arena_str(&call->arena,
		    str_make(fields[i].value.data, fields[i].value.length));
		field->id = http_field_lookup(field->name);
		if (field->id == HTTP_FIELD_CONTENT_LENGTH && length != NULL) {
			if (!take_length(field->value, length))
				return NULL;
			continue;
		}
		if (http_response_field_problem(field->name, field->value) !=
		    NULL)
			return NULL;
	}
	return copy;
}

static void
warn(struct tricorn_request *call, const char *text)
{
	log_warning("app %s: %.*s %.*s: %s", call->app->config->name,
	    STR_ARG(call->exchange->request.method),
	    STR_ARG(call->exchange->path), text);
}

/* --- the table's functions ------------------------------------------------ */

int
app_table_inform(tricorn_request *call, int status, const tricorn_field *fields,
    size_t count)
{
	struct http_field *copy;
	struct call_inform *inform, **end;

	if (!call_alive(call))
		return TRICORN_ECLOSED;
	copy = convert_fields(call, fields, count, NULL);
	if (call->responded || call->ended || status < 100 || status > 199 ||
	    status == 101 || copy == NULL)
		return TRICORN_EINVAL;
	if (hold_in_order(call)) {
		exchange_inform(call->exchange, status, copy, count);
		release(call);
		return TRICORN_OK;
	}
	inform = arena_alloc(&call->arena, sizeof(*inform));
	*inform = (struct call_inform){ NULL, status, copy, count };
	pthread_mutex_lock(&call->lock);
	for (end = &call->informs; *end != NULL; end = &(*end)->next)
		continue;
	*end = inform;
	call_post_drain(call);
	pthread_mutex_unlock(&call->lock);
	return TRICORN_OK;
}

static const char bad_field[] =
    "respond() with a field that may not be sent: a wrong name, CR, LF or NUL "
    "in a value, one of a single hop, or a Content-Length that is not the "
    "length given";

/* Straight to the exchange, which checks and copies. */
static int
respond_held(struct tricorn_request *call, int status,
    const tricorn_field *fields, size_t count, int64_t length)
{
	struct http_field few[16], *views = few;
	const char *problem;

	if (count > sizeof(few) / sizeof(few[0]))
		views = arena_alloc(&call->arena, count * sizeof(*views));
	for (size_t i = 0; i < count; i++) {
		views[i].name =
		    str_make(fields[i].name.data, fields[i].name.length);
		views[i].value =
		    str_make(fields[i].value.data, fields[i].value.length);
		views[i].id = http_field_lookup(views[i].name);
		if (views[i].id == HTTP_FIELD_CONTENT_LENGTH &&
		    !take_length(views[i].value, &length)) {
			warn(call, bad_field);
			return TRICORN_EINVAL;
		}
	}
	if (exchange_respond(call->exchange, status, views, count, length,
		&problem) < 0) {
		warn(call, bad_field);
		return TRICORN_EINVAL;
	}
	call->responded = true;
	call->length = length;
	return TRICORN_OK;
}

int
app_table_respond(tricorn_request *call, int status,
    const tricorn_field *fields, size_t count, int64_t length)
{
	struct http_field *copy;

	if (!call_alive(call))
		return TRICORN_ECLOSED;
	if (call->responded || call->ended || status < 200 || status > 599) {
		warn(call,
		    call->responded
			? "respond() was called a second time"
			: "respond() with a status outside 200-599 or after "
			  "the end");
		return TRICORN_EINVAL;
	}
	if (hold_in_order(call)) {
		int result = respond_held(call, status, fields, count, length);

		release(call);
		return result;
	}
	copy = convert_fields(call, fields, count, &length);
	if (copy == NULL) {
		warn(call, bad_field);
		return TRICORN_EINVAL;
	}
	call->responded = true;
	call->length = length;
	pthread_mutex_lock(&call->lock);
	call->head_due = true;
	call->status = status;
	call->fields = copy;
	call->field_count = count;
	call_post_drain(call);
	pthread_mutex_unlock(&call->lock);
	return TRICORN_OK;
}

/* The checks of write() and send_file(). */
static int
check_write(struct tricorn_request *call, uint64_t size)
{
	if (!call_alive(call))
		return TRICORN_ECLOSED;
	if (!call->responded || call->ended)
		return TRICORN_EINVAL;
	if (call->length >= 0 &&
	    size > (uint64_t)call->length - call->written) {
		warn(call, "more body bytes than the announced length");
		return TRICORN_EINVAL;
	}
	return TRICORN_OK;
}

static int64_t
write_evented(struct tricorn_request *call, const char *data, size_t size,
    uint32_t flags)
{
	struct exchange *exchange = call->exchange;
	size_t room = exchange_room(exchange);

	/* Earlier answers that still wait for the client take nothing away
	   from what tricorn_reply() was promised. */
	if (call->written == 0 && room < size &&
	    size <= exchange->context->pool->output_buffer)
		room = size;
	if (size > 0 && room == 0)
		return TRICORN_EAGAIN;
	if (size > room) {
		size = room;
		flags &= ~(uint32_t)TRICORN_WRITE_END;
	}
	call->written += size;
	exchange_write(exchange, data, size);
	if (flags & TRICORN_WRITE_FLUSH)
		exchange_flush(exchange);
	if (flags & TRICORN_WRITE_END)
		call_finish(call, NULL, 0);
	return (int64_t)size;
}

/* A thread without the loop: queues all, waiting for room. */
static int
write_queued(struct tricorn_request *call, const char *data, size_t size,
    uint32_t flags)
{
	size_t part;

	pthread_mutex_lock(&call->lock);
	while (call_alive(call)) {
		size_t kept = buffer_length(&call->out);

		if (call->file < 0 && (kept < CALL_QUEUE || size == 0)) {
			part =
			    CALL_QUEUE - kept < size ? CALL_QUEUE - kept : size;
			buffer_append(&call->out, data, part);
			data += part;
			size -= part;
			if (flags & TRICORN_WRITE_FLUSH)
				call->flush_due = true;
			if (!call->full &&
			    !(flags & TRICORN_WRITE_END && size == 0))
				call_post_drain(call);
			if (size == 0)
				break;
			continue;
		}
		call_wait(call);
	}
	pthread_mutex_unlock(&call->lock);
	return call_alive(call) ? TRICORN_OK : TRICORN_ECLOSED;
}

/* The loop is this thread's: straight to the exchange, as long as there is
 * room. Returns how much was taken; -1: it is not this thread's. */
static int64_t
write_held(struct tricorn_request *call, const char *data, size_t size,
    uint32_t flags)
{
	struct exchange *exchange = call->exchange;
	bool force = !call_may_wait(call);
	size_t taken = 0, room = 1;

	if (!hold_in_order(call))
		return -1;
	/* What finds no room goes the other way and waits. */
	while (taken < size && room > 0) {
		room = force ? size : exchange_room(exchange);
		if (room > size - taken)
			room = size - taken;
		exchange_write(exchange, data + taken, room);
		taken += room;
	}
	if (flags & TRICORN_WRITE_FLUSH)
		exchange_flush(exchange);
	release(call);
	return (int64_t)taken;
}

int64_t
app_table_write(tricorn_request *call, const void *data, size_t size,
    uint32_t flags)
{
	const char *bytes = data;
	int64_t taken;
	int result = check_write(call, size);

	if (result < 0)
		return result;
	if (call->evented)
		return write_evented(call, bytes, size, flags);
	call->written += size;
	taken = write_held(call, bytes, size, flags);
	if (taken < 0)
		taken = 0;
	if ((size_t)taken < size) {
		result = write_queued(call, bytes + taken, size - (size_t)taken,
		    flags);
		if (result < 0)
			return !call_alive(call) &&
				atomic_load(&call->cancelled) ==
				    TRICORN_CANCEL_TIMEOUT
			    ? TRICORN_ETIMEOUT
			    : result;
	}
	if (flags & TRICORN_WRITE_END)
		call_finish(call, NULL, 0);
	return (int64_t)size;
}

int
app_table_on_writable(tricorn_request *call, tricorn_fn fn, void *arg)
{
	if (!call_alive(call))
		return TRICORN_ECLOSED;
	if (!call->evented || call->ended)
		return TRICORN_EINVAL;
	call->writable = fn;
	call->writable_arg = arg;
	if (fn != NULL && exchange_room(call->exchange) > 0) {
		/* Nothing will be reported: there is room already. */
		pthread_mutex_lock(&call->lock);
		call_post_drain(call);
		pthread_mutex_unlock(&call->lock);
	}
	return TRICORN_OK;
}

int
app_table_send_file(tricorn_request *call, int fd, int64_t offset,
    int64_t length)
{
	int result = offset < 0 || length < 0
	    ? TRICORN_EINVAL
	    : check_write(call, (uint64_t)length);

	if (result < 0) {
		close(fd);
		return result;
	}
	call->written += (uint64_t)length;
	if (hold_in_order(call)) {
		exchange_send_file(call->exchange, fd, offset, length);
		release(call);
		return TRICORN_OK;
	}
	pthread_mutex_lock(&call->lock);
	while (call->file >= 0 && call_alive(call))
		call_wait(call);
	if (!call_alive(call)) {
		pthread_mutex_unlock(&call->lock);
		close(fd);
		return TRICORN_ECLOSED;
	}
	call->file = fd;
	call->file_offset = offset;
	call->file_length = length;
	call_post_drain(call);
	pthread_mutex_unlock(&call->lock);
	return TRICORN_OK;
}

/* Evented, on the loop: nobody else is concerned. */
static void
end_evented(struct tricorn_request *call, bool abort)
{
	call->ended = call->ended_on_loop = true;
	if (call_alive(call)) {
		call_ref(call);
		if (abort)
			exchange_abort(call->exchange);
		else
			exchange_finish(call->exchange, call->trailers,
			    call->trailer_count);
		call_unref(call);
	}
	if (!call->handling)
		call_settle(call);
}

/* Ends the call on the thread that holds the loop, or through the loop. */
static void
end(struct tricorn_request *call, bool abort)
{
	struct threads *threads = call_threads(call);
	bool held = hold(call), direct = held;

	if (held && call->evented) {
		end_evented(call, abort);
		return;
	}
	call_ref(call);
	pthread_mutex_lock(&call->lock);
	call->ended = true;
	if (!call_alive(call)) {
		direct = true; /* nothing to be done, by nobody */
	} else if (direct && in_order(call)) {
		pthread_mutex_unlock(&call->lock);
		if (abort)
			exchange_abort(call->exchange);
		else
			exchange_finish(call->exchange, call->trailers,
			    call->trailer_count);
		pthread_mutex_lock(&call->lock);
	} else {
		call->finish_due = !abort;
		call->abort_due = abort;
		direct = false;
	}
	/* The loop also settles the call when this thread must not. */
	if (!direct || !held)
		call_post_drain(call);
	pthread_mutex_unlock(&call->lock);
	if (held && direct)
		call_settle(call);
	call_unref(call);
	if (held && threads != NULL)
		threads_release_loop(threads);
}

int
call_finish(struct tricorn_request *call, const tricorn_field *trailers,
    size_t count)
{
	struct http_field *copy = NULL;

	if (call->ended)
		return TRICORN_EINVAL;
	if (count > 0 && call_alive(call)) {
		copy = convert_fields(call, trailers, count, NULL);
		if (copy == NULL) {
			warn(call,
			    "finish() with a trailer field that may "
			    "not be sent");
			call_abort(call);
			return TRICORN_EINVAL;
		}
		for (size_t i = 0; i < count; i++)
			if (http_field_forbidden_in_trailer(copy[i].id)) {
				warn(call,
				    "finish() with a field that is not "
				    "allowed in a trailer");
				call_abort(call);
				return TRICORN_EINVAL;
			}
		call->trailers = copy;
		call->trailer_count = count;
	}
	if (!call->responded && call_alive(call))
		warn(call, "finished without a response");
	end(call, false);
	return TRICORN_OK;
}

void
call_abort(struct tricorn_request *call)
{
	if (!call->ended)
		end(call, true);
}

int
app_table_finish(tricorn_request *call, const tricorn_field *trailers,
    size_t count)
{
	return call_finish(call, trailers, count);
}

void
app_table_abort(tricorn_request *call)
{
	call_abort(call);
}
