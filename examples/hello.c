/* SPDX-License-Identifier: MIT */
/*
 * The smallest application: one fixed answer. It is EVENTED, because it never
 * waits for anything: it runs on the worker's loop itself.
 *
 *	cc -shared -fPIC $(pkg-config --cflags tricorn) -o hello.so hello.c
 *	tricorn ./hello.so
 *	curl http://127.0.0.1:8000/
 */
#include <tricorn/app.h>

static int
handle(tricorn_request *req, void *state, void *thread)
{
	static const char text[] = "Hello from tricorn.\n";

	return tricorn_reply(req, 200, "text/plain; charset=utf-8", text,
	    sizeof(text) - 1);
}

static const tricorn_app hello = {
	TRICORN_APP_HEAD(TRICORN_APP_EVENTED, "hello", "1.0"),
	.handle = handle,
};

TRICORN_APP(hello)
