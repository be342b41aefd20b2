/* SPDX-License-Identifier: MIT */
/*
 * The echo as a plain loop: read() waits for bytes of the body, write() waits
 * for the client. Twenty lines instead of the hundred of echo.c, and one
 * thread of the pool for as long as the slowest client takes: that is the
 * choice between the two.
 *
 *	tricorn --threads 8 ./echo_blocking.so
 *	curl --data-binary @large.iso http://127.0.0.1:8000/ | cmp - large.iso
 */
#include <tricorn/app.h>

static int
handle(tricorn_request *req, void *state, void *thread)
{
	tricorn_field type = { TRICORN_LITERAL("Content-Type"),
		TRICORN_LITERAL("application/octet-stream") };
	char data[32768];
	int64_t size, result;

	/* Reading first lets a client begin that waits for 100 Continue. */
	size = tricorn_read(req, data, sizeof(data));
	if (size < 0)
		return (int)size;
	result =
	    tricorn_respond(req, 200, &type, 1, tricorn_content_length(req));
	while (result >= 0 && size > 0) {
		result = tricorn_write(req, data, (size_t)size, 0);
		if (result >= 0)
			size = tricorn_read(req, data, sizeof(data));
	}
	if (result < 0)
		return (int)result; /* the client is gone */
	/* Below 0 the host cuts the connection: the answer is incomplete. */
	return size < 0 ? (int)size : TRICORN_OK;
}

static const tricorn_app echo_blocking = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING | TRICORN_APP_STREAM_BODY,
	    "echo_blocking", "1.0"),
	.handle = handle,
};

TRICORN_APP(echo_blocking)
