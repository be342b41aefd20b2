/* SPDX-License-Identifier: MIT */
/* What the files of the fake host share: its structs and a few steps. */
#ifndef TRICORN_FAKE_HOST_FAKE_HOST_PRIV_H
#define TRICORN_FAKE_HOST_FAKE_HOST_PRIV_H

#include <pthread.h>

#include "tricorn/fake_host.h"

/* Allocations that are freed together. */
struct fake_memory {
	struct fake_chunk *first;
};

struct fake_fields {
	tricorn_field *items;
	size_t count;
};

/* Something to call on the loop. */
struct fake_task {
	struct fake_task *next;
	tricorn_fn work; /* of offload(): runs first, as on a thread */
	tricorn_fn fn;
	void *arg;
};

struct fake_timer {
	struct fake_timer *next;
	uint64_t id, due_ms;
	tricorn_fn fn;
	void *arg;
};

struct fake_piece {
	char *data;
	size_t size;
};

struct tricorn_worker {
	struct fake_host *host;
};

struct tricorn_config {
	struct fake_host *host;
};

struct fake_host {
	struct fake_memory memory;
	tricorn_worker worker;
	tricorn_config config;
	pthread_t loop;         /* the thread that made the host */
	pthread_mutex_t mutex;  /* tasks, log, misuse, and of each request:
	                          references, callbacks, response */
	pthread_cond_t changed; /* a task came or a request was finished */

	struct fake_fields options;
	const tricorn_app *app;
	void *app_data, *state, *thread;
	bool evented; /* else BLOCKING */
	bool loaded, started, thread_started;
	char error[512];

	tricorn_request *requests;
	struct fake_task *tasks, **tasks_end;
	struct fake_timer *timers; /* by time, then by id */
	uint64_t now_ms, last_timer;
	bool pool_full, defer_body;

	char *log;
	size_t log_length;
	bool keep_misuse, stopping;
	char misuse[512], misuse_read[512];
};

struct tricorn_request {
	tricorn_request *next;
	struct fake_host *host;
	struct fake_memory lent;   /* what the application sees; freed when the
	                              request is finished and released */
	struct fake_memory memory; /* what the test sees; lives with the host */
	char label[128];           /* "GET /target", for sentences */

	tricorn_string method, target, path, query;
	struct fake_fields fields, trailers;
	tricorn_string info[TRICORN_INFO_POOL + 1];

	struct fake_piece *pieces;
	size_t piece_count, piece_at, piece_offset;
	uint64_t body_size, body_taken, credit;
	bool chunked, held, body_complete, body_end_told, pumping;
	int body_error;
	bool reads_async;
	tricorn_body_callbacks callbacks;
	void *callbacks_arg;

	unsigned references; /* of retain() */
	bool ran, responded, finished, gone;
	int cancelled;
	tricorn_fn cancel, writable;
	void *cancel_arg, *writable_arg;
	bool room_limited;
	size_t room;

	struct fake_response response;
	size_t body_capacity;
};

/* The table that applications get. */
extern const tricorn_host fake_table;

/* memory.c: never NULL; a size of 0 is fine. */
void *fake_memory_take(struct fake_memory *memory, size_t size);
/* A copy with a NUL behind it. */
tricorn_string fake_memory_copy(struct fake_memory *memory, const char *data,
    size_t length);
void fake_memory_finish(struct fake_memory *memory);
void *fake_grow(void *old, size_t count, size_t size);
/* Appends copies of name and value. */
void fake_fields_add(struct fake_fields *fields, struct fake_memory *memory,
    tricorn_string name, tricorn_string value);
bool fake_same_name(tricorn_string one, tricorn_string other);

/* misuse.c: says what the application did wrong, in the process's last words
 * or for fake_host_misuse(). req may be NULL. Returns TRICORN_EINVAL. */
int fake_misuse(struct fake_host *host, const tricorn_request *req,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* False, and a misuse, unless the caller is on the loop. */
bool fake_on_loop(struct fake_host *host, const tricorn_request *req,
    const char *call);
/* Marks this thread as one of the pool (1) or the loop's again (-1). */
void fake_enter_pool(int by);
/* Whether call may use req: false, and a misuse, when it is finished. */
bool fake_usable(const tricorn_request *req, const char *call);

/* schedule.c: appends a task; any thread. */
void fake_task_add(struct fake_host *host, tricorn_fn work, tricorn_fn fn,
    void *arg);
int fake_post(tricorn_worker *worker, tricorn_fn fn, void *arg);
int fake_offload(tricorn_worker *worker, tricorn_fn work, tricorn_fn done,
    void *arg);
int fake_timer_set(tricorn_worker *worker, uint32_t ms, tricorn_fn fn,
    void *arg, uint64_t *id);
void fake_timer_cancel(tricorn_worker *worker, uint64_t id);
struct event_base *fake_event_base(tricorn_worker *worker);

/* body.c */
int64_t fake_read(tricorn_request *req, void *data, size_t size);
int fake_read_async(tricorn_request *req,
    const tricorn_body_callbacks *callbacks, void *arg, size_t credit);
void fake_credit(tricorn_request *req, size_t size);
/* Hands over what credit allows, now or as a task. */
void fake_body_arrived(tricorn_request *req);
/* The request was cancelled: tells read_async()'s end(), if it waits. */
void fake_body_lost(tricorn_request *req);

/* respond.c */
int fake_inform(tricorn_request *req, int status, const tricorn_field *fields,
    size_t count);
int fake_respond(tricorn_request *req, int status, const tricorn_field *fields,
    size_t count, int64_t length);
int64_t fake_write(tricorn_request *req, const void *data, size_t size,
    uint32_t flags);
int fake_on_writable(tricorn_request *req, tricorn_fn fn, void *arg);
int fake_send_file(tricorn_request *req, int fd, int64_t offset,
    int64_t length);
int fake_finish(tricorn_request *req, const tricorn_field *trailers,
    size_t count);
void fake_abort(tricorn_request *req);
/* Completes it as the host does by itself: 500, 404, a cut response. */
void fake_request_close(tricorn_request *req, int status);
/* Frees what the application saw once it may no more. mutex is held. */
void fake_request_let_go(tricorn_request *req);
/* Takes it from the application: why, and on_cancel() as a task. */
void fake_request_take_away(tricorn_request *req, int why);

#endif
