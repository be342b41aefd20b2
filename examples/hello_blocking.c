/* SPDX-License-Identifier: MIT */
/*
 * The same small answer from a BLOCKING application. Nothing in the code
 * differs but the flag: handle() now runs on a thread of the pool and could
 * wait for a database, a file or a lock without holding up anybody else.
 *
 *	cc -shared -fPIC $(pkg-config --cflags tricorn) \
 *	    -o hello_blocking.so hello_blocking.c
 *	tricorn --threads 8 ./hello_blocking.so
 */
#include <tricorn/app.h>

static int
handle(tricorn_request *req, void *state, void *thread)
{
	static const char text[] = "Hello from a thread of tricorn.\n";

	return tricorn_reply(req, 200, "text/plain; charset=utf-8", text,
	    sizeof(text) - 1);
}

static const tricorn_app hello_blocking = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "hello_blocking", "1.0"),
	.handle = handle,
};

TRICORN_APP(hello_blocking)
