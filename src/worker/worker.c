/* SPDX-License-Identifier: MIT */
/*
 * The life of a worker: boots, says READY, turns its loop until it is told
 * to go, drains and leaves. Signals and the master's messages come in here.
 */
#include "worker/worker.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/message.h"
#include "ipc/scoreboard.h"
#include "serve/access_log.h"
#include "worker/worker_priv.h"

#define CLOSE_IDLE_MS 1000 /* idle connections may send one more request */
#define HEARTBEAT_MS 1000

static struct timeval
milliseconds(uint64_t ms)
{
	return (struct timeval){ (time_t)(ms / 1000),
		(suseconds_t)(ms % 1000 * 1000) };
}

/* --- leaving -------------------------------------------------------------- */

/* Ends the process whatever its threads are doing. */
static void __attribute__((noreturn)) leave_hard(struct worker *worker)
{
	access_log_destroy(&worker->context.access_log);
	_exit(0);
}

static void
set_state(struct worker *worker, enum worker_state state)
{
	assert(state > worker->state);
	worker->state = state;
}

static void
drain(struct worker *worker, const char *why)
{
	const struct config_pool *pool = worker->heritage->pool;
	uint64_t idle = pool->graceful_timeout / 2 < CLOSE_IDLE_MS
	    ? pool->graceful_timeout / 2
	    : CLOSE_IDLE_MS;
	struct timeval close_idle = milliseconds(idle);
	struct timeval deadline = milliseconds(pool->graceful_timeout);

	if (worker->state != WORKER_SERVING)
		return;
	log_debug("draining: %s", why);
	set_state(worker, WORKER_DRAINING);
	accept_end(worker);
	server_context_drain(&worker->context);
	apps_drain(&worker->host, (uint32_t)pool->graceful_timeout);
	event_add(&worker->close_idle, &close_idle);
	event_add(&worker->deadline, &deadline);
}

static void
close_idle_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	struct timeval again = milliseconds(CLOSE_IDLE_MS);

	server_context_close_idle(&worker->context);
	event_add(&worker->close_idle, &again);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;

	if (worker->state == WORKER_ENDING)
		return;
	if (worker->context.connection_count > 0)
		log_warning("graceful_timeout is over: cutting %u connections",
		    worker->context.connection_count);
	set_state(worker, WORKER_ENDING);
	server_context_kill(&worker->context);
}

static void
term_cb(evutil_socket_t fd, short what, void *arg)
{
	drain(arg, "told to by the master");
}

static void
quit_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;

	if (worker->state == WORKER_ENDING)
		return;
	set_state(worker, WORKER_ENDING);
	accept_end(worker);
	server_context_kill(&worker->context);
}

static void
reopen_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;

	log_reopen();
	access_log_reopen(worker->context.access_log);
}

/* --- the master ----------------------------------------------------------- */

static void
adopt(struct worker *worker, struct message *message)
{
	const struct heritage *heritage = worker->heritage;
	size_t length = strcspn(message->text, " ");

	for (size_t i = 0; i < heritage->config->listen_count; i++) {
		const struct config_listen *listen =
		    heritage->config->listens[i];

		if (strlen(listen->name) == length &&
		    strncmp(listen->name, message->text, length) == 0 &&
		    worker->state == WORKER_SERVING && message->fd >= 0) {
			accept_add(worker, message->fd, listen);
			message->fd = -1;
		}
	}
	if (message->fd >= 0)
		close(message->fd);
}

static void
channel_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	struct message message;
	int result;

	while ((result = message_receive(fd, &message)) > 0) {
		if (message.type == MESSAGE_ADOPT)
			adopt(worker, &message);
		else if (message.fd >= 0)
			close(message.fd);
	}
	if (result == 0) {
		event_del(&worker->channel);
		log_warning("the master is gone: finishing what is in hand");
		drain(worker, "the master is gone");
	}
}

static void
requests_used_up(struct server_context *context)
{
	struct worker *worker = container_of(context, struct worker, context);

	if (message_send_text(worker->heritage->channel, MESSAGE_LEAVING,
		"max_requests") < 0)
		log_warning("cannot tell the master that max_requests is "
			    "reached: %s",
		    strerror(errno));
}

static void
connection_closed(struct server_context *context)
{
	struct worker *worker = container_of(context, struct worker, context);

	if (worker->accept_full)
		accept_review(worker);
}

/* --- heartbeat ------------------------------------------------------------ */

static void
beat(struct worker *worker)
{
	struct scoreboard_worker *score = worker->heritage->score;
	struct server_context *context = &worker->context;

	atomic_store_explicit(&score->heartbeat_ms, clock_monotonic_ms(),
	    memory_order_relaxed);
	atomic_store_explicit(&score->connections, context->connection_count,
	    memory_order_relaxed);
	atomic_store_explicit(&score->in_flight,
	    atomic_load_explicit(&score->requests, memory_order_relaxed) -
		atomic_load_explicit(&score->responses, memory_order_relaxed),
	    memory_order_relaxed);
	atomic_store_explicit(&score->queued,
	    threads_queued(worker->host.threads), memory_order_relaxed);
	atomic_store_explicit(&score->bytes_in, context->streams.bytes_in,
	    memory_order_relaxed);
	atomic_store_explicit(&score->bytes_out, context->streams.bytes_out,
	    memory_order_relaxed);
}

static void
heartbeat_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;

	beat(worker);
	access_log_flush(worker->context.access_log);
}

/* --- boot and end --------------------------------------------------------- */

static void
watch_signal(struct worker *worker, struct event *event, int number,
    event_callback_fn callback)
{
	event_assign(event, worker->loop.base, number, EV_SIGNAL | EV_PERSIST,
	    callback, worker);
	event_add(event, NULL);
}

static void
watch(struct worker *worker)
{
	struct event_base *base = worker->loop.base;
	uint64_t timeout = worker->heritage->pool->timeout;
	struct timeval period =
	    milliseconds(timeout > 0 && timeout / 4 < HEARTBEAT_MS
		    ? timeout / 4 + 1
		    : HEARTBEAT_MS);

	watch_signal(worker, &worker->term, SIGTERM, term_cb);
	watch_signal(worker, &worker->quit, SIGQUIT, quit_cb);
	watch_signal(worker, &worker->interrupt, SIGINT, quit_cb);
	watch_signal(worker, &worker->reopen, SIGUSR1, reopen_cb);
	event_assign(&worker->channel, base, worker->heritage->channel,
	    EV_READ | EV_PERSIST, channel_cb, worker);
	event_add(&worker->channel, NULL);
	event_assign(&worker->heartbeat, base, -1, EV_PERSIST, heartbeat_cb,
	    worker);
	event_add(&worker->heartbeat, &period);
	event_assign(&worker->close_idle, base, -1, 0, close_idle_cb, worker);
	event_assign(&worker->deadline, base, -1, 0, deadline_cb, worker);
}

static void
unwatch(struct worker *worker)
{
	struct event *events[] = { &worker->term, &worker->quit,
		&worker->interrupt, &worker->reopen, &worker->channel,
		&worker->heartbeat, &worker->close_idle, &worker->deadline };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		event_del(events[i]);
}

/* Asked once a turn by whoever leads: is it time to go? */
static bool
should_stop(void *arg)
{
	struct worker *worker = arg;

	if (worker->accept_busy)
		accept_review(worker);
	if (worker->state == WORKER_SERVING)
		return false;
	/* A handler may never return: do not wait for its thread. */
	if (worker->state == WORKER_ENDING)
		leave_hard(worker);
	/* Handlers whose clients are gone have until the deadline, too. */
	return worker->context.connection_count == 0 &&
	    threads_unfinished(worker->host.threads) == 0;
}

/* max_requests less or more a random share, so that workers do not all
 * leave at once. */
static uint64_t
request_budget(const struct config_pool *pool)
{
	uint64_t jitter = pool->max_requests_jitter;

	if (pool->max_requests == 0)
		return 0;
	srandom((unsigned)getpid() ^ (unsigned)clock_monotonic_ns());
	return pool->max_requests +
	    (jitter > 0 ? (uint64_t)random() % (jitter + 1) : 0);
}

static void
serve(struct worker *worker)
{
	const struct heritage *heritage = worker->heritage;

	for (size_t i = 0; i < heritage->socket_count; i++)
		accept_add(worker, heritage->sockets[i].fd,
		    heritage->sockets[i].listen);
	crash_handlers_install(worker);
	beat(worker);
	if (message_send_text(heritage->channel, MESSAGE_READY, NULL) < 0) {
		log_error("cannot tell the master READY: %s", strerror(errno));
		return;
	}
	threads_drive(worker->host.threads, should_stop, worker);
}

/* Ends the access log's and others' last business with the loop. */
static void
unwind(struct worker *worker)
{
	worker_unboot(worker);
	unwatch(worker);
	/* What handlers' threads and closed connections left to free. */
	loop_own(&worker->loop);
	loop_turn(&worker->loop, false);
	loop_run_tasks(&worker->loop);
	server_context_finish(&worker->context);
	loop_finish(&worker->loop);
}

int
worker_run(struct heritage *heritage)
{
	static struct worker worker; /* zeroed; one a process */
	const struct config_pool *pool = heritage->pool;
	struct error error;
	char name[64];

	snprintf(name, sizeof(name), "worker %s.%u", pool->name,
	    heritage->slot);
	log_set_process(name);
	worker.heritage = heritage;
	if (loop_init(&worker.loop, &error) < 0) {
		if (message_send_text(heritage->channel, MESSAGE_FAILED,
			error.text) < 0)
			log_error("%s", error.text);
		return 1;
	}
	server_context_init(&worker.context, &worker.loop, heritage->config,
	    pool, heritage->score);
	worker.context.connection_closed = connection_closed;
	worker.context.requests_used_up = requests_used_up;
	worker.context.requests_left = request_budget(pool);
	worker.host.context = &worker.context;
	accept_init(&worker);
	watch(&worker);
	if (worker_boot(&worker, &error) < 0) {
		if (message_send_text(heritage->channel, MESSAGE_FAILED,
			error.text) < 0)
			log_error("%s", error.text);
		unwind(&worker);
		return 1;
	}
	serve(&worker);
	unwind(&worker);
	return 0;
}
