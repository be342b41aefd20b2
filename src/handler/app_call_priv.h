/* SPDX-License-Identifier: MIT */
/*
 * A call: one exchange as its application sees it (the ABI's
 * tricorn_request), shared by the files that make up the host's table.
 *
 * An evented call lives on the loop. A blocking call has two sides: the
 * handler's thread and the loop. While the handler's thread holds the loop
 * (threads_hold_loop) it acts on the exchange directly; else it leaves what
 * it wants under the lock and posts call_drain() to the loop.
 *
 * Allocation: the loop uses the exchange's arena, the handler's side uses
 * the call's own.
 */
#ifndef TRICORN_HANDLER_APP_CALL_PRIV_H
#define TRICORN_HANDLER_APP_CALL_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "handler/app.h"
#include "handler/app_body.h"
#include "handler/app_call.h"

#define CALL_SPACE 768          /* bytes of the call's first arena block */
#define CALL_QUEUE 65536        /* response bytes that wait for the loop */
#define CALL_BODY_WINDOW 262144 /* credit of a streamed body for read() */

struct call_inform { /* an interim response on its way to the loop */
	struct call_inform *next;
	int status;
	const struct http_field *fields;
	size_t count;
};

struct tricorn_request {
	struct exchange *exchange; /* referenced */
	struct app *app;
	struct arena arena; /* handler's side */
	atomic_uint references;
	atomic_int cancelled; /* TRICORN_CANCEL_…; 0: no */
	bool evented;

	/* what the handler's side knows of the response */
	bool responded;    /* respond() done */
	atomic_bool ended; /* finish() or abort() done, by any thread */
	int64_t length;    /* announced; -1: not known */
	uint64_t written;

	/* the life of the call; loop */
	bool handling;      /* handle() has not returned */
	bool ended_on_loop; /* evented, ended by the loop itself */
	bool host_released;
	int result;                /* of handle() */
	struct threads_task task;  /* that runs handle() */
	tricorn_field *field_view; /* made when first asked for */

	/* both sides, under lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct app_body body; /* received, not yet read */
	bool body_over;
	int body_error;      /* TRICORN_E…, once body_over */
	uint64_t credit_due; /* to ask the exchange for */
	bool asked;          /* credit was asked for once */
	struct call_inform *informs;
	bool head_due; /* respond() waits for the loop */
	int status;
	const struct http_field *fields;
	size_t field_count;
	struct buffer out; /* body bytes behind it */
	int file;          /* and a file behind those; -1: none */
	int64_t file_offset, file_length;
	bool finish_due, abort_due, flush_due;
	const struct http_field *trailers;
	size_t trailer_count;
	bool drain_posted;
	bool full; /* the session has no room: out stays */
	struct loop_task drain_task;

	/* evented; loop */
	const tricorn_body_callbacks *body_callbacks;
	tricorn_body_callbacks body_table;
	void *body_arg;
	uint64_t body_credit; /* for what is in body already */
	bool delivering;
	tricorn_fn writable;
	void *writable_arg;

	/* any side, under lock */
	tricorn_fn on_cancel;
	void *on_cancel_arg;

	char space[CALL_SPACE];
};

/* --- life (app_call.c) ---------------------------------------------------- */

void call_ref(struct tricorn_request *call);
/* Any thread. */
void call_unref(struct tricorn_request *call);
/* Loop: gives up the host's own reference once the app has ended the call
 * and handle() has returned. */
void call_settle(struct tricorn_request *call);
/* Whether the exchange still has its session; loop. */
static inline bool
call_alive(const struct tricorn_request *call)
{
	return atomic_load_explicit(&call->cancelled, memory_order_relaxed) ==
	    0;
}

/* --- the response (app_response.c) ---------------------------------------- */

/* Loop: carries over to the exchange what the handler's thread left. */
void call_drain(struct tricorn_request *call);
void call_drain_run(struct loop_task *task);
/* Under lock: has call_drain() run soon. */
void call_post_drain(struct tricorn_request *call);
/* Under lock: waits until something changes (or turns the loop meanwhile).
 */
void call_wait(struct tricorn_request *call);
/* Whether the app may be made to wait here: not in a callback of the loop. */
bool call_may_wait(const struct tricorn_request *call);
/* Ends the response for the app; any thread of the call. */
int call_finish(struct tricorn_request *call, const tricorn_field *trailers,
    size_t count);
void call_abort(struct tricorn_request *call);

/* --- the body (app_input.c) ----------------------------------------------- */

void call_receive(struct tricorn_request *call, const char *data, size_t size);
void call_receive_end(struct tricorn_request *call,
    enum exchange_body_error error);
/* Loop: asks for more body bytes on behalf of the app. */
void call_want(struct tricorn_request *call, uint64_t credit);
/* Evented: hands kept bytes to the app's callbacks within its credit. */
void call_deliver(struct tricorn_request *call);

#endif
