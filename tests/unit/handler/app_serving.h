/* SPDX-License-Identifier: MIT */
/*
 * An application that is a table in the test program, served through sessions
 * and handler threads as in a worker; its clients are threads with blocking
 * sockets.
 */
#ifndef TRICORN_TESTS_APP_SERVING_H
#define TRICORN_TESTS_APP_SERVING_H

#include <pthread.h>

#include "base/buffer.h"
#include "handler/app.h"
#include "serve/context.h"
#include "serve/route.h"

enum app_serving_mode {
	APP_SERVING_INLINE,    /* a sync pool with one thread */
	APP_SERVING_TAKEOVER,  /* with several */
	APP_SERVING_DEDICATED, /* an async one */
};
#define APP_SERVING_MODES 3

/* What a client does with its connection; closed afterwards. */
typedef void (*client_fn)(int fd);

/* Before app_serving_run(); changes hold for it. */
struct config_pool *app_serving_configure(enum app_serving_mode mode,
    const tricorn_app *table);
/*
 * Serves the clients, a connection and a thread each, until all of them have
 * returned, their connections are gone and no handler runs.
 */
void app_serving_run(client_fn client, unsigned count);
/* While it runs. */
struct tricorn_worker *app_serving_worker(void);
bool app_serving_on_loop(void);

/* --- for clients ---------------------------------------------------------- */

void client_say(int fd, const char *text);
void client_say_bytes(int fd, const char *data, size_t size);
/* Reads one final response; returns its status. body may be NULL. A broken
 * one, or the end of the connection, is 0. Interim ones are counted. */
int client_hear(int fd, struct buffer *body);
extern _Thread_local unsigned client_interims;
/* "GET path" and its answer, which must be that. */
void client_ask(int fd, const char *path, int status, const char *body);

/* --- patterns of any length ----------------------------------------------- */

/* The bytes from offset on of a pattern that repeats late. */
void pattern_fill(char *data, size_t size, uint64_t offset);
bool pattern_is(const char *data, size_t size, uint64_t offset);

/* --- a flag that threads wait for ----------------------------------------- */

struct flag {
	pthread_mutex_t lock;
	pthread_cond_t raised;
	unsigned count;
};

#define FLAG_DOWN \
	{ \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 \
	}

void flag_raise(struct flag *flag);
unsigned flag_count(struct flag *flag);
void flag_await(struct flag *flag, unsigned count);

#endif
