/* SPDX-License-Identifier: MIT */
/*
 * tricorn/fake_host.h - runs an application in a test, without the server.
 *
 * A fake host is one worker in memory: it loads an application, makes
 * requests, records what the client would get, and moves time only when the
 * test says so. What an application must not do (respond twice, write behind
 * the end, use a request that is finished, call the loop's functions from a
 * thread, ...) ends the test with a sentence that says so. Memory of a
 * finished request is freed at once, so that AddressSanitizer finds its use.
 *
 *	struct fake_host *host = fake_host_create();
 *	const struct fake_response *response;
 *
 *	fake_host_option(host, "greeting", "Hello");
 *	if (fake_host_load(host, "./hello.so") < 0)
 *		errx(1, "%s", fake_host_error(host));
 *	response = fake_host_get(host, "/");
 *	assert(response->status == 200);
 *	fake_host_destroy(&host);
 *
 * An application that is both BLOCKING and EVENTED runs as in an async pool.
 * Link with -ltricorn_fake_host -pthread. All functions here belong to one
 * thread, the one that made the host: it plays the worker's loop.
 */
#ifndef TRICORN_FAKE_HOST_H
#define TRICORN_FAKE_HOST_H

#include <stdbool.h>
#include <tricorn/app.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fake_host;

struct fake_inform {
	int status;
	const tricorn_field *fields;
	size_t count;
};

/* What the client got so far. Owned by the host, as all it points to; texts
 * have a NUL behind them. */
struct fake_response {
	int status; /* 0: the response has not begun */
	const tricorn_field *fields;
	size_t count;
	int64_t length; /* announced; -1: not known */
	const char *body;
	size_t body_length;
	const tricorn_field *trailers;
	size_t trailer_count;
	const struct fake_inform *informs;
	size_t inform_count;
	unsigned flushes; /* write() calls with TRICORN_WRITE_FLUSH */
	bool finished;    /* nothing more will come */
	bool cut;         /* ... and the client can tell that it lacks
	                     something: aborted, or shorter than announced */
};

/* --- the worker ----------------------------------------------------------- */

/* Never NULL. Any number may exist, but an application loaded twice shares its
 * static data between them. */
struct fake_host *fake_host_create(void);
/* Stops the application, then frees the host and all its requests. A request
 * that was never finished, or retained and not released, is a misuse. Accepts
 * NULL behind host. */
void fake_host_destroy(struct fake_host **host);
/* Sets option.KEY of the application's section; before it is loaded. */
void fake_host_option(struct fake_host *host, const char *key,
    const char *value);
/* Loads a shared object as a worker does: load(), worker_start(),
 * thread_start() when it is BLOCKING, health(). 0, or -1 and
 * fake_host_error(). */
int fake_host_load(struct fake_host *host, const char *path);
/* The same for an application that is linked into the test. */
int fake_host_start(struct fake_host *host, tricorn_app_v1_fn entry);
/* Why the last load or start failed; "" when it did not. */
const char *fake_host_error(const struct fake_host *host);
/* Calls drain(), then what is due. */
void fake_host_drain(struct fake_host *host, uint32_t deadline_ms);
/* Calls dump() with fd. False when the application has none. */
bool fake_host_dump(struct fake_host *host, int fd);
/* Cancels what is not finished (TRICORN_CANCEL_DRAIN), then calls
 * thread_stop(), worker_stop() and unload(). */
void fake_host_stop(struct fake_host *host);
/* All that was logged: lines of "LEVEL text". */
const char *fake_host_log(const struct fake_host *host);

/* --- misuse --------------------------------------------------------------- */

/* From now on misuse does not end the process: the call returns as it does
 * from the server, and the sentence is kept. For tests of tests. */
void fake_host_keep_misuse(struct fake_host *host);
/* The first sentence kept since the last call of this; NULL: none. Valid until
 * the next call. */
const char *fake_host_misuse(struct fake_host *host);

/* --- its loop ------------------------------------------------------------- */

/* Runs what is due: posts, offloaded work and timers, in order, until nothing
 * is. The clock stands still. */
void fake_host_run(struct fake_host *host);
/* Moves the clock by ms, running timers one by one at their time. */
void fake_host_advance(struct fake_host *host, uint32_t ms);
/* Timers that are set. */
size_t fake_host_timers(const struct fake_host *host);
/* Lets offload() answer TRICORN_EAGAIN, as a pool that is full. */
void fake_host_fill_pool(struct fake_host *host, bool full);
/* Lets body bytes come in a later turn of the loop instead of inside
 * read_async() and credit(); applications must stand both. */
void fake_host_defer_body(struct fake_host *host, bool defer);

/* --- a request ------------------------------------------------------------ */

/* Owned by the host. Its path is the target's, percent-decoded; dot segments
 * are left as they are. info() answers what HTTP/1.1 from 192.0.2.1 to
 * localhost would be. */
tricorn_request *fake_request_create(struct fake_host *host, const char *method,
    const char *target);
void fake_request_field(tricorn_request *req, const char *name,
    const char *value);
/* Sets a TRICORN_INFO_ value. */
void fake_request_info(tricorn_request *req, int key, const char *value);
/* Adds a piece to the body. After fake_request_run() it arrives at once. */
void fake_request_body(tricorn_request *req, const void *data, size_t size);
/* content_length() is -1: the client does not announce the body's length. */
void fake_request_chunked(tricorn_request *req);
void fake_request_trailer(tricorn_request *req, const char *name,
    const char *value);
/* More of the body comes after fake_request_run(), until
 * fake_request_body_end(); only for STREAM_BODY applications. */
void fake_request_hold(tricorn_request *req);
/* Ends a held body: 0, or a TRICORN_E… for one that broke off. */
void fake_request_body_end(tricorn_request *req, int error);

/* Calls handle() and runs what is due; returns what handle() returned. The
 * host finishes the request as the server would. */
int fake_request_run(tricorn_request *req);
/* Waits, at most ten seconds, for a thread of the application to finish the
 * request. False when it did not. */
bool fake_request_wait(tricorn_request *req);
/* Body bytes handed to the application. */
uint64_t fake_request_taken(const tricorn_request *req);
/* Body bytes that it still allows by read_async() and credit(). */
uint64_t fake_request_credit(const tricorn_request *req);

/* --- its client ----------------------------------------------------------- */

/* From now on there is room for size body bytes, no more. Without this the
 * client takes everything at once. A blocking write() that finds no room gets
 * TRICORN_ETIMEOUT. */
void fake_request_room(tricorn_request *req, size_t size);
/* The client takes bytes: room for size more. Calls on_writable(). */
void fake_request_take(tricorn_request *req, size_t size);
/* Takes the request from the application: TRICORN_CANCEL_…; calls
 * on_cancel() and runs what is due. */
void fake_request_cancel(tricorn_request *req, int why);
/* Valid as long as the host; filled as the response comes. */
const struct fake_response *fake_request_response(const tricorn_request *req);

/* --- shortcuts ------------------------------------------------------------ */

/* A GET, run; its response. */
const struct fake_response *fake_host_get(struct fake_host *host,
    const char *target);
/* A request with a body in one piece, run; its response. */
const struct fake_response *fake_host_send(struct fake_host *host,
    const char *method, const char *target, const void *body, size_t size);
/* Value of the first field of that name in any case; NULL: none. */
const char *fake_response_field(const struct fake_response *response,
    const char *name);
/* The same among the trailers. */
const char *fake_response_trailer(const struct fake_response *response,
    const char *name);

#ifdef __cplusplus
}
#endif

#endif
