/* SPDX-License-Identifier: MIT */
/* Applications of test programs, and clients for them. */
#include "app_serving.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "handler/app_table.h"
#include "serve/http1.h"
#include "serve/router.h"

#define LONG_MS 60000

static struct loop loop;
static struct scoreboard_worker score;
static struct config config;
static struct config_pool pool;
static struct config_app config_app;
static struct config_route route, *routes[1] = { &route };
static char *match[1] = { (char *)"/" };
static struct server_context context;
static struct app app, *apps[1] = { &app };
static struct tricorn_worker worker;

struct config_pool *
app_serving_configure(enum app_serving_mode mode, const tricorn_app *table)
{
	memset(&pool, 0, sizeof(pool));
	config.server.server_header = (char *)"";
	config.server.temp_dir = (char *)"/tmp";
	pool.name = (char *)"pool";
	pool.mode = mode == APP_SERVING_DEDICATED ? CONFIG_MODE_ASYNC
						  : CONFIG_MODE_SYNC;
	pool.threads = mode == APP_SERVING_INLINE ? 1 : 3;
	pool.thread_queue = 1024;
	pool.head_timeout = pool.body_timeout = LONG_MS;
	pool.send_timeout = pool.keep_alive = LONG_MS;
	pool.max_head = 16384;
	pool.max_target = 8192;
	pool.max_fields = 100;
	pool.max_body = 1 << 30;
	pool.body_buffer = 1 << 16;
	pool.output_buffer = 50000;
	config_app.name = (char *)"app";
	config_app.pool = &pool;
	route.name = (char *)"route";
	route.target = CONFIG_TARGET_APP;
	route.app = &config_app;
	route.match.items = match;
	route.match.count = 1;
	route.max_body = UINT64_MAX;
	config.routes = routes;
	config.route_count = 1;
	memset(&app, 0, sizeof(app));
	app.config = &config_app;
	app.table = table;
	app.loaded = app.started = true;
	memset(&worker, 0, sizeof(worker));
	worker.apps = apps;
	worker.app_count = 1;
	worker.context = &context;
	return &pool;
}

struct tricorn_worker *
app_serving_worker(void)
{
	return &worker;
}

bool
app_serving_on_loop(void)
{
	return loop_is_mine(&loop);
}

static void
nothing(struct server_context *unused)
{
}

static void
begin(void)
{
	enum threads_mode mode = pool.mode == CONFIG_MODE_ASYNC
	    ? THREADS_DEDICATED
	    : pool.threads == 1 ? THREADS_INLINE
				: THREADS_TAKEOVER;
	struct threads_hooks hooks;
	struct error error;
	struct route *made;
	size_t count;

	ck_assert_int_eq(loop_init(&loop, &error), 0);
	server_context_init(&context, &loop, &config, &pool, &score);
	context.connection_closed = context.requests_used_up = nothing;
	context.router = router_create(&config, &pool);
	made = router_routes(context.router, &count);
	ck_assert_uint_eq(count, 1);
	made[0].handler = &app_handler;
	made[0].handler_state = &app;
	ck_assert_int_eq(apps_choose_mode(&worker, pool.mode, &error), 0);
	hooks = apps_thread_hooks(&worker);
	ck_assert_int_eq(threads_create(&worker.threads, &loop, mode,
			     pool.threads, pool.thread_queue, &hooks, &error),
	    0);
}

static void
end(void)
{
	threads_destroy(&worker.threads);
	app_timers_destroy(&worker);
	loop_turn(&loop, false);
	loop_turn(&loop, false);
	ck_assert_uint_eq(atomic_load(&score.requests),
	    atomic_load(&score.responses));
	server_context_finish(&context);
	router_destroy(&context.router);
	loop_finish(&loop);
}

/* --- clients -------------------------------------------------------------- */

struct client_thread {
	pthread_t id;
	int fd;
	client_fn act;
};

static unsigned clients_left; /* atomic */
static struct loop_task client_gone_task;

/* Only wakes the loop. */
static void
client_gone(struct loop_task *task)
{
}

static void *
client_main(void *arg)
{
	struct client_thread *client = arg;

	client->act(client->fd);
	close(client->fd);
	if (__atomic_sub_fetch(&clients_left, 1, __ATOMIC_SEQ_CST) == 0)
		loop_post(&loop, &client_gone_task);
	return NULL;
}

static bool
all_gone(void *arg)
{
	return __atomic_load_n(&clients_left, __ATOMIC_SEQ_CST) == 0 &&
	    context.connection_count == 0 &&
	    threads_unfinished(worker.threads) == 0;
}

void
app_serving_run(client_fn act, unsigned count)
{
	struct client_thread *clients = xcalloc(count, sizeof(*clients));
	struct sockaddr peer = { .sa_family = AF_UNIX };
	int size = 8192, fds[2];

	begin();
	clients_left = count;
	client_gone_task.run = client_gone;
	for (unsigned i = 0; i < count; i++) {
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		evutil_make_socket_nonblocking(fds[1]);
		setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		http1_accept(&context, &fds[1], &peer, NULL);
		clients[i].fd = fds[0];
		clients[i].act = act;
		pthread_create(&clients[i].id, NULL, client_main, &clients[i]);
	}
	threads_drive(worker.threads, all_gone, NULL);
	for (unsigned i = 0; i < count; i++)
		pthread_join(clients[i].id, NULL);
	free(clients);
	end();
}

void
client_say_bytes(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t count = send(fd, data, size, MSG_NOSIGNAL);

		if (count <= 0)
			return;
		data += count;
		size -= (size_t)count;
	}
}

void
client_say(int fd, const char *text)
{
	client_say_bytes(fd, text, strlen(text));
}

_Thread_local unsigned client_interims;

/* One byte after the other: slow, but leaves what is behind alone. False at
 * the end. */
static bool
hear_line(int fd, char *line, size_t size)
{
	size_t length = 0;

	while (length + 1 < size && recv(fd, line + length, 1, 0) == 1) {
		if (line[length++] != '\n')
			continue;
		line[length] = '\0';
		return true;
	}
	return false;
}

static bool
hear_bytes(int fd, uint64_t size, struct buffer *body)
{
	static _Thread_local char data[30000];

	while (size > 0) {
		size_t part = size < sizeof(data) ? (size_t)size : sizeof(data);
		ssize_t count = recv(fd, data, part, 0);

		if (count <= 0)
			return false;
		if (body != NULL)
			buffer_append(body, data, (size_t)count);
		size -= (uint64_t)count;
	}
	return true;
}

static bool
hear_chunks(int fd, struct buffer *body)
{
	char line[100];
	uint64_t size;

	do {
		if (!hear_line(fd, line, sizeof(line)))
			return false;
		size = strtoull(line, NULL, 16);
		if (!hear_bytes(fd, size, body) ||
		    !hear_line(fd, line, sizeof(line)) ||
		    strcmp(line, "\r\n") != 0)
			return false;
	} while (size > 0);
	return true;
}

int
client_hear(int fd, struct buffer *body)
{
	bool chunked = false, whole;
	uint64_t length = 0;
	char line[1000];
	int status;

	if (!hear_line(fd, line, sizeof(line)) || strlen(line) < 12)
		return 0;
	status = atoi(line + 9);
	while (hear_line(fd, line, sizeof(line)) && line[0] != '\r') {
		if (strncmp(line, "Content-Length: ", 16) == 0)
			length = strtoull(line + 16, NULL, 10);
		if (strncmp(line, "Transfer-Encoding: ", 19) == 0)
			chunked = true;
	}
	if (status < 200) {
		client_interims++;
		return client_hear(fd, body);
	}
	whole = chunked ? hear_chunks(fd, body) : hear_bytes(fd, length, body);
	return whole ? status : 0;
}

void
client_ask(int fd, const char *path, int status, const char *text)
{
	struct buffer body = BUFFER_EMPTY;

	client_say(fd, "GET ");
	client_say(fd, path);
	client_say(fd, " HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert_int_eq(client_hear(fd, &body), status);
	if (text != NULL && !str_equal(buffer_str(&body), str_of(text)))
		ck_abort_msg("expected \"%s\", got \"%.*s\"", text,
		    STR_ARG(buffer_str(&body)));
	buffer_finish(&body);
}

/* --- patterns, flags ------------------------------------------------------ */

static char
pattern_at(uint64_t offset)
{
	return (char)('!' + (offset * 7 + offset / 251) % 90);
}

void
pattern_fill(char *data, size_t size, uint64_t offset)
{
	for (size_t i = 0; i < size; i++)
		data[i] = pattern_at(offset + i);
}

bool
pattern_is(const char *data, size_t size, uint64_t offset)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] != pattern_at(offset + i))
			return false;
	return true;
}

void
flag_raise(struct flag *flag)
{
	pthread_mutex_lock(&flag->lock);
	flag->count++;
	pthread_cond_broadcast(&flag->raised);
	pthread_mutex_unlock(&flag->lock);
}

unsigned
flag_count(struct flag *flag)
{
	unsigned count;

	pthread_mutex_lock(&flag->lock);
	count = flag->count;
	pthread_mutex_unlock(&flag->lock);
	return count;
}

void
flag_await(struct flag *flag, unsigned count)
{
	pthread_mutex_lock(&flag->lock);
	while (flag->count < count)
		pthread_cond_wait(&flag->raised, &flag->lock);
	pthread_mutex_unlock(&flag->lock);
}
