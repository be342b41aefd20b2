/* SPDX-License-Identifier: MIT */
/* When a worker takes connections, and when it leaves them to others. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/worker_priv.h"

#define CLIENTS 6

static struct config config;
static struct config_pool pool;
static struct config_listen config_listen = { .backlog = 4 };
static struct scoreboard_worker score;
static struct heritage heritage = { .config = &config,
	.pool = &pool,
	.score = &score };
static struct worker worker;
static struct sockaddr_in address;
static int listener;
static int clients[CLIENTS];

static void
connection_closed(struct server_context *context)
{
	if (worker.accept_full)
		accept_review(&worker);
}

static void
set_up(void)
{
	const struct threads_hooks none = { NULL, NULL, NULL };
	socklen_t length = sizeof(address);
	struct error error;

	config.server.server_header = (char *)"";
	pool.workers = 1;
	pool.max_connections = 100;
	pool.max_head = pool.max_target = 4096;
	pool.max_fields = 10;
	pool.head_timeout = pool.keep_alive = 60000;
	pool.output_buffer = 65536;
	worker.heritage = &heritage;
	ck_assert_int_eq(loop_init(&worker.loop, &error), 0);
	server_context_init(&worker.context, &worker.loop, &config, &pool,
	    &score);
	worker.context.connection_closed = connection_closed;
	worker.host.context = &worker.context;
	ck_assert_int_eq(threads_create(&worker.host.threads, &worker.loop,
			     THREADS_INLINE, 1, 100, &none, &error),
	    0);
	accept_init(&worker);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, length),
	    0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address,
			     &length),
	    0);
	ck_assert_int_eq(listen(listener, 100), 0);
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = -1;
}

static void
turn(void)
{
	for (int i = 0; i < 10; i++)
		loop_turn(&worker.loop, false);
}

static void
tear_down(void)
{
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i] >= 0)
			close(clients[i]);
	worker.state = WORKER_ENDING;
	accept_end(&worker);
	ck_assert(list_empty(&worker.acceptors));
	server_context_kill(&worker.context);
	turn();
	threads_destroy(&worker.host.threads);
	server_context_finish(&worker.context);
	loop_finish(&worker.loop);
}

/* The kernel completes the connection at once. */
static void
connect_client(int i)
{
	clients[i] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(clients[i], (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
}

static void
connect_clients(int count)
{
	for (int i = 0; i < count; i++)
		connect_client(i);
}

START_TEST(connections_are_taken_up_to_max_connections)
{
	pool.max_connections = 3;
	accept_add(&worker, listener, &config_listen);
	connect_clients(5);
	turn();
	ck_assert_uint_eq(worker.context.connection_count, 3);
	ck_assert(worker.accept_full);
	/* One that goes makes room for another. */
	close(clients[0]);
	clients[0] = -1;
	while (worker.context.connection_count == 3 && worker.accept_full &&
	    atomic_load(&score.accepted) == 3)
		loop_turn(&worker.loop, false);
	turn();
	ck_assert_uint_eq(worker.context.connection_count, 3);
	ck_assert_uint_eq(atomic_load(&score.accepted), 4);
}
END_TEST

static void
nothing_work(struct threads_task *task, void *thread)
{
}

static void
nothing_done(struct threads_task *task)
{
}

static bool
at_once(void *arg)
{
	return threads_unfinished(worker.host.threads) == 0;
}

/* A sync worker with requests in its queue leaves connections to others that
 * share the socket. */
START_TEST(a_busy_worker_leaves_shared_connections_alone)
{
	struct threads_task task = { .work = nothing_work,
		.done = nothing_done };

	pool.workers = _i ? 2 : 1;
	accept_add(&worker, listener, &config_listen);
	ck_assert_int_eq(threads_submit(worker.host.threads, &task), 0);
	connect_clients(2);
	turn();
	ck_assert_uint_eq(worker.context.connection_count, _i ? 0 : 2);
	ck_assert_int_eq(worker.accept_busy, _i);
	threads_drive(worker.host.threads, at_once, NULL);
	accept_review(&worker);
	turn();
	ck_assert_uint_eq(worker.context.connection_count, 2);
	ck_assert(!worker.accept_busy);
}
END_TEST

START_TEST(a_draining_worker_empties_its_queue_and_closes_the_socket)
{
	accept_add(&worker, listener, &config_listen);
	connect_clients(3);
	worker.state = WORKER_DRAINING;
	accept_end(&worker);
	ck_assert_uint_eq(worker.context.connection_count, 3);
	ck_assert(list_empty(&worker.acceptors));
	ck_assert_int_lt(close(listener), 0);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(a_draining_worker_takes_no_more_than_the_queue_holds)
{
	int other = dup(listener);

	accept_add(&worker, listener, &config_listen);
	connect_clients(CLIENTS);
	worker.state = WORKER_DRAINING;
	accept_end(&worker);
	ck_assert_int_eq((int)worker.context.connection_count,
	    config_listen.backlog);
	close(other);
}
END_TEST

START_TEST(without_descriptors_the_worker_waits_a_moment)
{
	struct rlimit limit, none;

	getrlimit(RLIMIT_NOFILE, &limit);
	accept_add(&worker, listener, &config_listen);
	connect_clients(1);
	/* No new descriptor fits; those there stay. */
	none = limit;
	none.rlim_cur = (rlim_t)clients[0] + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	turn();
	ck_assert(worker.accept_starved);
	ck_assert_uint_eq(worker.context.connection_count, 0);
	setrlimit(RLIMIT_NOFILE, &limit);
	while (worker.context.connection_count == 0)
		loop_turn(&worker.loop, true);
	ck_assert(!worker.accept_starved);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("accept");
	TCase *tests = tcase_create("accept");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (log_open("off", LOG_LEVEL_CRITICAL, NULL) < 0)
		return EXIT_FAILURE;
	tcase_set_timeout(tests, 50);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, connections_are_taken_up_to_max_connections);
	tcase_add_loop_test(tests,
	    a_busy_worker_leaves_shared_connections_alone, 0, 2);
	tcase_add_test(tests,
	    a_draining_worker_empties_its_queue_and_closes_the_socket);
	tcase_add_test(tests,
	    a_draining_worker_takes_no_more_than_the_queue_holds);
	tcase_add_test(tests, without_descriptors_the_worker_waits_a_moment);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
