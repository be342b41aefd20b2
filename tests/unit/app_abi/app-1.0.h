/* SPDX-License-Identifier: MIT */
/*
 * tricorn/app.h - the interface between tricorn and the applications it hosts.
 *
 * An application is a shared object that exports one symbol, tricorn_app_v1,
 * and links against none of the host's: the host hands it a table of
 * functions. The static inline wrappers at the end of this header call
 * through that table, so that code reads plainly: tricorn_write(req, ...).
 * Put TRICORN_APP(my_app) into one file of the application and it has both.
 *
 * Threads. A BLOCKING application's handle() runs on a thread of the pool, or
 * on the loop's thread until it turns out to be slow; any call may wait. An
 * EVENTED application's handle() and callbacks run on the worker's loop and
 * must not block. Calls marked [any] may be made from any thread; those
 * marked [loop] only on the loop's; all others on the thread that runs
 * handle(), or, after handle() of a BLOCKING application returned
 * TRICORN_PENDING, by one thread at a time.
 *
 * Life. A request whose handle() returned TRICORN_PENDING stays valid, also
 * after it was cancelled, until finish() or abort() is called for it, which
 * must happen exactly once. After a cancellation all calls that would send or
 * read return TRICORN_ECLOSED, and finish() and abort() only let it go.
 *
 * Growth. Tables only ever grow at their end. Both sides give struct_size;
 * TRICORN_HAS(table, member) tells whether the other side knows a member.
 *
 * Strings are (pointer, length) views, in general without a NUL behind them.
 * Views of a request stay valid until the last tricorn_release() of it or,
 * without a retain, until the request is finished.
 *
 * Compiles as C99 and C++11.
 */
#ifndef TRICORN_APP_H
#define TRICORN_APP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRICORN_ABI_MAJOR 1u /* a change here breaks applications */
#define TRICORN_ABI_MINOR 0u /* counts the growth of the tables */

struct event_base; /* libevent's; only for applications that use it */

typedef struct tricorn_request tricorn_request; /* one exchange */
typedef struct tricorn_worker tricorn_worker;   /* this worker process */
typedef struct tricorn_config tricorn_config;   /* the app's own section */

typedef struct {
	const char *data;
	size_t length;
} tricorn_string;

typedef struct {
	tricorn_string name, value;
} tricorn_field;

/* Results. Zero and above is success. */
enum {
	TRICORN_OK = 0,       /* done */
	TRICORN_PENDING = 1,  /* of handle(): will be finished later */
	TRICORN_DECLINED = 2, /* of handle(): not mine; the host answers 404 */
	TRICORN_EAGAIN = -1,  /* evented: no room (or no data) now */
	TRICORN_ECLOSED = -2, /* the client is gone, or the request was ended */
	TRICORN_ETIMEOUT = -3, /* the client was too slow */
	TRICORN_ELIMIT = -4,   /* over a configured limit (body size) */
	TRICORN_EINVAL = -5,   /* a call out of order or with bad arguments */
	TRICORN_ENOMEM = -6,   /* no memory */
	TRICORN_EIO = -7       /* reading or writing a file failed */
};

/* tricorn_app.flags */
enum {
	TRICORN_APP_BLOCKING = 1u << 0,    /* handle() may block */
	TRICORN_APP_EVENTED = 1u << 1,     /* handle() runs on the loop; with
	                                      both: in async pools only */
	TRICORN_APP_STREAM_BODY = 1u << 2, /* handle() at the end of the head,
	                                      not of the body */
	TRICORN_APP_PRELOAD = 1u << 3      /* load() may run before fork */
};

/* flags of write() */
enum {
	TRICORN_WRITE_END = 1u << 0,  /* the response ends with these bytes; as
	                                 finish() once all of them are taken */
	TRICORN_WRITE_FLUSH = 1u << 1 /* send now, do not gather */
};

/* levels of log(); those of Python's logging in order */
enum {
	TRICORN_LOG_DEBUG = 0,
	TRICORN_LOG_INFO = 1,
	TRICORN_LOG_WARNING = 2,
	TRICORN_LOG_ERROR = 3,
	TRICORN_LOG_CRITICAL = 4
};

/* keys of info() */
enum {
	TRICORN_INFO_SCHEME = 1,        /* "http" */
	TRICORN_INFO_VERSION = 2,       /* "1.0", "1.1" */
	TRICORN_INFO_HOST = 3,          /* of the target or Host, with port */
	TRICORN_INFO_PEER_ADDRESS = 4,  /* "192.0.2.1"; "" on a Unix socket */
	TRICORN_INFO_PEER_PORT = 5,     /* decimal; "" on a Unix socket */
	TRICORN_INFO_LOCAL_ADDRESS = 6, /* or the path of the Unix socket */
	TRICORN_INFO_LOCAL_PORT = 7,    /* decimal; "" on a Unix socket */
	TRICORN_INFO_MOUNT = 8,         /* path prefix of the route, no final
	                                 slash: "" or "/live" */
	TRICORN_INFO_ROUTE = 9,         /* name of the route */
	TRICORN_INFO_APP = 10,          /* name of the app's section */
	TRICORN_INFO_POOL = 11          /* name of the pool */
};

/* why a request was cancelled, see on_cancel() */
enum {
	TRICORN_CANCEL_CLIENT_GONE = 1,
	TRICORN_CANCEL_TIMEOUT = 2, /* a time-out or limit of the host */
	TRICORN_CANCEL_DRAIN = 3    /* the worker ends at its hard deadline */
};

typedef void (*tricorn_fn)(void *arg);

/* Evented delivery of a request body; both run on the loop. */
typedef struct {
	uint32_t struct_size;
	/* length bytes at data, valid during the call; uses up credit */
	void (*data)(tricorn_request *req, const void *data, size_t length,
	    void *arg);
	/* error 0: the body is complete; else ECLOSED, ETIMEOUT, ELIMIT, EINVAL
	   (a malformed body). Called once, before on_cancel()'s function, but
	   not after the request was finished. The request still has to be
	   finished or aborted. */
	void (*end)(tricorn_request *req, int error, void *arg);
} tricorn_body_callbacks;

/* What the host offers. */
typedef struct tricorn_host {
	uint32_t struct_size, abi_major, abi_minor, reserved;

	/* --- the request --------------------------------------------------- */

	/* Method as received, "GET" (RFC 9110 9). */
	tricorn_string (*method)(const tricorn_request *req);
	/* Request target as received, undecoded (RFC 9112 3.2). */
	tricorn_string (*target)(const tricorn_request *req);
	/* Path, percent-decoded once, dot segments removed (RFC 3986 5.2.4). */
	tricorn_string (*path)(const tricorn_request *req);
	/* Query without '?', undecoded; data is NULL when there is no '?'. */
	tricorn_string (*query)(const tricorn_request *req);
	/* Value of the nth (from 0) field of that name in any case; data is
	   NULL when there is none. */
	tricorn_string (*header)(const tricorn_request *req,
	    tricorn_string name, size_t nth);
	/* All fields in order of arrival. */
	const tricorn_field *(*fields)(const tricorn_request *req,
	    size_t *count);
	/* Trailer fields; known once the body has ended (RFC 9110 6.5). */
	const tricorn_field *(*trailers)(const tricorn_request *req,
	    size_t *count);
	/* A TRICORN_INFO_ key: OK and *out, or EINVAL for an unknown key. */
	int (*info)(const tricorn_request *req, int key, tricorn_string *out);
	/* Length of the body in bytes, -1 when it is not known beforehand. */
	int64_t (*content_length)(const tricorn_request *req);
	/* Memory that lives as long as the request; never NULL. */
	void *(*alloc)(tricorn_request *req, size_t size);
	/* [any] Keeps the request and its views valid until a release(). */
	void (*retain)(tricorn_request *req);
	/* [any] */
	void (*release)(tricorn_request *req);
	/* [any] fn(arg) runs once on the loop when the client goes, a time-out
	   of the host ends the request, or the worker ends; not after the
	   request is finished. One callback a request; NULL takes it back.
	   ECLOSED when it was cancelled already (fn is not called then). */
	int (*on_cancel)(tricorn_request *req, tricorn_fn fn, void *arg);
	/* [any] TRICORN_CANCEL_…, or 0 while the request lives. */
	int (*cancelled)(const tricorn_request *req);

	/* --- its body ------------------------------------------------------ */

	/* Blocking: waits for at least one byte and returns how many were
	   copied, 0 at the end, or ECLOSED, ETIMEOUT, ELIMIT, EINVAL, EIO.
	   Evented: what is there already, EAGAIN when there is nothing yet.
	   The first call sends 100 Continue when the client waits for it. */
	int64_t (*read)(tricorn_request *req, void *data, size_t size);
	/* [loop] Evented: delivers the body through callbacks; at most credit
	   bytes until credit() allows more. Once a request. What is there
	   already may be delivered before this, or credit(), returns. */
	int (*read_async)(tricorn_request *req,
	    const tricorn_body_callbacks *callbacks, void *arg, size_t credit);
	/* [any] Allows size more bytes. */
	void (*credit)(tricorn_request *req, size_t size);

	/* --- the response -------------------------------------------------- */

	/* An interim response: 103 (RFC 8297), 100, 102. EINVAL once the final
	   one began; quietly left out for HTTP/1.0 clients. */
	int (*inform)(tricorn_request *req, int status,
	    const tricorn_field *fields, size_t count);
	/* Begins the final response. length: bytes of the body, or -1: not
	   known (chunked, or up to the end of the connection in HTTP/1.0).
	   Names and values are copied. EINVAL for a second call, a status
	   outside 200-599, a field with CR, LF, NUL, or of one hop (RFC 9110
	   7.6.1); Content-Length among the fields must equal length, or
	   gives it when length is -1. */
	int (*respond)(tricorn_request *req, int status,
	    const tricorn_field *fields, size_t count, int64_t length);
	/* Body bytes; they are copied or sent. Blocking: takes all, waits while
	   the output buffer is over its limit; size or an error. Evented: takes
	   as much as the buffer has room for (all of it when it was empty and
	   size is within the limit) and returns the count, or EAGAIN. Writing
	   more than the announced length is EINVAL. After HEAD, 204 and 304 the
	   bytes are counted and dropped. */
	int64_t (*write)(tricorn_request *req, const void *data, size_t size,
	    uint32_t flags);
	/* Evented: fn(arg) runs once on the loop when write() would take bytes
	   again. */
	int (*on_writable)(tricorn_request *req, tricorn_fn fn, void *arg);
	/* Body bytes from a file, sent by the kernel. fd becomes the host's in
	   any case and is closed when it is sent. Regular files only. */
	int (*send_file)(tricorn_request *req, int fd, int64_t offset,
	    int64_t length);
	/* [any] Ends the response. Trailer fields are sent when it is chunked,
	   else left out (RFC 9110 6.5). Without respond() the host answers 500.
	   A body shorter than announced ends the connection, so that the
	   client can tell. The request must not be used afterwards unless it
	   was retained. */
	int (*finish)(tricorn_request *req, const tricorn_field *trailers,
	    size_t count);
	/* [any] Ends the request as failed: 500 when nothing was sent yet, else
	   the connection is cut. */
	void (*abort)(tricorn_request *req);

	/* --- scheduling ---------------------------------------------------- */

	/* [loop] The loop of an async worker; NULL in a sync one. */
	struct event_base *(*event_base)(tricorn_worker *worker);
	/* [any] Runs fn(arg) on the loop, in order. */
	int (*post)(tricorn_worker *worker, tricorn_fn fn, void *arg);
	/* [any] Runs work(arg) on a thread of the pool, then done(arg) on the
	   loop. EAGAIN when the pool's queue is full. */
	int (*offload)(tricorn_worker *worker, tricorn_fn work, tricorn_fn done,
	    void *arg);
	/* [loop] fn(arg) runs once on the loop after ms milliseconds. */
	int (*timer)(tricorn_worker *worker, uint32_t ms, tricorn_fn fn,
	    void *arg, uint64_t *id);
	/* [loop] Harmless for a timer that has run. */
	void (*cancel_timer)(tricorn_worker *worker, uint64_t id);

	/* --- the rest ------------------------------------------------------ */

	/* The worker that serves this request. */
	tricorn_worker *(*worker)(const tricorn_request *req);
	/* Value of option.KEY of the app's section, or fallback. */
	tricorn_string (*option)(const tricorn_config *config,
	    tricorn_string key, tricorn_string fallback);
	/* The nth (from 0) option, or EINVAL behind the last. */
	int (*option_at)(const tricorn_config *config, size_t nth,
	    tricorn_string *key, tricorn_string *value);
	/* [any] A line in the error log; worker and req may be NULL. */
	void (*log)(tricorn_worker *worker, tricorn_request *req, int level,
	    tricorn_string text);
} tricorn_host;

/* What the application offers. Every function but handle may be NULL. */
typedef struct tricorn_app {
	uint32_t struct_size, abi_major, abi_minor, flags;
	const char *name, *version;
	/* Once a worker process, before anything else; with PRELOAD possibly
	   before fork, so neither threads nor sockets here. *app is handed to
	   worker_start and unload. On failure *error (static or malloc'ed and
	   never freed) says what to do. */
	int (*load)(const tricorn_host *host, const tricorn_config *config,
	    void **app, tricorn_string *error);
	/* Once a worker, on the loop's thread before it accepts. Without this
	   hook the state of the others is what load() made. */
	int (*worker_start)(tricorn_worker *worker, void *app, void **state,
	    tricorn_string *error);
	/* Once on each thread that will run handle(); BLOCKING only. */
	int (*thread_start)(void *state, void **thread);
	/* OK: finished here, or the host finishes it now. PENDING: somebody
	   will call finish() or abort(). DECLINED: 404. Below 0: 500. */
	int (*handle)(tricorn_request *req, void *state, void *thread);
	/* OK when the app can serve; asked before a worker says it is ready. */
	int (*health)(void *state);
	/* [loop] The worker will end within deadline_ms; long responses should. */
	void (*drain)(void *state, uint32_t deadline_ms);
	/* Writes what all threads and tasks do to fd; from a signal handler:
	   async-signal-safe calls only. */
	void (*dump)(void *state, int fd);
	void (*thread_stop)(void *state, void *thread);
	void (*worker_stop)(void *state);
	void (*unload)(void *app);
} tricorn_app;

#if defined(__GNUC__)
#define TRICORN_EXPORT __attribute__((visibility("default")))
#define TRICORN_UNUSED __attribute__((unused))
#else
#define TRICORN_EXPORT
#define TRICORN_UNUSED
#endif

/* The one symbol an application exports. NULL: host cannot be used. */
TRICORN_EXPORT const tricorn_app *tricorn_app_v1(const tricorn_host *host);
typedef const tricorn_app *(*tricorn_app_v1_fn)(const tricorn_host *host);

/* Whether the table behind a pointer has a member. */
#define TRICORN_HAS(table, member) \
	((table)->struct_size >= \
	    offsetof(__typeof__(*(table)), member) + sizeof((table)->member))

/* A view of a string literal. */
#define TRICORN_LITERAL(text) \
	{ \
		(text), sizeof(text) - 1 \
	}

static inline tricorn_string
tricorn_str(const char *text)
{
	tricorn_string view;

	view.data = text;
	view.length = text ? strlen(text) : 0;
	return view;
}

/*
 * TRICORN_APP(app) exports app and keeps the host's table for the wrappers
 * below in this file. In each further file of an application that has several,
 * call tricorn_host_set() before anything else.
 */
static TRICORN_UNUSED const tricorn_host *tricorn_host_table;

static inline void
tricorn_host_set(const tricorn_host *host)
{
	tricorn_host_table = host;
}

#define TRICORN_APP(app_table) \
	const tricorn_app *tricorn_app_v1(const tricorn_host *host) \
	{ \
		if (host->abi_major != TRICORN_ABI_MAJOR || \
		    host->struct_size < sizeof(tricorn_host)) \
			return NULL; \
		tricorn_host_set(host); \
		return &(app_table); \
	}

/* The head of a tricorn_app table: flags, name, version. */
#define TRICORN_APP_HEAD(app_flags, app_name, app_version) \
	sizeof(tricorn_app), TRICORN_ABI_MAJOR, TRICORN_ABI_MINOR, \
	    (app_flags), (app_name), (app_version)

static inline tricorn_string
tricorn_method(const tricorn_request *req)
{
	return tricorn_host_table->method(req);
}

static inline tricorn_string
tricorn_target(const tricorn_request *req)
{
	return tricorn_host_table->target(req);
}

static inline tricorn_string
tricorn_path(const tricorn_request *req)
{
	return tricorn_host_table->path(req);
}

static inline tricorn_string
tricorn_query(const tricorn_request *req)
{
	return tricorn_host_table->query(req);
}

static inline tricorn_string
tricorn_header(const tricorn_request *req, const char *name, size_t nth)
{
	return tricorn_host_table->header(req, tricorn_str(name), nth);
}

static inline const tricorn_field *
tricorn_fields(const tricorn_request *req, size_t *count)
{
	return tricorn_host_table->fields(req, count);
}

static inline const tricorn_field *
tricorn_trailers(const tricorn_request *req, size_t *count)
{
	return tricorn_host_table->trailers(req, count);
}

/* The value of a TRICORN_INFO_ key; data is NULL for an unknown one. */
static inline tricorn_string
tricorn_info(const tricorn_request *req, int key)
{
	tricorn_string value = { NULL, 0 };

	(void)tricorn_host_table->info(req, key, &value);
	return value;
}

static inline int64_t
tricorn_content_length(const tricorn_request *req)
{
	return tricorn_host_table->content_length(req);
}

static inline void *
tricorn_alloc(tricorn_request *req, size_t size)
{
	return tricorn_host_table->alloc(req, size);
}

static inline void
tricorn_retain(tricorn_request *req)
{
	tricorn_host_table->retain(req);
}

static inline void
tricorn_release(tricorn_request *req)
{
	tricorn_host_table->release(req);
}

static inline int
tricorn_on_cancel(tricorn_request *req, tricorn_fn fn, void *arg)
{
	return tricorn_host_table->on_cancel(req, fn, arg);
}

static inline int
tricorn_cancelled(const tricorn_request *req)
{
	return tricorn_host_table->cancelled(req);
}

static inline int64_t
tricorn_read(tricorn_request *req, void *data, size_t size)
{
	return tricorn_host_table->read(req, data, size);
}

static inline int
tricorn_read_async(tricorn_request *req,
    const tricorn_body_callbacks *callbacks, void *arg, size_t credit)
{
	return tricorn_host_table->read_async(req, callbacks, arg, credit);
}

static inline void
tricorn_credit(tricorn_request *req, size_t size)
{
	tricorn_host_table->credit(req, size);
}

static inline int
tricorn_inform(tricorn_request *req, int status, const tricorn_field *fields,
    size_t count)
{
	return tricorn_host_table->inform(req, status, fields, count);
}

static inline int
tricorn_respond(tricorn_request *req, int status, const tricorn_field *fields,
    size_t count, int64_t length)
{
	return tricorn_host_table->respond(req, status, fields, count, length);
}

static inline int64_t
tricorn_write(tricorn_request *req, const void *data, size_t size,
    uint32_t flags)
{
	return tricorn_host_table->write(req, data, size, flags);
}

static inline int
tricorn_on_writable(tricorn_request *req, tricorn_fn fn, void *arg)
{
	return tricorn_host_table->on_writable(req, fn, arg);
}

static inline int
tricorn_send_file(tricorn_request *req, int fd, int64_t offset, int64_t length)
{
	return tricorn_host_table->send_file(req, fd, offset, length);
}

static inline int
tricorn_finish(tricorn_request *req, const tricorn_field *trailers,
    size_t count)
{
	return tricorn_host_table->finish(req, trailers, count);
}

static inline void
tricorn_abort(tricorn_request *req)
{
	tricorn_host_table->abort(req);
}

static inline struct event_base *
tricorn_event_base(tricorn_worker *worker)
{
	return tricorn_host_table->event_base(worker);
}

static inline int
tricorn_post(tricorn_worker *worker, tricorn_fn fn, void *arg)
{
	return tricorn_host_table->post(worker, fn, arg);
}

static inline int
tricorn_offload(tricorn_worker *worker, tricorn_fn work, tricorn_fn done,
    void *arg)
{
	return tricorn_host_table->offload(worker, work, done, arg);
}

static inline int
tricorn_timer(tricorn_worker *worker, uint32_t ms, tricorn_fn fn, void *arg,
    uint64_t *id)
{
	return tricorn_host_table->timer(worker, ms, fn, arg, id);
}

static inline void
tricorn_cancel_timer(tricorn_worker *worker, uint64_t id)
{
	tricorn_host_table->cancel_timer(worker, id);
}

static inline tricorn_worker *
tricorn_worker_of(const tricorn_request *req)
{
	return tricorn_host_table->worker(req);
}

static inline tricorn_string
tricorn_option(const tricorn_config *config, const char *key,
    const char *fallback)
{
	return tricorn_host_table->option(config, tricorn_str(key),
	    tricorn_str(fallback));
}

static inline int
tricorn_option_at(const tricorn_config *config, size_t nth, tricorn_string *key,
    tricorn_string *value)
{
	return tricorn_host_table->option_at(config, nth, key, value);
}

static inline void
tricorn_log(tricorn_worker *worker, tricorn_request *req, int level,
    const char *text)
{
	tricorn_host_table->log(worker, req, level, tricorn_str(text));
}

/*
 * A whole small response in one call: status, Content-Type, body. OK, or the
 * error of the call that failed. In an EVENTED application the body must be
 * within the pool's output_buffer: what does not fit is not sent.
 */
static inline int
tricorn_reply(tricorn_request *req, int status, const char *content_type,
    const void *body, size_t length)
{
	tricorn_field type = { TRICORN_LITERAL("Content-Type"), { NULL, 0 } };
	int64_t sent;
	int result;

	type.value = tricorn_str(content_type);
	result = tricorn_respond(req, status, &type, 1, (int64_t)length);
	if (result < 0)
		return result;
	sent = tricorn_write(req, body, length, TRICORN_WRITE_END);
	return sent < 0 ? (int)sent : TRICORN_OK;
}

#ifdef __cplusplus
}
#endif

#endif
