/* SPDX-License-Identifier: MIT */
/*
 * Does what an application must not do, chosen by the last part of the path.
 * For system tests: built as a BLOCKING application, and with
 * -DMISBEHAVE_FLAGS=TRICORN_APP_EVENTED as an EVENTED one.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <tricorn/app.h>

#ifndef MISBEHAVE_FLAGS
#define MISBEHAVE_FLAGS TRICORN_APP_BLOCKING
#endif

static int
begin(tricorn_request *req, int64_t length)
{
	static const tricorn_field type = { TRICORN_LITERAL("Content-Type"),
		TRICORN_LITERAL("text/plain") };

	return tricorn_respond(req, 200, &type, 1, length);
}

static int
crash(tricorn_request *req)
{
	raise(SIGSEGV);
	return TRICORN_OK;
}

static int
abort_process(tricorn_request *req)
{
	abort();
}

static int
exit_process(tricorn_request *req)
{
	exit(3);
}

/* Never comes back, and is no more than that. */
static int
hang(tricorn_request *req)
{
	for (;;)
		pause();
	return TRICORN_OK;
}

/* The second call must be refused and change nothing. */
static int
respond_twice(tricorn_request *req)
{
	int first = begin(req, 4), second = begin(req, 9);
	const char *text = second == TRICORN_EINVAL ? "good" : "bad!";

	if (first == TRICORN_OK)
		tricorn_write(req, text, 4, 0);
	return TRICORN_OK;
}

/* A body shorter than announced. */
static int
short_body(tricorn_request *req)
{
	if (begin(req, 100) == TRICORN_OK)
		tricorn_write(req, "0123456789", 10, 0);
	return TRICORN_OK;
}

/* More than announced must be refused as a whole. */
static int
long_body(tricorn_request *req)
{
	if (begin(req, 4) == TRICORN_OK &&
	    tricorn_write(req, "0123456789", 10, 0) == TRICORN_EINVAL)
		tricorn_write(req, "good", 4, 0);
	return TRICORN_OK;
}

static int
never(tricorn_request *req)
{
	return TRICORN_PENDING;
}

static int
error(tricorn_request *req)
{
	return TRICORN_EIO;
}

static int
error_after_head(tricorn_request *req)
{
	if (begin(req, -1) == TRICORN_OK)
		tricorn_write(req, "half an ans", 11, TRICORN_WRITE_FLUSH);
	return TRICORN_EIO;
}

static int
nothing(tricorn_request *req)
{
	return TRICORN_OK;
}

static int
declined(tricorn_request *req)
{
	return TRICORN_DECLINED;
}

static int
write_before_respond(tricorn_request *req)
{
	int64_t result = tricorn_write(req, "early", 5, 0);
	const char *text = result == TRICORN_EINVAL ? "good" : "bad!";

	return tricorn_reply(req, 200, "text/plain", text, 4);
}

/* A field that would let a client split the response. */
static int
bad_field(tricorn_request *req)
{
	static const tricorn_field field = { TRICORN_LITERAL("X-Bad"),
		TRICORN_LITERAL("a\r\nX-Injected: yes") };
	int result = tricorn_respond(req, 200, &field, 1, 0);
	const char *text = result == TRICORN_EINVAL ? "good" : "bad!";

	return tricorn_reply(req, 200, "text/plain", text, 4);
}

static int
bad_status(tricorn_request *req)
{
	int result = tricorn_respond(req, 99, NULL, 0, 0);
	const char *text = result == TRICORN_EINVAL ? "good" : "bad!";

	return tricorn_reply(req, 200, "text/plain", text, 4);
}

static int
plain(tricorn_request *req)
{
	return tricorn_reply(req, 200, "text/plain", "plain", 5);
}

static const struct {
	const char *name;
	int (*act)(tricorn_request *req);
} acts[] = {
	{ "crash", crash },
	{ "abort", abort_process },
	{ "exit", exit_process },
	{ "hang", hang },
	{ "respond-twice", respond_twice },
	{ "short", short_body },
	{ "long", long_body },
	{ "never", never },
	{ "error", error },
	{ "error-after-head", error_after_head },
	{ "nothing", nothing },
	{ "declined", declined },
	{ "write-before-respond", write_before_respond },
	{ "bad-field", bad_field },
	{ "bad-status", bad_status },
	{ "plain", plain },
};

static int
handle(tricorn_request *req, void *state, void *thread)
{
	tricorn_string path = tricorn_path(req);
	size_t start = path.length, at;

	while (start > 0 && path.data[start - 1] != '/')
		start--;
	for (at = 0; at < sizeof(acts) / sizeof(acts[0]); at++)
		if (strlen(acts[at].name) == path.length - start &&
		    memcmp(acts[at].name, path.data + start,
			path.length - start) == 0)
			return acts[at].act(req);
	return TRICORN_DECLINED;
}

static const tricorn_app misbehave = {
	TRICORN_APP_HEAD(MISBEHAVE_FLAGS, "misbehave", "1.0"),
	.handle = handle,
};

TRICORN_APP(misbehave)
