/* SPDX-License-Identifier: MIT */
/*
 * Answers without having read the body. Both
 * BLOCKING and EVENTED: the second in async pools, else the first.
 */
#include <tricorn/app.h>

static int
handle(tricorn_request *req, void *state, void *thread)
{
	return tricorn_reply(req, 403, "text/plain", "no, thanks", 10);
}

static const tricorn_app early = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING | TRICORN_APP_EVENTED |
		TRICORN_APP_STREAM_BODY,
	    "early", "1.0"),
	.handle = handle,
};

TRICORN_APP(early)
