/* SPDX-License-Identifier: MIT */
/*
 * A blocking handler that writes until it is stopped, and logs by what.
 */
#include <stdio.h>
#include <tricorn/app.h>

static int
handle(tricorn_request *req, void *state, void *thread)
{
	static const char block[16384];
	char text[80];
	int64_t result;

	result = tricorn_respond(req, 200, NULL, 0, -1);
	while (result >= 0)
		result = tricorn_write(req, block, sizeof(block), 0);
	snprintf(text, sizeof(text), "endless: write gave %d, cancelled %d",
	    (int)result, tricorn_cancelled(req));
	tricorn_log(tricorn_worker_of(req), req, TRICORN_LOG_WARNING, text);
	return (int)result;
}

static const tricorn_app endless = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "endless", "1.0"),
	.handle = handle,
};

TRICORN_APP(endless)
