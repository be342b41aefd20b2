/* SPDX-License-Identifier: MIT */
/*
 * Takes connections from the listening sockets, as long as the worker can
 * serve them: not beyond max_connections, not while a sync worker that shares
 * its sockets has requests waiting for a thread. What it leaves waits in the
 * kernel's queue, where a sibling or a successor finds it.
 */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "serve/http1.h"
#include "worker/worker_priv.h"

#define BATCH_OWN 64   /* connections taken in one go from an own socket */
#define BATCH_SHARED 4 /* and from a shared one */
#define STARVED_MS 500 /* pause when descriptors run out */

static bool
paused(const struct worker *worker)
{
	return worker->accept_full || worker->accept_busy ||
	    worker->accept_starved || worker->state != WORKER_SERVING;
}

void
accept_review(struct worker *worker)
{
	bool pause;

	worker->accept_full = worker->context.connection_count >=
	    worker->heritage->pool->max_connections;
	if (worker->accept_busy)
		worker->accept_busy = threads_queued(worker->host.threads) > 0;
	pause = paused(worker);
	LIST_FOREACH (link, &worker->acceptors) {
		struct acceptor *acceptor =
		    container_of(link, struct acceptor, link);

		if (acceptor->active == !pause)
			continue;
		acceptor->active = !pause;
		if (pause)
			event_del(&acceptor->event);
		else
			event_add(&acceptor->event, NULL);
	}
}

static void
accept_again_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;

	worker->accept_starved = false;
	accept_review(worker);
}

/* Whether to go on; says so when descriptors ran out. */
static bool
accept_failed(struct worker *worker)
{
	struct timeval pause = { 0, STARVED_MS * 1000 };

	switch (errno) {
	case EAGAIN:
		return false;
	case EINTR:
	case ECONNABORTED:
	case EPROTO:
		return true;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		log_error("cannot accept connections: %s; raise limit_nofile "
			  "in [server] or lower max_connections of the pool",
		    strerror(errno));
		break;
	default:
		log_error("cannot accept connections: %s", strerror(errno));
	}
	worker->accept_starved = true;
	event_add(&worker->accept_again, &pause);
	accept_review(worker);
	return false;
}

/* Takes one connection; false when there is none, or no more should be. */
static bool
accept_one(struct acceptor *acceptor)
{
	struct worker *worker = acceptor->worker;
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
	} peer;
	socklen_t length = sizeof(peer);
	int fd;

	peer.any.sa_family = AF_UNSPEC;
	fd = accept4(acceptor->fd, &peer.any, &length,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(worker);
	http1_accept(&worker->context, &fd, &peer.any, acceptor->listen);
	if (worker->state == WORKER_SERVING &&
	    worker->context.connection_count >=
		worker->heritage->pool->max_connections) {
		accept_review(worker);
		return false;
	}
	return true;
}

static void
acceptable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct acceptor *acceptor = arg;
	struct worker *worker = acceptor->worker;
	unsigned batch = acceptor->shared ? BATCH_SHARED : BATCH_OWN;

	if (acceptor->shared && !worker->host.async &&
	    threads_queued(worker->host.threads) > 0) {
		worker->accept_busy = true;
		accept_review(worker);
		return;
	}
	while (batch-- > 0 && accept_one(acceptor))
		continue;
}

void
accept_init(struct worker *worker)
{
	list_init(&worker->acceptors);
	event_assign(&worker->accept_again, worker->loop.base, -1, 0,
	    accept_again_cb, worker);
}

/* Without SO_REUSEPORT every worker of the pool has the same socket. */
static bool
is_shared(const struct worker *worker, int fd)
{
	int reuse = 0;
	socklen_t length = sizeof(reuse);

	getsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &reuse, &length);
	return !reuse && worker->heritage->pool->workers > 1;
}

void
accept_add(struct worker *worker, int fd, const struct config_listen *listen)
{
	struct acceptor *acceptor = xcalloc(1, sizeof(*acceptor));
	int on = 1;

	/* Accepted sockets inherit it; refused on Unix sockets. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	acceptor->worker = worker;
	acceptor->fd = fd;
	acceptor->listen = listen;
	acceptor->shared = is_shared(worker, fd);
	list_append(&worker->acceptors, &acceptor->link);
	event_assign(&acceptor->event, worker->loop.base, fd,
	    EV_READ | EV_PERSIST, acceptable_cb, acceptor);
	accept_review(worker);
}

void
accept_end(struct worker *worker)
{
	assert(worker->state != WORKER_SERVING);
	LIST_FOREACH_SAFE (link, after, &worker->acceptors) {
		struct acceptor *acceptor =
		    container_of(link, struct acceptor, link);

		/* No more than the queue can have held: others may go on. */
		int left = acceptor->listen->backlog;

		if (acceptor->active)
			event_del(&acceptor->event);
		while (worker->state == WORKER_DRAINING && left-- > 0 &&
		    !worker->accept_starved && accept_one(acceptor))
			continue;
		/* The last to close it ends the listener. */
		close(acceptor->fd);
		list_remove(&acceptor->link);
		free(acceptor);
	}
	event_del(&worker->accept_again);
}
